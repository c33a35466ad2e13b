"""The driver's side of experiments: who looks after one, the runs that it makes, how it ends."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from core.config import TrainingConfig
from core.errors import ClaimLost
from core.sentences import say
from core.store.cells import readable
from core.store.clock import is_older, now
from core.store.experiment_records import Experiment
from core.store.experiments import (
    ask_trial,
    change_experiment,
    read_experiment,
    read_trials,
)
from core.store.files import LESSON_FILE
from core.store.learning import DrawingsToLearn
from core.store.queries import change, insert_run, read_run
from core.store.records import ALIVE, Request, Run, RunStatus
from core.store.room import TRAINING_IMAGES, checked_cost
from core.store.rows import experiment_from_row, run_from_row
from core.store.tables import artifacts, experiments, runs

# A driver that was not heard for so long is gone: it beats every other second, and a database that is busy
# keeps it waiting at most as long as `LOCK_TIMEOUT`.
SILENT_SECONDS = 20.0
_BEAT_SECONDS = 2.0
# Among so many are, in a duel of ten seeds, some of both sides.
_WITH_LESSON = 20
_GOES_ON = experiments.c.status.in_(list(ALIVE)) & experiments.c.deleted_at.is_(None)


class ExperimentDriving(DrawingsToLearn):
    """The part of `RunStore` for whoever looks after experiments: one driver at a time for each.

    Every method that changes one raises `ClaimLost`, and writes nothing, once it is another driver's.
    """

    def lease_experiments(self, driver: str, silent_seconds: float = SILENT_SECONDS) -> list[Experiment]:
        """Return the experiments that go on and that this driver looks after, oldest first.

        Those are its own, and those whose driver was not heard for so many seconds.
        """
        beat = update(experiments).values(driver=driver, heartbeat_at=now())
        with self._database.transaction() as connection:
            mine = func.coalesce(experiments.c.driver, "") == driver  # NULL is neither equal nor other
            query = select(experiments.c.id).where(_GOES_ON, _may_take(driver, silent_seconds))
            is_due = query.where(~mine | is_older(experiments.c.heartbeat_at, _BEAT_SECONDS))
            found = connection.execute(query).scalars().all()
            due = connection.execute(is_due).scalars().all() if found else ()
        if not found:
            return []
        if due:
            with self._database.transaction(write=True) as connection:
                # In one statement with its condition: of two drivers one gets it.
                free = _GOES_ON & _may_take(driver, silent_seconds)
                connection.execute(beat.where(free, experiments.c.id.in_(due)))
        order = (experiments.c.created_at, experiments.c.id)
        with self._database.transaction() as connection:
            rows = connection.execute(select(experiments).where(_GOES_ON, mine).order_by(*order)).all()
        return list(readable(rows, experiment_from_row))

    def known_experiments(self, kind: str) -> set[str]:
        """Return the ids of all experiments of a kind, of those too that can still be restored."""
        with self._database.transaction() as connection:
            ids = connection.execute(select(experiments.c.id).where(experiments.c.kind == kind))
            return set(ids.scalars())

    def release_experiments(self, driver: str) -> None:
        """Let go of all experiments of this driver, so that another one need not wait for its silence."""
        with self._database.transaction(write=True) as connection:
            mine = update(experiments).where(experiments.c.driver == driver)
            connection.execute(mine.values(driver=None))

    def add_trial(
        self,
        experiment: Experiment,
        driver: str,
        number: int,
        config: TrainingConfig,
        *,
        label: str | None = None,
        training_images: int = TRAINING_IMAGES,
    ) -> Run | None:
        """Write the run of a trial, queued; None if there is one already, or none is wanted any more.

        All trials that learn drawings of the same people learn the same ones.

        Parameters
        ----------
        number
            Its place in the experiment, from 0: each is made once.
        label
            The name of the run.
        """
        run_id = secrets.token_hex(6)
        others = self._with_lesson(experiment) if config.learns_drawings else ()
        lesson = self._lesson_file(config, experiment.workspace, others)
        with self._files_of_new(run_id, {LESSON_FILE: lesson}) as connection:
            now_is = self._own(connection, experiment.id, driver)
            if not now_is.status.is_alive or now_is.request is not Request.NONE:
                return None
            taken = select(runs.c.id).where(runs.c.experiment == experiment.id, runs.c.trial == number)
            if connection.execute(taken).first() is not None:
                return None
            insert_run(
                connection,
                run_id,
                now_is.workspace,
                config,
                checked_cost(connection, config, None, training_images),
                name=label,
                experiment=experiment.id,
                trial=number,
                address=connection.scalar(
                    select(experiments.c.address).where(experiments.c.id == experiment.id)
                ),
            )
            change_experiment(
                connection,
                experiment.id,
                outcome=json.dumps({"made": now_is.made + 1}),
                status=RunStatus.RUNNING,
                started_at=func.coalesce(experiments.c.started_at, now()),
            )
            return read_run(connection, run_id)

    def ask_trials(self, experiment_id: str, driver: str, request: Request) -> None:
        """Ask every run of an experiment that has not ended to stop or to pause; once more does no harm."""
        with self._database.transaction(write=True) as connection:
            self._own(connection, experiment_id, driver)
            for trial in read_trials(connection, experiment_id):
                if trial.is_open and trial.request is not request:
                    ask_trial(connection, trial, request)

    def tell_of_trial(self, run_id: str, *, message: str, tags: Sequence[str] = ()) -> None:
        """Note with a run what its experiment has done to it, beside the tags that it has."""
        with self._database.transaction(write=True) as connection:
            run = read_run(connection, run_id, lock=True, even_deleted=True)
            words = list(dict.fromkeys([*run.tags, *tags]))
            change(connection, run_id, message=message, tags=json.dumps(words) if words else None)

    def experiment_seconds(self, experiment_id: str) -> float:
        """Return how many seconds the runs of an experiment have had, deleted ones too."""
        seconds = func.sum(func.coalesce(runs.c.total_seconds, runs.c.train_seconds, 0.0))
        with self._database.transaction() as connection:
            return float(connection.scalar(select(seconds).where(runs.c.experiment == experiment_id)) or 0.0)

    def note_experiment(self, experiment_id: str, driver: str, message: str | None) -> None:
        """Keep a sentence about an experiment that goes on."""
        with self._database.transaction(write=True) as connection:
            if self._own(connection, experiment_id, driver).message != message:
                change_experiment(connection, experiment_id, message=message)

    def finish_experiment(
        self,
        experiment_id: str,
        driver: str,
        status: RunStatus,
        *,
        outcome: Mapping[str, Any],
        message: str | None = None,
    ) -> Experiment:
        """End an experiment with what came of it."""
        if not status.is_ended:
            raise ValueError(f"An experiment cannot end as {status}.")
        with self._database.transaction(write=True) as connection:
            made = self._own(connection, experiment_id, driver).made
            change_experiment(
                connection,
                experiment_id,
                status=status,
                outcome=json.dumps({**outcome, "made": made}, allow_nan=False),
                message=message,
                finished_at=now(),
                request=Request.NONE,
                driver=None,
            )
            return read_experiment(connection, experiment_id)

    def _with_lesson(self, experiment: Experiment) -> list[Run]:
        """Return the first runs of an experiment that learn drawings, deleted ones too."""
        query = (
            select(runs)
            .join(artifacts, artifacts.c.run_id == runs.c.id)
            .where(runs.c.experiment == experiment.id, artifacts.c.name == LESSON_FILE)
            .order_by(runs.c.trial)
            .limit(_WITH_LESSON)
        )
        with self._database.transaction() as connection:
            return list(readable(connection.execute(query).all(), run_from_row))

    def _own(self, connection: Connection, experiment_id: str, driver: str) -> Experiment:
        """Return an experiment, locked; raise `ClaimLost` unless this driver looks after it."""
        found = read_experiment(connection, experiment_id, lock=True)
        query = select(experiments.c.driver).where(experiments.c.id == experiment_id)
        if connection.scalar(query) != driver:
            raise ClaimLost(
                say("Experiment {experiment} is looked after by another process now.", experiment=found.id)
            )
        return found


def _may_take(driver: str, silent_seconds: float) -> ColumnElement[bool]:
    return or_(
        experiments.c.driver == driver,
        experiments.c.driver.is_(None),
        experiments.c.heartbeat_at.is_(None),
        is_older(experiments.c.heartbeat_at, silent_seconds),
    )
