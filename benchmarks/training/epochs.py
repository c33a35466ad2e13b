"""Seconds of an epoch of 784-128-128-10 on MNIST: ours, plain Keras, an expert's Keras, the machine.

python -m benchmarks.training.epochs plain|expert|ours BATCH_SIZE prints one JSON line of one
fresh process. Of each process the median epoch counts, the first left out.
"""

import json
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.arithmetic import epoch_operations, layer_sizes, machine_gflops
from benchmarks.training.ways import WAYS, EpochClock, recipe_config

PAIRS = 5
TRAINING_IMAGES = 60_000
BATCH_SIZES = (40, 128, 1_024)
# Epochs of a process: some seconds of each way, so that what else the machine does for a moment falls
# upon no process as a whole.
EPOCHS = {"plain": 4, "expert": 8, "ours": 20}

# What is asked: times as fast as plain Keras and as an expert's, share of the machine's rate.
REQUIRED = {
    "epoch_ratio_batch_40": 8.0,
    "epoch_ratio_batch_128": 5.0,
    "epoch_ratio_batch_1024": 1.5,
    "expert_ratio_batch_40": 2.0,
    "arithmetic_share_batch_128": 50.0,
    "arithmetic_share_batch_1024": 50.0,
}

# What one round measures: seconds of an epoch by way, and 10⁹ operations a second of the "machine".
Round = dict[str, float]


@dataclass(frozen=True)
class _Figure:
    """A figure of one batch size: which ways it needs, and what it makes of a round of them."""

    unit: str
    ways: frozenset[str]
    of: Callable[[Round], float]


def _seconds(way: str) -> _Figure:
    return _Figure("s", frozenset({way}), lambda measured: measured[way])


def _times_faster_than(way: str) -> _Figure:
    return _Figure("×", frozenset({way, "ours"}), lambda measured: measured[way] / measured["ours"])


def _share(measured: Round) -> float:
    """Return the rate of the arithmetic that an epoch needs, in per cent of the machine's own rate."""
    operations = epoch_operations(layer_sizes(recipe_config()), TRAINING_IMAGES)
    return 100 * operations / measured["ours"] / (measured["machine"] * 1e9)


_FIGURES = {
    "epoch_ratio": _times_faster_than("plain"),
    "expert_ratio": _times_faster_than("expert"),
    "arithmetic_share": _Figure("%", frozenset({"ours"}), _share),
    "epoch_seconds": _seconds("ours"),
    "epoch_seconds_plain": _seconds("plain"),
    "epoch_seconds_expert": _seconds("expert"),
}


def _figures(batch_size: int) -> dict[str, _Figure]:
    """Return the figures of a batch size by the names of their results."""
    return {
        f"{name}_batch_{batch_size}": figure
        for name, figure in _FIGURES.items()
        if batch_size == 40 or "expert" not in figure.ways  # asked for at batch 40 only
    }


NAMES = (*(name for batch_size in BATCH_SIZES for name in _figures(batch_size)), "machine_gflops")


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield for each batch size the medians over `PAIRS` rounds, with their spread."""
    machine = []
    with temporary_home() as (_, environment):
        for batch_size in BATCH_SIZES:
            figures = {name: figure for name, figure in _figures(batch_size).items() if name in wanted}
            needed = frozenset[str]().union(*(figure.ways for figure in figures.values()))
            ways = [way for way in WAYS if way in needed]
            rounds = [_round(environment, ways, batch_size) for _ in range(PAIRS)]
            for name, figure in figures.items():
                measured = [figure.of(one_round) for one_round in rounds]
                yield Result.of(name, measured, figure.unit, REQUIRED.get(name))
            machine += [one_round["machine"] for one_round in rounds if "machine" in one_round]
        if "machine_gflops" in wanted:
            alone = machine or [run_json(environment, "benchmarks.training.arithmetic")]
            yield Result.of("machine_gflops", alone, "GFLOP/s")


def _round(environment: dict[str, str], ways: list[str], batch_size: int) -> Round:
    """Return what these ways take, each in a fresh process, one after another."""
    measured: Round = {}
    for way in ways:
        measured |= run_json(environment, "benchmarks.training.epochs", way, str(batch_size))
    return measured


def main(way: str, batch_size: int) -> None:
    """Train in one way, for ours measure the machine in the same process, and print the JSON line."""
    clock = EpochClock()
    WAYS[way](recipe_config(batch_size=batch_size, epochs=EPOCHS[way]), clock.callback)
    measured = {way: median(clock.seconds())}
    if way == "ours":
        measured["machine"] = machine_gflops()
    print(json.dumps(measured))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
