"""The worker's side: a run that a worker has taken, and what it tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func

from core.errors import ClaimLost, StoreError
from core.sentences import say
from core.store.clock import now
from core.store.database import Database
from core.store.queries import (
    change,
    change_own,
    read_run,
    serve_workspace,
)
from core.store.recording import count_steps_anew, forget_after, write_recorded
from core.store.records import (
    KEPT_AT_CLAIM,
    CurvePoint,
    LayerVitals,
    Progress,
    Request,
    Run,
    RunStatus,
)
from core.store.rows import storable, storable_amount
from core.store.tables import runs

_HAS_ENDED = {
    RunStatus.FINISHED: say("Run {run} has already finished. Train a new run instead.", run="{run}"),
    RunStatus.STOPPED: say("Run {run} has already been stopped. Train a new run instead.", run="{run}"),
    RunStatus.FAILED: say("Run {run} has already failed. Train a new run instead.", run="{run}"),
}


@dataclass(frozen=True)
class Claim:
    """A run in the hands of one worker, until it gives it back or another one takes it.

    Every method raises `ClaimLost`, and writes nothing, once the run is no longer this worker's.

    Attributes
    ----------
    run_id, worker
        Which run, and the name of who has it.
    """

    database: Database
    run_id: str
    worker: str

    def read(self) -> Run:
        """Return the run as it stands."""
        with self.database.transaction() as connection:
            return read_run(connection, self.run_id)

    def record(
        self,
        points: Sequence[CurvePoint],
        progress: Progress | None,
        vitals: Sequence[LayerVitals] = (),
        *,
        trouble: str | None = None,
        checkpoint_step: int | None = None,
    ) -> Request:
        """Write points, progress and the hidden units' vitals together; return what people have asked.

        A point with an earlier one's kind and step replaces it, and so do the vitals of a step.

        Parameters
        ----------
        trouble
            What keeps the run from going on at present, in a sentence; None if nothing does.
        checkpoint_step
            Global step of a new checkpoint: that is progress, so earlier claims are forgiven.
        """
        changes: dict[str, Any] = {"heartbeat_at": now(), "trouble": trouble}
        if checkpoint_step is not None:
            # This claim's own attempt stays counted.
            changes |= {"checkpoint_step": int(checkpoint_step), "fruitless_attempts": 1}
        if progress is not None:
            changes |= {
                "epoch": int(progress.epoch),
                "step": int(progress.step),
                "steps_per_epoch": int(progress.steps_per_epoch),
                "images_per_second": storable_amount(progress.images_per_second),
                "seconds_left": storable_amount(progress.seconds_left),
            }
        with self.database.transaction(write=True) as connection:
            # First, because this locks the run against another worker's claim.
            change_own(connection, self.run_id, self.worker, **changes)
            write_recorded(connection, self.run_id, points, vitals)
            return read_run(connection, self.run_id).request

    def rewind(self, step: int) -> None:
        """Forget points and vitals after this global step; a resumed run writes them again."""
        with self.database.transaction(write=True) as connection:
            change_own(connection, self.run_id, self.worker, heartbeat_at=now())
            forget_after(connection, self.run_id, int(step))

    def lay_out(self, steps_per_epoch: int) -> None:
        """Have what a fork has of the other run counted in steps of its own, if its epochs have others."""
        with self.database.transaction(write=True) as connection:
            change_own(connection, self.run_id, self.worker, heartbeat_at=now())
            run = read_run(connection, self.run_id)
            if run.steps_per_epoch in (0, steps_per_epoch):
                return
            count_steps_anew(connection, self.run_id, steps_per_epoch)
            step = round(run.step / run.steps_per_epoch * steps_per_epoch)
            change(connection, self.run_id, step=step, steps_per_epoch=steps_per_epoch)

    def finish(
        self,
        status: RunStatus,
        *,
        message: str | None = None,
        test_accuracy: float | None = None,
        test_loss: float | None = None,
        train_seconds: float | None = None,
        total_seconds: float | None = None,
    ) -> Run:
        """Give the run back as finished, stopped, failed or paused; values left out stay as they were.

        A paused run has no `finished_at`. Later calls of this worker lose the claim.
        """
        if status.is_alive:
            raise ValueError(f"A run cannot be given back as {status}.")
        results = {
            "test_accuracy": storable(test_accuracy),
            "test_loss": storable(test_loss),
            "train_seconds": storable_amount(train_seconds),
            "total_seconds": storable_amount(total_seconds),
        }
        with self.database.transaction(write=True) as connection:
            values = {name: value for name, value in results.items() if value is not None}
            change_own(connection, self.run_id, self.worker, **_given_back(status), message=message, **values)
            return read_run(connection, self.run_id)

    def fail(self, message: str, *, has_checkpoint: bool = True) -> Run:
        """Give the run back as failed; one that has a network stays usable: it is stopped, with this message.

        Parameters
        ----------
        has_checkpoint
            False if the run must not be resumed, or cannot.
        """
        values = {} if has_checkpoint else {"checkpoint_step": None}
        with self.database.transaction(write=True) as connection:
            # First, because it says whose the run is.
            change_own(
                connection,
                self.run_id,
                self.worker,
                **_given_back(RunStatus.FAILED),
                message=message,
                **values,
            )
            if read_run(connection, self.run_id).test_accuracy is not None:
                change(connection, self.run_id, status=RunStatus.STOPPED)
            return read_run(connection, self.run_id)


def take(database: Database, run_id: str, worker: str) -> Claim:
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
    with database.transaction(write=True) as connection:
        run = read_run(connection, run_id, lock=True)
        if run.status.is_ended:
            raise StoreError(_HAS_ENDED[run.status].format(run=run_id))
        if run.status is RunStatus.PAUSED:
            raise ClaimLost(say("Run {run} is paused. Resume it, then a worker can take it.", run=run_id))
        change(
            connection,
            run_id,
            status=RunStatus.RUNNING,
            request=run.request if run.request in KEPT_AT_CLAIM else Request.NONE,
            claimed_by=worker,
            heartbeat_at=now(),
            attempts=run.attempts + 1,
            fruitless_attempts=run.fruitless_attempts + 1,
            started_at=func.coalesce(runs.c.started_at, now()),
            images_per_second=None,
            seconds_left=None,
            message=None,
            trouble=None,
        )
        serve_workspace(connection, run.workspace)
    return Claim(database, run_id, worker)


def _given_back(status: RunStatus) -> dict[str, Any]:
    """Return the columns of a run that its worker gives back."""
    return {
        "status": status,
        "request": Request.NONE,
        "claimed_by": None,
        "fruitless_attempts": 0,
        "heartbeat_at": now(),
        "finished_at": None if status is RunStatus.PAUSED else now(),
        "seconds_left": None,
        "trouble": None,
    }
