"""The part of `RunStore` for experiments: one entry of the queue that makes many runs."""

import re
import secrets
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.errors import ConfigError, ExperimentNotFound, LimitExceeded, RunUnreadable
from core.sentences import say
from core.settings import Settings
from core.store.cells import readable
from core.store.clock import now
from core.store.control import ask_within, queue_again
from core.store.database import Database
from core.store.drawing_choice import check_each_once
from core.store.experiment_records import Experiment, Plan, Score, Trial
from core.store.queries import change, read_run
from core.store.records import Request, Run, RunStatus
from core.store.room import TRAINING_IMAGES, Asker, check_room, cost_of_experiment
from core.store.rows import experiment_from_row, run_from_row
from core.store.shelf import LONGEST_NAME
from core.store.tables import experiments, points, runs

_NEWEST_FIRST = (experiments.c.created_at.desc(), experiments.c.id.desc())
# What somebody expects stands in a line or two.
_LONGEST_GUESS = 2_000
_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)
_LONGEST_SHOWN = 40


class Experiments:
    """The part of `RunStore` with which people make and see experiments."""

    _database: Database

    def create_experiment(
        self,
        plan: Plan,
        *,
        workspace: str,
        name: str | None = None,
        guess: str | None = None,
        address: str | None = None,
        limits: Settings | None = None,
        training_images: int = TRAINING_IMAGES,
    ) -> Experiment:
        """Write a new experiment, waiting, and return it; whoever looks after experiments makes its runs.

        However many runs it has it is never refused for their number, only for what they cost together.

        Parameters
        ----------
        guess
            What its owner expects, as the caller writes it; it cannot be changed later.
        address, limits, training_images
            As in `RunStore.create`.

        Raises
        ------
        ConfigError
            If the name or the guess is too long, or runs are to learn drawings and there are too few.
        LimitExceeded
            If one of its runs, or all of them together, cost too much for this server, or too much is
            waiting already.
        """
        _check_words(name, guess)
        experiment_id = secrets.token_hex(6)
        with self._database.transaction(write=True, alone=True) as connection:
            check = check_each_once(connection, workspace)
            cost = cost_of_experiment(connection, plan, limits, training_images, check)
            check_room(connection, cost, limits, Asker(workspace, address))
            connection.execute(
                insert(experiments).values(
                    id=experiment_id,
                    workspace=workspace,
                    kind=plan.kind,
                    status=RunStatus.QUEUED,
                    plan=plan.to_json(),
                    name=name,
                    guess=guess,
                    created_at=now(),
                    request=Request.NONE,
                    cost_seconds=cost,
                    address=address,
                )
            )
            return read_experiment(connection, experiment_id)

    def experiment_problem(
        self,
        plan: Plan,
        *,
        workspace: str,
        limits: Settings,
        address: str | None = None,
        training_images: int = TRAINING_IMAGES,
    ) -> str | None:
        """Say why `create_experiment` would refuse this now, or None."""
        with self._database.transaction() as connection:
            check = check_each_once(connection, workspace)
            try:
                cost = cost_of_experiment(connection, plan, limits, training_images, check)
                check_room(connection, cost, limits, Asker(workspace, address))
            except (LimitExceeded, ConfigError) as error:
                return str(error)
        return None

    def estimated_experiment_seconds(self, plan: Plan, training_images: int = TRAINING_IMAGES) -> float:
        """Return about how many seconds of training all runs of a plan take on this server's workers."""
        with self._database.transaction() as connection:
            return cost_of_experiment(connection, plan, None, training_images)

    def experiment(self, experiment_id: str) -> Experiment:
        """Return one experiment.

        Raises
        ------
        ExperimentNotFound, ExperimentUnreadable
        """
        with self._database.transaction() as connection:
            return read_experiment(connection, experiment_id)

    def list_experiments(
        self,
        *,
        workspaces: Sequence[str] | None = None,
        kinds: Collection[str] | None = None,
        statuses: Collection[RunStatus] | None = None,
        limit: int = 100,
    ) -> list[Experiment]:
        """Return the newest experiments first, without those that cannot be read or are deleted."""
        query = select(experiments).where(experiments.c.deleted_at.is_(None)).order_by(*_NEWEST_FIRST)
        for column, wanted in (("workspace", workspaces), ("kind", kinds), ("status", statuses)):
            if wanted is not None:
                query = query.where(experiments.c[column].in_(list(wanted)))
        with self._database.transaction() as connection:
            return list(readable(connection.execute(query.limit(limit)).all(), experiment_from_row))

    def experiment_runs(self, experiment_id: str) -> list[Run]:
        """Return the runs of an experiment that are there, in the order of `trial`; none that is deleted."""
        query = (
            select(runs)
            .where(runs.c.experiment == experiment_id, runs.c.deleted_at.is_(None))
            .order_by(runs.c.trial)
        )
        with self._database.transaction() as connection:
            return list(readable(connection.execute(query), run_from_row))

    def experiment_trials(self, experiment_id: str) -> list[Trial]:
        """Return where each run of an experiment stands, deleted ones too, in the order of `trial`."""
        with self._database.transaction() as connection:
            return read_trials(connection, experiment_id)

    def scores(self, run_ids: Sequence[str]) -> dict[str, tuple[Score, ...]]:
        """Return how runs did on their validation images, epoch after epoch; nothing of one without any."""
        found: dict[str, list[Score]] = {}
        with self._database.transaction() as connection:
            for begin in range(0, len(run_ids), 500):  # databases take so many values at a time
                query = (
                    select(points.c.run_id, points.c.epoch, points.c.accuracy)
                    .where(
                        points.c.run_id.in_(list(run_ids[begin : begin + 500])),
                        points.c.kind == "validation",
                        points.c.step > 0,
                        points.c.accuracy.is_not(None),
                    )
                    .order_by(points.c.run_id, points.c.step)
                )
                for run_id, epoch, accuracy in connection.execute(query):
                    found.setdefault(run_id, []).append(Score(float(epoch), float(accuracy)))
        return {run_id: tuple(scores) for run_id, scores in found.items()}


