"""The shell of the pages in a browser: what is in sight on every screen, what stays, what is shared."""

import re
import sys
from contextlib import suppress
from functools import partial
from urllib.parse import urlencode

import psutil
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, FinishedRun
from tests.browser.strokes import LIVE_CANVAS
from tests.browser.test_settings import address_of
from tests.browser.test_train import FIRST_RUN, SMALL, open_train, train_button, wait_for_curve
from tests.support.serve import wait_until

# The last is a laptop's 1440 by 900 at 200 %.
SCREENS = ((1440, 900), (1366, 768), (1024, 768), (720, 450), (390, 844))

# TensorFlow costs a process 640 MB, pandas with Arrow 65, scikit-learn with SciPy 71.
HEAVY = ("tensorflow", "pandas", "pyarrow", "sklearn")


def bar(page: Page) -> Locator:
    return page.locator(".st-key-bar")


def status(page: Page) -> Locator:
    return page.locator(".run-status")


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return dict(found)


def test_what_one_must_press_is_in_sight_on_every_screen_also_while_one_scrolls(
    page: Page, app: App, finished_run: FinishedRun
) -> None:
    page.goto(f"{app.url}/?dataset={app.dataset}&run={finished_run.id}")
    expect(train_button(page)).to_be_enabled(timeout=FIRST_RUN)
    expect(status(page)).to_contain_text("of the test images right")
    expect(page.get_by_test_id("live-chart").locator(".main-svg").first).to_be_visible()
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        # What measures itself is in its place a moment later.
        with suppress(TimeoutError):
            wait_until(partial(is_in_place, page, width, height), 10.0, "everything to be in its place")
        assert out_of_place(page, width, height) == [], (width, height)


def is_in_place(page: Page, width: int, height: int) -> bool:
    return not out_of_place(page, width, height)


def out_of_place(page: Page, width: int, height: int) -> list[str]:
    """Return what cannot be seen or used on a screen of this size, before and after scrolling."""
    main = page.get_by_test_id("stMain")
    found = []
    for scrolled in (600, 0):
        main.evaluate("(node, top) => node.scrollTo(0, top)", scrolled)
        for name in ("Train", "Pause", "Step", "Stop"):
            place = box(bar(page).get_by_role("button", name=name, exact=True))
            if place["y"] < 0 or place["y"] + place["height"] > min(height, 200):
                found.append(f"{name}, scrolled by {scrolled}: {place}")
            if not 0 <= place["x"] <= width - place["width"]:
                found.append(f"{name}: {place}")
        if box(status(page))["y"] >= 250:
            found.append("the line that says how the run stands")
    if not main.evaluate("node => node.scrollWidth <= node.clientWidth"):
        found.append("the page scrolls sideways")
    found += [
        f"{label} cannot be read"
        for label in ("Units", "Activation", "Dropout", "Batch size")
        if box(page.get_by_label(label, exact=True).first)["width"] < 40
    ]
    if min(widths_of_fields(page)) < 85:
        found.append("a field is narrow")
    if (
        width < 900
        and box(page.get_by_test_id("live-chart"))["y"] > box(page.locator(".st-key-settings"))["y"]
    ):
        found.append("the settings stand above the curve")
    return found


def widths_of_fields(page: Page) -> list[float]:
    fields = "[class*='st-key-fields_'] [data-testid='stElementContainer']"
    widths: list[float] = page.locator(fields).evaluate_all(
        "nodes => nodes.map((node) => node.getBoundingClientRect().width)"
    )
    assert len(widths) > 5
    return widths


def train_is_reached_within_twelve_tabs(page: Page) -> None:
    is_there = "() => document.activeElement.closest('.st-key-train') !== null"
    tabs = 0
    while not page.evaluate(is_there):
        page.keyboard.press("Tab")
        tabs += 1
        assert tabs <= 12


