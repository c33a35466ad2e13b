"""What a learning rate a step costs: seconds of a chunk with its own rate a step against one rate for all.

python -m benchmarks.training.rates BATCH_SIZE ROUNDS prints one JSON list of ratios, a round each, of chunks
measured in turn within this process: the machine's moods then meet both alike.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.ways import open_mnist
from core.config import HiddenLayer, TrainingConfig

# Keras is imported in the functions: the runner imports this module to look for `run`.

# A chunk with a rate a step may take so many times as long as one without.
ALLOWED = 1.01
ROUNDS = 7
_PAIRS_A_ROUND = 20

NAMES = ("rates_ratio_40", "rates_ratio_128")


def run() -> Iterator[Result]:
    """Yield the median ratio for `two-128` with batches of 40 and of 128 images."""
    with temporary_home() as (_, environment):
        for name in NAMES:
            size = name.rpartition("_")[2]
            ratios: list[float] = run_json(environment, "benchmarks.training.rates", size, str(ROUNDS))
            yield Result.of(name, ratios, "×", ALLOWED)


def _chunk_timer(config: TrainingConfig, *, has_rates: bool) -> Callable[[], float]:
    """Return a function that trains one chunk and returns its seconds; the first call compiles."""
    import keras
    import numpy as np

    from core.training.course import Course
    from core.training.engine.chunks import steps_per_chunk, training_chunks
    from core.training.engine.model import ChunkedNetwork

    dataset = open_mnist()
    rows = np.arange(len(dataset.train_images), dtype=np.int32)
    network = ChunkedNetwork(config, dataset)
    course = Course(len(rows), config.batch_size, 1, steps_per_chunk(config, len(rows)))
    chunk = next(training_chunks(rows, config, course))
    rate = network.optimizer.learning_rate
    assign = type(rate).assign

    def leave_the_rate(variable: keras.Variable, value: Any) -> Any:
        return variable if variable is rate else assign(variable, value)

    def train() -> float:
        began = time.perf_counter()
        float(network.train_step(chunk)["loss"])
        return time.perf_counter() - began

    if not has_rates:
        with patch.object(type(rate), "assign", leave_the_rate):
            train()  # the program is made here, of what is called meanwhile
    return train


def main(batch_size: int, rounds: int) -> None:
    """Measure and print the JSON list: of each round the ratio of the medians."""
    layers = (HiddenLayer(units=128), HiddenLayer(units=128))
    config = TrainingConfig(hidden_layers=layers, batch_size=batch_size, learning_rate_schedule="cosine")
    ways = [_chunk_timer(config, has_rates=has_rates) for has_rates in (True, False)]
    for _ in range(3):
        for way in ways:
            way()
    ratios = []
    for _ in range(rounds):
        pairs = [[way() for way in ways] for _ in range(_PAIRS_A_ROUND)]
        with_rates, without = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
        ratios.append(with_rates / without)
    print(json.dumps(ratios))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
