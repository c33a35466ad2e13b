"""Recorder: the curve of a run, its speed and the time left."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.store import CurvePoint, LayerVitals, Progress
from core.training.callbacks.place import Logs, Place
from core.training.callbacks.points import point_ends
from core.training.callbacks.vitals import Vitals

# Training points reach the store at most so often, several at a time where they lie close.
SECONDS_A_WRITE = 0.1

# What the engine tells of each step of a chunk.
STEP_LOGS = ("step_losses", "step_hits")

Write = Callable[[list[CurvePoint], Progress, list[LayerVitals]], None]


class Recorder(keras.callbacks.Callback):
    """Hands the curve to `write`: training points within the epoch, validation at its end.

    Parameters
    ----------
    write
        Called with new points, the progress and what was measured of the units; may raise to end
        the training.
    place
        Where the run is.
    vitals
        Have measured by now what belongs to these points.
    seconds
        Of training before this worker.
    untrained
        The point of the network before its first step; None where the curve has it already.
    rest_ahead
        Tells how many seconds a run in slow motion rests in so many chunks.
    """

    def __init__(
        self,
        write: Write,
        place: Place,
        vitals: Vitals,
        seconds: float = 0.0,
        untrained: CurvePoint | None = None,
        rest_ahead: Callable[[int], float] = lambda chunks: 0.0,
    ) -> None:
        super().__init__()
        self._untrained = untrained
        self._write = write
        self._place = place
        self._vitals = vitals
        self._seconds = seconds
        self._rest_ahead = rest_ahead
        self._began: float | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        # Written with the first chunk's points: until then people are told that the network is compiled.
        self._pending = [] if self._untrained is None else [self._untrained]
        self._last_write = -math.inf
        self._clock: float | None = None
        self._images_seen = 0
        self._began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._place.is_skipped:
            self._clock = time.monotonic()
            return
        logs = logs or {}
        images = self._place.images_of_chunk
        now = time.monotonic()
        if self._clock is None:
            # The first chunk includes the compilation: speed is counted from its end.
            self._clock = now
        else:
            self._images_seen += images
        self._pending += self._points_of_chunk(*(_vector(logs[name]) for name in STEP_LOGS))
        if now - self._last_write >= SECONDS_A_WRITE:
            self._flush()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        for name in STEP_LOGS:
            logs.pop(name, None)  # else Keras' History would keep those of each epoch's last chunk
        if "val_loss" in logs:
            loss, accuracy = float(logs["val_loss"]), float(logs["val_accuracy"])
            place = self._place
            self._pending.append(
                CurvePoint(place.global_step, place.epochs_done, loss, accuracy, "validation")
            )
        self._flush()

    def on_train_end(self, logs: Logs = None) -> None:
        self._seconds = self.train_seconds
        self._began = None

    @property
    def train_seconds(self) -> float:
        """Seconds of training so far, earlier workers' included."""
        return self._seconds + (0.0 if self._began is None else time.monotonic() - self._began)

    def rest(self, seconds: float) -> None:
        """Count so many seconds that have just passed as none of training."""
        if self._began is not None:
            self._began += seconds
        if self._clock is not None:
            self._clock += seconds

    def flush(self) -> None:
        """Write what is pending, so that a checkpoint need not hold it."""
        if self._pending:
            self._flush()

    def _points_of_chunk(self, losses: NDArray[np.float64], hits: NDArray[np.float64]) -> list[CurvePoint]:
        """Return the points of the chunk just done, from the sums over each step's images, `[steps]`."""
        place, course = self._place, self._place.course
        ends = point_ends(course, place.epoch, place.chunks - 1)
        begins = np.append(0, ends[:-1])
        before = course.steps_after(place.chunks - 1)
        # The last step of an epoch may have fewer images than the others.
        images = np.diff(np.minimum(np.append(before, before + ends) * course.batch_size, course.images))
        epochs = place.epoch + (before + ends) / course.steps_per_epoch
        first = place.epoch * course.steps_per_epoch + before
        means = (np.add.reduceat(values[: ends[-1]], begins) / images for values in (losses, hits))
        return [
            CurvePoint(step, epoch, loss, accuracy, "training")
            for step, epoch, loss, accuracy in zip(
                (first + ends).tolist(), epochs.tolist(), *(mean.tolist() for mean in means), strict=True
            )
        ]

    def _flush(self) -> None:
        speed = None
        if self._clock is not None and self._images_seen:
            speed = self._images_seen / max(time.monotonic() - self._clock, 1e-9)
        place = self._place
        progress = Progress(
            place.epoch + 1,
            place.step,
            place.course.steps_per_epoch,
            speed,
            None if speed is None else place.images_left / speed + self._rest_ahead(place.chunks_left),
        )
        points, self._pending = self._pending, []
        self._write(points, progress, self._vitals.take())
        self._last_write = time.monotonic()


def _vector(values: Any) -> NDArray[np.float64]:
    """Return a tensor of `[steps]`, or the number that Keras makes of one with a single step."""
    return np.atleast_1d(np.asarray(values, dtype=np.float64))
