"""A search of 60 runs on 1, 2 and 4 workers of a real cluster on this machine; what lies between two runs.

PostgreSQL keeps the queue and the curves, an S3 server the files; every worker is a program of its own.
"""

import os
from collections.abc import Collection, Iterator
from statistics import median

from benchmarks.app import temporary_home
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.errors import DigitLabError
from core.jobs.dispatcher import Jobs
from core.settings import get_settings
from core.store import Run, RunStatus, RunStore
from tests.support.cluster.installation import Installation, installation
from tests.support.cluster.server import CannotStart
from tests.support.serve import wait_until

WORKERS = (1, 2, 4)
RUNS = 60
NAMES = (
    *(f"search_on_{count}_s" for count in WORKERS),
    *(f"search_on_{count}_efficiency" for count in WORKERS[1:]),
    "search_between_runs_ms",
)
# Tiny: what is around the training counts as much as it does.
CONFIG = TrainingConfig(
    hidden_layers=(HiddenLayer(units=32),), batch_size=128, epochs=2, validation_split=0.1
)
_PATIENCE = 600.0


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield seconds from the first run queued to the last one ended, efficiency, the pause between two runs.

    Efficiency is the time on one worker divided by that on so many and their number. Its reference is what
    this machine's cores allow. The pause is from a run's end to the next one's claim, on one worker.
    """
    cores = os.cpu_count() or 1
    alone: float | None = None
    for count in WORKERS:
        seconds, pauses = _search(count)
        yield Result(f"search_on_{count}_s", seconds, "s")
        if alone is None:
            alone = seconds
            yield Result(
                "search_between_runs_ms",
                1_000 * median(pauses),
                "ms",
                low=1_000 * min(pauses),
                high=1_000 * max(pauses),
            )
        else:
            allowed = 100 * min(count, cores) / count
            yield Result(f"search_on_{count}_efficiency", 100 * alone / count / seconds, "%", allowed)


def _search(workers: int) -> tuple[float, list[float]]:
    """Return what a search takes, and the pauses between runs that followed one another."""
    with temporary_home(needs_mnist=True) as (_, variables):
        own = {name: value for name, value in variables.items() if name.startswith("DIGITLAB_")}
        try:
            with installation(workers, own) as installed:
                return _measured(installed, workers)
        except CannotStart as error:
            raise DigitLabError(str(error)) from error


def _measured(installed: Installation, workers: int) -> tuple[float, list[float]]:
    store = RunStore.from_settings(get_settings())
    jobs = Jobs(get_settings(), store)
    try:
        wait_until(lambda: jobs.places() >= workers, _PATIENCE, f"{workers} workers")
        # Each has compiled the network of the search before it begins.
        _train(store, jobs, 2 * workers, first_seed=10_000)
        runs = _train(store, jobs, RUNS, first_seed=0)
    finally:
        jobs.close()
        store.close()
    starts = sorted(one.started_at.timestamp() for one in runs if one.started_at)
    ends = sorted(one.finished_at.timestamp() for one in runs if one.finished_at)
    queued = min(one.created_at.timestamp() for one in runs)
    return ends[-1] - queued, [start - end for start, end in zip(starts[1:], ends, strict=False)]


def _train(store: RunStore, jobs: Jobs, count: int, first_seed: int) -> list[Run]:
    made = [
        store.create(CONFIG.model_copy(update={"seed": first_seed + number}), workspace="search").id
        for number in range(count)
    ]
    jobs.submit(made[0])
    alive = {RunStatus.QUEUED, RunStatus.RUNNING}
    wait_until(lambda: not store.list_runs(statuses=alive, limit=1), _PATIENCE, f"{count} runs to end")
    runs = [store.get(run_id) for run_id in made]
    if {one.status for one in runs} != {RunStatus.FINISHED} or any(one.attempts != 1 for one in runs):
        raise DigitLabError("Not every run of the search was trained once and finished.")
    return runs
