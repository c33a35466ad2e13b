"""RunStore: the runs of one database, as pages make, list and order them."""

import secrets
from collections.abc import Collection, Sequence
from typing import Self

from sqlalchemy import and_, func, or_, select
from upath import UPath

from core.config import TrainingConfig
from core.settings import Settings
from core.store.before import RunsBefore
from core.store.cells import readable
from core.store.claims import Claim, take
from core.store.clock import is_older, now
from core.store.control import RunControl
from core.store.curves import RunCurves
from core.store.database import Database
from core.store.drawings import LabelledDrawings
from core.store.driving import ExperimentDriving
from core.store.experiments import Experiments
from core.store.files import LESSON_FILE, check_run_id, run_folder
from core.store.forks import RunForks
from core.store.imports import RunImports
from core.store.listing import RunListing
from core.store.machines import WorkerMachines
from core.store.migration import migrate
from core.store.queries import conditions, insert_run, read_run
from core.store.queue import in_turn
from core.store.records import ALIVE, Request, Run, RunStatus
from core.store.room import TRAINING_IMAGES, Asker, Room, check_room, checked_cost, room
from core.store.rows import run_from_row
from core.store.shelf import RunShelf
from core.store.snapshots import RunSnapshots
from core.store.steering import ExperimentSteering
from core.store.tables import runs

# Several may be of the same millisecond, which is as exact as SQLite's clock is told.
_NEWEST_FIRST = (runs.c.created_at.desc(), runs.c.number.desc(), runs.c.id.desc())
_OLDEST_FIRST = (func.coalesce(runs.c.queued_at, runs.c.created_at), runs.c.number, runs.c.id)


