"""What many look at is read once: the networks of runs, shared by all sessions of a process."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

from core.store.runs import RunStore
from core.store.snapshots import Weights
from core.store.watching import Reading

_Read = TypeVar("_Read")


@dataclass(frozen=True)
class LiveWeights:
    """The weights of a run as they were a moment ago; no version where there are none.

    Attributes
    ----------
    version
        Changes whenever they do.
    step
        Global optimizer step.
    weights
        As of `RunStore.weights_at`.
    """

    version: str | None = None
    step: int = 0
    weights: Weights = field(default_factory=list)


class SnapshotCache:
    """The networks that are being looked at; for any number of threads.

    Parameters
    ----------
    store
        Where the runs are.
    most_bytes
        What weights of epochs may take together, and live ones as much; of each the last read stay.
    fresh_seconds
        How long a look at what changes holds.
    """

    def __init__(
        self, store: RunStore, *, most_bytes: int = 64_000_000, fresh_seconds: float = 0.2, runs: int = 32
    ) -> None:
        self._store = store
        self._most_bytes, self._most_runs = most_bytes, runs
        self._fresh_seconds = fresh_seconds
        self._guard = threading.Lock()
        self._epochs: OrderedDict[str, Reading[list[int]]] = OrderedDict()
        self._live: OrderedDict[str, Reading[LiveWeights]] = OrderedDict()
        self._live_sizes: dict[str, int] = {}
        self._weights: OrderedDict[tuple[str, int], Weights] = OrderedDict()
        self._reading: dict[tuple[str, int], threading.Lock] = {}

    def epochs_kept(self, run_id: str) -> list[int]:
        """Return the epochs whose network is kept, as `RunStore.epochs_kept` does."""
        reading = self._kept(self._epochs, run_id)
        return reading.outcome(lambda _: self._store.epochs_kept(run_id), float("-inf"), self._fresh_seconds)

    def weights_at(self, run_id: str, epoch: int) -> Weights:
        """Return the weights at the end of an epoch, as `RunStore.weights_at` does; they never change."""
        key = run_id, epoch
        with self._guard:
            if key in self._weights:
                self._weights.move_to_end(key)
                return self._weights[key]
            lock = self._reading.setdefault(key, threading.Lock())
        with lock:
            with self._guard:
                if key in self._weights:
                    return self._weights[key]
            try:
                found = self._store.weights_at(run_id, epoch)
            finally:
                with self._guard:
                    self._reading.pop(key, None)
            with self._guard:
                self._weights[key] = found
                while len(self._weights) > 1 and sum(map(_size, self._weights.values())) > self._most_bytes:
                    self._weights.popitem(last=False)
        return found

    def live_weights(self, run_id: str, newer_than: str | None = None) -> LiveWeights | None:
        """Return the weights as they are now, read once for all; None where there are none or none newer."""

        def read(before: LiveWeights | None) -> LiveWeights:
            found = self._store.live_weights(run_id, before.version if before else None)
            if found is not None:
                version, step, weights = found
                return LiveWeights(version, step, weights)
            if before is not None and self._store.live_stamp(run_id) == before.version:
                return before
            return LiveWeights()

        reading = self._kept(self._live, run_id)
        now = reading.outcome(read, float("-inf"), self._fresh_seconds)
        with self._guard:
            self._live_sizes[run_id] = _size(now.weights)
            while len(self._live) > 1 and sum(map(self._live_size, self._live)) > self._most_bytes:
                gone, _ = self._live.popitem(last=False)
                self._live_sizes.pop(gone, None)
        return None if now.version in (None, newer_than) else now

    def _live_size(self, run_id: str) -> int:
        return self._live_sizes.get(run_id, 0)

    def _kept(self, readings: "OrderedDict[str, Reading[_Read]]", run_id: str) -> "Reading[_Read]":
        with self._guard:
            reading = readings.setdefault(run_id, Reading())
            readings.move_to_end(run_id)
            while len(readings) > self._most_runs:
                gone, _ = readings.popitem(last=False)
                self._live_sizes.pop(gone, None)
        return reading


def _size(weights: Weights) -> int:
    return sum(array.nbytes for array in weights)
