"""Does the faster way learn as much? Test accuracy after 5 epochs at batch 40, over 10 seeds.

python -m benchmarks.training.learning plain|ours prints one JSON list, the accuracy of each
seed. Equal means: the means of both ways differ by no more than the plain way's own spread,
which is the standard deviation of its seeds (with n - 1). Two ways that are equal lie further
apart by chance in one measurement of twenty; with five seeds it would be one of five.
"""

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from statistics import mean, stdev

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.ways import WAYS, recipe_config

NAMES = (
    "equal_learning",
    "learning_accuracy",
    "learning_accuracy_plain",
    "learning_deviation",
    "learning_deviation_plain",
)

SEEDS = range(10)
EPOCHS = 5
BATCH_SIZE = 40
# Standard deviations of the plain way that the means may lie apart.
ALLOWED = 1.0


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield how many of the plain way's deviations the means lie apart, then means and deviations in %."""
    with temporary_home() as (_, environment):
        ours, plain = (
            [100 * share for share in run_json(environment, "benchmarks.training.learning", way)]
            for way in ("ours", "plain")
        )
    yield Result("equal_learning", difference(ours, plain), "σ", ALLOWED)
    for suffix, accuracies in (("", ours), ("_plain", plain)):
        low, high = min(accuracies), max(accuracies)
        yield Result(f"learning_accuracy{suffix}", mean(accuracies), "%", low=low, high=high)
        yield Result(f"learning_deviation{suffix}", stdev(accuracies), "%")


def difference(ours: Sequence[float], plain: Sequence[float]) -> float:
    """Return how far the means lie apart, in standard deviations of `plain`."""
    return abs(mean(ours) - mean(plain)) / stdev(plain)


def main(way: str) -> None:
    """Train all seeds one after another and print the JSON list of test accuracies."""
    configs = [recipe_config(seed=seed, epochs=EPOCHS, batch_size=BATCH_SIZE) for seed in SEEDS]
    print(json.dumps([WAYS[way](config) for config in configs]))


if __name__ == "__main__":
    main(sys.argv[1])
