"""The file that holds a network, opened from disk in Chromium with the network off."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect

from core.prediction.ready_made import ready_made_file
from core.prediction.refusal import FEATURES, Refusal, as_layers
from pages.parts.draw.pocket.maker import PocketMaker
from pages.parts.shared.judging import Judging
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.strokes import SEVEN, Points

BARS = "[data-testid=live-bars]"
PAPER = "[data-testid=live-reading] canvas.ink"
# A judge to whom anything with very much ink is none of the digits.
MUCH_INK = np.zeros((FEATURES, 11))
MUCH_INK[:196, 10] = 1
JUDGING = Judging(
    1.0, Refusal(as_layers([(MUCH_INK, -60.0 * (np.arange(11) == 10))]), 0.0), "", is_digits=True
)
SCRIBBLE = [[(0.1 + 0.8 * (step % 2), 0.1 + 0.05 * step) for step in range(16)]]
PROMPT = "Draw a digit from 0 to 9."


@pytest.fixture(scope="module")
def files(session_folder: Path) -> dict[int, Path]:
    """The ready-made network as files of both kinds."""
    onnx, names, made = ready_made_file(), list("0123456789"), {}
    for bits in (32, 8):
        made[bits] = session_folder / f"pocket-{bits}.html"
        made[bits].write_bytes(PocketMaker(onnx, bits, JUDGING, "ready <made>", names, PROMPT)())
    return made


def open_file(browser: Browser, path: Path, script: str = "", **options: object) -> tuple[Page, list[str]]:
    """Open a file with no network; return its page and what its console says."""
    context = browser.new_context(**options)
    context.set_offline(True)
    page, said = context.new_page(), []
    page.add_init_script(script)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    expect(page.get_by_text(PROMPT)).to_be_visible()
    return page, said


def place(page: Page) -> FloatRect:
    box = page.locator(PAPER).bounding_box()
    assert box is not None
    return box


def draw(page: Page, strokes: list[Points]) -> None:
    box = place(page)
    ((start, *rest),) = strokes
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
    page.mouse.up()


def tap_seven(page: Page) -> None:
    session, box = page.context.new_cdp_session(page), place(page)
    (points,) = SEVEN
    for number, (x, y) in enumerate(points):
        touch = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}]
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def reads_a_seven(page: Page) -> None:
    expect(page.locator(f"{BARS} .most .name")).to_have_text("7")
    expect(page.get_by_test_id("live-verdict")).to_have_text(re.compile("reads a 7|Probably a 7"))


def test_a_seven_is_read_with_no_network(chromium: Browser, files: dict[int, Path]) -> None:
    page, said = open_file(chromium, files[32], viewport=DESKTOP)
    expect(page).to_have_title("Digit Lab: ready <made>")
    draw(page, SEVEN)
    reads_a_seven(page)
    page.get_by_role("button", name="Clear").click()
    draw(page, SCRIBBLE)
    expect(page.get_by_test_id("live-verdict")).to_have_text("I can't read this.")
    assert said == []
    page.context.close()


def test_a_phone_reads_it_too_with_eight_bits_and_an_old_browser(
    chromium: Browser, files: dict[int, Path]
) -> None:
    without = "delete globalThis.DecompressionStream"
    page, said = open_file(chromium, files[8], without, viewport=PHONE, has_touch=True, is_mobile=True)
    assert page.evaluate("typeof DecompressionStream") == "undefined"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert place(page)["width"] >= 0.9 * PHONE["width"]
    tap_seven(page)
    reads_a_seven(page)
    assert said == []
    page.context.close()
