"""What "learn from these" gives and costs: a hand that nobody wrote, drawings held back, and MNIST again.

For each of some seeds a usual network is trained on MNIST, then taught thirty digits of a scripted hand
(slanted, barred 7, open 4, hooked 1) as the app does it, by the worker's own function. Python -m
benchmarks.draw.fine_tuning SEED … prints a JSON list of gain, loss and seconds: a process of its own, for
the runner imports no TensorFlow.
"""

import json
import sys
from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from core.config.teaching import teaching_config
from core.prediction.lessons import count_right, learnt_by
from core.prediction.network import Network
from core.prediction.onnx_layers import weights_of
from core.recipes import get_recipe
from core.settings import get_settings
from core.store import RunStore
from core.store.files import ONNX_FILE
from core.store.teaching import lesson_of
from tests.support.odd_hand import odd_digits

NAMES = ("taught_points_held_back", "taught_points_of_mnist", "taught_seconds")

SEEDS = (0, 1, 2, 3, 4)
DRAWINGS = 30
# Enough that chance moves the figure by a point or two, not by ten.
HELD_BACK = 300
LEAST_GAIN, MOST_LOSS, MOST_SECONDS = 10.0, 0.2, 10.0
_EPOCHS = 5


def run() -> Iterator[Result]:
    """Yield points gained on drawings held back, points lost on MNIST's test images, seconds of training."""
    with temporary_home() as (_, environment):
        measured = run_json(environment, "benchmarks.draw.fine_tuning", *map(str, SEEDS))
    gains, losses, seconds = zip(*measured, strict=True)
    yield Result.of(NAMES[0], gains, "points", LEAST_GAIN)
    yield Result.of(NAMES[1], losses, "points", MOST_LOSS)
    yield Result.of(NAMES[2], seconds, "s", MOST_SECONDS)


def measure(store: RunStore, seed: int) -> tuple[float, float, float]:
    """Train a network of this seed and teach it; return points gained, points lost and seconds."""
    from core.training.job import train_run

    config = get_recipe("two-128").config.model_copy(update={"seed": seed, "epochs": _EPOCHS})
    base = store.create(config, workspace="benchmark")
    train_run(base.id)
    base = store.get(base.id)
    images, labels = odd_digits(DRAWINGS + HELD_BACK, seed)
    held_back = np.arange(len(labels)) >= DRAWINGS
    content = store.artifact(base.id, ONNX_FILE)
    lesson = lesson_of(
        images,
        labels,
        held_back,
        count_right=partial(count_right, Network(content)),
        test_accuracy_before=base.test_accuracy,
    )
    taught = store.teach(
        teaching_config(config, 60_000), weights_of(content), lesson, workspace="benchmark", parent=base
    )
    train_run(taught.id)
    taught = store.get(taught.id)
    learnt = learnt_by(Network(store.artifact(taught.id, ONNX_FILE)), lesson, taught.test_accuracy)
    return (
        100 * (learnt.after - learnt.before),
        100 * (learnt.test_before - learnt.test_after),
        float(taught.train_seconds or 0.0),
    )


def main(seeds: list[int]) -> None:
    """Measure and print the JSON list."""
    store = RunStore.from_settings(get_settings())
    print(json.dumps([measure(store, seed) for seed in seeds]))


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]])
