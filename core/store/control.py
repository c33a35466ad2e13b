"""What people ask of runs: stop, pause, go on, single steps, more epochs, another learning rate."""

from sqlalchemy import Connection, select

from core.config import TrainingConfig
from core.settings import Settings
from core.store.clock import now
from core.store.database import Database
from core.store.files import check_run_id
from core.store.queries import change, rates_as_text, read_run
from core.store.records import SLOW_MOTION, RateChange, Request, Run, RunStatus
from core.store.room import TRAINING_IMAGES, Asker, check_room, checked_cost
from core.store.tables import runs

# No worker has these runs, so what people ask is done at once.
_WITHOUT_WORKER = frozenset({RunStatus.QUEUED, RunStatus.PAUSED})
_STEPS = frozenset({Request.STEP_CHUNK, Request.STEP_EPOCH})
_NOT_ENDED: dict[str, object] = {
    "finished_at": None,
    "message": None,
    "trouble": None,
    "fruitless_attempts": 0,
}
# Of all the learning rates that a run was given the latest are kept.
_MAX_NOTES = 1_000
_WITH_NETWORK = frozenset({RunStatus.FINISHED, RunStatus.STOPPED})


class RunControl:
    """The half of `RunStore` with which people steer runs that exist."""

    _database: Database

    def ask(self, run_id: str, request: Request) -> Run:
        """Ask a run to stop, to pause or to go slowly; NONE takes the request back.

        A run without a worker obeys at once; one that has ended stays as it is, and a paused one is
        not made slow. A stop is not replaced. A run that has been trained and then waits keeps
        its network: asked to stop it is `queued` with that request, because a worker
        has to write the results.

        Raises
        ------
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            ask_within(connection, run_id, request)
            return read_run(connection, run_id)

    def requeue(self, run_id: str, request: Request = Request.NONE, *, limits: Settings | None = None) -> Run:
        """Queue a run again that can go on from its checkpoint, or take one step; others stay as they are.

        Raises
        ------
        LimitExceeded
            If too much is waiting already.
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True, alone=True) as connection:
            run = read_run(connection, run_id, lock=True)
            if run.is_resumable:
                cost = run.cost_left / run.config.epochs if request in _STEPS else run.cost_left
                check_room(connection, cost, limits, _asker(connection, run), run_id)
                queue_again(connection, run_id, request)
            return read_run(connection, run_id)

    def extend(
        self,
        run_id: str,
        epochs: int,
        *,
        limits: Settings | None = None,
        training_images: int = TRAINING_IMAGES,
    ) -> Run:
        """Queue a finished or stopped run again, to be trained for `epochs` epochs in all.

        Its checkpoint lies beside its network, so only the further epochs are trained.
        Any other run stays as it is, one that was brought from elsewhere too.

        Raises
        ------
        ConfigError
            If no run may have so many epochs.
        LimitExceeded
            If that costs too much for this server, or too much is waiting already.
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True, alone=True) as connection:
            run = read_run(connection, run_id, lock=True)
            if run.status in _WITH_NETWORK and not run.imported:
                config = TrainingConfig.build(run.config.model_dump() | {"epochs": epochs})
                cost = checked_cost(connection, config, limits, training_images)
                left = cost * max(0.0, 1 - run.epochs_done / epochs)
                check_room(connection, left, limits, _asker(connection, run), run_id)
                longer = {"config": config.to_json(), "cost_seconds": cost}
                change(connection, run_id, **_queued(Request.NONE), **_NOT_ENDED, **longer)
            return read_run(connection, run_id)

    def set_learning_rate(self, run_id: str, learning_rate: float) -> Run:
        """Give a paused run another learning rate from here on, and note where that was.

        Any other run stays as it is.

        Raises
        ------
        ConfigError
            If it is out of bounds.
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            run = read_run(connection, run_id, lock=True)
            if run.status is RunStatus.PAUSED and learning_rate != run.config.learning_rate:
                config = TrainingConfig.build(run.config.model_dump() | {"learning_rate": learning_rate})
                noted = RateChange(run.epochs_done, run.config.learning_rate, learning_rate)
                rates = rates_as_text([*run.rate_changes, noted][-_MAX_NOTES:])
                change(connection, run_id, config=config.to_json(), rate_changes=rates)
            return read_run(connection, run_id)


def ask_within(connection: Connection, run_id: str, request: Request) -> None:
    """Do what `RunControl.ask` does, in a transaction that is open already."""
    run = read_run(connection, run_id, lock=True)
    if run.status is RunStatus.RUNNING:
        if run.request is not Request.STOP or request in (Request.STOP, Request.NONE):
            change(connection, run_id, request=request)
    elif run.status in _WITHOUT_WORKER and run.request is not Request.STOP:
        if request is Request.PAUSE:
            change(connection, run_id, status=RunStatus.PAUSED, request=Request.NONE)
        elif request is Request.STOP and run.epoch == 0:
            change(connection, run_id, status=RunStatus.STOPPED, finished_at=now())
        elif request is Request.STOP:
            change(connection, run_id, **_queued(Request.STOP))
        elif run.status is RunStatus.QUEUED and request in SLOW_MOTION | {Request.NONE}:
            change(connection, run_id, request=request)


def queue_again(connection: Connection, run_id: str, request: Request = Request.NONE) -> None:
    """Put a run that can go on back into the queue, in a transaction that is open already."""
    change(connection, run_id, **_queued(request), **_NOT_ENDED)


def _asker(connection: Connection, run: Run) -> Asker:
    """Return for whom a run is trained: who has made it."""
    address = connection.execute(select(runs.c.address).where(runs.c.id == run.id)).scalar()
    return Asker(run.workspace, address)


def _queued(request: Request) -> dict[str, object]:
    """Return the columns of a run that joins the end of the queue."""
    # Heard of now: it waits and has not lost its worker.
    return {"status": RunStatus.QUEUED, "request": request, "queued_at": now(), "heartbeat_at": now()}
