"""Snapshots: keeps the network of every epoch, and shows the weights as the run goes on."""

import math
import time

import keras
import numpy as np

from core.store.snapshots import LIVE_STEP, LIVE_WEIGHT
from core.training.callbacks.checkpoints import Checkpoints
from core.training.callbacks.health import Health
from core.training.callbacks.place import Logs, Place
from core.training.checkpoint import state_arrays, weight_arrays
from core.training.engine.model import ChunkedNetwork
from core.training.snapshots import Arrays, Snapshots

# Those of 128-128 take 2 ms of the training and 2.5 of the thread, live weights 0.6 and 1. The snapshots of
# short epochs become rarer, so that they cost at most this share of the time …
SNAPSHOT_SHARE = 0.02
# … and live weights at most this one; and they come not more often than this.
LIVE_SHARE = 0.01
SECONDS_A_LIVE = 0.45


class KeepEpochs(keras.callbacks.Callback):
    """Keeps the network before the first step and after each whole epoch, and shows it in between.

    Parameters
    ----------
    snapshots
        Where they are kept.
    place, health, checkpoints
        Where the run is, whether its network is worth keeping, what it needs to go on.
    """

    model: ChunkedNetwork

    def __init__(self, snapshots: Snapshots, place: Place, health: Health, checkpoints: Checkpoints) -> None:
        super().__init__()
        self._snapshots, self._place, self._health = snapshots, place, health
        self._checkpoints = checkpoints
        self._next = self._next_live = -math.inf

    def on_train_begin(self, logs: Logs = None) -> None:
        self._next = self._next_live = -math.inf
        start = self._place.course.start
        is_kept = self._snapshots.begin(start.epochs)
        if not (is_kept or start.chunks):
            self._keep(start.epochs, ended=False)
        self.show(wait=True)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if time.monotonic() >= self._next_live and not self._place.is_skipped and self._is_sound:
            self.show()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if not (self._place.is_whole and self._is_sound):
            return  # stopped in mid-epoch; or nothing to look at
        ended = self.model.stop_training or self._place.is_last
        if ended or time.monotonic() >= self._next:
            self._keep(epoch + 1, ended=ended)

    def keep(self) -> None:
        """Keep the network of the epoch that has just ended, if it is not kept: somebody wants to see it."""
        epoch = self._place.epoch + 1
        if self._place.is_whole and self._is_sound and self._kept != epoch:
            self._keep(epoch, ended=False)

    def show(self, *, wait: bool = False) -> None:
        """Write the weights as they are now, unless the thread is still writing others; or `wait` for it."""
        if not self._snapshots.plan.has_live or not (wait or self._snapshots.is_idle):
            return
        began = time.monotonic()
        self._snapshots.show(live_arrays(self.model, self._place.global_step))
        now = time.monotonic()
        # The thread's part is known of the last ones only.
        cost = now - began + self._snapshots.live_seconds
        self._next_live = now + max(SECONDS_A_LIVE, cost / LIVE_SHARE)

    @property
    def _is_sound(self) -> bool:
        return self._health.diagnosis is None

    def _keep(self, epoch: int, *, ended: bool) -> None:
        self._kept = epoch
        if not self._snapshots.plan.most:
            return
        began = time.monotonic()
        self._snapshots.keep(epoch, self._arrays(epoch, ended=ended))
        now = time.monotonic()
        self._next = now + (now - began + self._snapshots.seconds) / SNAPSHOT_SHARE

    def _arrays(self, epoch: int, *, ended: bool) -> Arrays:
        if not self._snapshots.plan.are_whole:
            return weight_arrays(self.model)
        return state_arrays(self.model, self._checkpoints.state(ended=ended))

    _kept = -1


def live_arrays(model: ChunkedNetwork, step: int) -> Arrays:
    """Return the arrays of the file of live weights: the global step, and the weights in Keras' order."""
    weights = weight_arrays(model).values()
    return {
        LIVE_STEP: np.array(step, dtype=np.int64),
        **{f"{LIVE_WEIGHT}{number}": array for number, array in enumerate(weights)},
    }
