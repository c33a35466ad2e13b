"""What watching a run costs: curve, vitals and checkpoints, in per cent of an epoch without them.

python -m benchmarks.training.recording prints one JSON list of `[watched, bare]` seconds an
epoch, one pair for each run. A run is the worker's whole job; its callbacks act in every other
epoch only, so that neighbours are compared: whatever else the machine does lasts longer than an
epoch and falls upon both. The beat of a worker, four short writes a second in a thread of its
own, goes on in both.
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

NAMES = ("recording_overhead",)

# Per cent of an epoch that is allowed.
ALLOWED = 3.0
PAIRS = 7
BATCH_SIZE = 40
# Enough for some checkpoints, of which there is one in two watched seconds.
EPOCHS = 61


def run() -> Iterator[Result]:
    """Yield the median over `PAIRS` runs, in per cent, with the spread."""
    with temporary_home() as (_, environment):
        pairs: list[tuple[float, float]] = run_json(environment, "benchmarks.training.recording")
    overheads = [100 * (watched / bare - 1) for watched, bare in pairs]
    yield Result.of("recording_overhead", overheads, "%", ALLOWED)


def watch_every_other_epoch(callbacks: list[Any], seconds: dict[bool, list[float]]) -> Any:
    """Return one callback that hands odd epochs to `callbacks`, and notes the seconds of both kinds.

    Parameters
    ----------
    callbacks
        Keras callbacks that know their model already or will be told.
    seconds
        Gets the length of each epoch but the first, which compiles: `seconds[is_watched]`.
    """
    import keras

    class EveryOtherEpoch(keras.callbacks.Callback):
        _is_watched = False
        _began = 0.0

        def set_model(self, model: Any) -> None:
            for callback in callbacks:
                callback.set_model(model)

        def on_train_begin(self, logs: Any = None) -> None:
            for callback in callbacks:
                callback.on_train_begin(logs)

        def on_train_end(self, logs: Any = None) -> None:
            for callback in callbacks:
                callback.on_train_end(logs)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._began = time.perf_counter()
            self._is_watched = epoch % 2 == 1
            for callback in callbacks if self._is_watched else ():
                callback.on_epoch_begin(epoch, logs)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            for callback in callbacks if self._is_watched else ():
                callback.on_train_batch_end(batch, logs)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            for callback in callbacks if self._is_watched else ():
                callback.on_epoch_end(epoch, logs)
            if epoch:
                seconds[self._is_watched].append(time.perf_counter() - self._began)

    return EveryOtherEpoch()


def _pair(seed: int) -> tuple[float, float]:
    """Return the mean seconds of an epoch watched and bare; a checkpoint falls into some epochs only."""
    from core.training import interruption

    seconds: dict[bool, list[float]] = {True: [], False: []}

    def fit_half_watched(fit: Any, model: Any, chunks: Any, callbacks: Any, **options: Any) -> Any:
        return fit(model, chunks, callbacks=[watch_every_other_epoch(callbacks, seconds)], **options)

    # By the clock twice as rare, as half of the time is not watched.
    rarer = patch.multiple(
        interruption,
        SECONDS_A_CHECKPOINT=2 * interruption.SECONDS_A_CHECKPOINT,
        CHECKPOINT_SHARE=interruption.CHECKPOINT_SHARE / 2,
    )
    with fits_through(fit_half_watched), rarer:
        train(recipe_config(batch_size=BATCH_SIZE, epochs=EPOCHS, seed=seed))
    return mean(seconds[True]), mean(seconds[False])


def main() -> None:
    """Measure and print the JSON list."""
    print(json.dumps([_pair(seed) for seed in range(PAIRS)]))


if __name__ == "__main__":
    main()
