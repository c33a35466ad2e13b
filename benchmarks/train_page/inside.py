"""What one update of the inside of a network costs: bytes on the wire, processor time of the server.

A page with a chart of 1,500 points and all of the inside (diagram, weights as pictures, ten test images,
ten bars for a drawing) is open in Chromium and comes again twice a second with other weights. Counted are
all frames that the browser receives and all processor time of the Streamlit process, less what it uses
while nobody looks and what it takes to make up weights. Frame times are those of `requestAnimationFrame`.
"""

import json
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.live_chart import idle_share_of, processor_seconds
from benchmarks.result import Result
from tests.support.chromium import FLAGS, find_chromium
from tests.support.serve import ROOT, Served

NETWORKS = {"": "128,128", "_largest": "2048,2048,2048,2048,2048,2048"}
NAMES = tuple(f"inside_{what}{suffix}" for suffix in NETWORKS for what in ("bytes", "cpu_ms", "frame_ms"))

UPDATES = 20
MAX_BYTES = 20_480.0
MAX_MILLISECONDS = 50.0
MAX_FRAME_MILLISECONDS = 50.0

# The message with the diagram is longer than this, all others are shorter.
_DIAGRAM_BYTES = 8_192

_APP = ROOT / "tests" / "browser" / "apps" / "inside_app.py"
_FRAMES = """() => {
    window.frames_taken = [];
    let before = performance.now();
    const count = (now) => {
        window.frames_taken.push(now - before);
        before = now;
        requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
}"""


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the wanted results.

    Raises
    ------
    RuntimeError
        If there is no Chromium on this machine.
    """
    for suffix, units in NETWORKS.items():
        names = [f"inside_{what}{suffix}" for what in ("bytes", "cpu_ms", "frame_ms")]
        if not set(names) & set(wanted):
            continue
        received, milliseconds, frames = _open_and_measure(units)
        yield Result(names[0], received, "B", MAX_BYTES).with_ratio()
        yield Result(names[1], milliseconds, "ms", MAX_MILLISECONDS).with_ratio()
        yield Result.of(names[2], frames, "ms", MAX_FRAME_MILLISECONDS).with_ratio()


def _open_and_measure(units: str) -> tuple[float, float, list[float]]:
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError("The inside cannot be measured: no Chromium on this machine.")
    with (
        tempfile.TemporaryDirectory() as folder,
        # As the app itself: see `main` in app.py.
        Served(_APP, Path(folder), {"OPENBLAS_NUM_THREADS": "1"}) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            return _measure(browser.new_page(), served, units)
        finally:
            browser.close()


def _measure(page: Page, served: Served, units: str) -> tuple[float, float, list[float]]:
    """Return bytes and milliseconds an update, and the milliseconds of each frame meanwhile."""
    sizes: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
    server = psutil.Process(served.pid)
    idle_share = idle_share_of(server)
    page.goto(f"{served.url}/?units={units}&chart&drawing")
    diagram = page.get_by_test_id("network-diagram")
    diagram.and_(page.locator("[data-updates]")).wait_for(timeout=60_000)
    diagram.evaluate("node => { window.diagram = node; }")
    _wait_for(page, 3)  # what the visit itself costs is not an update
    page.evaluate(_FRAMES)
    first, made_up = _updates(page), _made_up(page)
    frames, used, began = len(sizes), processor_seconds(server), time.monotonic()
    _wait_for(page, UPDATES)
    updates = _updates(page) - first
    used = (
        processor_seconds(server)
        - used
        - idle_share * (time.monotonic() - began)
        - (_made_up(page) - made_up)
    )
    taken = json.loads(page.evaluate("JSON.stringify(window.frames_taken)"))
    return sum(sizes[frames:]) / updates, max(used, 0.0) / updates * 1000, taken[1:]


def _updates(page: Page) -> int:
    return int(page.evaluate("Number(window.diagram.dataset.updates)"))


def _wait_for(page: Page, count: int) -> None:
    wanted = _updates(page) + count
    page.wait_for_function(
        "wanted => Number(window.diagram.dataset.updates) >= wanted", arg=wanted, timeout=120_000
    )


def _made_up(page: Page) -> float:
    """Return the processor seconds that the app has spent on making up weights."""
    return float(page.locator("[data-testid='stCaptionContainer']").last.inner_text().split()[-2])
