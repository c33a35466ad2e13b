"""Drawings with the digit that they are meant to be: kept, counted, pooled, deleted with a way back."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from core.config import CLASS_COUNT, IMAGE_SHAPE
from core.errors import LimitExceeded, PictureError
from core.sentences import say
from core.settings import Settings
from core.store.cells import readable
from core.store.clock import now
from core.store.database import Database
from core.store.drawing_records import DrawingSet, KeptDrawing, NewDrawing
from core.store.shelf import UNDO_SECONDS
from core.store.tables import drawings

# Ordinary strokes of a digit have 2 KB; of longer ones the picture is kept alone.
LONGEST_STROKES = 64 * 1024
# Pooled at once, the newest: 8 MB.
MOST_POOLED = 10_000

# Some databases take no more values in one statement.
_AT_ONCE = 400
_NEWEST_FIRST = (drawings.c.created_at.desc(), drawings.c.id.desc())
_IS_KEPT = drawings.c.deleted_at.is_(None)
# What reading a row raises of which the moment is none.
_NO_MOMENT = (TypeError, ValueError, OverflowError, OSError)
_SHORT = (drawings.c.id, drawings.c.label, drawings.c.image, drawings.c.held_back)


class LabelledDrawings:
    """The part of `RunStore` that keeps drawings with their labels.

    A picture is kept once in a workspace. A third of each label's drawings is held back from training:
    decided as a drawing is kept, and not changed later, so that whoever measures knows what nobody learnt.
    """

    _database: Database

    def keep_drawing(
        self, workspace: str, drawing: NewDrawing, limits: Settings | None
    ) -> tuple[KeptDrawing, bool]:
        """Keep a drawing; one that is there already gets the new label. Return it, and whether it was there.

        Parameters
        ----------
        limits
            What this server allows; None for its owner, who may keep any number.

        Raises
        ------
        LimitExceeded
            If there are too many drawings, or they take too much room.
        PictureError
            If this is no picture of a network's size, or no label.
        """
        digest = _digest(drawing)
        of_it = (drawings.c.workspace == workspace) & (drawings.c.digest == digest)
        with self._database.transaction(write=True, alone=True) as connection:
            known = connection.execute(update(drawings).where(of_it, _IS_KEPT).values(label=drawing.label))
            if not known.rowcount:
                _insert(connection, workspace, {digest: drawing}, limits)
            kept = _from_row(connection.execute(select(drawings).where(of_it)).one())
            return kept, bool(known.rowcount)

    def import_drawings(
        self, workspace: str, new: Sequence[NewDrawing], limits: Settings | None
    ) -> tuple[str, ...]:
        """Keep all of these drawings, or none if there is no room; return the ids of those that are new.

        What is kept already stays as it is, with its own label.

        Raises
        ------
        LimitExceeded, PictureError
            As by `keep_drawing`.
        """
        by_digest = {_digest(drawing): drawing for drawing in reversed(new)}  # of two alike the first
        query = select(drawings.c.digest).where(drawings.c.workspace == workspace, _IS_KEPT)
        with self._database.transaction(write=True, alone=True) as connection:
            for known in connection.execute(query).scalars():
                by_digest.pop(known, None)
            return _insert(connection, workspace, dict(reversed(by_digest.items())), limits)

    def drawings(
        self, workspace: str, *, limit: int = 2_000, with_strokes: bool = False
    ) -> list[KeptDrawing]:
        """Return the newest drawings of a workspace first; damaged rows are left out."""
        columns = (
            [drawings] if with_strokes else [column for column in drawings.c if column.name != "strokes"]
        )
        query = select(*columns).where(drawings.c.workspace == workspace, _IS_KEPT)
        with self._database.transaction() as connection:
            rows = connection.execute(query.order_by(*_NEWEST_FIRST).limit(limit))
            return list(readable(filter(_is_sound, rows), _from_row, _NO_MOMENT))

    def drawing_set(
        self, workspaces: Sequence[str] | None, *, held_back: bool | None = None, limit: int = MOST_POOLED
    ) -> DrawingSet:
        """Return drawings as arrays, oldest first; of too many the newest.

        Parameters
        ----------
        workspaces
            Whose; None for everybody's on this server.
        held_back
            True for those that are kept from training, False for the others, None for all.
        """
        query = select(*_SHORT).where(_IS_KEPT, *_of(workspaces))
        if held_back is not None:
            query = query.where(drawings.c.held_back == int(held_back))
        with self._database.transaction() as connection:
            rows = connection.execute(query.order_by(*_NEWEST_FIRST).limit(limit)).all()
        sound = [row for row in reversed(rows) if _is_sound(row)]
        images = np.frombuffer(b"".join(bytes(row.image) for row in sound), np.uint8)
        labels = np.array([row.label for row in sound], np.uint8)
        held = np.array([bool(row.held_back) for row in sound], np.bool_)
        labels.flags.writeable = held.flags.writeable = False
        return DrawingSet(tuple(str(row.id) for row in sound), images.reshape(-1, *IMAGE_SHAPE), labels, held)

    def drawing_count(self, workspaces: Sequence[str] | None, *, held_back: bool | None = None) -> int:
        """Return how many drawings these workspaces keep, None for all; `held_back` as in `drawing_set`."""
        query = select(func.count()).select_from(drawings).where(_IS_KEPT, *_of(workspaces))
        if held_back is not None:
            query = query.where(drawings.c.held_back == int(held_back))
        with self._database.transaction() as connection:
            return int(connection.execute(query).scalar_one())

    def delete_drawings(self, workspace: str, ids: Sequence[str] | None = None) -> tuple[str, ...]:
        """Take drawings away, None for all; return the ids of those that were there.

        They can be restored for `UNDO_SECONDS`, unless their room is needed before.
        """
        mine = (drawings.c.workspace == workspace) & _IS_KEPT
        gone: list[str] = []
        with self._database.transaction(write=True) as connection:
            if ids is None:
                ids = connection.execute(select(drawings.c.id).where(mine)).scalars().all()
            for part in _parts(ids):
                change = update(drawings).where(mine, drawings.c.id.in_(part)).values(deleted_at=now())
                gone += connection.execute(change.returning(drawings.c.id)).scalars()
        return tuple(gone)

    def restore_drawings(self, workspace: str, ids: Sequence[str], limits: Settings | None) -> int:
        """Put deleted drawings back where that can still be done; return how many.

        Raises
        ------
        LimitExceeded
            If others have taken their place; none is back then.
        """
        is_in_time = drawings.c.deleted_at > now() - UNDO_SECONDS
        count = 0
        with self._database.transaction(write=True, alone=True) as connection:
            for part in _parts(ids):
                mine = (drawings.c.workspace == workspace) & drawings.c.id.in_(part)
                change = update(drawings).where(mine, is_in_time).values(deleted_at=None)
                count += connection.execute(change).rowcount
            _check_room(connection, workspace, limits)
        return count


def _insert(
    connection: Connection, workspace: str, new: dict[str, NewDrawing], limits: Settings | None
) -> tuple[str, ...]:
    """Write drawings by the digests of their pictures, in this order; return their ids."""
    decided: dict[str, bool] = {}
    for part in _parts(list(new)):  # deleted ones are in the way of the same picture
        is_known = (drawings.c.workspace == workspace) & drawings.c.digest.in_(part)
        known = connection.execute(select(drawings.c.digest, drawings.c.held_back).where(is_known))
        decided |= {digest: bool(held_back) for digest, held_back in known}
        connection.execute(delete(drawings).where(is_known))
    counts = _counts(connection, workspace)
    rows = []
    for digest, drawing in new.items():
        learnt, held = counts[drawing.label]
        # So the second, fifth, eighth … of a label are held back.
        wanted = drawing.is_held_back if drawing.is_held_back is not None else 2 * held < learnt
        is_held_back = decided.get(digest, wanted)
        counts[drawing.label] = (learnt + (not is_held_back), held + is_held_back)
        strokes = drawing.strokes or None
        if strokes is not None and len(strokes.encode()) > LONGEST_STROKES:
            strokes = None
        rows.append(
            {
                "id": secrets.token_hex(6),
                "workspace": workspace,
                "label": drawing.label,
                "image": drawing.image.tobytes(),
                "digest": digest,
                "strokes": strokes,
                "size": drawing.image.nbytes + len((strokes or "").encode()),
                "held_back": int(is_held_back),
            }
        )
    if rows:
        connection.execute(insert(drawings).values(created_at=now()), rows)
        _check_room(connection, workspace, limits)
    return tuple(str(row["id"]) for row in rows)


def _counts(connection: Connection, workspace: str) -> dict[int, tuple[int, int]]:
    """Return for each label how many of its drawings are there to learn from, and how many held back."""
    query = (
        select(
            drawings.c.label, func.count() - func.sum(drawings.c.held_back), func.sum(drawings.c.held_back)
        )
        .where(drawings.c.workspace == workspace, _IS_KEPT)
        .group_by(drawings.c.label)
    )
    counts = dict.fromkeys(range(CLASS_COUNT), (0, 0))
    counts |= {label: (int(learnt), int(held)) for label, learnt, held in connection.execute(query)}
    return counts


def _check_room(connection: Connection, workspace: str, limits: Settings | None) -> None:
    """Raise `LimitExceeded` if there is more than is allowed; what was deleted goes for good before that."""
    if limits is None:
        return
    mine = drawings.c.workspace == workspace
    count, size = _taken(connection, mine)
    if count > limits.max_drawings or size > limits.max_drawing_bytes:
        connection.execute(delete(drawings).where(mine, drawings.c.deleted_at.is_not(None)))
        count, size = _taken(connection, mine)
    if count > limits.max_drawings:
        raise LimitExceeded(
            say(
                "One browser may keep {most} drawings here; these would be {count}. Export yours and delete "
                "some of them.",
                most=f"{limits.max_drawings:,}",
                count=f"{count:,}",
            )
        )
    if size > limits.max_drawing_bytes:
        raise LimitExceeded(
            say(
                "The drawings of one browser may take {most} kB here; these would take {size} kB. Export "
                "yours and delete some of them.",
                most=f"{limits.max_drawing_bytes // 1_000:,}",
                size=f"{size // 1_000:,}",
            )
        )
    if _taken(connection)[1] > limits.max_total_drawing_bytes:
        raise LimitExceeded(
            say(
                "This server keeps no more drawings: those of all its browsers take {most} MB already.",
                most=f"{limits.max_total_drawing_bytes // 1_000_000:,}",
            )
        )


def _taken(connection: Connection, *which: ColumnElement[bool]) -> tuple[int, int]:
    """Return how many drawings there are, deleted ones too, and their bytes."""
    query = select(func.count(), func.coalesce(func.sum(drawings.c.size), 0)).where(*which)
    count, size = connection.execute(query).one()
    return int(count), int(size)


def _of(workspaces: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if workspaces is None else [drawings.c.workspace.in_(list(workspaces))]


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _digest(drawing: NewDrawing) -> str:
    image, label = drawing.image, drawing.label
    if image.dtype != np.uint8 or image.shape != IMAGE_SHAPE:
        raise PictureError(
            say(
                "A drawing is kept as a picture of 28×28 bytes; this one is {kind} of shape {shape}.",
                kind=image.dtype,
                shape=image.shape,
            )
        )
    if label not in range(CLASS_COUNT):
        raise PictureError(say("A drawing is one of the digits 0 to 9, and not {label}.", label=repr(label)))
    return hashlib.sha256(image.tobytes()).hexdigest()


def _is_sound(row: Any) -> bool:
    try:
        return len(row.image) == IMAGE_SHAPE[0] * IMAGE_SHAPE[1] and row.label in range(CLASS_COUNT)
    except TypeError:
        return False


def _from_row(row: Any) -> KeptDrawing:
    return KeptDrawing(
        id=str(row.id),
        workspace=str(row.workspace),
        label=int(row.label),
        image=_image(row.image),
        strokes=getattr(row, "strokes", None),
        is_held_back=bool(row.held_back),
        created_at=datetime.fromtimestamp(float(row.created_at), UTC),
    )


def _image(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(bytes(content), np.uint8).reshape(IMAGE_SHAPE)
