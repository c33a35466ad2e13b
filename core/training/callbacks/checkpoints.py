"""Checkpoints: saves a run as it goes on, so that it can go on elsewhere."""

import math
import time
from typing import Protocol

import keras

from core.training.callbacks.health import Health
from core.training.callbacks.place import Logs, Place
from core.training.callbacks.recorder import Recorder
from core.training.callbacks.stopping import Stopping
from core.training.checkpoint import Arrays, Checkpoint, save_checkpoint
from core.training.engine.model import ChunkedNetwork

# A killed worker loses about so many seconds of training …
SECONDS_A_CHECKPOINT = 2.0
# … or more where writing takes long: checkpoints cost at most this share of the time.
CHECKPOINT_SHARE = 0.01
# An object store that is away may say so after many seconds: of the time at most this share goes to that.
SHARE_IN_TROUBLE = 0.2


class Save(Protocol):
    """What writes a checkpoint."""

    def __call__(self, checkpoint: bytes, step: int, *, is_needed: bool) -> bool:
        """Write the checkpoint of this global step; tell whether that was possible."""


class Paused(Exception):
    """The run has been saved and gives its worker back.

    Attributes
    ----------
    train_seconds
        Of the checkpoint: what has passed since is not training, and the run goes on from there.
    """

    def __init__(self, train_seconds: float) -> None:
        super().__init__(train_seconds)
        self.train_seconds = train_seconds


class Checkpoints(keras.callbacks.Callback):
    """Saves what an interrupted run needs, every few seconds, wherever in an epoch that is.

    Parameters
    ----------
    save
        Called with the bytes of a checkpoint, its global step and whether the run cannot go on
        without it; tells whether it was written.
    place, health, stopping
        Where the run is, whether it is worth saving, and what may end it early.
    recorder
        Writes what it has not yet written of the curve before each checkpoint.
    metrics
        Running sums of the epoch in which the run goes on; they are given back there.
    """

    model: ChunkedNetwork

    def __init__(
        self,
        save: Save,
        place: Place,
        health: Health,
        stopping: Stopping,
        recorder: Recorder,
        metrics: Arrays,
    ) -> None:
        super().__init__()
        self._save = save
        self._place, self._health, self._stopping, self._recorder = place, health, stopping, recorder
        self._metrics = metrics
        self._next = math.inf

    def on_train_begin(self, logs: Logs = None) -> None:
        self._next = math.inf

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        # Keras has just reset them.
        for variable, value in zip(self.model.metrics_variables, self._metrics, strict=False):
            variable.assign(value)
        self._metrics = ()  # of the first epoch only

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._next == math.inf:
            # The first chunk includes the compilation, of which a checkpoint would save nothing.
            self._next = time.monotonic() + SECONDS_A_CHECKPOINT
        if not self._place.is_skipped:
            self._save_if_due()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if not self._place.is_whole or self._health.diagnosis is not None:
            return  # stopped in mid-epoch, and saved there; or nothing to go on with
        if self.model.stop_training or self._place.is_last:
            self.save(ended=True)  # further epochs may be asked of an ended run
        else:
            self._save_if_due()

    def save(self, *, ended: bool = False, is_needed: bool = False) -> Checkpoint:
        """Save the run as it is now, at the end of a chunk or an epoch; return what was saved.

        Parameters
        ----------
        ended
            Whether it goes no further.
        is_needed
            Whether it cannot go on without, as when it is paused.
        """
        began = time.monotonic()
        self._recorder.flush()
        checkpoint = self.state(ended=ended)
        data = save_checkpoint(self.model, checkpoint)
        is_written = self._save(data, self._place.global_step, is_needed=is_needed)
        now = time.monotonic()
        # One that could not be written says nothing about what they cost, and is made up for soon.
        share = CHECKPOINT_SHARE if is_written else SHARE_IN_TROUBLE
        self._next = now + max(SECONDS_A_CHECKPOINT, (now - began) / share)
        return checkpoint

    def state(self, *, ended: bool) -> Checkpoint:
        """Return where the run is and what may end it, at the end of a chunk or an epoch."""
        return Checkpoint(
            self._place.position,
            self._recorder.train_seconds,
            self._stopping.state(ended=ended),
            self._stopping.kept_weights,
        )

    def rest(self, seconds: float) -> None:
        """Count so many seconds that have just passed as none of training."""
        self._recorder.rest(seconds)

    def _save_if_due(self) -> None:
        if time.monotonic() >= self._next and not self.model.stop_training:
            self.save()
