"""What people keep: runs with a star, a name, a note and tags, and runs deleted with a way back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, literal, update

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
LONGEST_NOTE = 500
# Of a tag, and how many a run may have.
LONGEST_TAG, MOST_TAGS = 24, 8
# Databases bound the number of values in one statement.
_IDS_PER_STATEMENT = 500


class RunShelf:
    """The part of `RunStore` with which people keep runs and clear them away."""

    _database: Database

    def star(self, run_id: str, is_starred: bool) -> Run:
        """Give a run a star, or take it away: with one it is never removed to make room.

        Raises
        ------
        RunNotFound, RunUnreadable
        """
        return self._keep(run_id, starred=int(is_starred))

    def rename(self, run_id: str, name: str) -> Run:
        """Call a run something, or with an empty name again by what it changed; spaces are put in order.

        Raises
        ------
        ConfigError
            If the name is longer than `LONGEST_NAME` or holds what cannot be shown.
        RunNotFound, RunUnreadable
        """
        return self._keep(run_id, name=_line(name, LONGEST_NAME))

    def annotate(self, run_id: str, note: str) -> Run:
        """Write something about a run, or with an empty note nothing any more; spaces are put in order.

        Raises
        ------
        ConfigError
            If the note is longer than `LONGEST_NOTE` or holds what cannot be shown.
        RunNotFound, RunUnreadable
        """
        return self._keep(run_id, note=_line(note, LONGEST_NOTE))

    def tag(self, run_id: str, tags: Sequence[str]) -> Run:
        """Give a run these tags and no others; each once, spaces are put in order.

        Raises
        ------
        ConfigError
            If they are more than `MOST_TAGS`, or one is longer than `LONGEST_TAG` or cannot be shown.
        RunNotFound, RunUnreadable
        """
        wanted = list(dict.fromkeys(filter(None, (" ".join(tag.split()) for tag in tags))))
        if len(wanted) > MOST_TAGS:
            raise ConfigError(
                say(
                    "A run has at most {most} tags; these are {count}. Leave some out.",
                    most=MOST_TAGS,
                    count=len(wanted),
                )
            )
        for tag in wanted:
            if len(tag) > LONGEST_TAG:
                raise ConfigError(
                    say(
                        "A tag has at most {most} letters; “{tag}” has {count}. Shorten it.",
                        most=LONGEST_TAG,
                        tag=tag[:LONGEST_TAG] + "…",
                        count=len(tag),
                    )
                )
            # A comma parts one tag from the next wherever they are written.
            if not tag.isprintable() or "," in tag:
                raise ConfigError(say("A tag holds signs that cannot be used. Write it anew."))
        return self._keep(run_id, tags=json.dumps(wanted, ensure_ascii=False) if wanted else None)

    def _keep(self, run_id: str, **values: str | int | None) -> Run:
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            change(connection, run_id, **values)
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

    def delete_several(self, run_ids: Sequence[str], workspace: str) -> list[str]:
        """Take runs of a workspace off all lists as `delete` does; those that are being trained stay.

        Returns
        -------
        list of str
            The ids of those that are deleted now and were not before.
        """
        was_waiting = runs.c.status == RunStatus.QUEUED
        values = {
            "status": case((was_waiting, literal(RunStatus.PAUSED.value)), else_=runs.c.status),
            "deleted_at": now(),
        }
        can_go = runs.c.deleted_at.is_(None), runs.c.status != RunStatus.RUNNING
        return self._change_several(run_ids, workspace, *can_go, values=values)

    def restore_several(self, run_ids: Sequence[str], workspace: str) -> list[str]:
        """Put runs of a workspace back that were deleted within `UNDO_SECONDS`; return their ids."""
        is_in_time = runs.c.deleted_at > now() - UNDO_SECONDS
        return self._change_several(run_ids, workspace, is_in_time, values={"deleted_at": None})

    def star_several(self, run_ids: Sequence[str], is_starred: bool, workspace: str) -> list[str]:
        """Give runs of a workspace a star, or take it away; return the ids of those that are there."""
        return self._change_several(
            run_ids, workspace, runs.c.deleted_at.is_(None), values={"starred": int(is_starred)}
        )

    def _change_several(
        self, run_ids: Sequence[str], workspace: str, *can: ColumnElement[bool], values: Mapping[str, Any]
    ) -> list[str]:
        changed: list[str] = []
        with self._database.transaction(write=True) as connection:
            for start in range(0, len(run_ids), _IDS_PER_STATEMENT):
                some = runs.c.id.in_(list(run_ids[start : start + _IDS_PER_STATEMENT]))
                query = update(runs).where(some, runs.c.workspace == workspace, *can).values(**values)
                changed += connection.execute(query.returning(runs.c.id)).scalars()
        return changed

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


def _line(text: str, most: int) -> str | None:
    """Return a text with its spaces in order, None for an empty one; `ConfigError` if it cannot be kept."""
    text = " ".join(text.split())
    if len(text) > most:
        raise ConfigError(
            say(
                "At most {most} letters fit here; this text has {count}. Shorten it.",
                most=most,
                count=len(text),
            )
        )
    if not text.isprintable():
        raise ConfigError(say("This text holds signs that cannot be shown. Write it anew."))
    return text or None
