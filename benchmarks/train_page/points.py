"""Points an epoch of every recipe's training curve, and what it costs to know them.

python -m benchmarks.train_page.points prints one JSON object: `points`, by recipe the fewest points that a
whole epoch was recorded with, and `ratios`, of pairs of chunks, one by the engine's program, which tells
each step's loss, and one by the same program that tells their sum alone. Each recipe is really trained, for
two epochs; one that warms up, as long as it lasts. Chunks of a pair follow each other, in an order drawn by
chance, so that whatever else the machine does falls upon both.
"""

import json
import random
import time
from collections.abc import Collection, Iterator
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.ways import open_mnist, recipe_config
from core.recipes import FAILURES, RECIPES, get_recipe

# What is asked: points an epoch, and the most that they may cost, in per cent of an epoch.
POINTS = 25
COST = 1.0
BATCH_SIZES = (40, 128)
PAIRS = 200
_EPOCHS = 2

NAMES = (
    *(f"points_{name}" for name in RECIPES | FAILURES),
    *(f"points_cost_batch_{size}" for size in BATCH_SIZES),
)


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield the fewest points an epoch of each recipe, and their cost in per cent of an epoch."""
    recipes = [name for name in RECIPES | FAILURES if f"points_{name}" in wanted]
    sizes = [size for size in BATCH_SIZES if f"points_cost_batch_{size}" in wanted]
    with temporary_home() as (_, environment):
        arguments = [*recipes, *map(str, sizes)]
        measured = run_json(environment, "benchmarks.train_page.points", *arguments)
    for name, points in measured["points"].items():
        yield Result(f"points_{name}", points, "", POINTS)
    for size, ratios in measured["ratios"].items():
        # Single pairs are disturbed by anything: the spread is that of the medians of tenths.
        medians = [median(ratios[start::10]) for start in range(10)]
        percents = [100 * (ratio - 1) for ratio in medians]
        cost = 100 * (median(ratios) - 1)
        name = f"points_cost_batch_{size}"
        yield Result(name, cost, "%", COST, low=min(percents), high=max(percents))


def fewest_points(name: str) -> int:
    """Train a recipe on MNIST and return the fewest training points of a whole epoch, without step 0."""
    import numpy as np

    from core.settings import get_settings
    from core.store import RunStore
    from core.training.job import train_run

    config = get_recipe(name).config.model_copy(update={"dataset": "mnist"})
    if not config.warm_up_epochs:
        config = config.model_copy(update={"epochs": _EPOCHS})
    store = RunStore.from_settings(get_settings())
    try:
        run_id = store.create(config, workspace="benchmarks").id
        train_run(run_id)
        epochs = store.curve(run_id).training_epochs
    finally:
        store.close()
    counted = np.bincount(np.ceil(epochs).astype(int))
    whole = int(epochs[-1])  # a run that diverges ends within an epoch
    return int(counted[1 : whole + 1].min())


def ratios(batch_size: int) -> list[float]:
    """Return how much longer a chunk takes that tells each step's loss, pair by pair."""
    import tensorflow as tf

    from core.data.split import rows_of_run
    from core.training.course import Course
    from core.training.engine import model
    from core.training.engine.chunks import steps_per_chunk, training_chunks

    class Summed(tf.experimental.ExtensionType):
        """What the engine writes step by step, added up instead."""

        total: tf.Tensor

        def write(self, step: tf.Tensor, values: tf.Tensor) -> "Summed":
            return Summed(self.total + values)

        def stack(self) -> tf.Tensor:
            return self.total[None]

    config, dataset = recipe_config(batch_size=batch_size), open_mnist()
    rows, _ = rows_of_run(config, len(dataset.train_images))
    course = Course(len(rows), batch_size, PAIRS, steps_per_chunk(config, len(rows)))
    networks = [model.ChunkedNetwork(config, dataset) for _ in range(2)]
    chunks = training_chunks(rows, config, course)

    def seconds(network: Any, chunk: Any) -> float:
        began = time.perf_counter()
        for name, values in network.train_step(chunk).items():
            if name.startswith(("chunk", "step")):
                values.numpy()
        return time.perf_counter() - began

    first = next(chunks)
    seconds(networks[0], first)
    with patch.object(model, "_rows_like", lambda chunk: Summed(tf.zeros(chunk.shape[1:]))):
        seconds(networks[1], first)
    found = []
    for _ in range(PAIRS):
        chunk, taken = next(chunks), [0.0, 0.0]
        for which in random.sample((0, 1), 2):
            taken[which] = seconds(networks[which], chunk)
        found.append(taken[0] / taken[1])
    return found


def main(arguments: Collection[str]) -> None:
    """Measure what is asked for, recipes by name and costs by batch size, and print the JSON object."""
    print(
        json.dumps(
            {
                "points": {name: fewest_points(name) for name in arguments if not name.isdigit()},
                "ratios": {size: ratios(int(size)) for size in arguments if size.isdigit()},
            }
        )
    )


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
