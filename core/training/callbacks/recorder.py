"""Recorder: the curve of a run, its speed and the time left."""

import math
import time
from collections.abc import Callable

import keras

from core.store import CurveKind, CurvePoint, LayerVitals, Progress
from core.training.callbacks.place import Logs, Place
from core.training.callbacks.vitals import Vitals

# At most this many training points a second reach the store.
SECONDS_A_POINT = 0.1

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
    """

    def __init__(self, write: Write, place: Place, vitals: Vitals, seconds: float = 0.0) -> None:
        super().__init__()
        self._write = write
        self._place = place
        self._vitals = vitals
        self._seconds = seconds
        self._began: float | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._forget_pending()
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
        self._loss += float(logs["chunk_loss"]) * images
        self._hits += float(logs["chunk_accuracy"]) * images
        self._images += images
        if now - self._last_write >= SECONDS_A_POINT:
            self._flush([])

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        points = []
        if "val_loss" in logs:
            points.append(self._point(float(logs["val_loss"]), float(logs["val_accuracy"]), "validation"))
        self._flush(points)

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
        if self._images:
            self._flush([])

    def _point(self, loss: float, accuracy: float, kind: CurveKind) -> CurvePoint:
        return CurvePoint(self._place.global_step, self._place.epochs_done, loss, accuracy, kind)

    def _flush(self, points: list[CurvePoint]) -> None:
        if self._images:
            points = [
                self._point(self._loss / self._images, self._hits / self._images, "training"),
                *points,
            ]
        speed = None
        if self._clock is not None and self._images_seen:
            speed = self._images_seen / max(time.monotonic() - self._clock, 1e-9)
        place = self._place
        progress = Progress(
            place.epoch + 1,
            place.step,
            place.course.steps_per_epoch,
            speed,
            None if speed is None else place.images_left / speed,
        )
        self._write(points, progress, self._vitals.take())
        self._last_write = time.monotonic()
        self._forget_pending()

    def _forget_pending(self) -> None:
        self._loss = self._hits = 0.0
        self._images = 0
