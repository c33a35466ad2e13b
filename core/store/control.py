"""What people ask of runs: stop, pause, go on, single steps, more epochs, another learning rate."""

import json
import time

from core.config import TrainingConfig
from core.store.database import Database
from core.store.files import check_run_id
from core.store.queries import change, read_run
from core.store.records import Request, Run, RunStatus

# No worker has these runs, so what people ask is done at once.
_WITHOUT_WORKER = frozenset({RunStatus.QUEUED, RunStatus.PAUSED})
_WITH_NETWORK = frozenset({RunStatus.FINISHED, RunStatus.STOPPED})


class RunControl:
    """The half of `RunStore` with which people steer runs that exist."""

    _database: Database

    def ask(self, run_id: str, request: Request) -> Run:
        """Ask a run to stop or to pause; NONE takes the request back.

        A run without a worker obeys at once; one that has ended stays as it is. A
        pause does not replace a stop. A run that has been trained and then waits keeps
        its network: asked to stop it is `queued` with that request, because a worker
        has to write the results.

        Raises
        ------
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            run = read_run(connection, run_id, lock=True)
            if run.status is RunStatus.RUNNING:
                if (run.request, request) != (Request.STOP, Request.PAUSE):
                    change(connection, run_id, request=request)
            elif run.status in _WITHOUT_WORKER and run.request is not Request.STOP:
                if request is Request.PAUSE:
                    change(connection, run_id, status=RunStatus.PAUSED, request=Request.NONE)
                elif request is Request.STOP and run.epoch == 0:
                    change(connection, run_id, status=RunStatus.STOPPED, finished_at=time.time())
                elif request is Request.STOP:
                    change(connection, run_id, **_queued(Request.STOP))
            return read_run(connection, run_id)

    def requeue(self, run_id: str, request: Request = Request.NONE) -> Run:
        """Queue a paused run again, to go on or to take one step; any other run stays as it is.

        Raises
        ------
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            if read_run(connection, run_id, lock=True).status is RunStatus.PAUSED:
                change(connection, run_id, **_queued(request))
            return read_run(connection, run_id)

    def extend(self, run_id: str, epochs: int) -> Run:
        """Queue a finished or stopped run again, to be trained for `epochs` epochs in all.

        Its checkpoint lies beside its network, so only the further epochs are trained.
        Any other run stays as it is.

        Raises
        ------
        ConfigError
            If no run may have so many epochs.
        RunNotFound, RunUnreadable
        """
        check_run_id(run_id)
        with self._database.transaction(write=True) as connection:
            run = read_run(connection, run_id, lock=True)
            if run.status in _WITH_NETWORK:
                config = TrainingConfig.build(run.config.model_dump() | {"epochs": epochs})
                more = _queued(Request.NONE) | {"finished_at": None, "message": None}
                change(connection, run_id, config=config.to_json(), **more)
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
                noted = [[rate.epoch, rate.before, rate.after] for rate in run.rate_changes]
                noted.append([run.epochs_done, run.config.learning_rate, learning_rate])
                change(connection, run_id, config=config.to_json(), rate_changes=json.dumps(noted))
            return read_run(connection, run_id)


def _queued(request: Request) -> dict[str, object]:
    """Return the columns of a run that joins the end of the queue."""
    now = time.time()
    # Heard of now: it waits and has not lost its worker.
    return {"status": RunStatus.QUEUED, "request": request, "queued_at": now, "heartbeat_at": now}
