"""The part of `RunStore` with which people steer experiments that are there."""

import json

from sqlalchemy import Connection, select, update

from core.errors import StoreError
from core.sentences import say
from core.settings import Settings
from core.store.clock import now
from core.store.database import Database
from core.store.drawing_choice import check_each_once
from core.store.experiment_records import Experiment, Plan
from core.store.experiments import ask_trial, change_experiment, read_experiment, read_trials
from core.store.records import Request, RunStatus
from core.store.room import TRAINING_IMAGES, Asker, check_room, cost_of_experiment, seconds_left_of
from core.store.shelf import UNDO_SECONDS
from core.store.tables import experiments

_REQUESTS = (Request.STOP, Request.PAUSE, Request.NONE)


class ExperimentSteering:
    """Pauses, stops, goes on with, extends, deletes and restores experiments."""

    _database: Database

    def request_experiment(
        self, experiment_id: str, request: Request, *, limits: Settings | None = None
    ) -> Experiment:
        """Ask an experiment to STOP or to PAUSE, its runs with it; NONE has it and its paused runs go on.

        One that has ended stays as it is. It is stopped once its runs have written what they have learnt.

        Raises
        ------
        LimitExceeded
            If too much is waiting already for a paused one to go on.
        ExperimentNotFound, ExperimentUnreadable
        """
        if request not in _REQUESTS:
            raise ValueError(f"an experiment cannot be asked to {request}")
        with self._database.transaction(write=True, alone=True) as connection:
            experiment = read_experiment(connection, experiment_id, lock=True)
            if experiment.status.is_ended or experiment.request is Request.STOP:
                return experiment
            if request is Request.STOP:
                change_experiment(connection, experiment_id, request=Request.STOP, status=RunStatus.RUNNING)
            elif request is Request.PAUSE:
                change_experiment(connection, experiment_id, status=RunStatus.PAUSED, heartbeat_at=now())
            else:
                if experiment.status is RunStatus.PAUSED:
                    seconds = seconds_left_of(connection, experiment_id)
                    asker = _asker(connection, experiment)
                    check_room(connection, seconds, limits, asker, experiment_id=experiment_id)
                change_experiment(connection, experiment_id, status=RunStatus.RUNNING, message=None)
            for trial in read_trials(connection, experiment_id):
                if trial.is_open:
                    ask_trial(connection, trial, request)
            return read_experiment(connection, experiment_id)

    def extend_experiment(
        self,
        experiment_id: str,
        plan: Plan,
        *,
        limits: Settings | None = None,
        training_images: int = TRAINING_IMAGES,
    ) -> Experiment:
        """Have an experiment that has ended go on with a larger plan; its runs of before stay its runs.

        Parameters
        ----------
        plan
            The same with more to do: what all its runs cost together, those of before too, is bounded as that
            of a new one is.

        Raises
        ------
        StoreError
            If it still goes on, as where it was pressed twice.
        ConfigError, LimitExceeded
            As in `create_experiment`.
        ExperimentNotFound, ExperimentUnreadable
        """
        with self._database.transaction(write=True, alone=True) as connection:
            experiment = read_experiment(connection, experiment_id, lock=True)
            if not experiment.status.is_ended:
                raise StoreError(say("This experiment still goes on. It takes more runs once it has ended."))
            check = check_each_once(connection, experiment.workspace)
            cost = cost_of_experiment(connection, plan, limits, training_images, check)
            more = max(0.0, cost - (experiment.cost_seconds or 0.0))
            check_room(connection, more, limits, _asker(connection, experiment))
            change_experiment(
                connection,
                experiment_id,
                status=RunStatus.RUNNING,
                plan=plan.to_json(),
                cost_seconds=cost,
                outcome=json.dumps({"made": experiment.made}),
                message=None,
                finished_at=None,
                request=Request.NONE,
            )
            return read_experiment(connection, experiment_id)

    def delete_experiment(self, experiment_id: str) -> None:
        """Take an ended experiment off all lists; its runs stay. It can be restored for some minutes.

        Raises
        ------
        StoreError
            If it has not ended.
        ExperimentNotFound, ExperimentUnreadable
        """
        with self._database.transaction(write=True) as connection:
            if not read_experiment(connection, experiment_id, lock=True).status.is_ended:
                raise StoreError(say("This experiment still goes on. Stop it first, then delete it."))
            change_experiment(connection, experiment_id, deleted_at=now())

    def restore_experiment(self, experiment_id: str) -> Experiment:
        """Put a deleted experiment back on the lists.

        Raises
        ------
        ExperimentNotFound
            If it was deleted more than `UNDO_SECONDS` ago.
        ExperimentUnreadable
        """
        with self._database.transaction(write=True) as connection:
            is_in_time = experiments.c.deleted_at > now() - UNDO_SECONDS
            restored = update(experiments).where(experiments.c.id == experiment_id, is_in_time)
            connection.execute(restored.values(deleted_at=None))
            return read_experiment(connection, experiment_id)


def _asker(connection: Connection, experiment: Experiment) -> Asker:
    """Return who asked for an experiment, and from where."""
    address = connection.scalar(select(experiments.c.address).where(experiments.c.id == experiment.id))
    return Asker(experiment.workspace, address)