def test_train_is_near_and_a_first_visit_and_a_run_that_ends_move_nothing_and_other_tabs_hear_of_it(
    page: Page, app: App
) -> None:
    page.emulate_media(reduced_motion="no-preference")
    open_train(page, app, **SMALL, epochs="2")
    expect(page.get_by_text(re.compile("In about .* this network learns from"))).to_be_visible()
    expect(page.locator(".some-images img")).to_have_count(10)
    # What moves by itself ends within five seconds (WCAG 2.2.2).
    name, seconds = train_button(page).evaluate(
        "node => [getComputedStyle(node)].flatMap((style) =>"
        " [style.animationName, style.animationIterationCount * parseFloat(style.animationDuration)])"
    )
    assert name == "digit-lab-press"
    assert 0 < seconds <= 5
    train_is_reached_within_twelve_tabs(page)
    button = box(train_button(page))
    other = page.context.new_page()
    other.goto(app.url)
    expect(other.get_by_text("this network learns from")).to_be_visible(timeout=FIRST_RUN)
    other.wait_for_function("document.body.dataset.hearsOtherTabs === 'yes'", timeout=FIRST_RUN)
    train_button(page).click()
    wait_for_curve(page)
    before = box(page.get_by_test_id("live-chart"))
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    assert box(page.get_by_test_id("live-chart")) == before
    now = box(train_button(page))
    assert (now["x"], now["width"]) == (button["x"], button["width"])
    assert abs(now["y"] - button["y"]) <= 5
    expect(status(other)).to_contain_text("#1")
    # What is on show is in the address, and the way back does not lead to what it was before.
    other.wait_for_url(re.compile("run="))
    entries = other.evaluate("history.length")
    other.get_by_role("link", name="Evaluate", exact=True).click()
    other.wait_for_url(re.compile("/evaluate.*run="))
    assert other.evaluate("history.length") == entries + 1
    other.go_back()
    expect(other.get_by_role("heading", name="Train", level=1)).to_be_visible()


def test_a_shared_link_shows_the_run_on_all_pages_and_steers_nothing_and_the_app_stays_light(
    page: Page, other_page: Page, app: App, finished_run: FinishedRun
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{app.url}/?run={finished_run.id}&epochs=7")
    expect(status(page)).to_contain_text("of the test images right", timeout=FIRST_RUN)
    page.get_by_role("button", name="Share").click()
    links = {}
    for what in ("run", "settings"):
        name = f"Copy the link of th{'is' if what == 'run' else 'ese'} {what}"
        page.get_by_role("button", name=name).click()
        expect(page.get_by_text("Copied.").last).to_be_visible()
        links[what] = page.evaluate("navigator.clipboard.readText()")
    assert links["run"] == f"{app.url}/?run={finished_run.id}"
    assert links["settings"] == f"{app.url}/?{urlencode(address_of({'dataset': app.dataset, 'epochs': '7'}))}"
    other_page.goto(links["run"])
    expect(status(other_page)).to_contain_text("of the test images right", timeout=FIRST_RUN)
    for name in ("Pause", "Stop"):
        expect(other_page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    expect(other_page.get_by_role("button", name="Delete")).to_have_count(0)
    other_page.get_by_text("Settings of this run").click()
    expect(other_page.get_by_role("button", name="Load these settings")).to_be_visible()
    last = {
        "Evaluate": other_page.get_by_role("columnheader", name="Recall"),
        "Draw": other_page.locator(LIVE_CANVAS),
    }
    for name, part in last.items():
        other_page.get_by_role("link", name=name, exact=True).click()
        other_page.wait_for_url(re.compile(f"/{name.lower()}.*run={finished_run.id}"))
        expect(part).to_be_visible()
        # Whole: Streamlit takes a page that is still being drawn for the next one's.
        expect(other_page.get_by_test_id("stStatusWidget")).to_have_count(0)
    if sys.platform == "linux":  # it alone tells which files a process has mapped
        mapped = {entry.path for entry in psutil.Process(app.pid).memory_maps()}
        assert any("/onnxruntime/" in path for path in mapped), "the app predicts with ONNX Runtime"
        assert [path for path in mapped if any(f"/{package}/" in path for package in HEAVY)] == []