def read_experiment(connection: Connection, experiment_id: str, *, lock: bool = False) -> Experiment:
    """Return one experiment that is not deleted, locked until the end of the transaction if asked.

    Raises
    ------
    ExperimentNotFound, ExperimentUnreadable
    """
    query = select(experiments).where(experiments.c.id == experiment_id, experiments.c.deleted_at.is_(None))
    is_id = _ID.fullmatch(experiment_id) is not None  # whatever an address holds comes here
    row = connection.execute(query.with_for_update() if lock else query).one_or_none() if is_id else None
    if row is None:
        shown = experiment_id[:_LONGEST_SHOWN]
        raise ExperimentNotFound(
            say(
                "There is no experiment “{experiment}”: it has been deleted, or it never was here.",
                experiment=shown,
            )
        )
    return experiment_from_row(row)


def read_trials(connection: Connection, experiment_id: str) -> list[Trial]:
    """Return where each run of an experiment stands, in the order of `trial`."""
    query = (
        select(
            runs.c.trial,
            runs.c.id,
            runs.c.number,
            runs.c.status,
            runs.c.request,
            runs.c.deleted_at.is_not(None).label("is_deleted"),
            runs.c.curve_version,
        )
        .where(runs.c.experiment == experiment_id, runs.c.trial.is_not(None))
        .order_by(runs.c.trial)
    )
    return [_trial_from_row(row) for row in connection.execute(query)]


def _trial_from_row(row: Any) -> Trial:
    try:
        status, request, is_deleted = RunStatus(row[3]), Request(row[4]), bool(row[5])
    except ValueError:  # damaged: no worker can take it, so it counts as failed
        status, request, is_deleted = RunStatus.FAILED, Request.NONE, True
    return Trial(int(row[0]), row[1], row[2], status, request, is_deleted, int(row[6]))


def ask_trial(connection: Connection, trial: Trial, request: Request) -> None:
    """Ask a run of an experiment that has not ended for something, in a transaction that is open already.

    One that cannot be read no worker can take: it has failed. One that is being trained was read before.
    """
    try:
        if request is Request.NONE and trial.status is RunStatus.PAUSED:
            queue_again(connection, trial.run_id)
        elif request is not Request.NONE or read_run(connection, trial.run_id).request is Request.PAUSE:
            ask_within(connection, trial.run_id, request)
    except RunUnreadable:
        if trial.status is RunStatus.RUNNING:
            change(connection, trial.run_id, request=request)
        else:
            change(connection, trial.run_id, status=RunStatus.FAILED, finished_at=now())


def change_experiment(connection: Connection, experiment_id: str, **values: Any) -> None:
    """Set columns of one experiment."""
    connection.execute(update(experiments).where(experiments.c.id == experiment_id).values(**values))


def _check_words(name: str | None, guess: str | None) -> None:
    """Raise `ConfigError` if these cannot be kept."""
    if name is not None and not (len(name) <= LONGEST_NAME and name.isprintable()):
        raise ConfigError(
            say("A name has at most {most} letters, and none that cannot be shown.", most=LONGEST_NAME)
        )
    if guess is not None and len(guess) > _LONGEST_GUESS:
        raise ConfigError(say("A guess has at most {most} letters. Shorten it.", most=_LONGEST_GUESS))
