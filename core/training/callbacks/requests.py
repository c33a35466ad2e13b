"""Requests: obeys what people ask of a run while it trains."""

import time
from typing import NoReturn

import keras

from core.store import SLOW_MOTION, Request
from core.training.callbacks.checkpoints import Checkpoints, Paused
from core.training.callbacks.place import Logs, Place
from core.training.callbacks.snapshots import KeepEpochs
from core.training.pulse import Pulse

# After each chunk. Chunks take about a tenth of a second.
SECONDS_OF_REST = {Request.SLOW: 0.5, Request.VERY_SLOW: 2.0}
# Others wait for the worker: so long a run may rest in all while one has it, and then goes on at full speed.
MOST_REST = 180.0
_SECONDS_A_LOOK = 0.05


class Control(keras.callbacks.Callback):
    """The last callback: at the end of a chunk it stops, or saves the run and raises `Paused`."""

    def __init__(self, pulse: Pulse, place: Place, checkpoints: Checkpoints, keeper: KeepEpochs) -> None:
        super().__init__()
        self._pulse = pulse
        self._place = place
        self._checkpoints = checkpoints
        self._keeper = keeper
        self.stopped = False
        self._rest_left = MOST_REST
        self._heard = Request.NONE

    def on_train_begin(self, logs: Logs = None) -> None:
        self.stopped = False
        self._rest_left = MOST_REST
        self._heard = Request.NONE

    def rest_ahead(self, chunks: int) -> float:
        """Return how many seconds the run rests in so many chunks, as slow as it was last asked to be."""
        return min(chunks * SECONDS_OF_REST.get(self._heard, 0.0), self._rest_left)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        request = self._pulse.request
        if self._place.is_skipped or self.model.stop_training:
            return
        if request in SLOW_MOTION:
            request = self._rest(request)
        self._heard = request
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

    def _rest(self, request: Request) -> Request:
        """Wait as this slow motion does, at most until something else is asked; return what is asked then."""
        began = time.monotonic()
        until = began + min(SECONDS_OF_REST[request], self._rest_left)
        while (asked := self._pulse.request) is request and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SECONDS_A_LOOK))
        rested = time.monotonic() - began
        self._rest_left = max(0.0, self._rest_left - rested)
        self._checkpoints.rest(rested)
        return asked

    def _pause(self) -> NoReturn:
        raise Paused(self._checkpoints.save(is_needed=True).seconds)


_AT_A_CHUNK = frozenset({Request.PAUSE, Request.STEP_CHUNK})
_AT_AN_EPOCH = _AT_A_CHUNK | {Request.STEP_EPOCH}
