"""Checkpoints: saves a run as it goes on, so that it can go on elsewhere."""

import math
import time
from typing import Protocol

import keras

from core.training.callbacks.recorder import Logs, Recorder
from core.training.checkpoint import Position, save_checkpoint
from core.training.engine.model import ChunkedNetwork

# A killed worker loses about so many seconds of training …
SECONDS_A_CHECKPOINT = 2.0
# … or more where writing takes long: checkpoints cost at most this share of the time.
CHECKPOINT_SHARE = 0.01


class Save(Protocol):
    """What writes a checkpoint, as `SavedState.save` does."""

    def __call__(self, checkpoint: bytes, step: int, *, is_needed: bool) -> bool:
        """Tell whether it was written."""


class Paused(Exception):
    """The run has been saved and gives its worker back."""


class Checkpoints(keras.callbacks.Callback):
    """Saves what an interrupted run needs, every few seconds, wherever in an epoch that is.

    Parameters
    ----------
    save
        Called with the bytes of a checkpoint, its global step and whether the run cannot go on
        without it; tells whether it was written.
    recorder
        Writes what it has not yet written of the curve before each checkpoint.
    start
        Where this run goes on; the epoch's metrics are given back there.
    """

    model: ChunkedNetwork

    def __init__(self, save: Save, recorder: Recorder, start: Position) -> None:
        super().__init__()
        self._save = save
        self._recorder = recorder
        self._start = start
        self._epochs, self._chunks = start.epochs, start.chunks
        self._next = math.inf

    def on_train_begin(self, logs: Logs = None) -> None:
        self._next = math.inf

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epochs, self._chunks = epoch, 0
        if epoch == self._start.epochs:
            # Keras has just reset them.
            for variable, value in zip(self.model.metrics_variables, self._start.metrics, strict=False):
                variable.assign(value)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._next == math.inf:
            # The first chunk includes the compilation, of which a checkpoint would save nothing.
            self._next = time.monotonic() + SECONDS_A_CHECKPOINT
        if not self._recorder.is_skipped(batch):
            self._chunks = batch + 1
            self._save_if_due()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._chunks < self._recorder.chunks_per_epoch:
            return  # stopped in mid-epoch, and saved there
        self._epochs, self._chunks = epoch + 1, 0
        if self.model.stop_training or self._epochs == self._recorder.epochs:
            self.save()  # further epochs may be asked of an ended run
        else:
            self._save_if_due()

    def save(self, *, is_needed: bool = False) -> None:
        """Save the run as it is now, at the end of a chunk or an epoch."""
        began = time.monotonic()
        self._recorder.flush()
        checkpoint = save_checkpoint(
            self.model,
            Position(
                self._epochs, self._chunks, self._recorder.steps_per_chunk, self._recorder.train_seconds
            ),
        )
        is_written = self._save(checkpoint, self._recorder.global_step, is_needed=is_needed)
        now = time.monotonic()
        # One that could not be written says nothing about what they cost, and is made up for soon.
        cost = now - began if is_written else 0.0
        self._next = now + max(SECONDS_A_CHECKPOINT, cost / CHECKPOINT_SHARE)

    def _save_if_due(self) -> None:
        if time.monotonic() >= self._next and not self.model.stop_training:
            self.save()
