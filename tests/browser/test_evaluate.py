"""Evaluate in a browser: a run by link, a click on a cell, its images, percent, a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, App, FinishedRun
from tests.browser.test_shell import box
from tests.support.serve import ROOT, WITHOUT_WORKERS

FIRST_ANSWER = 60_000  # milliseconds: Plotly's library is loaded by the first visit


def open_run(page: Page, app: App, run: FinishedRun) -> None:
    """Open the Evaluate page with this run and wait for its matrix."""
    page.goto(f"{app.url}/evaluate?run={run.id}")
    wait_for_matrix(page)


def wait_for_matrix(page: Page) -> None:
    """Wait until the matrix is drawn, and have it in the middle of the screen."""
    expect(page.locator(".js-plotly-plot .scatterlayer .point")).to_have_count(100, timeout=FIRST_ANSWER)
    page.locator(".js-plotly-plot").evaluate("chart => chart.scrollIntoView({block: 'center'})")


def middle_of_cell(page: Page, true: int, read_as: int) -> tuple[float, float]:
    """Return where on the screen the cell is; the square that takes its clicks is around it."""
    box = page.locator(".js-plotly-plot .scatterlayer .point").nth(10 * true + read_as).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def number_in_cell(page: Page, true: int, read_as: int) -> str:
    """Return what stands in the cell."""
    number = page.locator(".js-plotly-plot .annotation-text").nth(10 * true + read_as).text_content()
    assert number
    return number


def images_of(page: Page, count: str, digit: str) -> None:
    """Wait until the page says how many images of `digit` were read right."""
    expect(page.get_by_text(f"{count} images of {digit} were read right")).to_be_visible()


def test_cells_percent_and_epochs_of_a_run(page: Page, app: App, finished_run: FinishedRun) -> None:
    """On one page, because to open it costs far more than to look."""
    open_run(page, app, finished_run)
    a_click_on_a_cell_shows_its_images_with_probabilities(page, finished_run)
    show_more_and_row_percent(page)
    the_slider_goes_back_to_the_untrained_network(page)


def a_click_on_a_cell_shows_its_images_with_probabilities(page: Page, finished_run: FinishedRun) -> None:
    accuracy = f"{finished_run.result['test_accuracy']:.2%}".replace("%", " %")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(accuracy)
    ones = number_in_cell(page, 1, 1)
    page.mouse.click(*middle_of_cell(page, 1, 1))
    images_of(page, ones, "a 1")
    card = page.locator(".digit-card").first
    expect(card).to_contain_text("Really 1, read as 1")
    expect(card).to_contain_text(re.compile(r"[\d.]+ %"))
    assert card.locator("img").evaluate("picture => picture.complete && picture.naturalWidth") == 28
    # The list beside it tells the same cell, and a second click on another goes there.
    eights = number_in_cell(page, 8, 8)
    page.mouse.click(*middle_of_cell(page, 8, 8))
    images_of(page, eights, "an 8")
    page.mouse.click(*middle_of_cell(page, 1, 1))
    images_of(page, ones, "a 1")


def the_slider_goes_back_to_the_untrained_network(page: Page) -> None:
    accuracy = page.get_by_test_id("stMetricValue").first
    trained = accuracy.text_content()
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"[?&]at_epoch=0(&|$)"))
    expect(accuracy).to_have_text(re.compile(r"^([0-9]|[12][0-9])\.\d\d %$"))  # next to nothing but luck
    page.reload()
    expect(page.get_by_text("untrained").first).to_be_visible(timeout=FIRST_ANSWER)
    expect(accuracy).not_to_have_text(trained or "")
    page.get_by_role("slider", name="Epoch").press("ArrowRight")
    expect(accuracy).to_have_text(trained or "")
    expect(page).not_to_have_url(re.compile("at_epoch="))


def show_more_and_row_percent(page: Page) -> None:
    count = number_in_cell(page, 0, 0)
    page.mouse.click(*middle_of_cell(page, 0, 0))
    # Thirty are there before too, of the cell that is open at first.
    images_of(page, count, "a 0")
    expect(page.locator(".digit-card")).to_have_count(30)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".digit-card")).to_have_count(60)
    page.get_by_text("In percent", exact=True).click()
    expect(page.get_by_text("Read as (percent of row)")).to_be_visible()
    row = [number_in_cell(page, 0, read_as) for read_as in range(10)]
    shares = [0.05 if number.startswith("<") else float(number.replace("·", "0")) for number in row]
    assert sum(shares) == pytest.approx(100, abs=1)


def test_a_phone_has_targets_for_a_thumb_each_opens_its_cell_and_nothing_scrolls_sideways(
    phone_page: Page, app: App, finished_run: FinishedRun
) -> None:
    """On one page, because to open it costs far more than to tap."""
    phone_page.goto(f"{app.url}/evaluate?run={finished_run.id}")
    confusions_and_all_pages_are_there_for_a_thumb(phone_page)
    wait_for_matrix(phone_page)
    a_tap_opens_its_cell_and_nothing_scrolls_sideways(phone_page)
    phone_page.locator(".st-key-bottom_bar a").nth(0).tap()
    expect(phone_page.get_by_role("heading", name="Train", level=1)).to_be_visible()


def confusions_and_all_pages_are_there_for_a_thumb(phone_page: Page) -> None:
    chips = phone_page.locator(".st-key-chips button")
    expect(chips.first).to_be_visible(timeout=FIRST_ANSWER)
    chips.nth(1).tap()
    words = chips.nth(1).inner_text()
    count = words.split(":")[-1].strip(" ×\n")
    images = phone_page.get_by_text(re.compile(rf"{count} images? of .* (was|were) read as"))
    expect(images).to_be_visible()
    assert box(images)["y"] < box(phone_page.locator(".st-key-confusion"))["y"]
    links = phone_page.locator(".st-key-bottom_bar a")
    expect(links).to_have_count(5)
    for place in (box(chips.first), *(box(link) for link in links.all())):
        assert place["height"] >= 44
        assert place["y"] + place["height"] <= PHONE["height"]


def a_tap_opens_its_cell_and_nothing_scrolls_sideways(phone_page: Page) -> None:
    for digit, name in ((3, "a 3"), (6, "a 6")):
        count = number_in_cell(phone_page, digit, digit)
        phone_page.touchscreen.tap(*middle_of_cell(phone_page, digit, digit))
        images_of(phone_page, count, name)
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_server_first_visited_at_a_deep_link_shows_the_whole_app(
    serve: Callable[..., str], page: Page
) -> None:
    page.goto(f"{serve(ROOT / 'app.py', **WITHOUT_WORKERS)}/evaluate")
    expect(page.get_by_text("No network of yours yet")).to_be_visible(timeout=FIRST_ANSWER)
    expect(page.get_by_role("link", name="Draw")).to_be_visible()
    # Streamlit on its own would list the files, the router with the name "app" among them.
    expect(page.get_by_role("link", name="app", exact=True)).to_have_count(0)
