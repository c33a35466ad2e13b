"""Train in a browser: recipe to finished, stop, reload, queue, two browsers, a link, a phone."""

import re
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Locator, Page, expect

from core.store import Request
from tests.browser.conftest import PHONE, App
from tests.support.fault_samples import open_store

FIRST_RUN = 150_000  # milliseconds: the workers import TensorFlow after the first visit
# Of all runs whose network matters to nobody: a worker compiles one program for them.
SMALL = {"hidden_layers": "16-relu", "batch_size": "64"}


def open_train(page: Page, app: App, **settings: str) -> None:
    """Open the Train page with these settings, and a dataset that is ready."""
    query = "&".join(f"{name}={value}" for name, value in {"dataset": app.dataset, **settings}.items())
    page.goto(f"{app.url}/?{query}")
    expect(train_button(page)).to_be_enabled(timeout=FIRST_RUN)


def run_in_address(page: Page) -> str:
    return parse_qs(urlparse(page.url).query)["run"][0]


def train_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Train", exact=True)


def metric(page: Page, label: str) -> Locator:
    """Return the value of the metric with this label."""
    box = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return box.get_by_test_id("stMetricValue")


def train_slowly(page: Page, app: App, epochs: int = 200) -> None:
    """Begin a run that is not over before a test is, in slow motion: the machine is left to the others."""
    open_train(page, app, **SMALL, epochs=str(epochs))
    set_speed(page, "Slow")
    train_button(page).click()
    wait_for_curve(page)


def set_speed(page: Page, name: str) -> None:
    page.get_by_role("button", name="Speed").click()
    page.get_by_role("radio", name=name, exact=True).click()
    page.keyboard.press("Escape")


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()


def wait_for_curve(page: Page) -> None:
    """Wait until points are on the chart."""
    expect(page.get_by_test_id("live-chart")).to_have_attribute(
        "data-points", re.compile(r"[1-9]"), timeout=FIRST_RUN
    )


def test_recipe_two_128_from_click_to_finished(page: Page, app: App) -> None:
    open_train(page, app)
    page.get_by_role("button", name="Small and quick").click()
    # Its tooltip, where the mouse rests, says the same.
    expect(page.get_by_text("count them in the table").first).to_be_visible()
    expect(page.get_by_role("heading", name="118,282 weights")).to_be_visible()
    expect(page.get_by_role("cell", name="100,480")).to_be_visible()
    train_button(page).click()
    wait_for_curve(page)
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    expect(metric(page, "Epoch")).to_have_text("5 / 5")
    accuracy = page.get_by_text("Finished. It reads").locator("strong").first.text_content()
    assert accuracy is not None
    assert 85 < float(accuracy.rstrip(" %")) < 100
    expect(metric(page, "Training time")).to_have_text(re.compile(r"\d+(\.\d)? s"))
    page.get_by_role("link", name="See its mistakes").click()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(accuracy)


def test_a_run_is_found_again_is_disturbed_by_nobody_and_its_network_is_kept_when_it_is_stopped(
    page: Page, other_page: Page, app: App
) -> None:
    """One run, because to begin one costs far more than to look at it."""
    train_slowly(page, app)
    a_reload_and_another_page_find_the_run_again(page)
    a_second_browser_queues(page, other_page, app)
    stop_keeps_its_network(page)
    expect(other_page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    expect(metric(other_page, "Epoch")).to_have_text("1 / 1")


def a_reload_and_another_page_find_the_run_again(page: Page) -> None:
    page.reload()
    wait_for_curve(page)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.get_by_role("link", name="Evaluate", exact=True).click()
    expect(page.get_by_role("heading", name="Evaluate")).to_be_visible()
    page.get_by_role("link", name="Train", exact=True).click()
    wait_for_curve(page)
    # The settings are those that the page was left with.
    expect(page.get_by_role("spinbutton", name="Batch size")).to_have_value(SMALL["batch_size"])


def a_second_browser_queues(page: Page, other_page: Page, app: App) -> None:
    open_train(other_page, app, epochs="1", **SMALL)
    # Nothing of the first browser's.
    expect(other_page.get_by_text("this network learns from")).to_be_visible()
    train_button(other_page).click()
    expect(other_page.get_by_text("Waiting in the queue at place 1")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_enabled()


def stop_keeps_its_network(page: Page) -> None:
    stop(page)
    expect(page.get_by_text("Stopped. It reads")).to_be_visible()
    epoch = metric(page, "Epoch").text_content()
    assert epoch is not None
    assert int(epoch.split("/")[0]) < 200
    page.get_by_role("link", name="See its mistakes").click()
    expect(page.get_by_role("heading", name="Evaluate")).to_be_visible()
    network = page.get_by_role("combobox", name=re.compile("Trained network"))
    expect(network).to_have_value(re.compile(r"^#\d+ .* stopped (after|in) epoch"))


def test_a_run_that_diverges_is_explained_and_the_next_is_told_beside_it(page: Page, app: App) -> None:
    open_train(page, app, optimizer="sgd", learning_rate="100", hidden_layers="16-linear", epochs="2")
    train_button(page).click()
    expect(page.get_by_text("The training diverged in epoch 1")).to_be_visible(timeout=FIRST_RUN)
    expect(page.get_by_text("Try 0.01.")).to_be_visible()
    expect(train_button(page)).to_be_enabled()
    first = run_in_address(page)
    train_slowly(page, app)
    expect(page).not_to_have_url(re.compile(first))
    second = run_in_address(page)
    beside = page.get_by_text(re.compile(r"^#2 .* training\.$"))
    for look_back in (False, True):
        page.get_by_role("combobox", name="Your runs").click()
        page.get_by_role("option", name=re.compile("^#1 ")).click()
        expect(beside).to_be_visible()
        if not look_back:
            page.get_by_role("button", name="Watch it", exact=True).click()
            expect(page.get_by_role("button", name="Pause", exact=True)).to_be_enabled()
    # Stopped in another tab, it is told no longer.
    open_store(app.home).ask(second, Request.STOP)
    expect(beside).to_have_count(0)
    expect(page.get_by_text("The training diverged in epoch 1")).to_be_visible()


def test_a_phone_sees_everything_without_scrolling_sideways(phone_page: Page, app: App) -> None:
    open_train(phone_page, app, epochs="1", **SMALL)
    train_button(phone_page).click()
    expect(phone_page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    wait_for_curve(phone_page)
    main = phone_page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
