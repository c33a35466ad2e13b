"""SavedState: the file from which a run goes on, in a folder that may be full for a while."""

import logging
from contextlib import suppress

from core.errors import StoreError, StoreUnavailable
from core.sentences import say
from core.store import Run, RunStore, read, remove_leftovers, write_atomically
from core.store.files import CHECKPOINT_FILE, delete
from core.training.persistence import Persistence, cause_of
from core.training.pulse import Pulse

_log = logging.getLogger(__name__)


class SavedState:
    """The checkpoint of a run that this worker has claimed.

    Parameters
    ----------
    pulse
        Writes the points that lead to a checkpoint, and tells the page where none can be written.
    persist
        Tries again what the run cannot go on without.
    """

    def __init__(self, store: RunStore, run: Run, pulse: Pulse, persist: Persistence) -> None:
        self._store = store
        self._run = run
        self._pulse = pulse
        self.persist = persist
        self._last_step = run.checkpoint_step
        self._is_troubled = False
        # Nobody else writes here: the claim is this worker's alone.
        with suppress(StoreError):
            remove_leftovers(store.folder(run.id))

    def save(self, checkpoint: bytes, step: int, *, is_needed: bool = False) -> bool:
        """Write a checkpoint behind the points that lead to it; where it cannot be, go on with the last one.

        Parameters
        ----------
        step
            Global step of the checkpoint.
        is_needed
            Whether the run cannot go on without, as when it is paused: then this waits.

        Returns
        -------
        bool
            Whether it was written.

        Raises
        ------
        ClaimLost, StoreError
            If the run cannot go on; `StoreUnavailable` only for one that is needed.
        """
        if is_needed:
            self.persist(lambda: self._write(checkpoint, step), say("The run waits to be saved."))
            return True
        try:
            self._write(checkpoint, step)
        except StoreUnavailable as error:
            if not self._is_troubled:
                _log.warning("%s The training goes on without this checkpoint.", error)
            self._is_troubled = True
            if not self._pulse.is_cut_off:  # what it says later would be over by then
                sentence = say(
                    "{cause} The training goes on; {what}.",
                    cause=cause_of(error),
                    what=self._what_there_is(),
                )
                self._pulse.say(sentence)
            return False
        if self._is_troubled:
            self._is_troubled = False
            self._pulse.say(None)
        return True

    def load(self) -> bytes | None:
        """Return the checkpoint, None if there is none."""
        return self.persist(lambda: read(self._store.folder(self._run.id) / CHECKPOINT_FILE), _WAITS)

    def forget(self) -> None:
        """Delete the checkpoint of a run that must not be resumed."""
        with suppress(StoreError):
            delete(self._store.folder(self._run.id) / CHECKPOINT_FILE)

    def _write(self, checkpoint: bytes, step: int) -> None:
        self._pulse.flush()  # a resumed run goes on behind the points of its checkpoint
        write_atomically(self._store.folder(self._run.id) / CHECKPOINT_FILE, checkpoint)
        self._last_step = step
        self._pulse.saved(step)

    def _what_there_is(self) -> str:
        if self._last_step is None:
            return say("it has no checkpoint yet")
        epochs = self._last_step / max(1, self._pulse.steps_per_epoch)
        return say("its last checkpoint is from epoch {epochs}", epochs=f"{epochs:.2f}")


_WAITS = say("The run waits until it can be read.")
