"""The address in a browser: back and forth, links that come at any time, and what belongs to others."""

import re
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, FinishedRun
from tests.browser.test_train import open_train


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def batch_size(page: Page) -> Locator:
    return page.get_by_role("spinbutton", name="Batch size")


def open_page(page: Page, name: str) -> None:
    """Go to another page as visitors do."""
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    nothing_that_goes_away_again_stands_above_it(page)


def nothing_that_goes_away_again_stands_above_it(page: Page) -> None:
    first = page.locator("[data-testid=stMainBlockContainer] [data-testid=stVerticalBlock] > :visible").first
    expect(first.get_by_role("heading", level=1)).to_be_visible()


def test_back_and_forth_bring_the_settings_of_their_address(page: Page, app: App) -> None:
    open_train(page, app, embed_note="kept")
    # What is no setting is told, and stays what it is.
    expect(page.get_by_text("unknown setting “embed_note”")).to_be_visible()
    page.get_by_role("button", name="First try").click()
    expect(batch_size(page)).to_have_value("128")
    page.wait_for_url(re.compile("batch_size=128"))
    expect(page.get_by_text("unknown setting")).to_have_count(0)
    page.get_by_role("button", name="Narrowing").click()
    expect(batch_size(page)).to_have_value("32")
    page.wait_for_url(re.compile("batch_size=32"))
    batch_size(page).fill("50")
    batch_size(page).press("Enter")
    page.wait_for_url(re.compile("batch_size=50"))

    for step, size in ((page.go_back, "32"), (page.go_back, "128"), (page.go_forward, "32")):
        step()
        expect(batch_size(page)).to_have_value(size)
        expect(page.get_by_role("heading", name=re.compile("weights$"))).to_be_visible()
        assert parameters(page)["batch_size"] == [size]
        assert parameters(page)["embed_note"] == ["kept"]
    expect(page.get_by_text("A narrowing network")).to_be_visible()
    page.go_back()
    page.go_back()
    # The first address: what was there before any recipe.
    expect(batch_size(page)).to_have_value("40")
    assert "batch_size" not in parameters(page)


def test_a_page_that_was_left_keeps_its_settings_and_the_way_back_is_one_step_from_every_page(
    page: Page, app: App, finished_run: FinishedRun
) -> None:
    open_train(page, app, batch_size="77")
    nothing_that_goes_away_again_stands_above_it(page)
    open_page(page, "Evaluate")
    page.get_by_role("link", name="Train", exact=True).click()
    expect(batch_size(page)).to_have_value("77")
    page.wait_for_url(re.compile("batch_size=77"))
    open_page(page, "Evaluate")
    page.get_by_text("Also other people's networks").click()
    expect(page.get_by_role("columnheader", name="Recall")).to_be_visible()
    open_page(page, "Draw")
    expect(page.locator("canvas.ink")).to_be_visible()
    # Whole before each step back: Streamlit takes a page that is still being drawn for the next one's.
    running = page.get_by_test_id("stStatusWidget")
    expect(running).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name="Evaluate", level=1)).to_be_visible()
    expect(page.get_by_role("columnheader", name="Recall")).to_be_visible()
    expect(running).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_visible()
    expect(batch_size(page)).to_have_value("77")
