"""Recorder: the curve of a run, its speed and the time left."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from core.config import TrainingConfig
from core.store import CurvePoint, Progress
from core.training.checkpoint import Position

Logs = dict[str, Any] | None

# At most this many training points a second reach the store.
SECONDS_A_POINT = 0.1


class Recorder(keras.callbacks.Callback):
    """Hands the curve to `write`: training points within the epoch, validation at its end.

    Parameters
    ----------
    write
        Called with new points and the progress; may raise to end the training.
    images_per_epoch, steps_per_chunk, config
        To count optimizer steps, speed and the time left.
    start
        Where the run goes on. Chunks of its epoch that were done before are skipped.
    """

    def __init__(
        self,
        write: Callable[[list[CurvePoint], Progress], None],
        *,
        images_per_epoch: int,
        steps_per_chunk: int,
        config: TrainingConfig,
        start: Position | None = None,
    ) -> None:
        super().__init__()
        self._write = write
        self._start = start or Position()
        self._images_per_epoch = images_per_epoch
        self._batch_size = config.batch_size
        self.epochs = config.epochs
        self._steps_per_epoch = -(-images_per_epoch // config.batch_size)
        self.steps_per_chunk = steps_per_chunk
        self.chunks_per_epoch = -(-self._steps_per_epoch // steps_per_chunk)
        self._began: float | None = None
        self._seconds = self._start.seconds

    def on_train_begin(self, logs: Logs = None) -> None:
        self._epoch = 0
        self._step = 0  # within the epoch
        self._forget_pending()
        self._last_write = -math.inf
        self._clock: float | None = None
        self._images_seen = 0
        self._began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch
        self._step = self._steps_after(self._start.chunks) if epoch == self._start.epochs else 0

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self.is_skipped(batch):
            self._clock = time.monotonic()
            return
        logs = logs or {}
        before = self._step
        self._step = self._steps_after(batch + 1)
        images = min(self._step * self._batch_size, self._images_per_epoch) - before * self._batch_size
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
            points.append(
                self._point(float(logs["val_loss"]), float(logs["val_accuracy"]), kind="validation")
            )
        self._flush(points)

    def on_train_end(self, logs: Logs = None) -> None:
        self._seconds = self.train_seconds
        self._began = None

    @property
    def train_seconds(self) -> float:
        """Seconds of training so far, earlier workers' included."""
        return self._seconds + (0.0 if self._began is None else time.monotonic() - self._began)

    def is_skipped(self, batch: int) -> bool:
        """Tell whether this chunk of the current epoch was done before the run was interrupted."""
        return self._epoch == self._start.epochs and batch < self._start.chunks

    def flush(self) -> None:
        """Write what is pending, so that a checkpoint need not hold it."""
        if self._images:
            self._flush([])

    @property
    def global_step(self) -> int:
        """Optimizer steps taken since the first epoch."""
        return self._epoch * self._steps_per_epoch + self._step

    def _steps_after(self, chunks: int) -> int:
        return min(chunks * self.steps_per_chunk, self._steps_per_epoch)

    def _point(self, loss: float, accuracy: float, kind: Any) -> CurvePoint:
        epoch = self._epoch + self._step / self._steps_per_epoch
        return CurvePoint(self.global_step, epoch, loss, accuracy, kind)

    def _flush(self, points: list[CurvePoint]) -> None:
        if self._images:
            points = [
                self._point(self._loss / self._images, self._hits / self._images, kind="training"),
                *points,
            ]
        speed = None
        if self._clock is not None and self._images_seen:
            speed = self._images_seen / max(time.monotonic() - self._clock, 1e-9)
        images_left = (self.epochs - self._epoch) * self._images_per_epoch - self._step * self._batch_size
        seconds_left = None if speed is None else max(0.0, images_left / speed)
        self._write(
            points,
            Progress(self._epoch + 1, self._step, self._steps_per_epoch, speed, seconds_left),
        )
        self._last_write = time.monotonic()
        self._forget_pending()

    def _forget_pending(self) -> None:
        self._loss = self._hits = 0.0
        self._images = 0
