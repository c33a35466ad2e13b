"""Resident memory of the app's process and of its training worker."""

import os
from collections.abc import Iterator

import psutil

from benchmarks.app import RunningApp, chromium, running_app
from benchmarks.result import Result
from core.config import TrainingConfig
from core.recipes import get_recipe
from core.store import RunStatus, RunStore
from tests.browser.serve import wait_until

NAMES = ("app_mb", "worker_mb")

APP_LIMIT_MB = 250.0
WORKER_LIMIT_MB = 1_100.0
_TRAINING_TIMEOUT = 180.0
_MEGABYTE = 1_000_000


def _resident_mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss / _MEGABYTE)


def _finished_run(store: RunStore) -> bool:
    return bool(store.list_runs(statuses=[RunStatus.FINISHED]))


def _config() -> TrainingConfig:
    return get_recipe("two-128").config.model_copy(update={"epochs": 1})


def run() -> Iterator[Result]:
    """Yield the app's MB after its first page, and the worker's after one epoch of `two-128`.

    The largest child is the worker that holds TensorFlow.
    """
    with running_app(needs_mnist=True) as app, chromium() as browser:
        page = browser.new_page()
        query = "&".join(f"{name}={value}" for name, value in _config().to_query().items())
        page.goto(f"{app.url}/?{query}")
        start = page.get_by_role("button", name="Train", exact=True)
        start.wait_for(timeout=60_000)
        process = psutil.Process(app.pid)
        yield Result("app_mb", _resident_mb(process), "MB", APP_LIMIT_MB)

        start.click()
        store = _store_of(app)
        wait_until(lambda: _finished_run(store), _TRAINING_TIMEOUT, "one epoch of two-128")
        worker = max(process.children(recursive=True), key=_resident_mb)
        yield Result("worker_mb", _resident_mb(worker), "MB", WORKER_LIMIT_MB)


def _store_of(app: RunningApp) -> RunStore:
    return RunStore(f"sqlite:///{app.home / 'digitlab.db'}", os.fspath(app.home / "runs"))
