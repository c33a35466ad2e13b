"""The statements that more than one method of RunStore needs."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, tuple_, update

from core.errors import ClaimLost, RunNotFound, RunUnreadable
from core.store.records import Run, RunStatus
from core.store.rows import run_from_row
from core.store.tables import points, runs, vitals, workspaces

# Databases bound the number of values in one statement.
_POINTS_PER_STATEMENT = 200


def conditions(
    workspaces: Sequence[str] | None, statuses: Collection[RunStatus] | None
) -> list[ColumnElement[bool]]:
    """Return what a run of these workspaces and statuses fulfils; None asks nothing."""
    found: list[ColumnElement[bool]] = []
    if workspaces is not None:
        found.append(runs.c.workspace.in_(list(workspaces)))
    if statuses is not None:
        found.append(runs.c.status.in_(list(statuses)))
    return found


def readable(rows: Iterable[Any]) -> Iterator[Run]:
    """Yield the runs of those rows that can be read; `RunStore.unreadable_count` tells of the others."""
    for row in rows:
        try:
            yield run_from_row(row)
        except RunUnreadable:
            continue


def read_run(connection: Connection, run_id: str, *, lock: bool = False) -> Run:
    """Return one run, locked until the end of the transaction if asked.

    Raises
    ------
    RunNotFound, RunUnreadable
    """
    query = select(runs).where(runs.c.id == run_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise RunNotFound(f"There is no run “{run_id}”. Choose one from the list of runs.")
    return run_from_row(row)


def next_number(connection: Connection, workspace: str) -> int:
    """Return the number of a new run in its workspace; other transactions there wait for this one."""
    query = update(workspaces).where(workspaces.c.workspace == workspace)
    number = workspaces.c.last_number
    found: int | None = connection.execute(query.values(last_number=number + 1).returning(number)).scalar()
    if found is None:
        connection.execute(insert(workspaces).values(workspace=workspace, last_number=1))
    return found or 1


def change(connection: Connection, run_id: str, **values: Any) -> None:
    """Set columns of one run."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def change_own(connection: Connection, run_id: str, worker: str, **values: Any) -> None:
    """Set columns of one run; raise `ClaimLost` unless it is claimed by `worker`."""
    own = update(runs).where(runs.c.id == run_id, runs.c.claimed_by == worker)
    if connection.execute(own.values(**values)).rowcount == 0:
        raise ClaimLost(f"Run {run_id} is no longer trained by {worker}: another worker has taken it over.")


def replace_points(connection: Connection, run_id: str, rows: list[dict[str, Any]]) -> None:
    """Write points of one run, each in place of an earlier one of its kind and step."""
    for start in range(0, len(rows), _POINTS_PER_STATEMENT):
        some = rows[start : start + _POINTS_PER_STATEMENT]
        keys = [(row["kind"], row["step"]) for row in some]
        # Deleting first works in every database; the claim keeps other writers away.
        connection.execute(
            delete(points).where(points.c.run_id == run_id, tuple_(points.c.kind, points.c.step).in_(keys))
        )
        connection.execute(insert(points), some)


def replace_vitals(connection: Connection, run_id: str, rows: list[dict[str, Any]]) -> None:
    """Write measurements of one run's hidden units, each in place of an earlier one at its step."""
    if rows:
        steps = {row["step"] for row in rows}
        connection.execute(delete(vitals).where(vitals.c.run_id == run_id, vitals.c.step.in_(steps)))
        connection.execute(insert(vitals), rows)


def forget_after(connection: Connection, run_id: str, step: int) -> None:
    """Delete what was recorded of one run after this global step."""
    for table in (points, vitals):
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step > step))
