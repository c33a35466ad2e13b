"""What many look at is read once: the runs on show, shared by all sessions of a process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from core.errors import DigitLabError
from core.store.curves import Recorded
from core.store.records import Curve, LayerVitals, Run
from core.store.runs import RunStore

_Made = TypeVar("_Made")
_Read = TypeVar("_Read")
# Of one version of a curve: a chart for each smoothing that somebody has chosen, what is wrong with it.
_MOST_MADE = 32


@dataclass(frozen=True)
class Watched:
    """A run as it stands, what it has recorded, and what was made of that so far.

    Attributes
    ----------
    changed_at
        When it was first seen with this curve, by `time.monotonic`; -infinity if it was never seen
        with another.
    """

    run: Run
    recorded: Recorded
    changed_at: float = float("-inf")
    _made: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def curve(self) -> Curve:
        """The curves so far."""
        return self.recorded.curve

    @property
    def vitals(self) -> tuple[LayerVitals, ...]:
        """How the hidden units fared so far."""
        return self.recorded.vitals

    @property
    def unchanged_seconds(self) -> float:
        """For how long nothing was recorded, as far as is known: infinity where that is not known."""
        return time.monotonic() - self.changed_at

    def made(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return `make()`, called once for this version of the curve, whoever looks at it.

        `key` holds whatever else the result depends on, and which result it is.
        """
        try:
            return self._made[key]  # type: ignore[no-any-return]
        except KeyError:
            if len(self._made) >= _MOST_MADE:
                self._made.clear()
            # Two sessions may make it at the same moment: both results are right.
            return self._made.setdefault(key, make())  # type: ignore[no-any-return]


class Reading(Generic[_Read]):
    """What was read last, or why it could not be; and the lock of whoever reads it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = self._ended = float("-inf")
        self._value: _Read | None = None
        self._error: DigitLabError | None = None

    def outcome(
        self, read: Callable[[_Read | None], _Read], not_before: float, fresh_seconds: float
    ) -> _Read:
        """Return what was read: not begun before that moment, and not over for longer than so many seconds.

        `read` is given the last value. Whoever comes while it runs waits for the same outcome.
        """
        with self._lock:
            began = time.monotonic()
            if self._began < not_before or began - self._ended >= fresh_seconds:
                try:
                    self._value, self._error = read(self._value), None
                except DigitLabError as error:
                    self._error = error
                self._began, self._ended = began, time.monotonic()
            if self._error is not None:
                raise self._error.with_traceback(None)
            assert self._value is not None
            return self._value


class Watcher:
    """The runs that are being looked at; for any number of threads.

    All who look at a run within `fresh_seconds` share one reading of the database, and a
    reading fetches only what is new since the last. The runs looked at least recently are forgotten.

    Parameters
    ----------
    store
        Where the runs are.
    runs
        How many are kept; the curve of one takes at most about 100 kB.
    fresh_seconds
        How long a reading holds.
    """

    def __init__(self, store: RunStore, *, runs: int = 64, fresh_seconds: float = 0.4) -> None:
        self._store = store
        self._most = runs
        self._fresh_seconds = fresh_seconds
        self._guard = threading.Lock()
        self._runs: OrderedDict[str, Reading[Watched]] = OrderedDict()
        self._queue: Reading[dict[str, int]] = Reading()
        self._expired = float("-inf")

    def look(self, run_id: str, *, anew: bool = False) -> Watched:
        """Return a run as it stands: at most `fresh_seconds` old, or not at all if asked `anew`.

        Raises
        ------
        RunNotFound, RunUnreadable, StoreError
            As `RunStore.watch` does; a database that does not answer is waited for once, not by everyone.
        """
        with self._guard:
            reading = self._runs.setdefault(run_id, Reading())
            self._runs.move_to_end(run_id)
            while len(self._runs) > self._most:
                self._runs.popitem(last=False)

        def read(before: Watched | None) -> Watched:
            run, recorded = self._store.watch(run_id, before.recorded if before else None)
            if before is None:
                return Watched(run, recorded)
            if recorded is before.recorded:
                return replace(before, run=run)
            return Watched(run, recorded, time.monotonic())

        not_before = time.monotonic() if anew else self._expired
        return reading.outcome(read, not_before, self._fresh_seconds)

    def queue_place(self, run_id: str) -> int | None:
        """Return the place of a run among those queued, as `RunStore.queue_place` does.

        Raises
        ------
        StoreError
        """

        def read(_: dict[str, int] | None) -> dict[str, int]:
            return {run.id: place for place, run in enumerate(self._store.queue(), 1)}

        place = self._queue.outcome(read, self._expired, self._fresh_seconds).get(run_id)
        if place is None:  # it may have joined since
            place = self._queue.outcome(read, time.monotonic(), self._fresh_seconds).get(run_id)
        return place

    def expire(self) -> None:
        """Have the next look at anything read it anew: somebody has just asked something of a run."""
        self._expired = time.monotonic()
