"""In which order runs start: workspaces take turns, so that nobody fills the queue for others."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection, func, select

from core.store.cells import readable
from core.store.queries import conditions
from core.store.records import Run, RunStatus
from core.store.rows import run_from_row
from core.store.tables import runs, workspaces

_SINCE = func.coalesce(runs.c.queued_at, runs.c.created_at)


def in_turn(connection: Connection) -> list[Run]:
    """Return the queued runs in the order in which they will start.

    Within a workspace the oldest goes first. A workspace's turn comes by the time at which it was
    last served, or since when it waits if that is later. So whoever has nothing waiting and comes
    now waits behind at most one run of each other workspace, and no newcomer overtakes those who
    wait already: fair queueing, Nagle 1987 (RFC 970), with a new flow beginning at the present.
    """
    query = (
        select(runs, _SINCE.label("since"), workspaces.c.served_at)
        .outerjoin(workspaces, workspaces.c.workspace == runs.c.workspace)
        .where(*conditions(None, {RunStatus.QUEUED}))
        # Several may be of the same millisecond, which is as exact as SQLite's clock is told.
        .order_by(runs.c.workspace, _SINCE, runs.c.number)
    )
    placed: list[tuple[tuple[int, float, str], Run]] = []
    for workspace, rows in groupby(connection.execute(query).all(), key=lambda row: row.workspace):
        mine = list(rows)
        turn = max(number(mine[0].since), number(mine[0].served_at))
        placed += [
            ((place, turn, str(workspace)), run) for place, run in enumerate(readable(mine, run_from_row))
        ]
    return [run for _, run in sorted(placed, key=lambda pair: pair[0])]


def place_of_another(queue: Sequence[Run], workspace: str) -> int:
    """Return behind how many runs of the queue a new one of this workspace would start."""
    turns = list(dict.fromkeys(run.workspace for run in queue))  # the first runs, in the order of turns
    rounds = sum(1 for run in queue if run.workspace == workspace)
    # A run of its own round, the last, is ahead only of a workspace whose turn comes before.
    own_turn = turns.index(workspace) if rounds else len(turns)
    of_each = {other: rounds + (turn < own_turn) for turn, other in enumerate(turns)}
    ahead = 0
    for run in queue:
        of_each[run.workspace] -= 1
        ahead += of_each[run.workspace] >= 0
    return ahead


def number(value: object) -> float:
    """Return a number of the database, 0 for what is none."""
    # A damaged moment counts as long ago: its own run is not readable, the others' are.
    return float(value) if isinstance(value, int | float) else 0.0
