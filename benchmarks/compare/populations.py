"""Ten seeds of the recipe two-128, 128-128 at batch 40: side by side, against one after the other.

One after the other each has all cores, side by side each worker has its own.

As the app does it, with its dispatcher and its embedded workers, from the moment at which all ten are in the
queue to the last one's results. The programs are compiled. `population_ratio` counts with all workers up,
`population_ratio_from_one` with one of them: the others start in the midst. All that a run has learnt must be
the same bit for bit: `population_same_bits` counts the seeds of which that holds.
"""

import json
import os
import sys
import time
from collections.abc import Collection, Iterator
from hashlib import blake2b
from typing import Any

from benchmarks.app import run_json, temporary_home
from benchmarks.memory_watch import MemoryWatch
from benchmarks.result import Result
from core.config import TrainingConfig
from core.errors import DigitLabError
from core.jobs.dispatcher import Jobs
from core.machine import core_count, worker_count
from core.prediction.onnx_layers import weights_of
from core.recipes import get_recipe
from core.settings import get_settings
from core.store import RunStatus, RunStore
from core.store.files import ONNX_FILE
from tests.support.serve import wait_until

REQUIRED = 1.6
NAMES = (
    "population_ratio",
    "population_ratio_from_one",
    "population_seconds_one_by_one",
    "population_seconds",
    "population_same_bits",
    "population_mb_one_by_one",
    "population_mb",
)

SEEDS = 10
CONFIG = get_recipe("two-128").config
_PATIENCE = 600.0
# Each look takes some milliseconds from those that train.
_LOOK_SECONDS = 0.2


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield how many times as fast they are side by side, whether bits are the same, and the memory for it.

    Raises
    ------
    DigitLabError
        If there is but one core or the memory of one worker, so that nothing is done side by side.
    """
    workers = worker_count()
    if workers < 2:
        raise DigitLabError(f"{core_count()} cores and their memory are for one worker only.")
    with temporary_home() as (_, environment):
        alone, together = (
            run_json(environment | {"DIGITLAB_WORKERS": str(count)}, "benchmarks.compare.populations")
            for count in (1, workers)
        )
    one_by_one = alone["seconds"][-1]
    yield Result(NAMES[0], one_by_one / together["seconds"][-1], "×", REQUIRED)
    yield Result(NAMES[1], one_by_one / together["seconds"][0], "×", REQUIRED)
    yield Result(NAMES[2], one_by_one, "s")
    yield Result(NAMES[3], together["seconds"][-1], "s", one_by_one)
    pairs = [zip(alone["weights"][-1], weights, strict=True) for weights in together["weights"]]
    same = min(sum(mine == theirs for mine, theirs in pair) for pair in pairs)
    yield Result(NAMES[4], same, "seeds", SEEDS)
    yield Result(NAMES[5], alone["mb"], "MB")
    yield Result(NAMES[6], together["mb"], "MB", alone["mb"])


def main() -> dict[str, Any]:
    """Train the population with the workers of the settings, twice where there are several."""
    settings = get_settings()
    store = RunStore.from_settings(settings)
    jobs = Jobs(settings, store)
    told: dict[str, Any] = {"seconds": [], "weights": []}
    try:
        # Waits for TensorFlow's import, and compiles; of several workers one is up then.
        train_all(store, jobs, [CONFIG.model_copy(update={"epochs": 1})])
        with MemoryWatch(os.getpid(), seconds=3.0) as memory:
            for _time in range(min(2, settings.workers)):
                configs = [CONFIG.model_copy(update={"seed": seed}) for seed in range(SEEDS)]
                began = time.monotonic()
                ids = train_all(store, jobs, configs)
                told["seconds"].append(time.monotonic() - began)
                told["weights"].append([checksum(store, run_id) for run_id in ids])
        told["mb"] = memory.peak
    finally:
        jobs.close()
        store.close()
    return told


def train_all(store: RunStore, jobs: Jobs, configs: list[TrainingConfig]) -> list[str]:
    """Have runs of these configurations trained, and return their ids when all have finished.

    Raises
    ------
    DigitLabError
        If one ends in another way.
    """
    ids = [store.create(config, workspace="benchmarks").id for config in configs]
    jobs.submit(ids[0])
    wait_until(
        lambda: all(run.status.is_ended for run in store.list_runs(limit=len(ids))),
        _PATIENCE,
        f"{len(ids)} runs to end",
        every=_LOOK_SECONDS,
    )
    for run in map(store.get, ids):
        if run.status is not RunStatus.FINISHED:
            raise DigitLabError(f"Run {run.id} ended as {run.status}: {run.message}")
    return ids


def checksum(store: RunStore, run_id: str) -> str:
    """Return a number that tells whether the weights of two runs are the same, bit for bit."""
    digest = blake2b()
    for array in weights_of(store.artifact(run_id, ONNX_FILE)):
        digest.update(array.tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
