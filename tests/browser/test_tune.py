"""Tune in a browser: ten tiny runs, their history, and the best one in the Train form."""

import re

from playwright.sync_api import Page, expect

from core.config import from_query
from tests.browser.conftest import App
from tests.browser.test_train import FIRST_RUN, SMALL, open_train


def test_ten_runs_are_searched_and_the_best_fills_the_form(page: Page, app: App) -> None:
    open_train(page, app, **SMALL, epochs="1", training_fraction="0.05")
    page.get_by_test_id("stTopNavLink").filter(has_text="Tune").click()
    start = page.get_by_role("button", name="Start the search")
    expect(page.get_by_label("Share of the images", exact=True)).to_have_value("0.05")
    # The learning rate alone: a worker has the program of these units already.
    page.get_by_role("button", name="Remove Units").click()
    expect(page.get_by_label("Units from", exact=True)).to_have_count(0)
    page.get_by_label("At most", exact=True).fill("10")
    page.get_by_label("At most", exact=True).press("Enter")
    expect(page.get_by_text("10 runs, about")).to_be_visible()
    start.click()
    expect(page.get_by_text("Finished: 10 runs.")).to_be_visible(timeout=FIRST_RUN)

    # The history: ten dots and the line of the best so far.
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(2)
    expect(page.locator(".js-plotly-plot .scatterlayer .point")).to_have_count(10)
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(11)
    best = page.get_by_role("table").get_by_role("row").nth(1).get_by_role("cell")
    rate = best.nth(1).inner_text()
    assert re.fullmatch(r"\d\d[.]\d+\s%", best.nth(2).inner_text())

    page.get_by_role("link", name="Use the best").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()  # the other page is there
    field = page.get_by_label("Learning rate", exact=True)
    expect(field).not_to_have_value("0.001")
    assert f"{float(field.input_value()):.3g}" == f"{float(rate):.3g}"
    config, problems = from_query(
        dict(part.split("=") for part in page.url.split("?")[1].split("&") if not part.startswith("run"))
    )
    assert (config.learning_rate, problems) == (float(field.input_value()), [])
    assert [layer.units for layer in config.hidden_layers] == [16]


def test_a_learning_rate_is_found_in_one_press_and_trained_with(page: Page, app: App) -> None:
    open_train(page, app, **SMALL, epochs="1", training_fraction="0.05")
    page.get_by_test_id("stTopNavLink").filter(has_text="Tune").click()
    page.get_by_text("One setting at a time").click()
    page.get_by_role("button", name="Find a learning rate").click()
    expect(page.get_by_role("heading", name="Find a learning rate")).to_be_visible()
    expect(page.get_by_text("Finished.")).to_be_visible(timeout=FIRST_RUN)
    expect(page.get_by_text(re.compile("is lowest at .+ Take a third of that"))).to_be_visible()
    # The points of the run and their line, in a chart that has the note to take it.
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(2)
    link = page.get_by_role("link", name=re.compile("Train with "))
    rate = link.inner_text().split()[-1]
    expect(page.locator(".js-plotly-plot .annotation", has_text=f"take {rate}")).to_be_visible()
    link.click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value(rate)
