"""Duels: how often a setting against itself is called different, and how often a true gap is found.

Training hundreds of duels would take a day, so their runs are drawn from a record: the test accuracies of
settings of a quick network, each with the same seeds, as the engine trained them on the real MNIST. To make
it anew (some minutes): `python -m benchmarks.compare.duels`
"""

import json
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig, to_query
from core.experiments.duel import MOST_SEEDS, better_of

RECORD = Path(__file__).with_name("duel_runs.json")
NAMES = (
    "duel_false_alarms",
    "duel_false_alarms_noisy",
    "duel_half_a_point_found",
    "duel_half_a_point_found_unpaired",
    "duel_half_a_point_found_noisy",
    "duel_half_a_point_found_noisy_10_seeds",
    "duel_correlation_of_equal_seeds",
)
SEEDS = 20
SEEDS_EACH = 5  # what a duel usually has
DUELS, TIMES = 200, 20
GAP = 0.005
BASE = TrainingConfig(dataset="mnist", batch_size=128, epochs=2)
# Each differs from the base in one setting; the first learns the same, but for rounding.
SETTINGS: dict[str, TrainingConfig] = {
    "base": BASE,
    "one_hot": BASE.model_copy(update={"label_encoding": "one-hot"}),
    "learning_rate": BASE.model_copy(update={"learning_rate": 0.0015}),
    "high_learning_rate": BASE.model_copy(update={"learning_rate": 0.01}),
    "batch_size": BASE.model_copy(update={"batch_size": 100}),
    "dropout": BASE.model_copy(
        update={"hidden_layers": (HiddenLayer(dropout=0.1), HiddenLayer(dropout=0.1))}
    ),
}

# Those that do not end with the same bits; and one whose seeds are twice as far apart as those of the others.
VARIANTS = ("learning_rate", "batch_size", "dropout")
NOISY = "high_learning_rate"


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield shares (%) of duels: medians, least and most of `TIMES` times `DUELS` duels."""
    runs = {
        name: np.array(values) for name, values in json.loads(RECORD.read_text())["test_accuracies"].items()
    }
    base = runs["base"]
    chance = np.random.default_rng(0)

    def with_itself(values: NDArray[np.float64], seeds: int) -> bool:
        return _is_called_different(*_two_lots(values, chance, seeds))

    def with_a_gap(names: Sequence[str], seeds: int) -> bool:
        """Two settings whose means are half a point apart, each with the same seeds."""
        variant = runs[chance.choice(names)]
        # With replacement: half of the record would have a mean too close to that of all.
        drawn = chance.choice(SEEDS, seeds)
        b = variant - variant.mean() + base.mean() + GAP
        return _is_called_different(base[drawn], b[drawn])

    def with_a_gap_and_other_seeds() -> bool:
        a, b = _two_lots(base, chance, SEEDS_EACH)
        return _is_called_different(a, b + GAP)

    found = {
        "duel_false_alarms": _shares(lambda: with_itself(base, SEEDS_EACH)),
        "duel_false_alarms_noisy": _shares(lambda: with_itself(runs[NOISY], SEEDS_EACH)),
        "duel_half_a_point_found": _shares(lambda: with_a_gap(VARIANTS, SEEDS_EACH)),
        "duel_half_a_point_found_unpaired": _shares(with_a_gap_and_other_seeds),
        "duel_half_a_point_found_noisy": _shares(lambda: with_a_gap([NOISY], SEEDS_EACH)),
        "duel_half_a_point_found_noisy_10_seeds": _shares(lambda: with_a_gap([NOISY], MOST_SEEDS)),
    }
    required = {"duel_false_alarms": 8.0, "duel_false_alarms_noisy": 8.0, "duel_half_a_point_found": 90.0}
    for name, shares in found.items():
        yield Result.of(name, shares, "%", required.get(name))
    correlations = [float(np.corrcoef(base, runs[name])[0, 1]) for name in (*VARIANTS, NOISY)]
    yield Result.of("duel_correlation_of_equal_seeds", correlations, "")


def _shares(duel: Callable[[], bool]) -> list[float]:
    return [100 * sum(duel() for _ in range(DUELS)) / DUELS for _ in range(TIMES)]


def _two_lots(values: NDArray[np.float64], chance: np.random.Generator, seeds: int) -> tuple[Any, Any]:
    """Return what a setting reached with so many seeds, and with as many others."""
    drawn = values[chance.choice(len(values), 2 * seeds, replace=False)]
    return drawn[:seeds], drawn[seeds:]


def _is_called_different(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return better_of(a.tolist(), b.tolist()) in ("a", "b")


def train() -> dict[str, list[float]]:
    """Train every setting with every seed in this process; return test accuracies in the order of seeds."""
    from core.settings import get_settings
    from core.store import RunStore
    from core.training.worker import get_ready, tidy_up, train_run  # TensorFlow

    get_ready()
    settings = get_settings()
    store = RunStore.from_settings(settings)
    found: dict[str, list[float]] = {}
    for name, config in SETTINGS.items():
        for seed in range(SEEDS):
            run = store.create(config.model_copy(update={"seed": seed}), workspace="benchmarks")
            train_run(run.id, settings)
            ended = store.get(run.id)
            assert ended.test_accuracy is not None, ended.message
            found.setdefault(name, []).append(round(ended.test_accuracy, 4))
            tidy_up()  # as a worker does when the results are written
        print(name, found[name], file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["train"]:
        print(json.dumps(train()))
    else:
        with temporary_home() as (_, environment):
            trained = run_json(environment, "benchmarks.compare.duels", "train")
        content: dict[str, Any] = {
            "command": "python -m benchmarks.compare.duels",
            "settings": {name: to_query(config) for name, config in SETTINGS.items()},
            "test_accuracies": trained,
        }
        RECORD.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
