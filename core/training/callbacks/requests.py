"""Requests: obeys what people ask of a run while it trains."""

from typing import NoReturn

import keras

from core.store import Request
from core.training.callbacks.checkpoints import Checkpoints, Paused
from core.training.callbacks.place import Logs, Place
from core.training.callbacks.snapshots import KeepEpochs
from core.training.pulse import Pulse


class Control(keras.callbacks.Callback):
    """The last callback: at the end of a chunk it stops, or saves the run and raises `Paused`."""

    def __init__(self, pulse: Pulse, place: Place, checkpoints: Checkpoints, keeper: KeepEpochs) -> None:
        super().__init__()
        self._pulse = pulse
        self._place = place
        self._checkpoints = checkpoints
        self._keeper = keeper
        self.stopped = False

    def on_train_begin(self, logs: Logs = None) -> None:
        self.stopped = False

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        request = self._pulse.request
        if self._place.is_skipped or self.model.stop_training:
            return
        if request is Request.STOP:
            self._checkpoints.save(ended=True)
            self.stopped = True
            self.model.stop_training = True
        elif request in _AT_A_CHUNK and not self._place.is_whole:
            # A whole epoch is first validated, as if nothing had been asked.
            self._pause()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if not (self._place.is_last or self.model.stop_training) and self._pulse.request in _AT_AN_EPOCH:
            self._keeper.keep()
            self._pause()

    def _pause(self) -> NoReturn:
        raise Paused(self._checkpoints.save(is_needed=True).seconds)


_AT_A_CHUNK = frozenset({Request.PAUSE, Request.STEP_CHUNK})
_AT_AN_EPOCH = _AT_A_CHUNK | {Request.STEP_EPOCH}
