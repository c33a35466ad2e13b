"""Jobs: gives workers the runs of the store, one a free place, for as long as the process lives."""

import atexit
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from distributed import KilledWorker

from core.config.cost import estimated_memory
from core.errors import DigitLabError, JobError, SettingsError, StoreError
from core.jobs.cluster import Task, Workers, connect, kill_embedded_workers
from core.jobs.growth import Growth, has_memory_for
from core.jobs.queue import waiting
from core.sentences import say
from core.settings import Settings
from core.store import Run, RunStatus, RunStore
from core.store.retention import sweep

_log = logging.getLogger(__name__)

# How often to look for runs that nobody has told us of: those of other processes, and those left behind.
_WATCH_SECONDS = 3.0
# And while a further worker starts for which a run waits.
_SOON_SECONDS = 0.25
# How long to wait before asking an absent scheduler again.
RECONNECT_SECONDS = 15.0
# A worker that computes, or is still importing TensorFlow, does not listen. Its run goes on from its last
# checkpoint whatever ends it, so nobody waits for it longer than this.
_GRACE_SECONDS = 0.5
_CLOSE_SECONDS = 30.0
# After a task that failed: the same trouble is likely to be there still.
RETRY_SECONDS = 5.0
# A run that workers refuse so often, for another reason than trouble with the store, will never be taken up.
_REFUSALS = 3
# How often what is not kept any more is cleared away.
SWEEP_SECONDS = 300.0
# What may be over in a moment says nothing about the run.
_PASSING = (KilledWorker, StoreError, OSError)


@dataclass(frozen=True)
class _Begun:
    """A run that a worker has: when it should end, by the monotonic clock, and the bytes that it takes."""

    task: Task
    due: float
    memory: int


