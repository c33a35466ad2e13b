"""What one viewer of a running run costs the server, however long the run has been going.

A Chromium watches a run in the real app while this process records points as a worker would, so no
TensorFlow takes part. Counted is all processor time of the Streamlit process, less what it uses
while nobody looks; a tick is one refreshing of the panel, twice a second.
"""

import math
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.app import RunningApp, chromium, running_app
from benchmarks.result import Result
from core.config import TrainingConfig
from core.store import CurvePoint, Progress, RunStatus, RunStore
from tests.support.serve import wait_until
from tests.support.store_samples import holding

RECORDED = (1, 100, 10_000, 100_000)
NAMES = ("watch_core_percent", *(f"watch_tick_{count}_points" for count in RECORDED))

# Of one processor core, while a young run trains; and the longest run's tick against the youngest's.
MAX_PERCENT = 4.0
MAX_GROWTH = 2.0

_SECONDS = 15.0
_IDLE_SECONDS = 8.0
_PATIENCE = 90_000  # milliseconds
_WORKER = "benchmark"
_EPOCHS = 200
_POINTS_A_SECOND = 10
_BEATS_A_SECOND = 5
_POINTS_A_WRITE = 1_000
_COUNT_TICKS = """() => {
    const node = document.querySelector('[data-testid="live-chart"]');
    window.ticks = 0;
    new MutationObserver(() => window.ticks++).observe(
        node, { attributes: true, attributeFilter: ["data-points"] });
}"""


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the wanted results: percent of a core, then milliseconds a tick by points recorded.

    The reference of a tick is twice that of the youngest run; it is measured where another is wanted.
    """
    with running_app() as app, chromium() as browser:
        server = psutil.Process(app.pid)
        store = app.open_store()
        _warm_up(browser, app, store)
        idle = _idle_share(server)
        first: float | None = None
        for count in RECORDED:
            name = f"watch_tick_{count}_points"
            if name not in wanted and count != RECORDED[0]:
                continue
            share, ticks_a_second = _watch(browser, app, store, server, count)
            milliseconds = 1000 * max(share - idle, 0.0) / ticks_a_second
            if count == RECORDED[0]:
                first = milliseconds
                if "watch_core_percent" in wanted:
                    percent = 100 * max(share - idle, 0.0)
                    yield Result("watch_core_percent", percent, "%", MAX_PERCENT).with_ratio()
            if name in wanted:
                reference = None if first is None or count == RECORDED[0] else MAX_GROWTH * first
                yield Result(name, milliseconds, "ms", reference).with_ratio()
        store.close()


def _warm_up(browser: Browser, app: RunningApp, store: RunStore) -> None:
    """Visit once, and wait until the workers have started: neither is what a tick costs."""
    with _watching(browser, app, store, 1):
        pass
    below = psutil.Process(app.pid)
    quiet = _Quiet(below)
    wait_until(quiet.is_so, 120.0, "the app and its workers to become quiet")


class _Quiet:
    """Tells whether a process and all below it have used next to nothing since last asked."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._asked, self._used = -math.inf, 0.0
        self._share = 1.0

    def is_so(self) -> bool:
        now = time.monotonic()
        if now - self._asked >= 2.0:
            used = sum(map(_seconds, [self._process, *self._process.children(recursive=True)]))
            self._share = (used - self._used) / (now - self._asked) if self._used else 1.0
            self._asked, self._used = now, used
        return self._share < 0.1


def _watch(
    browser: Browser, app: RunningApp, store: RunStore, server: psutil.Process, count: int
) -> tuple[float, float]:
    """Return processor seconds and ticks a second of one viewer of a run with `count` points."""
    with _watching(browser, app, store, count) as page:
        page.evaluate(_COUNT_TICKS)
        # A few first: what the visit itself costs is not a tick.
        page.wait_for_function("window.ticks >= 6", timeout=_PATIENCE)
        ticks, used, began = page.evaluate("window.ticks"), _seconds(server), time.monotonic()
        page.wait_for_timeout(1000 * _SECONDS)
        seconds = time.monotonic() - began
        return (_seconds(server) - used) / seconds, (page.evaluate("window.ticks") - ticks) / seconds


@contextmanager
def _watching(browser: Browser, app: RunningApp, store: RunStore, count: int) -> Iterator[Page]:
    """Yield a page that shows a run with `count` points and more with every moment."""
    workspace = f"{count:024x}"
    config = TrainingConfig(epochs=_EPOCHS)
    run_id = store.create(config, workspace=workspace).id
    store.claim(run_id, _WORKER)
    over = threading.Event()
    recorder = threading.Thread(target=_record, args=(store, run_id, count, over), daemon=True)
    _record_first(store, run_id, count)
    recorder.start()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "digitlab_workspace", "value": workspace, "url": app.url}])
    try:
        page = context.new_page()
        page.goto(app.url)
        page.locator('[data-testid="live-chart"][data-points]').wait_for(timeout=_PATIENCE)
        yield page
    finally:
        context.close()
        over.set()
        recorder.join()
        # Left as it is, the app's own workers would take it for one whose worker has died, and train it.
        holding(store, run_id, _WORKER).finish(RunStatus.STOPPED)


def _record_first(store: RunStore, run_id: str, count: int) -> None:
    for start in range(1, count + 1, _POINTS_A_WRITE):
        numbers = range(start, min(start + _POINTS_A_WRITE, count + 1))
        holding(store, run_id, _WORKER).record([_point(number) for number in numbers], None)


def _record(store: RunStore, run_id: str, count: int, over: threading.Event) -> None:
    """Record as a worker does: five beats a second, each with what came since the last."""
    number = count
    each = _POINTS_A_SECOND // _BEATS_A_SECOND
    while not over.wait(1 / _BEATS_A_SECOND):
        points = [_point(number + further) for further in range(1, each + 1)]
        number += each
        progress = Progress(int(points[-1].epoch) + 1, number % 1350, 1350, 50_000.0, 60.0)
        holding(store, run_id, _WORKER).record(points, progress)


def _point(number: int) -> CurvePoint:
    """Return a point of a curve that falls and wavers, as that of a real run."""
    epoch = number * _EPOCHS / 120_000
    loss = math.exp(-epoch / 20) * (1 + 0.2 * math.sin(number)) + 0.01
    return CurvePoint(10 * number, epoch, loss, 1 - loss / 4, "training")


def _idle_share(server: psutil.Process) -> float:
    """Return the processor seconds a second that the server uses with no page open."""
    used, began = _seconds(server), time.monotonic()
    time.sleep(_IDLE_SECONDS)
    return (_seconds(server) - used) / (time.monotonic() - began)


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # one that has ended since it was listed
        return 0.0
    return float(times.user + times.system)
