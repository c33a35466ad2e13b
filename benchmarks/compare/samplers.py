"""What a search finds in equal time: TPE with Hyperband's pruning against random search, over some seeds.

The runs are trained by the worker's own function, one after the other, and looked after by the app's driver,
which looks twice a second and prunes while they train: a run that is not pruned lasts some seconds.
`python -m benchmarks.compare.samplers` prints, as JSON, what `Search` has of each search: a process of its
own, for the runner imports no TensorFlow.
"""

import json
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.errors import DigitLabError
from core.experiments.driver import Driver
from core.search.plans import KIND, StudyPlan
from core.settings import get_settings
from core.store import RunStore
from tests.support.serve import wait_until

NAMES = (
    "search_tpe_hyperband_accuracy",
    "search_random_accuracy",
    "search_tpe_hyperband_runs",
    "search_random_runs",
    "search_tpe_hyperband_pruned",
)
SEEDS = (0, 1, 2)
# Of training, all runs of a search together.
MINUTES = 2.0
_SEARCHES: tuple[dict[str, Any], ...] = (
    {"sampler": "tpe", "pruner": "hyperband"},
    {"sampler": "random", "pruner": "none"},
)
# Three seconds a run on two cores, an epoch a third of one: Hyperband asks after 1 and 3 epochs.
BASE = TrainingConfig(
    hidden_layers=(HiddenLayer(units=128), HiddenLayer(units=128)), batch_size=40, epochs=9, l2=1e-4
)
# None of these makes a worker compile another program, which would take longer than the training.
_RANGES = [
    {"name": "learning_rate", "low": 1e-5, "high": 1.0, "logarithmic": True},
    {"name": "l2", "low": 1e-7, "high": 1e-1, "logarithmic": True},
    {"name": "learning_rate_schedule", "choices": ["constant", "cosine"]},
    {"name": "warm_up_epochs", "low": 0.0, "high": 5.0},
    {"name": "initializer", "choices": ["glorot", "he", "wide"]},
]
_PATIENCE = 60.0


class Search(NamedTuple):
    """What came of a search: best validation accuracy in %, how many runs it made, and how many it pruned."""

    accuracy: float
    runs: int
    pruned: int


def run() -> Iterator[Result]:
    """Yield best validation accuracy (%) and number of runs of both searches, medians over the seeds."""
    with temporary_home() as (_, environment):
        told = run_json(environment, "benchmarks.compare.samplers")
    tpe, chance = ([Search(*one) for one in of_search] for of_search in told)
    reference = median(one.accuracy for one in chance)
    yield Result.of(NAMES[0], [one.accuracy for one in tpe], "%", reference)
    yield Result.of(NAMES[1], [one.accuracy for one in chance], "%")
    yield Result.of(NAMES[2], [one.runs for one in tpe], "runs")
    yield Result.of(NAMES[3], [one.runs for one in chance], "runs")
    yield Result.of(NAMES[4], [one.pruned for one in tpe], "runs")


def measure(store: RunStore, driver: Driver, plan: StudyPlan) -> Search:
    """Search to the end, and return what came of it.

    Raises
    ------
    DigitLabError
        If it found nothing.
    """
    from core.training.job import train_run

    search_id = store.create_experiment(plan, workspace="benchmark").id

    def has_work() -> bool:
        return bool(store.queue()) or store.experiment(search_id).status.is_ended

    while not store.experiment(search_id).status.is_ended:
        driver.wake()
        wait_until(has_work, _PATIENCE, "the next run of the search")
        for waiting in store.queue():
            train_run(waiting.id)
    ended = store.experiment(search_id)
    if not ended.outcome.get("best"):
        raise DigitLabError(f"A search by {plan.sampler} found nothing: {ended.message}")
    best = ended.outcome["best"][0]
    return Search(100 * best["values"][0], ended.made, ended.outcome["pruned"])


def main() -> None:
    """Print what came of the searches, a list for each way to search."""
    from core.search.conductor import StudyConductor
    from core.training.job import train_run

    store = RunStore.from_settings(get_settings())
    driver = Driver(store, lambda: 1, conductors={KIND: StudyConductor})
    found: list[list[Search]] = [[], []]
    try:
        # Compiles, which would count as training of the search that comes first.
        train_run(store.create(BASE.model_copy(update={"epochs": 1}), workspace="benchmark").id)
        driver.start()
        for seed in SEEDS:
            base = BASE.model_copy(update={"seed": seed})
            for of_search, how in zip(found, _SEARCHES, strict=True):
                plan = StudyPlan.build(
                    {"base": base, "ranges": _RANGES, "runs": 1_000, "minutes": MINUTES, "seed": 1_000 * seed}
                    | how
                )
                of_search.append(measure(store, driver, plan))
    finally:
        driver.close()
        store.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
