"""What many look at is read once: the runs on show, shared by all sessions of a process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import DigitLabError
from core.store.curves import Recorded
from core.store.records import Curve, LayerVitals, Run
from core.store.runs import RunStore

_Made = TypeVar("_Made")
# Of one version of a curve: a chart for each smoothing that somebody has chosen, what is wrong with it.
_MOST_MADE = 32


@dataclass(frozen=True)
class Watched:
    """A run as it stands, what it has recorded, and what was made of that so far."""

    run: Run
    recorded: Recorded
    _made: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def curve(self) -> Curve:
        """The curves so far."""
        return self.recorded.curve

    @property
    def vitals(self) -> tuple[LayerVitals, ...]:
        """How the hidden units fared so far."""
        return self.recorded.vitals

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


class _Seen:
    """What was last read of one run, and the lock of whoever reads it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.began = float("-inf")  # when the reading began whose outcome this is
        self.ended = float("-inf")
        self.watched: Watched | None = None
        self.error: DigitLabError | None = None


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
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._expired = float("-inf")

    def look(self, run_id: str, *, anew: bool = False) -> Watched:
        """Return a run as it stands: at most `fresh_seconds` old, or not at all if asked `anew`.

        Raises
        ------
        RunNotFound, RunUnreadable, StoreError
            As `RunStore.watch` does; a database that does not answer is waited for once, not by everyone.
        """
        seen = self._place_of(run_id)
        asked = time.monotonic() if anew else self._expired
        with seen.lock:
            if seen.began < asked or time.monotonic() - seen.ended >= self._fresh_seconds:
                self._read(run_id, seen)
            if seen.error is not None:
                raise seen.error.with_traceback(None)
            assert seen.watched is not None
            return seen.watched

    def expire(self) -> None:
        """Have the next look at any run read it anew: somebody has just asked something of one."""
        self._expired = time.monotonic()

    def _place_of(self, run_id: str) -> _Seen:
        with self._guard:
            seen = self._seen.setdefault(run_id, _Seen())
            self._seen.move_to_end(run_id)
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)
            return seen

    def _read(self, run_id: str, seen: _Seen) -> None:
        began = time.monotonic()
        before = seen.watched
        try:
            run, recorded = self._store.watch(run_id, before.recorded if before else None)
            is_same = before is not None and recorded is before.recorded
            made = before._made if before is not None and is_same else {}
            seen.watched, seen.error = Watched(run, recorded, made), None
        except DigitLabError as error:
            seen.error = error
        seen.began, seen.ended = began, time.monotonic()
