"""What watching costs with the network of every epoch kept and the weights shown live, batch 128.

As `benchmarks.training.recording` measures it, whose batches are of 40: epochs here are twice as short, and
each writes as much. A snapshot's file is written by a thread; what that takes of the processor falls upon
the watched epochs too.
"""

import json
from collections.abc import Iterator
from statistics import median

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.recording import ALLOWED, RUNS, Pair, watched_run

NAMES = ("snapshots_overhead", "snapshots_share")

BATCH_SIZE = 128


def run() -> Iterator[Result]:
    """Yield the median over the runs of what is the median pair of each, in per cent, with the spread."""
    with temporary_home() as (_, environment):
        runs: list[list[Pair]] = run_json(environment, "benchmarks.train_page.snapshots")
    overheads = [median(100 * (watched / bare - 1) for watched, bare, _ in pairs) for pairs in runs]
    shares = [median(100 * spent / bare for _, bare, spent in pairs) for pairs in runs]
    yield Result.of("snapshots_overhead", overheads, "%", ALLOWED)
    yield Result.of("snapshots_share", shares, "%", ALLOWED)


def main() -> None:
    """Measure and print the JSON list."""
    print(json.dumps([watched_run(seed, BATCH_SIZE) for seed in range(RUNS)]))


if __name__ == "__main__":
    main()
