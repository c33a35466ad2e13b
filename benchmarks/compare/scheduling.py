"""What it costs to hand out runs: tiny ones, of which a search or a population has many.

All that passes on a worker between two runs counts: until the dispatcher hears that a place is free, finds
the next run in the store and has it begun; the worker's opening of the store, its claim, its tidying up.
`scheduling_ms` is with one worker, `scheduling_ms_side_by_side` with as many as this machine has room for.
"""

import json
import sys
from collections.abc import Collection, Iterator
from typing import Any

from benchmarks.app import run_json, temporary_home
from benchmarks.compare.populations import train_all
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.jobs.dispatcher import Jobs
from core.machine import worker_count
from core.settings import get_settings
from core.store import RunStore

NAMES = ("scheduling_ms", "scheduling_ms_side_by_side", "scheduling_run_ms")

REQUIRED = 50.0  # milliseconds
RUNS = 60
CONFIG = TrainingConfig(
    hidden_layers=(HiddenLayer(units=8),), batch_size=500, epochs=1, training_fraction=0.05
)


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the milliseconds a run with one worker and with several, and how long a run takes besides."""
    with temporary_home() as (_, environment):
        counts = (1, max(2, worker_count()))
        measured = [
            run_json(environment | {"DIGITLAB_WORKERS": str(count)}, "benchmarks.compare.scheduling")
            for count in counts
        ]
    for name, told in zip(NAMES, measured, strict=False):
        yield Result(name, told["between_ms"], "ms", REQUIRED)
    yield Result(NAMES[2], measured[0]["run_ms"], "ms")


def main() -> dict[str, Any]:
    """Have tiny runs trained, and return how long they took and what passed between them."""
    settings = get_settings()
    store = RunStore.from_settings(settings)
    jobs = Jobs(settings, store)
    try:
        # All workers start, and compile.
        train_all(store, jobs, [CONFIG] * (1 if settings.workers == 1 else RUNS))
        ids = train_all(store, jobs, [CONFIG.model_copy(update={"seed": seed}) for seed in range(RUNS)])
        runs = [store.get(run_id) for run_id in ids]
    finally:
        jobs.close()
        store.close()
    begun = min(run.started_at for run in runs if run.started_at)
    ended = max(run.finished_at for run in runs if run.finished_at)
    trained = sum(run.total_seconds or 0.0 for run in runs)
    between = settings.workers * (ended - begun).total_seconds() - trained
    return {"between_ms": 1e3 * between / RUNS, "run_ms": 1e3 * trained / RUNS}


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
