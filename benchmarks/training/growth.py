"""Do the app's process and its workers grow over 50 runs in a row?

One browser trains short runs in the real app, one after another, and looks at each on Evaluate
or on Draw. Learning rate and seed change with each run; the shapes change in turn, and now and
then they are shapes that no run had before. The 50 runs that count come after all there is to
load has been loaded and Streamlit has begun to forget sessions, two minutes after each was left.

A worker's memory is a saw: it grows with each shape until another process takes its place. So
growth is not the last reading less the first one, nor the highest less the highest (a tooth ends
anywhere between two limits), but the mean of the second half less the mean of the first.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count
from statistics import fmean

import psutil
from playwright.sync_api import Page

from benchmarks.app import RunningApp, chromium, press_train, running_app, wait_until_finished
from benchmarks.result import Result
from benchmarks.training.memory import APP_LIMIT, WORKER_LIMIT, resident_mb
from core.config import HiddenLayer, TrainingConfig
from core.store import RunStore

NAMES = (
    "app_growth_mb_50_runs",
    "worker_growth_mb_50_runs",
    "app_mb_after_50_runs",
    "worker_mb_after_50_runs",
)

RUNS = 50
WARM_SECONDS = 150.0
GROWTH_LIMIT = 30.0
# The shapes that come again and again, and how often another one comes instead.
_UNITS = (32, 64, 128)
_NEW_SHAPE_EVERY = 10


def config_of(number: int) -> TrainingConfig:
    """Return the settings of run `number`, counted from 0."""
    is_new = number % _NEW_SHAPE_EVERY == _NEW_SHAPE_EVERY - 1
    return TrainingConfig(
        hidden_layers=(HiddenLayer(units=32 + number if is_new else _UNITS[number % len(_UNITS)]),),
        epochs=1,
        training_fraction=0.1,
        learning_rate=round(0.001 + 0.0001 * number, 4),
        seed=number,
    )


def growth(readings: Sequence[float]) -> float:
    """Return by how much the mean of the second half of the readings is above that of the first.

    A saw whose teeth stay as high gives about 0, memory that is never given back half of all it took.
    """
    half = len(readings) // 2
    return fmean(readings[half:]) - fmean(readings[:half])


def run() -> Iterator[Result]:
    """Yield the growth of the app and of its workers, and the most that they held after a run."""
    with running_app(needs_mnist=True) as app, chromium() as browser:
        page, store = browser.new_page(), app.open_store()
        numbers, started = count(), time.monotonic()
        while time.monotonic() - started < WARM_SECONDS:
            _train_and_look(page, app, store, config_of(next(numbers)))
        held = [_train_and_look(page, app, store, config_of(next(numbers))) for _ in range(RUNS)]
        store.close()
    of_app, of_worker, worker_pids = zip(*held, strict=True)
    print(f"  the worker made way for a fresh one, {len(set(worker_pids)) - 1} ×", file=sys.stderr)
    for name, readings, limit in (("app", of_app, APP_LIMIT), ("worker", of_worker, WORKER_LIMIT)):
        yield Result(f"{name}_growth_mb_50_runs", growth(readings), "MB", GROWTH_LIMIT)
        yield Result(f"{name}_mb_after_50_runs", max(readings), "MB", limit)


def _train_and_look(
    page: Page, app: RunningApp, store: RunStore, config: TrainingConfig
) -> tuple[float, float, int]:
    """Train a run and open its page; return the MB of app and worker, and the worker's process id."""
    run_id = press_train(page, app, store, config)
    wait_until_finished(store, run_id)
    # At once: a worker that has grown too large ends when it has rested for two seconds.
    worker = app.worker()
    of_worker = resident_mb(worker)
    title = ("Evaluate", "Draw")[config.seed % 2]
    page.goto(f"{app.url}/{title.lower()}?run={run_id}")
    page.get_by_role("heading", name=title).first.wait_for()
    return resident_mb(psutil.Process(app.pid)), of_worker, worker.pid
