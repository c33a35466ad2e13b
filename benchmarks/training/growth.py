"""Do the app's process and its worker grow over 50 runs in a row?

One browser trains 50 short runs in the real app, one after another, and looks at each on Evaluate
or on Draw. Learning rate and seed change with each run; the shapes change in turn, and now and
then they are shapes that no run had before. Growth is what a process holds after the last run
more than after the fifth.
"""

import sys
from collections.abc import Iterator

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
# From here on everything has been loaded once.
WARM_RUNS = 5
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


def run() -> Iterator[Result]:
    """Yield the growth of both processes, and what they hold in the end."""
    with running_app(needs_mnist=True) as app, chromium() as browser:
        page, store = browser.new_page(), app.open_store()
        held = [_train_and_look(page, app, store, config_of(number)) for number in range(RUNS)]
        store.close()
    workers = len({worker_pid for _, _, worker_pid in held})
    if workers > 1:  # its way not to grow beyond a limit
        print(f"  the worker made way for a fresh one, {workers - 1} ×", file=sys.stderr)
    for place, (name, limit) in enumerate((("app", APP_LIMIT), ("worker", WORKER_LIMIT))):
        before, after = held[WARM_RUNS - 1][place], held[-1][place]
        yield Result(f"{name}_growth_mb_50_runs", after - before, "MB", GROWTH_LIMIT)
        yield Result(f"{name}_mb_after_50_runs", after, "MB", limit)


def _train_and_look(
    page: Page, app: RunningApp, store: RunStore, config: TrainingConfig
) -> tuple[float, float, int]:
    """Train a run and open its pages; return the MB of app and worker, and the worker's process id."""
    run_id = press_train(page, app, store, config)
    wait_until_finished(store, run_id)
    title = ("Evaluate", "Draw")[config.seed % 2]
    page.goto(f"{app.url}/{title.lower()}?run={run_id}")
    page.get_by_role("heading", name=title).first.wait_for()
    worker = app.worker()
    return resident_mb(psutil.Process(app.pid)), resident_mb(worker), worker.pid
