"""How a curve is written: added to at its end, put right after an interruption, thinned when it is long.

Every function belongs into the transaction of a worker that has claimed the run, which keeps
other writers away.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, tuple_, update

from core.store.queries import change
from core.store.records import CurvePoint, LayerVitals
from core.store.rows import row_from_point, row_from_vitals
from core.store.tables import points, runs, vitals

# A training curve with more points than this is thinned. A validation curve has one an epoch, and
# early stopping counts them: it is bounded by the number of epochs and kept whole.
MAX_POINTS = 4_000
# So many of the latest points stay as they were recorded …
LIVE_POINTS = 500
# … and at most so many of those before, each in a stretch of steps of its own.
OLD_POINTS = 1_500

# Databases bound the number of values in one statement.
_ROWS_PER_STATEMENT = 200
# An epoch is a number of steps divided by how many it has: what that may be off by, in steps.
_ROUNDING = 1e-6


def write_recorded(
    connection: Connection,
    run_id: str,
    new_points: Sequence[CurvePoint],
    new_vitals: Sequence[LayerVitals] = (),
) -> None:
    """Write points and vitals, each in place of an earlier one of its kind and step; count the version.

    Readers fetch what lies behind the last step they know, so `runs.curve_rewritten` notes
    whenever something changed before that. A training curve of more than `MAX_POINTS` is thinned.
    """
    rows = list({(point.kind, point.step): row_from_point(run_id, point) for point in new_points}.values())
    layers = list({(one.step, one.layer): row_from_vitals(run_id, one) for one in new_vitals}.values())
    if not rows and not layers:
        return
    known = _known(connection, run_id)
    is_rewritten = any(row["step"] <= known.get(row["kind"], (0, -1))[1] for row in rows)
    _write_points(connection, run_id, rows, replace=is_rewritten)
    if layers:
        last = connection.execute(select(func.max(vitals.c.step)).where(vitals.c.run_id == run_id)).scalar()
        is_rewritten |= last is not None and any(row["step"] <= last for row in layers)
        _replace_vitals(connection, run_id, layers)
    if known.get("training", (0, -1))[0] + len(rows) > MAX_POINTS:
        is_rewritten |= _thin(connection, run_id)
    if any(row["kind"] == "validation" for row in rows):
        note_best(connection, run_id)
    _count_version(connection, run_id, is_rewritten=is_rewritten)


def forget_after(connection: Connection, run_id: str, step: int) -> None:
    """Delete what was recorded of one run after this global step; a resumed run writes it again.

    What an earlier thinning took is not there again, but a checkpoint is younger than the
    part that is thinned unless none could be saved for minutes; and no stretch is thinned out wholly.
    """
    for table in (points, vitals):
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step > step))
    note_best(connection, run_id)
    _count_version(connection, run_id, is_rewritten=True)


def note_best(connection: Connection, run_id: str) -> None:
    """Note with a run the best of its validation points: lists of thousands of runs show it."""
    query = select(points.c.accuracy, points.c.epoch).where(
        points.c.run_id == run_id, points.c.kind == "validation", points.c.accuracy.is_not(None)
    )
    best = connection.execute(query.order_by(points.c.accuracy.desc(), points.c.step).limit(1)).one_or_none()
    accuracy, epoch = best or (None, None)
    change(connection, run_id, best_accuracy=accuracy, best_epoch=epoch)


def count_steps_anew(connection: Connection, run_id: str, steps_per_epoch: int) -> None:
    """Give what was recorded of a run the steps that it has with so many an epoch.

    What a fork has of the other run was recorded with that one's batches. Of what falls upon one step the
    latest stays.
    """
    for table, key in ((points, "kind"), (vitals, "layer")):
        rows = connection.execute(select(table).where(table.c.run_id == run_id).order_by(table.c.step))
        moved = {}
        for row in rows.mappings():
            step = ceil(row["epoch"] * steps_per_epoch - _ROUNDING)
            moved[row[key], step] = dict(row) | {"step": step}
        connection.execute(delete(table).where(table.c.run_id == run_id))
        found = list(moved.values())
        for start in range(0, len(found), _ROWS_PER_STATEMENT):
            connection.execute(insert(table), found[start : start + _ROWS_PER_STATEMENT])
    _count_version(connection, run_id, is_rewritten=True)


def steps_too_many(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the steps of a long curve whose points are to go.

    The last `LIVE_POINTS` stay, and the first point. Before them one point stays, the last, of each
    stretch of steps. Stretches begin at step 0 and are as long as the smallest power of two that
    leaves at most `OLD_POINTS` of them: so a curve that is thinned again and again stays even, where
    dropping every second point would leave it ever thinner towards its beginning. A point that
    stays is one that was measured: a mean of several would make the past look calmer than the present.

    Parameters
    ----------
    steps
        Ascending, each once.
    """
    old, first_live = steps[:-LIVE_POINTS], int(steps[-LIVE_POINTS])
    length = 1
    while first_live // length >= OLD_POINTS:
        length *= 2
    stretches = old // length
    is_followed = np.append(stretches[1:] == stretches[:-1], False)
    is_followed[0] = False
    return np.compress(is_followed, old)


def _known(connection: Connection, run_id: str) -> dict[str, tuple[int, int]]:
    """Return for each kind of points how many there are and their last step."""
    query = select(points.c.kind, func.count(), func.max(points.c.step)).where(points.c.run_id == run_id)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query.group_by(points.c.kind))}


def _thin(connection: Connection, run_id: str) -> bool:
    """Thin a training curve that is too long; return whether it was."""
    of_run = points.c.run_id == run_id, points.c.kind == "training"
    found = connection.execute(select(points.c.step).where(*of_run).order_by(points.c.step)).scalars()
    steps = np.array(found.all(), dtype=np.int64)
    if len(steps) <= MAX_POINTS:
        return False
    doomed = steps_too_many(steps).tolist()
    for start in range(0, len(doomed), _ROWS_PER_STATEMENT):
        some = doomed[start : start + _ROWS_PER_STATEMENT]
        connection.execute(delete(points).where(*of_run, points.c.step.in_(some)))
    return bool(doomed)


def _write_points(connection: Connection, run_id: str, rows: list[dict[str, Any]], *, replace: bool) -> None:
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        some = rows[start : start + _ROWS_PER_STATEMENT]
        if replace:  # deleting first works in every database
            keys = tuple_(points.c.kind, points.c.step).in_([(row["kind"], row["step"]) for row in some])
            connection.execute(delete(points).where(points.c.run_id == run_id, keys))
        connection.execute(insert(points), some)


def _replace_vitals(connection: Connection, run_id: str, rows: list[dict[str, Any]]) -> None:
    steps = {row["step"] for row in rows}
    connection.execute(delete(vitals).where(vitals.c.run_id == run_id, vitals.c.step.in_(steps)))
    connection.execute(insert(vitals), rows)


def _count_version(connection: Connection, run_id: str, *, is_rewritten: bool) -> None:
    following = runs.c.curve_version + 1
    values: dict[str, Any] = {"curve_version": following}
    if is_rewritten:
        values["curve_rewritten"] = following
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))
