"""The inside of a network in a real browser: nodes that stay, a unit looked into, keys, drawing, phone.

Every test asks for the app before the page, so that the page is closed before its server.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import serving
from tests.browser.strokes import ONE, draw
from tests.support.serve import Served, wait_until

APP = Path(__file__).parent / "apps" / "inside_app.py"
_FIND = """() => {
    const hosts = [...document.querySelectorAll('*')].filter((node) => node.shadowRoot);
    const wanted = '[data-testid="network-diagram"]';
    return hosts.map((host) => host.shadowRoot.querySelector(wanted)).find(Boolean);
}"""


@pytest.fixture(scope="module")
def app_url(session_folder: Path, chromium: Browser) -> Iterator[str]:
    """The app with a changing network, served for the module."""
    with serving(Served(APP, session_folder / "inside", {})) as served:
        yield served.url


def open_inside(page: Page, url: str, query: str = "") -> Locator:
    """Open the app and return the diagram once it has drawn something."""
    page.goto(f"{url}/?{query}")
    diagram = page.get_by_test_id("network-diagram")
    expect(diagram).to_have_attribute("data-updates", re.compile(r"^[1-9]"))
    return diagram


def wait_for_updates(page: Page, diagram: Locator, count: int) -> None:
    """Wait until the diagram was drawn `count` times more."""
    before = int(diagram.get_attribute("data-updates") or 0)
    page.wait_for_function(f"count => Number(({_FIND})().dataset.updates) >= count", arg=before + count)


def test_nodes_stay_while_the_numbers_change_and_a_drawing_is_read(app_url: str, page: Page) -> None:
    diagram = open_inside(page, app_url)
    nodes_stay_while_the_numbers_change(page, diagram)
    a_drawing_is_read_by_the_network(page)


def nodes_stay_while_the_numbers_change(page: Page, diagram: Locator) -> None:
    unit = diagram.locator(".unit").first
    unit.evaluate("node => { node.tagged = 'the same'; node.getRootNode().tagged = 'the same'; }")
    strip = page.get_by_test_id("inside").locator(".strip canvas").first
    pixels = "canvas => canvas.getContext('2d').getImageData(0, 0, 28, 28).data.join()"
    label, picture = unit.get_attribute("aria-label"), strip.evaluate(pixels)

    wait_for_updates(page, diagram, 4)

    assert unit.evaluate("node => [node.tagged, node.getRootNode().tagged]") == ["the same", "the same"]
    assert unit.get_attribute("aria-label") != label
    assert strip.evaluate(pixels) != picture
    assert diagram.locator("line.plus").count() > 0
    assert diagram.locator("line.minus").count() > 0
    dashes = "line => getComputedStyle(line).strokeDasharray"
    assert diagram.locator("line.minus").first.evaluate(dashes) != "none"
    assert diagram.locator("line.plus").first.evaluate(dashes) == "none"
    # Chosen, and said so.
    expect(diagram.locator(".count").first).to_have_text("24 of 128")
    assert diagram.locator(".unit").count() == 24 + 24 + 10


def test_units_are_looked_into_by_keys_and_by_mouse(app_url: str, page: Page) -> None:
    # All units of the first layer are shown: of more, others may take the place of these meanwhile.
    diagram = open_inside(page, app_url, "units=24,40")
    keys_reach_every_unit(page, diagram)  # the first stop of all, as long as nothing was pressed
    a_press_on_a_unit_looks_into_it_and_a_key_leaves_it(page, diagram)


def a_press_on_a_unit_looks_into_it_and_a_key_leaves_it(page: Page, diagram: Locator) -> None:
    detail = page.get_by_test_id("unit-detail")
    expect(detail).to_be_hidden()
    unit = diagram.locator(".unit").nth(3)
    unit.click()

    name = unit.get_attribute("data-unit")
    expect(detail).to_have_attribute("data-unit", name or "")
    expect(unit).to_have_attribute("aria-pressed", "true")
    expect(detail.get_by_role("heading").first).to_have_text(f"Layer 1, unit {(name or '').split('.')[1]}")
    expect(detail).to_contain_text("its own weights to the 28×28 pixels")
    expect(detail).to_contain_text("after relu")
    expect(detail.locator("figure")).to_have_count(9)
    painted = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, 28, 28).data).size"
    assert detail.locator("canvas.large").evaluate(painted) > 20
    # It stays while the network goes on learning.
    wait_for_updates(page, diagram, 2)
    expect(detail).to_be_visible()
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    # Of a deeper layer it is told that layers were multiplied out.
    diagram.locator(".unit").nth(30).click()
    expect(detail).to_contain_text("multiplied out")
    expect(detail).to_contain_text("of layer 1")
    detail.get_by_role("button", name="Close").click()
    expect(detail).to_be_hidden()


def keys_reach_every_unit(page: Page, diagram: Locator) -> None:
    # One stop for all units: the last picture button, then the diagram.
    page.get_by_test_id("inside").locator(".ten button").last.focus()
    page.keyboard.press("Tab")
    focused = """() => {
        let at = document.activeElement;
        while (at.shadowRoot) at = at.shadowRoot.activeElement;
        return at;
    }"""
    at = f"() => ({focused})().dataset.unit"
    units = diagram.locator(".unit")
    names = [units.nth(place).get_attribute("data-unit") for place in range(24)]
    assert page.evaluate(at) == names[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(at) == names[2]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(at).startswith("2.")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("unit-detail")).to_contain_text("Output")
    expect(page.get_by_test_id("unit-detail")).to_contain_text("after softmax")
    page.keyboard.press("Tab")
    assert page.evaluate(f"() => ({focused})().textContent") == "Close"
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("unit-detail")).to_be_hidden()


def test_another_test_image_is_shown_and_the_table_says_the_same(app_url: str, page: Page) -> None:
    diagram = open_inside(page, app_url, "still&units=12")
    inside = page.get_by_test_id("inside")
    labels = "nodes => nodes.map(node => node.getAttribute('aria-label'))"
    before = diagram.locator(".unit").evaluate_all(labels)
    inside.get_by_role("button", name="Test image 2, a 2").click()
    expect(inside).to_contain_text("What it makes of test image no. 2")
    expect(inside.get_by_role("button", name="Test image 2, a 2")).to_have_attribute("aria-pressed", "true")
    after = diagram.locator(".unit").evaluate_all(labels)
    assert after != before
    inside.get_by_text("The same as a table").click()
    rows = inside.get_by_role("table").last.locator("tbody tr")
    expect(rows).to_have_count(22)
    told = [
        f"{row[0]}: {row[1]}"
        for row in rows.evaluate_all("rows => rows.map(r => [...r.cells].map(c => c.textContent))")
    ]
    assert told == [label.split(", dead")[0].split(", saturated")[0] for label in after]
    inside.get_by_text("How large its weights and outputs are").click()
    expect(inside.locator(".histogram")).to_have_count(4)


@pytest.mark.parametrize("units", ["", ",".join(["2048"] * 6)], ids=["no hidden layer", "the largest"])
def test_any_network_fits_a_phone(app_url: str, phone_page: Page, units: str) -> None:
    diagram = open_inside(phone_page, app_url, f"still&units={units}")
    box = diagram.bounding_box()
    assert box
    for place in (0, -1):
        unit = diagram.locator(".unit").nth(place).bounding_box()
        assert unit
        assert box["x"] - 4 <= unit["x"]
        assert unit["x"] + unit["width"] <= box["x"] + box["width"] + 4
    assert phone_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # A finger is wide: what is near a unit is the unit.
    unit = diagram.locator(".unit circle.body").first.bounding_box()
    assert unit
    phone_page.touchscreen.tap(unit["x"] + unit["width"] + 8, unit["y"] + unit["height"] / 2)
    expect(phone_page.get_by_test_id("unit-detail")).to_be_visible()
    assert phone_page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def a_drawing_is_read_by_the_network(page: Page) -> None:
    yours = page.get_by_test_id("your-digit")
    expect(yours).to_be_hidden()
    page.get_by_text("Your own digit").click()

    def takes_a_stroke() -> bool:
        draw(page, ONE)
        with suppress(AssertionError):
            expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=3_000)
            return True
        return False

    # Nothing on the page tells when a canvas that was folded away has its measures.
    wait_until(takes_a_stroke, 60, "the canvas to take a stroke")
    expect(yours).to_contain_text(re.compile(r"Your drawing: \d, .+ % sure"))
    page.get_by_test_id("inside").get_by_role("button", name="Your drawing").click()
    expect(page.get_by_test_id("inside")).to_contain_text("What it makes of your drawing")
