"""A duel in a browser, from the guess to the verdict; then its networks against each other."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App
from tests.support.serve import wait_until

FIRST_ANSWER = 60_000  # milliseconds: Plotly's library is loaded by the first visit
TRAINED = 120_000


def test_a_duel_from_the_guess_to_the_images(page: Page, app: App) -> None:
    """On one visit, because training what is compared costs more than to look."""
    begin_a_duel(page, app)
    wait_for_the_verdict(page)
    look_at_its_networks(page)


def begin_a_duel(page: Page, app: App) -> None:
    """Set up a duel of tiny networks by the settings of the Train page, and guess."""
    small = "hidden_layers=16-relu&training_fraction=0.05&epochs=1"
    page.goto(f"{app.url}/?dataset={app.dataset}&{small}")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=FIRST_ANSWER)
    page.get_by_role("link", name="Compare").first.click()
    page.get_by_role("radio", name="Duel").or_(page.get_by_role("button", name="Try it")).first.click()
    open_sides(page).click()
    seeds = page.get_by_role("spinbutton", name="Seeds each")
    seeds.fill("2")
    seeds.press("Enter")
    expect(page.get_by_text("4 runs, about")).to_be_visible()
    begin = page.get_by_role("button", name="Start the duel")
    expect(begin).to_be_disabled()
    page.get_by_role("radio", name="B (learning rate 0.01)").click()
    expect(begin).to_be_enabled()
    begin.click()
    expect(page.get_by_text("It cannot be changed any more")).to_be_visible()
    expect(page.get_by_role("radio", name="B (learning rate 0.01)")).to_have_count(0)


def open_sides(page: Page) -> Locator:
    """Open the list of what A may be, and return the settings of the Train page in it."""
    side = page.get_by_role("combobox", name=re.compile("^A$|A quick network|Selected"))
    wanted = page.get_by_role("option", name="The settings of the Train page")

    def is_open() -> bool:
        # The page that comes after the press before closes a list that was open.
        if not wanted.is_visible():
            side.first.click()
        return wanted.is_visible()

    wait_until(is_open, FIRST_ANSWER / 1_000, "the list to stay open", every=1.0)
    return wanted


def wait_for_the_verdict(page: Page) -> None:
    expect(page.locator(".duel-score > div")).to_have_count(2)
    expect(page.get_by_text(re.compile(r"95 % interval|tells nothing"))).to_be_visible(timeout=TRAINED)
    expect(page.locator(".duel-score")).to_contain_text(re.compile(r"A [\d.]+ %.*B [\d.]+ %"))
    expect(page.get_by_text(re.compile("The guess was “B .learning rate 0.01. reads more”"))).to_be_visible()
    expect(page.get_by_text(re.compile("You were right in [01] of 1 duel"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile("95 % interval"))).to_be_visible(timeout=FIRST_ANSWER)


def look_at_its_networks(page: Page) -> None:
    page.get_by_role("button", name="Compare its runs").click()
    page.get_by_role("radio", name="A against B").click()
    groups = page.get_by_role("radio", name=re.compile(r": [\d,]+$"))
    expect(groups).to_have_count(4)
    counts = [int(words.split(": ")[1].replace(",", "")) for words in groups.all_inner_texts()]
    assert sum(counts) == 10_000
    expect(page.get_by_text(re.compile("alone is right on|right and wrong on the same"))).to_be_visible()
    page.get_by_role("radio", name="Both wrong").click()
    expect(page.get_by_text(f"Read wrong by both: {counts[2]:,} images")).to_be_visible()
    expect(page.locator(".digit-card").first).to_contain_text(re.compile(r"A ✗ \d.*B ✗ \d"))
    expect(page.locator(".js-plotly-plot .scatterlayer .point")).to_have_count(100)
    page.locator(".js-plotly-plot").evaluate("chart => chart.scrollIntoView({block: 'center'})")
    number = page.locator(".js-plotly-plot .annotation-text").nth(11).text_content()
    square = page.locator(".js-plotly-plot .scatterlayer .point").nth(11).bounding_box()
    assert number
    assert square
    page.mouse.click(square["x"] + square["width"] / 2, square["y"] + square["height"] / 2)
    expect(page.get_by_text(f"A reads a 1, B reads a 1: {number} images")).to_be_visible()
    expect(page.locator(".digit-card").first).to_contain_text(re.compile(r"A [✓✗] 1.*B [✓✗] 1"))
    link = page.get_by_role("link", name="Evaluate").last
    expect(link).to_have_attribute("href", re.compile(r"evaluate\?run=\w{12}$"))
