"""What watching a run costs: curve, vitals and checkpoints, in per cent of an epoch without them.

python -m benchmarks.training.recording prints one JSON list of `[watched, bare, spent]` seconds an
epoch for each run; `spent` is the time that the training waited within the callbacks. A run is the
worker's whole job; its callbacks act in four epochs and rest in the next four, and so on, so that
neighbours are compared: whatever else the machine does falls upon both. The first epoch at rest is
left out, as what was recorded before may still be written. The beat of a worker, a short write five
times a second in a thread of its own, goes on in both; in watched epochs it takes along the curve.
"""

import json
import time
from collections.abc import Iterator
from statistics import mean
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
# Enough for some checkpoints, of which there is one in two watched seconds.
EPOCHS = 10 * BLOCK * 2


def run() -> Iterator[Result]:
    """Yield the median over `RUNS` runs, in per cent, with the spread."""
    with temporary_home() as (_, environment):
        runs: list[tuple[float, float, float]] = run_json(environment, "benchmarks.training.recording")
    overheads = [100 * (watched / bare - 1) for watched, bare, _ in runs]
    yield Result.of("recording_overhead", overheads, "%", ALLOWED)
    yield Result.of("recording_share", [100 * spent / bare for _, bare, spent in runs], "%", ALLOWED)


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


def _run(seed: int) -> tuple[float, float, float]:
    """Return the mean seconds watched, bare and spent; a checkpoint falls into some epochs only."""
    from core.training import interruption

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
        train(recipe_config(batch_size=BATCH_SIZE, epochs=EPOCHS, seed=seed))
    return mean(seconds["watched"]), mean(seconds["bare"]), mean(seconds["spent"])


def main() -> None:
    """Measure and print the JSON list."""
    print(json.dumps([_run(seed) for seed in range(RUNS)]))


if __name__ == "__main__":
    main()
