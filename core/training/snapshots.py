"""What is kept of a run as it trains: the network of each epoch, and the weights as they are now.

The training only copies the numbers; a thread writes the files. What cannot be written is told and costs
nothing else.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from core.arrays import as_npz
from core.errors import StoreError
from core.machine import core_count
from core.sentences import say
from core.settings import Settings
from core.store import Run, RunStore, write_atomically
from core.store.files import LIVE_FILE, snapshot_file
from core.store.snapshots import plan_snapshots, remove_snapshots, thinned
from core.training.persistence import cause_of
from core.training.pulse import Pulse

_log = logging.getLogger(__name__)

Arrays = dict[str, NDArray[Any]]

# Files that may wait to be written; then the training waits, and the snapshots become rarer for it.
_MOST_WAITING = 2
# So long at most, and less where the last could not be written: the run goes on without.
_PATIENCE = 5.0
_PATIENCE_IN_TROUBLE = 0.25
# At the end of a run, what is not written by then is left to the thread and not waited for.
SECONDS_TO_END = 30.0
# What there may be trouble with.
_EPOCHS, _LIVE = "the networks of epochs", "live weights"


class Snapshots:
    """Writes the snapshots of a run that this worker has claimed, as a context manager.

    Parameters
    ----------
    pulse
        Tells the page what cannot be written.

    Attributes
    ----------
    plan
        What is kept of this run.
    epochs
        Those whose network is kept, or will be when what waits is written.
    seconds, live_seconds
        What the thread took of the machine for the last snapshot, and for the last live weights: the time
        of a processor, divided by how many there are.
    """

    def __init__(self, store: RunStore, run: Run, pulse: Pulse, settings: Settings) -> None:
        self.plan = plan_snapshots(run.config, settings.max_snapshot_bytes)
        self._pulse = pulse
        self._store, self._run_id = store, run.id
        self.seconds = self.live_seconds = 0.0
        self.epochs: list[int] = []
        self._troubled: set[str] = set()
        self._owed: tuple[int, Arrays] | None = None  # the last network that could not be written
        self._waiting: queue.Queue[tuple[str, Arrays, int | None] | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._live, name=f"snapshots {run.id}", daemon=True)
        with suppress(StoreError):
            self.epochs = store.epochs_kept(run.id)

    def begin(self, epochs: int) -> bool:
        """Forget what lies behind so many whole epochs, where the run goes on; tell whether these are kept.

        What is forgotten is written again when the run comes there.
        """
        self._remove([epoch for epoch in self.epochs if epoch > epochs])
        self.epochs = [epoch for epoch in self.epochs if epoch <= epochs]
        return epochs in self.epochs

    def keep(self, epoch: int, arrays: Arrays) -> None:
        """Write the snapshot of an epoch, and remove what is too many with it.

        Parameters
        ----------
        arrays
            As of a checkpoint, or the weights of it where `plan` says so; must not change any more.
        """
        self._put((snapshot_file(epoch), arrays, epoch))

    def show(self, arrays: Arrays) -> None:
        """Write the weights as they are now, in place of those before."""
        self._put((LIVE_FILE, arrays, None))

    def _put(self, job: tuple[str, Arrays, int | None]) -> None:
        try:
            self._waiting.put(job, timeout=_PATIENCE_IN_TROUBLE if self._troubled else _PATIENCE)
        except queue.Full:
            self._owe(*job[1:])

    def _owe(self, arrays: Arrays, epoch: int | None) -> None:
        if epoch is not None:
            self._owed = (epoch, arrays)

    def settle(self) -> None:
        """Write the last epoch's network if that could not be done in time; called when all is written."""
        if self._owed is not None and self._owed[0] > max(self.epochs, default=-1):
            epoch, arrays = self._owed
            with suppress(StoreError):
                self._write(snapshot_file(epoch), arrays, epoch)
        self._owed = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be written."""
        return self._waiting.unfinished_tasks == 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(queue.Full):
            self._waiting.put(None, timeout=SECONDS_TO_END)
        self._thread.join(SECONDS_TO_END)

    def _live(self) -> None:
        while (job := self._waiting.get()) is not None:
            name, arrays, epoch = job
            began = time.thread_time()
            try:
                self._write(name, arrays, epoch)
            except Exception as error:
                self._owe(arrays, epoch)
                self._tell(error, epoch)
            else:
                self._tell(None, epoch)
            seconds = (time.thread_time() - began) / core_count()
            if epoch is None:
                self.live_seconds = seconds
            else:
                self.seconds = seconds
            self._waiting.task_done()

    def _write(self, name: str, arrays: Arrays, epoch: int | None) -> None:
        folder = self._store.folder(self._run_id)
        write_atomically(folder / name, as_npz(arrays), is_lasting=epoch is not None)
        if epoch is not None:
            kept = thinned([*self.epochs, epoch], self.plan.most)
            self._remove({*self.epochs} - {*kept})
            self.epochs = kept

    def _remove(self, epochs: Iterable[int]) -> None:
        with suppress(StoreError):  # what stays is removed with the run
            remove_snapshots(self._store.folder(self._run_id), epochs)

    def _tell(self, error: Exception | None, epoch: int | None) -> None:
        about = _LIVE if epoch is None else _EPOCHS
        if error is None:
            if about in self._troubled:
                self._pulse.say(None, about)
            self._troubled.discard(about)
            return
        if epoch is None:
            what = say("its weights are not shown as they change")
        else:
            what = say("the network of epoch {epoch} is not kept", epoch=epoch)
        cause = say("A file cannot be written ({reason}).", reason=error)
        if isinstance(error, StoreError):
            cause = cause_of(error)
        if about not in self._troubled:
            _log.warning("%s The training goes on; %s.", cause, what, exc_info=error)
        self._troubled.add(about)
        sentence = say("{cause} The training goes on; {what}.", cause=cause, what=what)
        self._pulse.say(sentence, about)
