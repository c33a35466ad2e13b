"""What a search has found so far: plain data for pages, read from Optuna's study at one moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import optuna

from core.search.figures import Shown, shown_study
from core.search.plans import StudyPlan, read_plan
from core.search.storage import CUT, as_store_errors, directions_of, load_study
from core.sentences import say
from core.store import Experiment
from core.store.database import Database


@dataclass(frozen=True)
class Tried:
    """A trial of which Optuna knows what came of it.

    Attributes
    ----------
    number
        Its place in the search, from 0.
    state
        "complete", "pruned" or "fail".
    params
        The values of the settings that vary, by name.
    accuracy
        On the validation images; of a pruned one the last that was measured, None where it failed.
    second
        The other goal, where there is one.
    is_cut
        Whether it came to no end because the search was stopped.
    """

    number: int
    state: str
    params: dict[str, Any]
    accuracy: float | None
    second: float | None
    is_cut: bool = False


@dataclass(frozen=True)
class Found:
    """What a search has found: its trials, the numbers of the best ones, and what figures show."""

    plan: StudyPlan
    trials: tuple[Tried, ...]
    best: tuple[int, ...]
    shown: Shown

    def count(self, state: str) -> int:
        """Return how many trials ended so by themselves."""
        return sum(trial.state == state and not trial.is_cut for trial in self.trials)

    @property
    def tried(self) -> int:
        """How many trials there were, without those that were cut off."""
        return sum(not trial.is_cut for trial in self.trials)


def find(database: Database, experiment: Experiment, *, say: Callable[..., str] = say) -> Found:
    """Return what a search has found so far; nothing while it has no study yet.

    Parameters
    ----------
    say
        Puts the titles of settings into the language of who looks.

    Raises
    ------
    ConfigError
        If its plan is damaged.
    StoreError
    """
    plan = read_plan(experiment)
    with as_store_errors(database):
        study = load_study(database, experiment.id) or optuna.create_study(directions=directions_of(plan))
        ended = [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()]
        best = tuple(trial.number for trial in study.best_trials)
        return Found(plan, tuple(map(_tried, ended)), best, shown_study(study, plan, say=say))


def _tried(trial: optuna.trial.FrozenTrial) -> Tried:
    values = trial.values or []
    return Tried(
        trial.number,
        trial.state.name.lower(),
        dict(trial.params),
        values[0] if values else None,
        values[1] if len(values) > 1 else None,
        CUT in trial.user_attrs,
    )
