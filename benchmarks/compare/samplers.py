"""What a search finds in equal time: TPE with Hyperband's pruning against random search, over some seeds.

The runs are trained by the worker's own function, one after the other, and looked after by the app's driver,
which prunes while they train. Python -m benchmarks.compare.samplers prints, as JSON, best validation accuracy
and number of runs of each search: a process of its own, for the runner imports no TensorFlow.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.errors import DigitLabError
from core.experiments.driver import Driver
from core.search.plans import KIND, StudyPlan
from core.settings import get_settings
from core.store import RunStore

NAMES = (
    "search_tpe_hyperband_accuracy",
    "search_random_accuracy",
    "search_tpe_hyperband_runs",
    "search_random_runs",
)
SEEDS = (0, 1, 2)
# Of training, all runs of a search together.
_MINUTES = 0.5
_SEARCHES: tuple[dict[str, Any], ...] = (
    {"sampler": "tpe", "pruner": "hyperband"},
    {"sampler": "random", "pruner": "none"},
)
_BASE = TrainingConfig(
    hidden_layers=(HiddenLayer(units=64), HiddenLayer(units=64)),
    batch_size=128,
    epochs=9,
    training_fraction=0.05,
)
# None of these makes a worker compile another program, which would take longer than the training: in half a
# minute each search has some dozens of runs.
_RANGES = [
    {"name": "learning_rate", "low": 1e-5, "high": 1.0, "logarithmic": True},
    {"name": "l2", "low": 1e-7, "high": 1e-1, "logarithmic": True},
    {"name": "learning_rate_schedule", "choices": ["constant", "cosine"]},
    {"name": "warm_up_epochs", "low": 0.0, "high": 5.0},
    {"name": "initializer", "choices": ["glorot", "he", "wide"]},
]


def run() -> Iterator[Result]:
    """Yield best validation accuracy (%) and number of runs of both searches, medians over the seeds."""
    with temporary_home() as (_, environment):
        accuracies, counts = run_json(environment, "benchmarks.compare.samplers")
    random = sorted(accuracies[1])[len(SEEDS) // 2]
    yield Result.of(NAMES[0], accuracies[0], "%", random)
    yield Result.of(NAMES[1], accuracies[1], "%")
    yield Result.of(NAMES[2], counts[0], "")
    yield Result.of(NAMES[3], counts[1], "")


def measure(store: RunStore, driver: Driver, plan: StudyPlan) -> tuple[float, int]:
    """Search to the end; return the best validation accuracy in % and how many runs that took."""
    from core.training.job import train_run

    experiment = store.create_experiment(plan, workspace="benchmark")
    while not store.experiment(experiment.id).status.is_ended:
        driver.wake()
        for waiting in store.queue():
            with suppress(DigitLabError):  # one that diverges is a run that failed
                train_run(waiting.id)
    ended = store.experiment(experiment.id)
    return 100 * ended.outcome["best"][0]["values"][0], ended.made


def main() -> None:
    """Print best accuracies and numbers of runs, a list for each search."""
    from core.search.conductor import StudyConductor

    store = RunStore.from_settings(get_settings())
    driver = Driver(store, lambda: 1, conductors={KIND: StudyConductor})
    driver.start()
    accuracies: list[list[float]] = [[], []]
    counts: list[list[int]] = [[], []]
    try:
        for seed in SEEDS:
            for place, how in enumerate(_SEARCHES):
                base = _BASE.model_copy(update={"seed": seed})
                plan = StudyPlan.build(
                    {
                        "base": base,
                        "ranges": _RANGES,
                        "runs": 1_000,
                        "minutes": _MINUTES,
                        "seed": 1_000 * seed,
                    }
                    | how
                )
                accuracy, count = measure(store, driver, plan)
                accuracies[place].append(accuracy)
                counts[place].append(count)
    finally:
        driver.close()
    print(json.dumps([accuracies, counts]))


if __name__ == "__main__":
    main()
