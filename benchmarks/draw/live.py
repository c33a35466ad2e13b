"""How fast the live canvas reads while a mouse draws, and what thirty who draw at once cost the server.

A real mouse draws sevens on the Draw page, with the network that comes along. Counted in the page are the
readings (steps, forward pass, bars) while the button is down, and how long each took, also with Chromium
slowed down to a quarter. The server's processor time is that of one who draws a seven with a bar, looks at
the answer for a second and a half and clears the canvas, again and again; less what it takes with
the page open and nobody drawing; times thirty.
"""

import statistics
import time
from collections.abc import Collection, Iterator

import psutil
from playwright.sync_api import Page

from benchmarks.app import chromium, running_app
from benchmarks.live_chart import idle_share_of, processor_seconds
from benchmarks.result import Result
from tests.browser.strokes import LIVE_CANVAS, Points, box_of

NAMES = (
    "live_updates_per_second",
    "live_update_ms",
    "live_updates_per_second_slow",
    "live_update_ms_slow",
    "live_server_share_30",
)

SEVEN: list[Points] = [[(0.28, 0.17), (0.72, 0.17), (0.45, 0.85)], [(0.4, 0.5), (0.68, 0.5)]]
SLOWER = 4
PEOPLE = 30
LEAST_UPDATES, LEAST_UPDATES_SLOW = 20.0, 10.0
MOST_SHARE = 5.0  # percent of a core

STROKE_SECONDS = 0.8
BETWEEN_STROKES, LOOKED_AT = 0.3, 1.5  # seconds
DIGITS = 20
WARMED_UP = 30.0

# Which frames brought a reading, when, and how long they took.
_COUNT = """() => {
    const node = document.querySelector("[data-testid=stMain]");
    const find = (root) => root.querySelector("[data-testid=live-reading]")
        ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && find(one.shadowRoot)).find(Boolean);
    const live = find(node);
    window.readings = [];
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => ask((now) => {
        const before = live.dataset.updates, began = performance.now();
        callback(now);
        if (live.dataset.updates !== before) window.readings.push([began, performance.now() - began]);
    });
}"""


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the wanted results.

    Raises
    ------
    DigitLabError
        If there is no Chromium.
    """
    with running_app() as app, chromium() as browser:
        server = psutil.Process(app.pid)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{app.url}/draw")
        page.locator(LIVE_CANVAS).wait_for(timeout=60_000)
        _draw(page, SEVEN)  # the first also loads what later ones find loaded
        page.get_by_test_id("live-verdict").get_by_text("%").wait_for()
        if NAMES[4] in wanted:
            time.sleep(WARMED_UP)  # the server has read a drawing, and its workers are there
            page.keyboard.press("Delete")
            share = _server_share(page, server)
            yield Result(NAMES[4], 100 * PEOPLE * share, "%", MOST_SHARE).with_ratio()
        if not set(NAMES[:4]) & set(wanted):
            return
        page.evaluate(_COUNT)
        rates, times = _readings(page)
        yield Result.of(NAMES[0], rates, "1/s", LEAST_UPDATES).with_ratio()
        yield Result.of(NAMES[1], times, "ms")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        rates, times = _readings(page)
        yield Result.of(NAMES[2], rates, "1/s", LEAST_UPDATES_SLOW).with_ratio()
        yield Result.of(NAMES[3], times, "ms")


def _readings(page: Page) -> tuple[list[float], list[float]]:
    """Return the readings a second of each stroke, and the milliseconds that each reading took."""
    rates, times = [], []
    page.keyboard.press("Delete")
    for _digit in range(DIGITS // 4):
        for stroke in SEVEN:
            page.evaluate("window.readings = []")
            seconds = _draw(page, [stroke])
            readings = page.evaluate("window.readings")
            rates.append(len(readings) / seconds)
            times += [took for _when, took in readings]
        page.keyboard.press("Delete")
    return rates, times


def _server_share(page: Page, server: psutil.Process) -> float:
    """Return the processor seconds a second that one who draws costs the server."""
    idle = statistics.mean(idle_share_of(server) for _ in range(3))
    used, began = processor_seconds(server), time.monotonic()
    for _digit in range(DIGITS):
        for stroke in SEVEN:
            _draw(page, [stroke])
            time.sleep(BETWEEN_STROKES)
        time.sleep(LOOKED_AT - BETWEEN_STROKES)
        page.keyboard.press("Delete")
    passed = time.monotonic() - began
    return max(0.0, processor_seconds(server) - used - idle * passed) / passed


def _draw(page: Page, strokes: list[Points]) -> float:
    """Draw strokes with the mouse, each as long as a hand takes; return the seconds with the button down."""
    box = box_of(page.locator(LIVE_CANVAS))
    down = 0.0
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        began = time.monotonic()
        legs = len(places) - 1
        while (part := (time.monotonic() - began) / STROKE_SECONDS) < 1:
            leg = min(int(part * legs), legs - 1)
            (from_x, from_y), (to_x, to_y), along = places[leg], places[leg + 1], part * legs - leg
            page.mouse.move(from_x + along * (to_x - from_x), from_y + along * (to_y - from_y))
            time.sleep(0.004)  # as often as a good mouse tells
        down += time.monotonic() - began
        page.mouse.up()
    return down