class Jobs:
    """The training workers of this process, kept busy from the queue in the store.

    Starts in the background; what waits in the store before the workers are up is then taken up.
    Dask holds no more runs than there are places, so that the order is the store's to the last
    moment; and however a task ends, the store says whether its run needs another.

    Parameters
    ----------
    settings
        `scheduler` and `workers` decide which workers.
    store
        Whose runs are trained.
    connect_to
        How to reach the workers.
    """

    def __init__(
        self, settings: Settings, store: RunStore, connect_to: Callable[[Settings], Workers] = connect
    ) -> None:
        self._settings = settings
        self._store = store
        self._connect_to = connect_to
        self._workers: Workers | None = None
        self._begun: dict[str, _Begun] = {}
        self._growth = Growth()
        self._is_growing = False
        self._places = 0
        self._not_before: dict[str, float] = {}
        self._refusals: Counter[str] = Counter()
        self._failure: str | None = None
        self._listeners: list[Callable[[], None]] = []
        self._next_sweep = 0.0
        self._closing = threading.Event()
        self._wake = threading.Event()
        # Before Dask closes its clusters itself, which waits ten seconds for a worker that computes.
        atexit.register(self.close)
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether the workers can be given runs."""
        return self._workers is not None

    @property
    def failure(self) -> str | None:
        """Why there are no workers at present, in a sentence, or None."""
        return self._failure

    def places(self) -> int:
        """Return how many runs can be trained at a time, 0 while there are no workers.

        Workers that start only when there is work for them count: whoever makes runs should make so many.
        """
        return self._places

    def submit(self, run_id: str) -> None:
        """Have a queued run trained as soon as it is its turn; returns at once.

        Raises
        ------
        JobError
            If there are no workers at present. The run is trained all the same once there are,
            because it waits in the store.
        """
        if self._failure is not None:
            raise JobError(self._failure)
        self._wake.set()

    def listen(self, hear: Callable[[], None]) -> None:
        """Have `hear` called, from another thread, whenever a worker has become free."""
        self._listeners.append(hear)

    def close(self) -> None:
        """Stop the workers of an embedded cluster and leave one elsewhere."""
        self._closing.set()
        self._wake.set()
        deadline = time.monotonic() + _CLOSE_SECONDS
        self._thread.join(_GRACE_SECONDS)
        while self._thread.is_alive() and time.monotonic() < deadline:
            kill_embedded_workers()
            self._thread.join(_GRACE_SECONDS)
        atexit.unregister(self.close)

    def _work(self) -> None:
        while not self._closing.is_set():
            workers = self._workers or self._try_to_connect()
            if workers is None:
                self._closing.wait(RECONNECT_SECONDS)
                continue
            try:
                if workers.are_gone:
                    self._disconnect()
                    continue
                self._gather()
                self._hand_out(workers)
                self._clear_away()
            except DigitLabError as error:
                _log.warning("%s", error)
            except Exception:
                # This thread serves everybody: one bad moment must not end it.
                _log.exception("looking after the runs failed; trying again")
            self._wake.wait(_SOON_SECONDS if self._is_growing else _WATCH_SECONDS)
            self._wake.clear()
        self._disconnect()

    def _try_to_connect(self) -> Workers | None:
        try:
            self._workers = self._connect_to(self._settings)
        except Exception as error:
            if not self._closing.is_set():
                _log.error("there are no training workers: %s: %s", type(error).__name__, error)
                self._failure = self._explain(error)
            return None
        self._failure = None
        return self._workers

    def _explain(self, error: Exception) -> str:
        if isinstance(error, SettingsError):
            return str(error)
        if self._settings.scheduler:
            return say(
                "The Dask scheduler at {scheduler} (DIGITLAB_SCHEDULER) does not answer, so nothing "
                "can be trained now. Start it or correct the address; waiting runs then begin by "
                "themselves.",
                scheduler=self._settings.scheduler,
            )
        return say(
            "The training workers could not be started ({kind}: {problem}). Digit Lab keeps "
            "trying; look at the server's log if it stays so.",
            kind=type(error).__name__,
            problem=error,
        )

    def _disconnect(self) -> None:
        workers, self._workers = self._workers, None
        # They go with the connection; their runs are found in the store again.
        self._begun.clear()
        self._growth, self._is_growing, self._places = Growth(), False, 0
        if workers is not None:
            workers.close(is_expected=self._closing.is_set())

    def _gather(self) -> None:
        """Take note of the tasks that are over."""
        is_one_free = False
        for run_id, begun in list(self._begun.items()):
            task = begun.task
            if not task.done():
                continue
            is_one_free = True
            del self._begun[run_id]
            if task.status == "error":
                self._not_before[run_id] = time.monotonic() + RETRY_SECONDS
                self._hear(run_id, task.exception(timeout=RETRY_SECONDS))
            else:
                self._refusals.pop(run_id, None)
        if is_one_free:
            for hear in self._listeners:
                hear()

    def _hear(self, run_id: str, error: BaseException | None) -> None:
        """Decide whether a run whose task has failed is tried again."""
        if error is None or isinstance(error, _PASSING):
            _log.warning("run %s: %s: %s; trying again", run_id, type(error).__name__, error)
            return
        _log.error("no worker takes up run %s: %s: %s", run_id, type(error).__name__, error)
        self._refusals[run_id] += 1
        if self._refusals[run_id] >= _REFUSALS:
            self._give_up(run_id, error)

    def _give_up(self, run_id: str, error: BaseException) -> None:
        """Mark a run that workers cannot even begin as failed, unless one has by now."""
        if self._store.get(run_id).status is RunStatus.QUEUED:
            why = str(error) if isinstance(error, DigitLabError) else f"{type(error).__name__}: {error}"
            self._store.claim(run_id, "jobs").fail(
                say(
                    "The training workers cannot begin this run ({reason}). Tell whoever runs this "
                    "server; the log says more. Train it again when that is mended.",
                    reason=why,
                ),
            )
        del self._refusals[run_id]

    def _hand_out(self, workers: Workers) -> None:
        """Give each free place the run whose turn it is, and have more places made if that pays."""
        up = workers.places()
        self._places = most = workers.most(up)
        free = max(0, up - len(self._begun))
        now = time.monotonic()
        self._not_before = {run_id: when for run_id, when in self._not_before.items() if when > now}
        left: list[Run] = []
        if free or up < most:
            in_turn = [run for run in waiting(self._store) if self._may_begin(run)]
            count = self._how_many(in_turn[:free], up)
            for run in in_turn[:count]:
                task = workers.start("train", run.id, self._wake.set)
                self._begun[run.id] = _Begun(task, now + run.cost_left, estimated_memory(run.config))
            left = in_turn[count:]
        running = [max(0.0, begun.due - now) for begun in self._begun.values()]
        # Of the runs of an experiment only as many are in the queue as find a place.
        has_more = any(run.experiment is not None for run in left)
        if self._growth.look(running, [run.cost_left for run in left], up, most, has_more=has_more):
            workers.scale(self._growth.asked)
        self._is_growing = bool(left) and up < self._growth.asked

    def _how_many(self, runs: list[Run], up: int) -> int:
        """Return how many of these find memory; who needs much waits for room, and nobody passes by."""
        if self._settings.scheduler:
            return len(runs)  # each machine's own affair
        running = [begun.memory for begun in self._begun.values()]
        for count, run in enumerate(runs):
            if not has_memory_for(running, needed := estimated_memory(run.config), up):
                return count
            running.append(needed)
        return len(runs)

    def _may_begin(self, run: Run) -> bool:
        return run.id not in self._begun and run.id not in self._not_before

    def _clear_away(self) -> None:
        """Remove from the store what is not kept any more, every now and then."""
        if time.monotonic() < self._next_sweep:
            return
        # Also where it fails: what does not work now will not three seconds later.
        self._next_sweep = time.monotonic() + SWEEP_SECONDS
        removed = sweep(self._store, self._settings)
        if removed.size:
            _log.info("%.1f MB are free again: %s", removed.size / 1e6, removed)