class RunStore(
    RunControl,
    RunShelf,
    RunsBefore,
    RunListing,
    RunCurves,
    RunSnapshots,
    RunForks,
    RunImports,
    Experiments,
    ExperimentSteering,
    ExperimentDriving,
    WorkerMachines,
    LabelledDrawings,
):
    """The runs, experiments and drawings of one database and the folder or object store with the runs' files.

    May be used from many threads, and by many processes at once. Every method
    raises `StoreError` if the database fails and `StorageFull` if its disk is full.
    What is there can be looked at where nothing may be written.

    Parameters
    ----------
    database_url
        SQLAlchemy URL. The schema is brought up to date on construction.
    artifacts
        Path or URL below which each run has its folder.
    must_exist
        Whether a database file that is missing is an error, `StoreGone`, and not a new beginning.
    """

    def __init__(self, database_url: str, artifacts: str, *, must_exist: bool = False) -> None:
        self._database = Database(database_url)
        self._artifacts = artifacts
        if must_exist:
            self._database.check_file()
        migrate(self._database)

    @classmethod
    def from_settings(cls, settings: Settings, *, must_exist: bool = False) -> Self:
        """Return the store that these settings describe."""
        return cls(settings.database, settings.artifacts, must_exist=must_exist)

    def close(self) -> None:
        """Close the connections; the store opens new ones if it is used again."""
        self._database.engine.dispose()

    @property
    def database(self) -> Database:
        """The database, for what looks after the store as a whole."""
        return self._database

    @property
    def artifacts(self) -> str:
        """Path or URL below which each run has its folder."""
        return self._artifacts

    def create(
        self,
        config: TrainingConfig,
        *,
        workspace: str,
        recipe: str | None = None,
        address: str | None = None,
        limits: Settings | None = None,
        training_images: int = TRAINING_IMAGES,
        request: Request = Request.NONE,
        like: str | None = None,
    ) -> Run:
        """Write a new run, queued, and return it.

        Parameters
        ----------
        address
            Where it is asked from, hashed by the caller; None where that is not known.
        limits
            What this server allows; None for its owner, who may do anything.
        training_images
            Of the dataset, before any are kept aside.
        request
            A first step to take and to pause after, if not the whole run is wanted at once.
        like
            The id of a run whose drawings it learns, if it learns any; None for those that are there now.

        Raises
        ------
        ConfigError
            If it is to learn drawings and there are too few.
        LimitExceeded
            If it costs too much for this server, or too much is waiting already. Of many asked at
            once no more are made than have room.
        """
        run_id = secrets.token_hex(6)
        others = [self.get(like)] if like is not None and config.learns_drawings else ()
        lesson = self._lesson_file(config, workspace, others)
        with self._files_of_new(run_id, {LESSON_FILE: lesson}) as connection:
            cost = checked_cost(connection, config, limits, training_images)
            check_room(connection, cost, limits, Asker(workspace, address))
            insert_run(
                connection, run_id, workspace, config, cost, recipe=recipe, address=address, request=request
            )
            return read_run(connection, run_id)

    def room_for(
        self,
        config: TrainingConfig,
        *,
        workspace: str,
        limits: Settings,
        address: str | None = None,
        training_images: int = TRAINING_IMAGES,
        places: int | None = None,
        is_new: bool = True,
    ) -> Room:
        """Return whether `create` would make this run now, what it takes and what is before it.

        `places` runs train at a time, as many as the settings have workers unless it is given. Without
        `is_new`, whether one that is there already has room: it has its drawings.
        """
        asker, places = Asker(workspace, address), places or limits.workers
        with self._database.transaction() as connection:
            return room(connection, config, limits, asker, training_images, places, is_new=is_new)

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
        before: str | None = None,
        always: Collection[RunStatus] = (),
        is_single: bool = False,
    ) -> list[Run]:
        """Return the newest runs first, without those that cannot be read or are deleted.

        Runs of the statuses `always` are there beyond the `limit`, however old they are. With
        `before`, the id of a run, only those that are older than it. With `is_single` only those that are
        no part of an experiment: one search would drown all others.
        """
        found: list[Run] = []
        query = select(runs).where(*conditions(workspaces, statuses)).order_by(*_NEWEST_FIRST)
        if is_single:
            query = query.where(runs.c.experiment.is_(None))
        if before is not None:
            then, number = (
                select(column).where(runs.c.id == before).scalar_subquery()
                for column in (runs.c.created_at, runs.c.number)
            )
            tied = or_(runs.c.number < number, and_(runs.c.number == number, runs.c.id < before))
            query = query.where(or_(runs.c.created_at < then, and_(runs.c.created_at == then, tied)))
        with self._database.transaction() as connection:
            offset = 0
            # Damaged rows do not count: look further back until the list is full.
            while len(found) < limit:
                rows = connection.execute(query.limit(limit).offset(offset)).all()
                found.extend(readable(rows, run_from_row))
                if len(rows) < limit:
                    break
                offset += limit
            del found[limit:]
            if always and len(found) == limit:
                of_these = query.where(runs.c.status.in_(list(always)))
                listed = {run.id for run in found}
                rows = connection.execute(of_these).all()
                found += [run for run in readable(rows, run_from_row) if run.id not in listed]
        return found

    def unreadable_count(self, *, workspaces: Sequence[str] | None = None, limit: int = 200) -> int:
        """Return how many of the newest runs are left out of `list_runs` because their row is damaged."""
        newest = select(runs).where(*conditions(workspaces, None)).order_by(*_NEWEST_FIRST).limit(limit)
        with self._database.transaction() as connection:
            rows = connection.execute(newest).all()
        return len(rows) - sum(1 for _ in readable(rows, run_from_row))

    def queue(self) -> list[Run]:
        """Return the queued runs in the order in which they will start; see `core.store.queue`."""
        with self._database.transaction() as connection:
            return in_turn(connection)

    def queue_place(self, run_id: str) -> int | None:
        """Return the place of a run among those queued, 1 for the next to start, else None."""
        return next((place for place, run in enumerate(self.queue(), 1) if run.id == run_id), None)

    def folder(self, run_id: str) -> UPath:
        """Return the folder of a run's files, created.

        Raises
        ------
        RunNotFound
            If `run_id` cannot be the id of a run.
        """
        return run_folder(self._artifacts, run_id)

    def claim(self, run_id: str, worker: str) -> Claim:
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
        return take(self._database, run_id, worker)

    def silence(self, run_id: str) -> float:
        """Return for how many seconds no worker of this run was heard, by the database's clock."""
        heard = func.coalesce(runs.c.heartbeat_at, runs.c.created_at)
        with self._database.transaction() as connection:
            seconds = connection.execute(select(now() - heard).where(runs.c.id == run_id)).scalar()
        return max(0.0, float(seconds or 0.0))

    def orphans(self, older_than: float) -> list[Run]:
        """Return runs queued or running of which no worker was heard for `older_than` seconds.

        By the database's clock. What was heard in the future was heard before that clock was set
        back, and counts as long ago.
        """
        heard = func.coalesce(runs.c.heartbeat_at, runs.c.created_at)
        query = select(runs).where(*conditions(None, ALIVE), is_older(heard, older_than))
        with self._database.transaction() as connection:
            return list(readable(connection.execute(query.order_by(*_OLDEST_FIRST)), run_from_row))
