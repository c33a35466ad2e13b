"""Small Keras callbacks, one job each: control, health, recorder, checkpoints."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from core.config import TrainingConfig
from core.store import CurvePoint, Progress, Request
from core.training.checkpoint import save_checkpoint
from core.training.engine import ChunkedNetwork
from core.training.pulse import Pulse

Logs = dict[str, Any] | None

# At most this many training points a second reach the store.
SECONDS_A_POINT = 0.1
# A loss this many times what guessing costs (ln 10 = 2.3) has run away.
DIVERGED_LOSS = 50 * math.log(10)


class Control(keras.callbacks.Callback):
    """Stops the training at the end of a chunk once somebody has asked for it."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self._pulse = pulse
        self.stopped = False

    def on_train_begin(self, logs: Logs = None) -> None:
        self.stopped = False

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._pulse.request is Request.STOP:
            self.stopped = True
            self.model.stop_training = True


class Health(keras.callbacks.Callback):
    """Ends a run whose loss is no number any more or has run away, and says why."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self._config = config
        self._epoch = 0
        self._bound = DIVERGED_LOSS
        self.diagnosis: str | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._bound = DIVERGED_LOSS
        self.diagnosis = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss = float((logs or {})["chunk_loss"])
        if self._config.initializer == "wide" and self._bound == DIVERGED_LOSS and math.isfinite(loss):
            # It starts at many times what guessing costs; that is its lesson, not a divergence.
            self._bound = max(DIVERGED_LOSS, 4 * loss)
        if math.isfinite(loss) and loss < self._bound:
            return
        self.diagnosis = diagnose_divergence(self._config, loss, self._epoch + 1)
        self.model.stop_training = True


def diagnose_divergence(config: TrainingConfig, loss: float, epoch: int) -> str:
    """Explain in words for a student why the loss ran away and what to try."""
    what = f"rose to {loss:,.0f}" if math.isfinite(loss) else "is no longer a number (NaN)"
    advice = (
        f"A learning rate of {config.learning_rate:g} is the likely cause: each step overshoots, and the "
        f"next overshoots further. Try {config.learning_rate / 10:g}."
        if config.learning_rate >= 0.01 or config.optimizer == "sgd"
        else "Try a lower learning rate, or relu or tanh instead of linear layers."
    )
    return f"The training diverged in epoch {epoch}: the loss {what}. {advice}"


class Recorder(keras.callbacks.Callback):
    """Hands the curve to `write`: training points within the epoch, validation at its end.

    Parameters
    ----------
    write
        Called with new points and the progress; may raise to end the training.
    images_per_epoch, steps_per_epoch, steps_per_chunk, batch_size, epochs
        To count optimizer steps, speed and the time left.
    """

    def __init__(
        self,
        write: Callable[[list[CurvePoint], Progress], None],
        *,
        images_per_epoch: int,
        steps_per_chunk: int,
        config: TrainingConfig,
    ) -> None:
        super().__init__()
        self._write = write
        self._images_per_epoch = images_per_epoch
        self._batch_size = config.batch_size
        self._epochs = config.epochs
        self._steps_per_epoch = -(-images_per_epoch // config.batch_size)
        self._steps_per_chunk = steps_per_chunk

    def on_train_begin(self, logs: Logs = None) -> None:
        self._epoch = 0
        self._step = 0  # within the epoch
        self._forget_pending()
        self._last_write = -math.inf
        self._clock: float | None = None
        self._images_seen = 0
        self.train_seconds = 0.0
        self._began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch, self._step = epoch, 0

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        logs = logs or {}
        before = self._step
        self._step = min((batch + 1) * self._steps_per_chunk, self._steps_per_epoch)
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
        self.train_seconds = time.monotonic() - self._began

    @property
    def global_step(self) -> int:
        """Optimizer steps taken since the first epoch."""
        return self._epoch * self._steps_per_epoch + self._step

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
        images_left = (self._epochs - self._epoch) * self._images_per_epoch - self._step * self._batch_size
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


class Checkpoints(keras.callbacks.Callback):
    """Saves what an interrupted run needs to go on from the end of the last whole epoch."""

    model: ChunkedNetwork

    def __init__(self, save: Callable[[bytes], None], epochs: int) -> None:
        super().__init__()
        self._save = save
        self._epochs = epochs

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        # A stopped epoch is not whole, and after the last one the model itself is saved.
        if not self.model.stop_training and epoch + 1 < self._epochs:
            self._save(save_checkpoint(self.model, epoch + 1))
