"""RunStore: runs, their curves and their folders, for pages and workers alike."""

import secrets
import time
from collections.abc import Collection, Sequence
from typing import Any, Self

from sqlalchemy import ColumnElement, func, insert, select
from upath import UPath

from core.config import TrainingConfig
from core.errors import ClaimLost, StoreError
from core.settings import Settings
from core.store.control import RunControl
from core.store.curves import RunCurves
from core.store.database import Database
from core.store.files import check_run_id, run_folder
from core.store.migration import migrate
from core.store.queries import (
    change,
    change_own,
    conditions,
    next_number,
    read_run,
    readable,
)
from core.store.recording import forget_after, write_recorded
from core.store.records import (
    ALIVE,
    KEPT_AT_CLAIM,
    CurvePoint,
    LayerVitals,
    Progress,
    Request,
    Run,
    RunStatus,
)
from core.store.rows import storable
from core.store.tables import runs

_NEWEST_FIRST = (runs.c.created_at.desc(), runs.c.id.desc())
_OLDEST_FIRST = (func.coalesce(runs.c.queued_at, runs.c.created_at), runs.c.id)
_ENDINGS = {RunStatus.FINISHED: "finished", RunStatus.STOPPED: "been stopped", RunStatus.FAILED: "failed"}


class RunStore(RunControl, RunCurves):
    """The runs of one database and the folder or object store with their files.

    May be used from many threads, and by many processes at once. Every method
    raises `StoreError` if the database fails and `StorageFull` if its disk is full.

    Parameters
    ----------
    database_url
        SQLAlchemy URL. The schema is brought up to date on construction.
    artifacts
        Path or URL below which each run has its folder.
    """

    def __init__(self, database_url: str, artifacts: str) -> None:
        self._database = Database(database_url)
        self._artifacts = artifacts
        migrate(self._database)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return the store that these settings describe."""
        return cls(settings.database, settings.artifacts)

    def close(self) -> None:
        """Close the connections; the store opens new ones if it is used again."""
        self._database.engine.dispose()

    # What pages ask

    def create(self, config: TrainingConfig, *, workspace: str, recipe: str | None = None) -> Run:
        """Write a new run, queued, and return it."""
        run_id = secrets.token_hex(6)
        with self._database.transaction(write=True) as connection:
            connection.execute(
                insert(runs).values(
                    id=run_id,
                    number=next_number(connection, workspace),
                    workspace=workspace,
                    status=RunStatus.QUEUED,
                    config=config.to_json(),
                    recipe=recipe,
                    created_at=time.time(),
                    request=Request.NONE,
                    attempts=0,
                    epoch=0,
                    step=0,
                    steps_per_epoch=0,
                    curve_version=0,
                )
            )
            return read_run(connection, run_id)

    def get(self, run_id: str) -> Run:
        """Return one run.

        Raises
        ------
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction() as connection:
            return read_run(connection, run_id)

    def list_runs(
        self,
        *,
        workspaces: Sequence[str] | None = None,
        statuses: Collection[RunStatus] | None = None,
        limit: int = 200,
    ) -> list[Run]:
        """Return the newest runs first, without those that cannot be read."""
        found: list[Run] = []
        with self._database.transaction() as connection:
            query = select(runs).where(*conditions(workspaces, statuses)).order_by(*_NEWEST_FIRST)
            offset = 0
            # Damaged rows do not count: look further back until the list is full.
            while len(found) < limit:
                rows = connection.execute(query.limit(limit).offset(offset)).all()
                found.extend(readable(rows))
                if len(rows) < limit:
                    break
                offset += limit
        return found[:limit]

    def unreadable_count(self, *, workspaces: Sequence[str] | None = None) -> int:
        """Return how many runs are left out of `list_runs` because their row is damaged."""
        with self._database.transaction() as connection:
            rows = connection.execute(select(runs).where(*conditions(workspaces, None))).all()
        return len(rows) - sum(1 for _ in readable(rows))

    def queue_place(self, run_id: str) -> int | None:
        """Return the place of a run among those queued, 1 for the next to start, else None."""
        queued = self._oldest_first(statuses={RunStatus.QUEUED})
        return next((place for place, run in enumerate(queued, 1) if run.id == run_id), None)

    def alive_count(self, workspace: str | None = None) -> int:
        """Return how many runs are queued or running, in all or of one workspace."""
        return len(self._oldest_first(None if workspace is None else [workspace], ALIVE))

    def folder(self, run_id: str) -> UPath:
        """Return the folder of a run's files, created.

        Raises
        ------
        RunNotFound
            If `run_id` cannot be the id of a run.
        """
        return run_folder(self._artifacts, run_id)

    # What workers tell

    def claim(self, run_id: str, worker: str) -> Run:
        """Take a run for `worker`: queued, or left behind by a worker that died.

        A request to stop or to take one step is kept for the worker.

        Raises
        ------
        ClaimLost
            If the run is paused: whoever resumes it queues it first.
        StoreError
            If the run has ended already.
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        now = time.time()
        with self._database.transaction(write=True) as connection:
            run = read_run(connection, run_id, lock=True)
            if run.status.is_ended:
                raise StoreError(f"Run {run_id} has already {_ENDINGS[run.status]}. Train a new run instead.")
            if run.status is RunStatus.PAUSED:
                raise ClaimLost(f"Run {run_id} is paused. Resume it, then a worker can take it.")
            change(
                connection,
                run_id,
                status=RunStatus.RUNNING,
                request=run.request if run.request in KEPT_AT_CLAIM else Request.NONE,
                claimed_by=worker,
                heartbeat_at=now,
                attempts=run.attempts + 1,
                fruitless_attempts=run.fruitless_attempts + 1,
                started_at=now if run.started_at is None else run.started_at.timestamp(),
                images_per_second=None,
                seconds_left=None,
                message=None,
            )
            return read_run(connection, run_id)

    def beat(self, run_id: str, worker: str) -> Request:
        """Say that `worker` is alive, and return what people have asked.

        Raises
        ------
        ClaimLost
            If the run is no longer this worker's.
        """
        return self.record(run_id, worker, [], None)

    def forgive(self, run_id: str, worker: str) -> None:
        """Count the claims anew from this one: the run has come further than the last of them.

        Raises
        ------
        ClaimLost
            If the run is no longer this worker's.
        """
        with self._database.transaction(write=True) as connection:
            change_own(connection, run_id, worker, fruitless_attempts=1)

    def record(
        self,
        run_id: str,
        worker: str,
        points: Sequence[CurvePoint],
        progress: Progress | None,
        vitals: Sequence[LayerVitals] = (),
    ) -> Request:
        """Write points, progress and the hidden units' vitals together; return what people have asked.

        A point with an earlier one's kind and step replaces it, and so do the vitals of a step.

        Raises
        ------
        ClaimLost
            If the run is no longer this worker's; nothing is written.
        """
        changes: dict[str, Any] = {"heartbeat_at": time.time()}
        if progress is not None:
            changes |= {
                "epoch": int(progress.epoch),
                "step": int(progress.step),
                "steps_per_epoch": int(progress.steps_per_epoch),
                "images_per_second": storable(progress.images_per_second),
                "seconds_left": storable(progress.seconds_left),
            }
        with self._database.transaction(write=True) as connection:
            # First, because this locks the run against another worker's claim.
            change_own(connection, run_id, worker, **changes)
            write_recorded(connection, run_id, points, vitals)
            return read_run(connection, run_id).request

    def rewind(self, run_id: str, worker: str, step: int) -> None:
        """Forget points and vitals after this global step; a resumed run writes them again.

        Raises
        ------
        ClaimLost
            If the run is no longer this worker's.
        """
        with self._database.transaction(write=True) as connection:
            change_own(connection, run_id, worker, heartbeat_at=time.time())
            forget_after(connection, run_id, int(step))

    def finish(
        self,
        run_id: str,
        worker: str,
        status: RunStatus,
        *,
        message: str | None = None,
        test_accuracy: float | None = None,
        test_loss: float | None = None,
        train_seconds: float | None = None,
        total_seconds: float | None = None,
    ) -> Run:
        """Give a run back as finished, stopped, failed or paused; values left out stay as they were.

        A paused run has no `finished_at`. Later calls of this worker lose the claim.

        Raises
        ------
        ClaimLost
            If the run is no longer this worker's.
        """
        if status.is_alive:
            raise ValueError(f"A run cannot be given back as {status}.")
        now = time.time()
        results = {
            "test_accuracy": storable(test_accuracy),
            "test_loss": storable(test_loss),
            "train_seconds": storable(train_seconds),
            "total_seconds": storable(total_seconds),
        }
        with self._database.transaction(write=True) as connection:
            change_own(
                connection,
                run_id,
                worker,
                status=status,
                request=Request.NONE,
                claimed_by=None,
                fruitless_attempts=0,
                finished_at=None if status is RunStatus.PAUSED else now,
                seconds_left=None,
                message=message,
                **{name: value for name, value in results.items() if value is not None},
            )
            return read_run(connection, run_id)

    def orphans(self, older_than: float) -> list[Run]:
        """Return runs queued or running of which no worker was heard for `older_than` seconds."""
        last_heard = func.coalesce(runs.c.heartbeat_at, runs.c.created_at)
        return self._oldest_first(None, ALIVE, last_heard <= time.time() - older_than)

    def _oldest_first(
        self,
        workspaces: Sequence[str] | None = None,
        statuses: Collection[RunStatus] | None = None,
        *more: ColumnElement[bool],
    ) -> list[Run]:
        query = select(runs).where(*conditions(workspaces, statuses), *more).order_by(*_OLDEST_FIRST)
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return list(readable(rows))
