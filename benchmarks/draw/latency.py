"""Mouse-up to changed bars on the Draw page with the simple canvas, in a real Chromium against the real app.

The time is taken in the page, from the `pointerup`/`mouseup` of a stroke to the change of the ten
bars in the document. It contains the canvas' own 200 ms of waiting for a further stroke.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.app import RunningApp, chromium, running_app
from benchmarks.result import Result
from core.errors import DigitLabError
from tests.browser.strokes import BARS, choose_simple_canvas, draw
from tests.support.serve import ROOT

NAMES = ("draw_latency_ms",)

STROKES = 15
MOST_MILLISECONDS = 400.0

# The bars of each answer differ, so a change of their text is an answer that has come.
_WATCH = """() => {
    window.latencies = [];
    const bars = () => document.querySelector(".probability-bars")?.innerText ?? "";
    let before = bars(), released = null;
    addEventListener("mouseup", () => { before = bars(); released = performance.now(); }, true);
    new MutationObserver(() => {
        const now = bars();
        if (released !== null && now && now !== before) {
            window.latencies.push(performance.now() - released);
            released = null;
        }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def run() -> Iterator[Result]:
    """Yield the median over 15 strokes.

    Raises
    ------
    DigitLabError
        If there is no Chromium, or the small network for it cannot be trained.
    """
    with running_app(needs_mnist=True) as app, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        latencies = measure(page, app.url, _train(app))
    yield Result(NAMES[0], statistics.median(latencies), "ms", MOST_MILLISECONDS).with_ratio()


def measure(page: Page, url: str, run_id: str) -> list[float]:
    """Return the milliseconds from mouse-up to changed bars of each of 15 strokes."""
    page.goto(f"{url}/draw?run={run_id}")
    choose_simple_canvas(page)
    draw(page, [[(0.5, 0.1), (0.48, 0.9)]])  # the first also loads what later ones find loaded
    page.locator(BARS).wait_for()
    page.evaluate(_WATCH)
    for number in range(STROKES):
        # Each is another line across the canvas, so that each changes the probabilities.
        start, end = 0.08 + 0.055 * number, 0.92 - 0.05 * number
        draw(page, [[(start, 0.06 + 0.03 * (number % 4)), (end, 0.5), (start, 0.94 - 0.05 * (number % 3))]])
        page.wait_for_function("count => window.latencies.length >= count", arg=number + 1)
    return [float(latency) for latency in page.evaluate("window.latencies")]


def _train(app: RunningApp) -> str:
    """Train two layers of 128 for one epoch beside the app; return the run's id."""
    command = [sys.executable, "-m", "core.training", "--recipe", "two-128", "--epochs", "1", "--json"]
    done = subprocess.run(
        command, cwd=Path(ROOT), env=os.environ | app.environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DigitLabError(f"The network for drawing could not be trained: {done.stderr[-500:]}")
    return str(json.loads(done.stdout.strip().splitlines()[-1])["run_id"])
