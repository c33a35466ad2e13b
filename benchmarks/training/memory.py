"""Resident memory of the real app's process and of its training worker, in MB of 10⁶ bytes."""

from collections.abc import Collection, Iterator
from pathlib import Path

import psutil

from benchmarks.app import chromium, press_train, running_app, wait_until_finished
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.errors import DigitLabError

NAMES = ("app_mb", "worker_peak_mb", "worker_mb")

APP_LIMIT = 250.0
WORKER_LIMIT = 1_100.0
# 1.3 million parameters on all 60,000 images.
CONFIG = TrainingConfig(
    hidden_layers=(HiddenLayer(units=800), HiddenLayer(units=800)),
    batch_size=128,
    epochs=2,
    validation_split=0.0,
)


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the app's MB after its first page, then the worker's peak and what it holds after a run."""
    with running_app(needs_mnist=True) as app, chromium() as browser:
        page = browser.new_page()
        page.goto(app.url)
        page.get_by_role("button", name="Train", exact=True).wait_for(timeout=60_000)
        yield Result("app_mb", resident_mb(psutil.Process(app.pid)), "MB", APP_LIMIT)
        if not {"worker_peak_mb", "worker_mb"} & set(wanted):
            return
        store = app.open_store()
        wait_until_finished(store, press_train(page, app, store, CONFIG))
        store.close()
        worker = app.worker()
        yield Result("worker_peak_mb", peak_mb(worker.pid), "MB", WORKER_LIMIT)
        yield Result("worker_mb", resident_mb(worker), "MB", WORKER_LIMIT)


def resident_mb(process: psutil.Process) -> float:
    """Return what a process holds in memory now."""
    return float(process.memory_info().rss / 1e6)


def peak_mb(pid: int) -> float:
    """Return the most that a process has ever held in memory.

    Raises
    ------
    DigitLabError
        Where the system does not tell of another process: only Linux does.
    """
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        raise DigitLabError("The peak memory of a worker can be measured on Linux only.")
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) * 1_024 / 1e6  # it says kB and means KiB
