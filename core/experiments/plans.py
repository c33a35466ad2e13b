"""Plans: what an experiment is to train, as frozen models that the database keeps as text."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal, get_args

from pydantic import Field

from core.config import TrainingConfig
from core.config.layers import Frozen
from core.errors import ConfigError
from core.sentences import say
from core.store import Experiment
from core.store.shelf import LONGEST_NAME

FixedKind = Literal["seeds", "duel", "grid", "learning-rate", "batch-size", "width-depth", "data-amount"]
FIXED_KINDS: tuple[FixedKind, ...] = get_args(FixedKind)

# Bounds what one entry of the database may hold; what it costs bounds it long before.
MAX_TRIALS = 10_000
MAX_ABOUT = 50


class PlannedTrial(Frozen):
    """One run that an experiment makes: what it is called, and its settings."""

    label: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    config: TrainingConfig


class FixedPlan(Frozen):
    """An experiment whose runs are all known from the beginning.

    Attributes
    ----------
    trials
        In the order in which they begin.
    about
        What its page has to know besides: what is varied, how many seeds.
    """

    kind: FixedKind
    trials: Annotated[tuple[PlannedTrial, ...], Field(min_length=1, max_length=MAX_TRIALS)]
    about: Annotated[dict[str, str | float | int], Field(default_factory=dict, max_length=MAX_ABOUT)]

    @property
    def size(self) -> int:
        """How many runs it makes."""
        return len(self.trials)

    def cost(self, of_run: Callable[[TrainingConfig], float]) -> float:
        """Return about how many seconds all its runs take; `of_run` raises for one that no run may be."""
        return sum(of_run(trial.config) for trial in self.trials)


def read_fixed_plan(experiment: Experiment) -> FixedPlan:
    """Return the plan of an experiment whose runs are all known.

    Raises
    ------
    ConfigError
        If it is of another kind, or damaged.
    """
    if experiment.kind not in FIXED_KINDS:
        raise ConfigError(say("An experiment of the kind “{kind}” is not known here.", kind=experiment.kind))
    plan = _read(experiment.plan)
    if plan.kind != experiment.kind:
        raise ConfigError(say("The plan of this experiment is damaged. Start it again."))
    return plan


# A driver looks at the few that go on twice a second.
_read = lru_cache(maxsize=16)(FixedPlan.from_json)
