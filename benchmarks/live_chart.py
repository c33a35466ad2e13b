"""What one update of the live chart costs: bytes on the wire and processor time of the server.

A page of the running app is open in Chromium and shows a run of 100 epochs that has 1,500 recorded
points and grows. Counted are all frames that the browser receives and all processor time of the
Streamlit process, less what it uses while nobody looks.
"""

import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.result import Result
from tests.support.chromium import FLAGS, find_chromium
from tests.support.serve import ROOT, Served

NAMES = ("live_chart_bytes", "live_chart_cpu_ms", "live_chart_bytes_smoothed", "live_chart_cpu_ms_smoothed")

UPDATES = 20
IDLE_SECONDS = 3.0
MAX_BYTES = 8192.0
MAX_MILLISECONDS = 40.0

_APP = ROOT / "tests" / "browser" / "apps" / "live_chart_app.py"
_LONG_RUN = "epochs=100&points=3000&start=1500&grow=5"
_COUNT_UPDATES = """() => {
    const node = document.querySelector('[data-testid="live-chart"]');
    window.updates = 0;
    new MutationObserver(() => window.updates++).observe(
        node, { attributes: true, attributeFilter: ["data-points"] });
}"""


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the wanted results; with smoothing the measured line is sent as well.

    Raises
    ------
    RuntimeError
        If there is no Chromium on this machine.
    """
    for suffix, smoothing in (("", "0"), ("_smoothed", "0.6")):
        names = f"live_chart_bytes{suffix}", f"live_chart_cpu_ms{suffix}"
        if not set(names) & set(wanted):
            continue
        received, milliseconds = _open_and_measure(f"{_LONG_RUN}&smoothing={smoothing}")
        yield Result(names[0], received, "B", MAX_BYTES).with_ratio()
        yield Result(names[1], milliseconds, "ms", MAX_MILLISECONDS).with_ratio()


def _open_and_measure(query: str) -> tuple[float, float]:
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError("The live chart cannot be measured: no Chromium on this machine.")
    with (
        tempfile.TemporaryDirectory() as folder,
        Served(_APP, Path(folder), {}) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            return _measure(browser.new_page(), served, query)
        finally:
            browser.close()


def _measure(page: Page, served: Served, query: str) -> tuple[float, float]:
    """Return bytes and milliseconds an update."""
    sizes: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
    server = psutil.Process(served.pid)
    idle_share = idle_share_of(server)
    page.goto(f"{served.url}/?{query}")
    page.locator('[data-testid="live-chart"][data-points]').wait_for(timeout=60_000)
    page.evaluate(_COUNT_UPDATES)
    # Two updates first: what the visit itself costs is not an update.
    page.wait_for_function("window.updates >= 2")
    frames, used, began = len(sizes), processor_seconds(server), time.monotonic()
    updates = page.evaluate("window.updates")
    page.wait_for_function("enough => window.updates >= enough", arg=updates + UPDATES)
    updates = page.evaluate("window.updates") - updates
    used = processor_seconds(server) - used - idle_share * (time.monotonic() - began)
    return sum(sizes[frames:]) / updates, max(used, 0.0) / updates * 1000


def idle_share_of(server: psutil.Process) -> float:
    """Return the processor seconds a second that the server uses with no page open."""
    used, began = processor_seconds(server), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return (processor_seconds(server) - used) / (time.monotonic() - began)


def processor_seconds(server: psutil.Process) -> float:
    """Return the processor seconds that a process has used."""
    times = server.cpu_times()
    return float(times.user + times.system)
