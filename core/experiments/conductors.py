"""Conductors: what an experiment of some kind wants next, decided from where its runs stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.config import TrainingConfig
from core.experiments.outcomes import outcome_of
from core.experiments.plans import read_fixed_plan
from core.sentences import say
from core.store import Experiment, Request, RunStatus, RunStore, Trial


@dataclass(frozen=True)
class NewTrial:
    """A run to be made: its place in the experiment, from 0, its name, its settings."""

    number: int
    label: str
    config: TrainingConfig


@dataclass(frozen=True)
class Step:
    """What is to be done next with an experiment.

    Attributes
    ----------
    new
        Runs to be made now.
    stop
        Ids of runs that are to stop early: no more is expected of them.
    has_more
        Whether more runs are to be made later.
    """

    new: Sequence[NewTrial] = ()
    stop: Sequence[str] = ()
    has_more: bool = False


@dataclass(frozen=True)
class Ending:
    """What came of an experiment."""

    outcome: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None


class Conductor(Protocol):
    """Decides over experiments of one kind; asked again after any failure it does nothing twice."""

    def step(self, experiment: Experiment, trials: Sequence[Trial], free: int) -> Step:
        """Return what to do next; `free` runs may be made now."""

    def end(self, experiment: Experiment, trials: Sequence[Trial]) -> Ending:
        """Return what came of it, once all its runs have ended."""


MakeConductor = Callable[[RunStore], Conductor]


class FixedConductor:
    """For experiments whose runs are all known from the beginning."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def step(self, experiment: Experiment, trials: Sequence[Trial], free: int) -> Step:
        """Return the next runs of the plan."""
        plan = read_fixed_plan(experiment)
        # Counted where they are made: a run that is gone for good is not made again.
        begin = experiment.made
        end = min(plan.size, begin + max(0, free))
        planned = enumerate(plan.trials[begin:end], begin)
        new = [NewTrial(number, trial.label, trial.config) for number, trial in planned]
        return Step(new=new, has_more=end < plan.size)

    def end(self, experiment: Experiment, trials: Sequence[Trial]) -> Ending:
        """Return the figures of all runs."""
        plan = read_fixed_plan(experiment)
        runs = self._store.experiment_runs(experiment.id)
        scores = self._store.scores([run.id for run in runs])
        if experiment.request is Request.STOP:  # what was cut off by that is no news
            missing = sum(trial.status is RunStatus.FAILED or trial.is_deleted for trial in trials)
            return Ending(outcome_of(plan, runs, scores), missing_runs(len(trials), len(trials) - missing))
        finished = sum(trial.status is RunStatus.FINISHED and not trial.is_deleted for trial in trials)
        return Ending(outcome_of(plan, runs, scores), missing_runs(plan.size, finished))


def missing_runs(planned: int, finished: int) -> str | None:
    """Say how many runs of an experiment did not come to their end, None where all did."""
    missing = planned - finished
    if missing <= 0:
        return None
    if missing == 1:
        return say(
            "1 of {planned} runs failed, was stopped or deleted: it counts as failed, the others count.",
            planned=planned,
        )
    return say(
        "{missing} of {planned} runs failed, were stopped or deleted: they count as failed, the others "
        "count.",
        missing=missing,
        planned=planned,
    )
