"""What people keep: runs with a star or a name, and runs deleted with a way back."""

from sqlalchemy import update

from core.errors import ConfigError, StoreError
from core.sentences import say
from core.store.clock import now
from core.store.database import Database
from core.store.files import check_run_id
from core.store.queries import change, read_run
from core.store.records import Run, RunStatus
from core.store.tables import runs

# So long a deleted run can be had back.
UNDO_SECONDS = 600.0
# It stands in lists and in one line of the bar.
LONGEST_NAME = 40


class RunShelf:
    """The part of `RunStore` with which people keep runs and clear them away."""

    _database: Database

    def star(self, run_id: str, is_starred: bool) -> Run:
        """Give a run a star, or take it away: with one it is never removed to make room.

        Raises
        ------
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            change(connection, run_id, starred=int(is_starred))
            return read_run(connection, run_id)

    def rename(self, run_id: str, name: str) -> Run:
        """Call a run something, or with an empty name again by what it changed; spaces are put in order.

        Raises
        ------
        ConfigError
            If the name is longer than `LONGEST_NAME` or holds what cannot be shown.
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        name = " ".join(name.split())
        if len(name) > LONGEST_NAME:
            raise ConfigError(
                say(
                    "A name has at most {most} letters; this one has {count}. Shorten it.",
                    most=LONGEST_NAME,
                    count=len(name),
                )
            )
        if not name.isprintable():
            raise ConfigError(say("This name holds signs that cannot be shown. Write it anew."))
        with self._database.transaction(write=True) as connection:
            change(connection, run_id, name=name or None)
            return read_run(connection, run_id)

    def delete(self, run_id: str) -> Run:
        """Take a run off all lists; it can be restored until `core.store.retention` removes it.

        A waiting run leaves the queue: restored, it is paused.

        Raises
        ------
        StoreError
            If a worker is training it.
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            run = read_run(connection, run_id, lock=True)
            if run.status is RunStatus.RUNNING:
                raise StoreError(
                    say("Run #{number} is being trained. Stop it first, then delete it.", number=run.number)
                )
            status = RunStatus.PAUSED if run.status is RunStatus.QUEUED else run.status
            change(connection, run_id, status=status, deleted_at=now())
            return read_run(connection, run_id, even_deleted=True)

    def restore(self, run_id: str) -> Run:
        """Put a deleted run back on the lists, as it was.

        Raises
        ------
        RunNotFound
            If it was deleted more than `UNDO_SECONDS` ago.
        RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            is_in_time = runs.c.deleted_at > now() - UNDO_SECONDS
            connection.execute(update(runs).where(runs.c.id == run_id, is_in_time).values(deleted_at=None))
            return read_run(connection, run_id)
