"""Duels: how often a setting against itself is called different, and how often a true gap is found.

Training hundreds of duels would take a day, so their runs are drawn from a record: the test accuracies of
settings of a quick network, each with the same seeds, as the engine trained them on the real MNIST. To make
it anew (some minutes): `python -m benchmarks.compare.duels`
"""

import json
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig, to_query

RECORD = Path(__file__).with_name("duel_runs.json")
NAMES = ()
SEEDS = 20
BASE = TrainingConfig(dataset="mnist", batch_size=128, epochs=2)
# Each differs from the base in one setting; the first learns the same, but for rounding.
SETTINGS: dict[str, TrainingConfig] = {
    "base": BASE,
    "one_hot": BASE.model_copy(update={"label_encoding": "one-hot"}),
    "learning_rate": BASE.model_copy(update={"learning_rate": 0.0015}),
    "batch_size": BASE.model_copy(update={"batch_size": 100}),
    "dropout": BASE.model_copy(
        update={"hidden_layers": (HiddenLayer(dropout=0.1), HiddenLayer(dropout=0.1))}
    ),
}


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    yield from ()


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
