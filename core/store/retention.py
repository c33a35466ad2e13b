"""What is kept how long: clears away what was deleted, what is too old, and what has no room.

Called every few minutes by whoever looks after the workers.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from core.errors import StoreError
from core.settings import Settings
from core.store.clock import now
from core.store.files import RunFiles, remove, runs_files, snapshot_epoch
from core.store.records import ALIVE, ENDED, RunStatus
from core.store.runs import RunStore
from core.store.shelf import UNDO_SECONDS
from core.store.tables import drawings, experiments, runs

_log = logging.getLogger(__name__)

_DAY = 24 * 3_600.0
# Behind the last moment at which a run can still be restored, so that no restoring overlaps.
_DELETED_SECONDS = UNDO_SECONDS + 60.0
# A temporary file, or an empty folder without a run, is of a process that was killed: nobody writes so long.
_LEFTOVER_SECONDS = 3_600.0
# Marks a run that is about to be removed: deleted so long ago that it cannot be restored.
_FOR_GOOD = 0.0


@dataclass
class Removed:
    """What a sweep has removed for good.

    Attributes
    ----------
    deleted, too_old, no_room
        Ids of runs: deleted by their owners; older than is kept; the oldest above the bytes kept.
    snapshots
        Ids of runs that lost the networks of their epochs and nothing else: before a run is removed for
        want of room, older and younger ones give up these.
    leftovers
        Names of files and folders of no run, or of a process that was killed.
    drawings
        How many drawings: deleted by their owners, or of a browser that was not here for long.
    experiments
        How many experiments: deleted by their owners, or that ended so long ago and have no run left.
    size
        Bytes that are free again.
    """

    deleted: list[str] = field(default_factory=list)
    too_old: list[str] = field(default_factory=list)
    no_room: list[str] = field(default_factory=list)
    snapshots: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    drawings: int = 0
    experiments: int = 0
    size: int = 0


def sweep(store: RunStore, settings: Settings) -> Removed:
    """Remove what is not kept any more, and return what that was.

    Never a run that is starred, waiting or being trained. What cannot be removed now is logged and
    tried again by the next sweep.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    removed = Removed()
    # Files first: a run that is made meanwhile has a row by the time the rows are read.
    folders = runs_files(store.artifacts)
    with store.database.transaction() as connection:
        rows = _rows(connection, settings.max_run_age_days * _DAY)
    sizes = {run_id: folder.size for run_id, folder in folders.items()}
    kept = [row for row in rows if not row.is_deleted]
    old = [row for row in kept if row.is_old and _is_removable(row)]
    _remove_runs(store, [row.id for row in rows if row.is_gone], sizes, removed.deleted, removed)
    _remove_runs(store, [row.id for row in old], sizes, removed.too_old, removed)
    kept = [row for row in kept if row not in old]
    for workspace in dict.fromkeys(row.workspace for row in kept):
        mine = [row for row in kept if row.workspace == workspace]
        _strip(folders, mine, sizes, settings.max_workspace_bytes, removed)
        mine = _above(mine, sizes, settings.max_workspace_bytes)
        _remove_runs(store, mine, sizes, removed.no_room, removed)
    kept = [row for row in kept if row.id not in removed.no_room]
    _strip(folders, kept, sizes, settings.max_total_bytes, removed)
    _remove_runs(store, _above(kept, sizes, settings.max_total_bytes), sizes, removed.no_room, removed)
    _remove_leftovers(folders, {row.id for row in rows}, settings, removed)
    _remove_drawings(store, settings.max_run_age_days * _DAY, removed)
    _remove_experiments(store, settings.max_run_age_days * _DAY, removed)
    return removed


def _rows(connection: Connection, max_age: float) -> Sequence[Any]:
    """Return what decides over each run, oldest first; of damaged rows too."""
    age_from = func.coalesce(runs.c.finished_at, runs.c.heartbeat_at, runs.c.created_at)
    # A time ahead of the clock is young here: it was set back, and nothing is removed for that.
    goes_on = (
        select(experiments.c.id)
        .where(experiments.c.id == runs.c.experiment, experiments.c.status.not_in(ENDED))
        .exists()
    )
    query = select(
        runs.c.id,
        runs.c.workspace,
        runs.c.status,
        runs.c.starred,
        runs.c.deleted_at.is_not(None).label("is_deleted"),
        # While its experiment goes on it is known there: who looked for it in vain would train it again.
        (func.coalesce(runs.c.deleted_at <= now() - _DELETED_SECONDS, False) & ~goes_on).label("is_gone"),
        (age_from <= now() - max_age).label("is_old"),
    ).order_by(age_from, runs.c.id)
    return connection.execute(query).all()


