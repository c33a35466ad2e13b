"""What watching a run costs: curve, vitals, checkpoints and snapshots, in per cent of an epoch without them.

python -m benchmarks.training.recording prints for each run one JSON list of `[watched, bare, spent]`
seconds an epoch, one for each pair of blocks; `spent` is the time that the training waited within the
callbacks. A run is the worker's whole job; its callbacks act in four epochs and rest in the next four,
and so on, so that neighbours are compared: whatever else the machine does falls upon both. The first
epoch at rest is left out, as what was recorded before may still be written. The median pair counts, for
a moment's disturbance falls upon one of them; a checkpoint falls into two of three. The beat of a
worker, a short write five times a second in a thread of its own, goes on in both; in watched epochs it
takes along the curve.
"""

import json
import time
from collections.abc import Iterator
from statistics import mean, median
from typing import Any
from unittest.mock import patch

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.ways import fits_through, recipe_config, train

NAMES = ("recording_overhead", "recording_share")

# Per cent of an epoch that is allowed.
ALLOWED = 3.0
RUNS = 5
BATCH_SIZE = 40
# Epochs that are watched, or are not, in a row.
BLOCK = 4
EPOCHS = 10 * BLOCK * 2

Pair = tuple[float, float, float]


def run() -> Iterator[Result]:
    """Yield the median over `RUNS` of what is the median pair of each run, in per cent, with the spread."""
    with temporary_home() as (_, environment):
        runs: list[list[Pair]] = run_json(environment, "benchmarks.training.recording")
    overheads = [median(100 * (watched / bare - 1) for watched, bare, _ in pairs) for pairs in runs]
    shares = [median(100 * spent / bare for _, bare, spent in pairs) for pairs in runs]
    yield Result.of("recording_overhead", overheads, "%", ALLOWED)
    yield Result.of("recording_share", shares, "%", ALLOWED)


def watch_by_blocks(callbacks: list[Any], seconds: dict[str, list[float]]) -> Any:
    """Return one callback that hands every other block of epochs to `callbacks`, and times both kinds.

    Parameters
    ----------
    callbacks
        Keras callbacks that will be told their model.
    seconds
        Gets the length of epochs as "watched" or "bare", and as "spent" what the callbacks themselves
        took of each watched one. The first block is left out, as it compiles.
    """
    import keras

    class ByBlocks(keras.callbacks.Callback):
        _is_watched = False
        _began = _spent = 0.0

        def _hand_on(self, event: str, *arguments: Any) -> None:
            began = time.perf_counter()
            for callback in callbacks:
                getattr(callback, event)(*arguments)
            self._spent += time.perf_counter() - began

        def set_model(self, model: Any) -> None:
            self._hand_on("set_model", model)

        def on_train_begin(self, logs: Any = None) -> None:
            self._hand_on("on_train_begin", logs)

        def on_train_end(self, logs: Any = None) -> None:
            self._hand_on("on_train_end", logs)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._began, self._spent = time.perf_counter(), 0.0
            self._is_watched = epoch // BLOCK % 2 == 1
            if self._is_watched:
                self._hand_on("on_epoch_begin", epoch, logs)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self._is_watched:
                self._hand_on("on_train_batch_end", batch, logs)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if self._is_watched:
                self._hand_on("on_epoch_end", epoch, logs)
            length = time.perf_counter() - self._began
            if self._is_watched:
                seconds["spent"].append(self._spent)
                seconds["watched"].append(length)
            elif epoch > BLOCK and epoch % BLOCK:
                seconds["bare"].append(length)

    return ByBlocks()


def watched_run(seed: int, batch_size: int) -> list[Pair]:
    """Return for each watched block but the first the mean seconds watched, bare just before, and spent."""
    from core.training.callbacks import checkpoints as interruption

    seconds: dict[str, list[float]] = {"watched": [], "bare": [], "spent": []}

    def fit_half_watched(fit: Any, model: Any, chunks: Any, callbacks: Any, **options: Any) -> Any:
        return fit(model, chunks, callbacks=[watch_by_blocks(callbacks, seconds)], **options)

    # By the clock twice as rare, as half of the time is not watched.
    rarer = patch.multiple(
        interruption,
        SECONDS_A_CHECKPOINT=2 * interruption.SECONDS_A_CHECKPOINT,
        CHECKPOINT_SHARE=interruption.CHECKPOINT_SHARE / 2,
    )
    with fits_through(fit_half_watched), rarer:
        train(recipe_config(batch_size=batch_size, epochs=EPOCHS, seed=seed))
    watched, spent = (_means(seconds[kind], BLOCK)[1:] for kind in ("watched", "spent"))
    return list(zip(watched, _means(seconds["bare"], BLOCK - 1), spent, strict=True))


def _means(lengths: list[float], block: int) -> list[float]:
    return [mean(lengths[start : start + block]) for start in range(0, len(lengths), block)]


def main() -> None:
    """Measure and print the JSON list."""
    print(json.dumps([watched_run(seed, BATCH_SIZE) for seed in range(RUNS)]))


if __name__ == "__main__":
    main()
