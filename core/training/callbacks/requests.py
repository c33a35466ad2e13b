"""Requests: obeys what people ask of a run while it trains."""

from typing import Any

import keras

from core.store import Request
from core.training.callbacks.checkpoints import Checkpoints, Paused
from core.training.callbacks.recorder import Logs, Recorder
from core.training.pulse import Pulse


class Control(keras.callbacks.Callback):
    """Obeys at the end of a chunk: stops, or saves the run and raises `Paused`.

    Must come after the other callbacks, which have then seen the same chunk.
    """

    def __init__(self, pulse: Pulse, checkpoints: Checkpoints, recorder: Recorder) -> None:
        super().__init__()
        self._pulse = pulse
        self._checkpoints = checkpoints
        self._recorder = recorder
        self.stopped = False

    def on_train_begin(self, logs: Logs = None) -> None:
        self.stopped = False

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        request = self._pulse.request
        if self._recorder.is_skipped(batch) or self.model.stop_training:
            return
        if request is Request.STOP:
            self._checkpoints.save()
            self.stopped = True
            self.model.stop_training = True
        elif request in _AT_A_CHUNK and batch + 1 < self._recorder.chunks_per_epoch:
            # A whole epoch is first validated, as if nothing had been asked.
            self._pause()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        is_last = epoch + 1 == self._recorder.epochs
        if not (is_last or self.model.stop_training) and self._pulse.request in _AT_AN_EPOCH:
            self._pause()

    def _pause(self) -> Any:
        self._checkpoints.save(is_needed=True)
        raise Paused


_AT_A_CHUNK = frozenset({Request.PAUSE, Request.STEP_CHUNK})
_AT_AN_EPOCH = _AT_A_CHUNK | {Request.STEP_EPOCH}