def _is_removable(row: Any) -> bool:
    return not row.starred and row.status not in ALIVE


def _strip(
    folders: dict[str, RunFiles], rows: Sequence[Any], sizes: dict[str, int], at_most: int, removed: Removed
) -> None:
    """Remove the networks of epochs of the oldest runs until all take `at_most` bytes; `sizes` is changed."""
    too_much = sum(sizes.get(row.id, 0) for row in rows) - at_most
    for row in filter(_is_removable, rows):
        if too_much <= 0:
            return
        folder = folders.get(row.id)
        names = [name for name in (folder.sizes if folder else ()) if snapshot_epoch(name) is not None]
        for name in names:
            assert folder is not None
            try:
                size = folder.remove(folder.path / name)
            except StoreError as error:
                _log.warning("%s", error)
                continue
            too_much -= size
            sizes[row.id] -= size
            removed.size += size
            if row.id not in removed.snapshots:
                removed.snapshots.append(row.id)


def _above(rows: Sequence[Any], sizes: dict[str, int], at_most: int) -> list[str]:
    """Return the runs that have to go until the others take `at_most` bytes: ended ones first."""
    too_much = sum(sizes.get(row.id, 0) for row in rows) - at_most
    going: list[str] = []
    for row in sorted(rows, key=lambda row: row.status == RunStatus.PAUSED):
        if too_much <= 0:
            break
        if _is_removable(row) and sizes.get(row.id):
            going.append(row.id)
            too_much -= sizes[row.id]
    return going


def _remove_runs(
    store: RunStore, run_ids: Sequence[str], sizes: dict[str, int], gone: list[str], removed: Removed
) -> None:
    for run_id in run_ids:
        of_run = runs.c.id == run_id
        try:
            with store.database.transaction(write=True) as connection:
                is_free = (
                    of_run
                    & runs.c.status.not_in(ALIVE)
                    & ((runs.c.starred == 0) | runs.c.deleted_at.is_not(None))
                )
                marked = connection.execute(update(runs).where(is_free).values(deleted_at=_FOR_GOOD))
            if not marked.rowcount:
                continue  # starred or resumed at this very moment
            # The row last: if this process dies in between, the next sweep finds it.
            remove(store.artifacts, run_id)
            with store.database.transaction(write=True) as connection:
                connection.execute(delete(runs).where(of_run))
        except StoreError as error:
            _log.warning("run %s cannot be removed yet: %s", run_id, error)
            continue
        gone.append(run_id)
        removed.size += sizes.get(run_id, 0)


def _remove_leftovers(
    folders: dict[str, RunFiles], known: set[str], settings: Settings, removed: Removed
) -> None:
    """Remove temporary files of killed writers, and folders of no run that nobody has touched for long.

    A folder with files in it stays as long as a run does: the database may just have been moved away.
    """
    for run_id, folder in folders.items():
        going = folder.temporary_files(_LEFTOVER_SECONDS)
        wait = settings.max_run_age_days * _DAY if folder.size else _LEFTOVER_SECONDS
        if run_id not in known and folder.is_untouched(wait):
            going = [folder.path]
        for path in going:
            try:
                removed.size += folder.remove(path)
            except StoreError as error:
                _log.warning("%s", error)
            else:
                removed.leftovers.append(path.name)


def _remove_drawings(store: RunStore, max_age: float, removed: Removed) -> None:
    """Remove deleted drawings, and all of a workspace without runs whose last is that old."""
    is_gone = drawings.c.deleted_at <= now() - _DELETED_SECONDS
    in_use = select(runs.c.workspace).union(
        select(drawings.c.workspace).where(drawings.c.created_at > now() - max_age)
    )
    is_left = drawings.c.workspace.not_in(in_use)
    try:
        with store.database.transaction(write=True) as connection:
            going = connection.execute(delete(drawings).where(is_gone | is_left).returning(drawings.c.size))
            sizes = list(going.scalars())
    except StoreError as error:
        _log.warning("drawings cannot be removed yet: %s", error)
        return
    removed.drawings = len(sizes)
    removed.size += sum(sizes)


def _remove_experiments(store: RunStore, max_age: float, removed: Removed) -> None:
    """Remove deleted experiments, and those that ended so long ago once their runs are gone."""
    is_gone = experiments.c.deleted_at <= now() - _DELETED_SECONDS
    has_runs = select(runs.c.id).where(runs.c.experiment == experiments.c.id).exists()
    is_old = (experiments.c.finished_at <= now() - max_age) & ~has_runs
    try:
        with store.database.transaction(write=True) as connection:
            removed.experiments = connection.execute(delete(experiments).where(is_gone | is_old)).rowcount
    except StoreError as error:
        _log.warning("experiments cannot be removed yet: %s", error)
