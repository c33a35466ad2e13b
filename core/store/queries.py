"""The statements that more than one method of RunStore needs."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from core.config import TrainingConfig
from core.errors import ClaimLost
from core.sentences import say
from core.store.clock import now
from core.store.files import no_run
from core.store.records import RateChange, Request, Run, RunStatus
from core.store.rows import run_from_row
from core.store.tables import runs, workspaces


def conditions(
    workspaces: Sequence[str] | None, statuses: Collection[RunStatus] | None
) -> list[ColumnElement[bool]]:
    """Return what a run of these workspaces and statuses fulfils that is not deleted; None asks nothing."""
    found: list[ColumnElement[bool]] = [runs.c.deleted_at.is_(None)]
    if workspaces is not None:
        found.append(runs.c.workspace.in_(list(workspaces)))
    if statuses is not None:
        found.append(runs.c.status.in_(list(statuses)))
    return found


def read_run(connection: Connection, run_id: str, *, lock: bool = False, even_deleted: bool = False) -> Run:
    """Return one run, locked until the end of the transaction if asked.

    Raises
    ------
    RunNotFound, RunUnreadable
    """
    query = select(runs).where(runs.c.id == run_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None or (row.deleted_at is not None and not even_deleted):
        raise no_run(run_id)
    return run_from_row(row)


def lock_run(connection: Connection, run_id: str) -> None:
    """Let nobody else write to this run, or what belongs to it, until the end of the transaction.

    Raises
    ------
    RunNotFound
    """
    query = select(runs.c.id).where(runs.c.id == run_id).with_for_update()
    if connection.execute(query).one_or_none() is None:
        raise no_run(run_id)


def next_number(connection: Connection, workspace: str) -> int:
    """Return the number of a new run in its workspace; other transactions there wait for this one."""
    query = update(workspaces).where(workspaces.c.workspace == workspace)
    number = workspaces.c.last_number
    found: int | None = connection.execute(query.values(last_number=number + 1).returning(number)).scalar()
    if found is None:
        connection.execute(insert(workspaces).values(workspace=workspace, last_number=1))
    return found or 1


def insert_run(
    connection: Connection, run_id: str, workspace: str, config: TrainingConfig, cost: float, **others: Any
) -> None:
    """Write a new run, queued, with the next number of its workspace; `others` are further columns."""
    values: dict[str, Any] = {
        "id": run_id,
        "number": next_number(connection, workspace),
        "workspace": workspace,
        "status": RunStatus.QUEUED,
        "config": config.to_json(),
        "created_at": now(),
        "request": Request.NONE,
        "attempts": 0,
        "epoch": 0,
        "step": 0,
        "steps_per_epoch": 0,
        "curve_version": 0,
        "cost_seconds": cost,
    }
    connection.execute(insert(runs).values(**(values | others)))


def rates_as_text(rates: Sequence[RateChange]) -> str:
    """Return learning rates that a run was given on the way as its row keeps them."""
    return json.dumps([[rate.epoch, rate.before, rate.after] for rate in rates])


def serve_workspace(connection: Connection, workspace: str) -> None:
    """Note that a worker takes a run of this workspace now: others have their turn next."""
    connection.execute(update(workspaces).where(workspaces.c.workspace == workspace).values(served_at=now()))


def change(connection: Connection, run_id: str, **values: Any) -> None:
    """Set columns of one run."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def change_own(connection: Connection, run_id: str, worker: str, **values: Any) -> None:
    """Set columns of one run; raise `ClaimLost` unless it is claimed by `worker`."""
    own = update(runs).where(runs.c.id == run_id, runs.c.claimed_by == worker)
    if connection.execute(own.values(**values)).rowcount == 0:
        raise ClaimLost(
            say(
                "Run {run} is no longer trained by {worker}: another worker has taken it over.",
                run=run_id,
                worker=worker,
            )
        )
