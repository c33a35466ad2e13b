"""Why and break it in Chromium: the legend, another digit by few pixels, taken back, changed by hand."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.strokes import LIVE_CANVAS, SEVEN, draw


def part(page: Page, title: str) -> Locator:
    """Open a folded part and return it."""
    page.locator("summary").get_by_text(title).click()
    return page.get_by_test_id("stExpander").filter(has_text=title)


def option(page: Page, group: str, name: str) -> Locator:
    return page.get_by_role("radiogroup", name=group).get_by_role("radio", name=name, exact=True)


def said(place: Locator, words: str) -> Locator:
    """The paragraph on the page; a screen reader is told the same by another."""
    return place.get_by_role("paragraph").filter(has_text=re.compile(words))


def changed(editor: Locator, count: int) -> None:
    expect(editor).to_have_attribute("data-changed", str(count))


def press_pixel(editor: Locator, row: int, column: int) -> None:
    canvas = editor.locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": (column + 0.5) * box["width"] / 28, "y": (row + 0.5) * box["height"] / 28})


def test_a_seven_is_explained_and_broken_and_mended(page, app, finished_run):
    page.goto(f"{app.url}/draw?run={finished_run.id}")
    draw(page, SEVEN, LIVE_CANVAS)
    why = part(page, "Why does it read that?")
    expect(why.get_by_text("speaks for a 7")).to_be_visible()
    expect(
        why.get_by_alt_text(re.compile("Your picture with the pixels marked. What speaks most for a 7: .+"))
    ).to_be_visible()
    option(page, "What speaks for and against", "3").click()
    expect(why.get_by_text("speaks against a 3")).to_be_visible()

    broken = part(page, "Break it: the fewest pixels")
    option(page, "Turn it into", "3").click()
    editor = page.get_by_test_id("pixel-editor")
    changed(editor, 0)
    page.get_by_role("button", name="Find the fewest pixels").click()
    expect(said(broken, r"pixels changed\. (It reads|Probably) a 3")).to_be_visible()
    found = re.search(r"(\d+) pixels changed", said(broken, r"pixels changed\.").inner_text())
    assert found is not None
    count = int(found[1])
    changed(editor, count)
    editor.get_by_role("button", name="Undo a step").click()
    changed(editor, count - 1)
    # None of them can be left out.
    expect(said(broken, rf"\b{count - 1} pixels? changed\.")).to_be_visible()
    expect(said(broken, r"changed\. (It reads|Probably) a 3")).to_have_count(0)
    editor.get_by_role("button", name="Reset").click()
    changed(editor, 0)
    expect(said(broken, "Nothing is changed yet")).to_be_visible()
    by_mouse_and_by_keys(page, editor, broken)


def by_mouse_and_by_keys(page: Page, editor: Locator, broken: Locator) -> None:
    press_pixel(editor, 2, 3)
    changed(editor, 1)
    expect(said(broken, r"1 pixels? changed\.")).to_be_visible()
    expect(editor.get_by_role("status")).to_have_text("Row 3, column 4: ink 255 of 255, was 0")
    canvas = editor.get_by_role("application")
    canvas.press("ArrowRight")
    canvas.press("ArrowDown")
    canvas.press("+")
    expect(editor.get_by_role("status")).to_have_text("Row 4, column 5: ink 32 of 255, was 0")
    canvas.press("Enter")
    changed(editor, 2)
    expect(said(broken, r"2 pixels? changed\.")).to_be_visible()
    for _ in range(3):
        canvas.press("Control+z")
    changed(editor, 0)
    expect(said(broken, "Nothing is changed yet")).to_be_visible()


def a_finger_changes_pixels(phone_page: Page) -> None:
    """On a phone, whose canvas has something drawn on it."""
    broken = part(phone_page, "Break it: the fewest pixels")
    editor = phone_page.get_by_test_id("pixel-editor")
    changed(editor, 0)
    canvas = editor.locator("canvas")
    canvas.scroll_into_view_if_needed()
    canvas.tap(position={"x": 20, "y": 20})
    changed(editor, 1)
    expect(said(broken, r"1 pixels? changed\.")).to_be_visible()
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390
