"""The worker's side: a run that a worker has taken, and what it tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func

from core.errors import ClaimLost, StoreError
from core.store.clock import now
from core.store.database import Database
from core.store.queries import (
    change,
    change_own,
    read_run,
    serve_workspace,
)
from core.store.recording import forget_after, write_recorded
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

_ENDINGS = {RunStatus.FINISHED: "finished", RunStatus.STOPPED: "been stopped", RunStatus.FAILED: "failed"}


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
        self, points: Sequence[CurvePoint], progress: Progress | None, vitals: Sequence[LayerVitals] = ()
    ) -> Request:
        """Write points, progress and the hidden units' vitals together; return what people have asked.

        A point with an earlier one's kind and step replaces it, and so do the vitals of a step.
        """
        changes: dict[str, Any] = {"heartbeat_at": now()}
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

    def note_checkpoint(self, step: int | None) -> None:
        """Note up to which global step the run is saved: that is progress, so earlier claims are forgiven.

        None says that there is no checkpoint any more, and forgives nothing.
        """
        changes: dict[str, Any] = {"checkpoint_step": None if step is None else int(step)}
        if step is not None:
            changes["fruitless_attempts"] = 1  # this claim's own
        with self.database.transaction(write=True) as connection:
            change_own(connection, self.run_id, self.worker, **changes)

    def forgive(self) -> None:
        """Count the claims anew from this one: the run has come further than the last of them."""
        with self.database.transaction(write=True) as connection:
            change_own(connection, self.run_id, self.worker, fruitless_attempts=1)

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
            change_own(
                connection,
                self.run_id,
                self.worker,
                status=status,
                request=Request.NONE,
                claimed_by=None,
                fruitless_attempts=0,
                heartbeat_at=now(),
                finished_at=None if status is RunStatus.PAUSED else now(),
                seconds_left=None,
                message=message,
                trouble=None,
                **{name: value for name, value in results.items() if value is not None},
            )
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
            raise StoreError(f"Run {run_id} has already {_ENDINGS[run.status]}. Train a new run instead.")
        if run.status is RunStatus.PAUSED:
            raise ClaimLost(f"Run {run_id} is paused. Resume it, then a worker can take it.")
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
        )
        serve_workspace(connection, run.workspace)
    return Claim(database, run_id, worker)
