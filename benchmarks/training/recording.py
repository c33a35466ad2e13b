"""What watching a run costs: recording, checkpoints and pulse, in per cent of an epoch without them.

python -m benchmarks.training.recording prints one JSON list of `[watched, bare]` seconds an
epoch. Watched is the worker's whole job. Bare is the very `fit` that it called, on the same
chunks from the same first weights, without a callback and without the job around it. Both
take turns within one process, after a first pair that compiles.
"""

import json
from collections.abc import Iterator
from statistics import mean
from typing import Any

from benchmarks.app import run_json, temporary_home
from benchmarks.result import Result
from benchmarks.training.ways import EpochClock, fits_through, recipe_config, train

NAMES = ("recording_overhead",)

# Per cent of an epoch that is allowed.
ALLOWED = 3.0
PAIRS = 7
BATCH_SIZE = 40
# Long enough for checkpoints, of which there is one in two seconds.
EPOCHS = 16


def run() -> Iterator[Result]:
    """Yield the median over `PAIRS` pairs of runs, in per cent, with the spread."""
    with temporary_home() as (_, environment):
        pairs: list[tuple[float, float]] = run_json(environment, "benchmarks.training.recording")
    overheads = [100 * (watched / bare - 1) for watched, bare in pairs]
    yield Result.of("recording_overhead", overheads, "%", ALLOWED)


class _Fit:
    """Keeps a call of `fit` while it is made, so that it can be made again with other callbacks."""

    def __init__(self) -> None:
        self.clock = EpochClock()

    def __call__(self, fit: Any, model: Any, chunks: Any, callbacks: Any, **options: Any) -> Any:
        # A dataset, which begins anew whenever it is iterated over.
        self._fit, self._model, self._chunks, self._options = fit, model, chunks, options
        self._first = [variable.numpy() for variable in self._variables()]
        self._call([*callbacks, self.clock.callback])
        self._last = [variable.numpy() for variable in self._variables()]

    def repeat(self) -> EpochClock:
        """Make the call again, from the same weights, with a clock and no other callback."""
        for variable, value in zip(self._variables(), self._first, strict=True):
            variable.assign(value)
        clock = EpochClock()
        self._call([clock.callback])
        both = zip(self._variables(), self._last, strict=True)
        assert all((variable.numpy() == value).all() for variable, value in both), "it was another training"
        return clock

    def _call(self, callbacks: list[Any]) -> None:
        self._fit(self._model, self._chunks, callbacks=callbacks, **self._options)

    def _variables(self) -> list[Any]:
        return [*self._model.variables, *self._model.optimizer.variables]


def _pair(seed: int) -> tuple[float, float]:
    """Return the mean seconds of an epoch watched and bare; a checkpoint falls into some epochs only."""
    kept = _Fit()
    with fits_through(kept):
        train(recipe_config(batch_size=BATCH_SIZE, epochs=EPOCHS, seed=seed))
    return mean(kept.clock.seconds()), mean(kept.repeat().seconds())


def main() -> None:
    """Measure and print the JSON list."""
    print(json.dumps([_pair(seed) for seed in range(PAIRS + 1)][1:]))


if __name__ == "__main__":
    main()
