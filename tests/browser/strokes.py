"""Digits drawn with the mouse or a finger, in parts of the canvas' width and height."""

import re
from itertools import pairwise

from playwright.sync_api import FloatRect, Locator, Page, expect

Points = list[tuple[float, float]]

SEVEN: list[Points] = [[(0.28, 0.17), (0.72, 0.17), (0.6, 0.45), (0.45, 0.85)]]
ONE: list[Points] = [[(0.52, 0.12), (0.5, 0.88)]]
BARS = ".probability-bars"
CANVAS = "canvas.upper-canvas"
LIVE_CANVAS = "canvas.ink"
MOVES_BETWEEN_POINTS = 6


def choose_simple_canvas(page: Page) -> None:
    """Have the canvas that the server reads, in the place of the one that reads live."""
    page.get_by_role("radio", name="Simple canvas").click()
    expect(page.locator(CANVAS)).to_be_visible()


def draw(page: Page, strokes: list[Points], canvas: str = CANVAS) -> None:
    """Draw strokes with the mouse."""
    box = box_of(page.locator(canvas))
    for (start_x, start_y), *rest in strokes:
        page.mouse.move(box["x"] + start_x * box["width"], box["y"] + start_y * box["height"])
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(
                box["x"] + x * box["width"], box["y"] + y * box["height"], steps=MOVES_BETWEEN_POINTS
            )
        page.mouse.up()


def draw_with_finger(page: Page, strokes: list[Points], canvas: str = CANVAS) -> None:
    """Draw strokes with touches, as Chromium gets them from a screen."""
    session = page.context.new_cdp_session(page)
    box = box_of(page.locator(canvas))

    def touch(kind: str, points: Points) -> None:
        places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    for stroke in strokes:
        touch("touchStart", stroke[:1])
        for (from_x, from_y), (to_x, to_y) in pairwise(stroke):
            for step in range(1, MOVES_BETWEEN_POINTS + 1):
                part = step / MOVES_BETWEEN_POINTS
                touch("touchMove", [(from_x + part * (to_x - from_x), from_y + part * (to_y - from_y))])
        touch("touchEnd", [])


def box_of(canvas: Locator) -> FloatRect:
    """Return where a canvas is, once it takes strokes."""
    # It has its name as soon as its program takes strokes.
    expect(canvas).to_have_attribute("aria-label", re.compile("^Canvas"))
    canvas.click(trial=True)  # in sight, and what unfolds around it has come to rest
    box = canvas.bounding_box()
    assert box is not None
    return box


def is_whole_above(canvas: Locator, bar: Locator) -> bool:
    """Tell whether a canvas is as wide as a phone allows and ends where a bar begins, or before."""
    upper, lower = canvas.bounding_box(), bar.bounding_box()
    return bool(upper and lower and upper["width"] > 340 and upper["y"] + upper["height"] <= lower["y"])
