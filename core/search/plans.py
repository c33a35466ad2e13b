"""StudyPlan: what a search is to find out, as the database keeps it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import combinations, product
from random import Random
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from core.config import MAX_SEED, TrainingConfig
from core.config.layers import Frozen
from core.config.variation import LAYERS, with_settings
from core.config.words import TITLES
from core.errors import ConfigError
from core.search.space import Range, grid_size
from core.sentences import say
from core.store import Experiment

Sampler = Literal["tpe", "random", "grid"]
Pruner = Literal["none", "median", "hyperband"]
Goal = Literal["accuracy", "parameters", "seconds"]

SAMPLERS: tuple[Sampler, ...] = get_args(Sampler)
PRUNERS: tuple[Pruner, ...] = get_args(Pruner)
GOALS: tuple[Goal, ...] = get_args(Goal)

KIND = "study"
MOST_RUNS = 1_000
MOST_RANGES = 12
# What a search that has ended is given more at a time.
MORE_RUNS = 10
MORE_MINUTES = 2.0
# So many points of a space tell what its runs cost on average.
_POINTS_LOOKED_AT = 32
# What makes a run dearer when it is larger, and when it is smaller.
_DEARER_WHEN_LARGE = frozenset({"units", LAYERS})


class StudyPlan(Frozen):
    """A search for the settings with the best validation accuracy.

    Attributes
    ----------
    base
        The settings that all runs share, but for what is varied.
    ranges
        What is varied.
    pruner
        By which rule a run that lags behind is stopped early.
    goal
        Besides validation accuracy, which is always wanted high: what is wanted low, if anything.
    runs
        How many runs at most.
    minutes
        How much training all runs may take together; once that is used up no further run begins. None: any.
    seed
        Of the search, not of the runs.
    """

    titles: ClassVar[Mapping[str, str]] = {**TITLES, "minutes": say("At most (minutes)")}

    kind: Literal["study"] = "study"
    base: TrainingConfig
    ranges: Annotated[tuple[Range, ...], Field(max_length=MOST_RANGES)]
    sampler: Sampler = "tpe"
    pruner: Pruner = "none"
    goal: Goal = "accuracy"
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 20
    minutes: Annotated[float, Field(gt=0, le=10_000)] | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0

    @model_validator(mode="after")
    def _can_be_searched(self) -> Self:
        names = [one.name for one in self.ranges]
        if not names:
            raise ValueError(say("Nothing is varied. Choose at least one setting."))
        if len(set(names)) < len(names):
            raise ValueError(say("A setting can be varied in one way only."))
        if self.base.validation_split == 0:
            raise ValueError(
                say(
                    "A search compares networks by their validation accuracy, and the validation split is 0. "
                    "Keep some images aside, for example 0.1."
                )
            )
        if self.pruner != "none" and self.goal != "accuracy":
            raise ValueError(
                say("Runs can be stopped early with one goal only. Switch it off, or take accuracy alone.")
            )
        if self.sampler == "grid" and grid_size(self.ranges) > MOST_RUNS:
            raise ValueError(
                say(
                    "This grid has {count} points, more than {most}. Take fewer values or fewer settings.",
                    count=f"{grid_size(self.ranges):,}",
                    most=f"{MOST_RUNS:,}",
                )
            )
        for pair in combinations(self.ranges, min(2, len(self.ranges))):
            for values in product(*(one.ends for one in pair)):
                try:
                    with_settings(self.base, dict(zip((one.name for one in pair), values, strict=True)))
                except ConfigError as error:
                    raise ValueError(str(error)) from error
        return self

    @property
    def size(self) -> int:
        """How many runs it makes at most."""
        return min(self.runs, grid_size(self.ranges)) if self.sampler == "grid" else self.runs

    @property
    def is_two_fold(self) -> bool:
        """Whether two things are wanted, which no single run may have both."""
        return self.goal != "accuracy"

    def with_more(self, tried: int, seconds: float) -> Self | None:
        """Return the search with more to do, once it has ended; None where there is no more.

        So many runs more, or so much training, as above; what was stopped before its end has the rest first.

        Parameters
        ----------
        tried
            How many trials it has had, without those that were cut off as it was stopped.
        seconds
            Of training that its runs have had.
        """
        is_short = tried < self.size
        runs = self.runs if is_short else tried + MORE_RUNS
        if runs > MOST_RUNS or (self.sampler == "grid" and tried >= grid_size(self.ranges)):
            return None
        minutes = None if self.minutes is None else max(self.minutes, seconds / 60 + MORE_MINUTES)
        return self.model_copy(update={"runs": runs, "minutes": minutes})

    def at(self, params: Mapping[str, Any]) -> TrainingConfig:
        """Return the configuration of a point as Optuna has it, with short numbers.

        Raises
        ------
        ConfigError
            If these values cannot be had together.
        """
        return with_settings(self.base, {one.name: one.short(params[one.name]) for one in self.ranges})

    def cost(self, of_run: Callable[[TrainingConfig], float]) -> float:
        """Return about how many seconds all its runs take; `of_run` raises for one that no run may be.

        Of the dearest run of the space that is asked first. Pruning makes it less.
        """
        of_run(self.dearest())
        draw = Random(self.seed)
        points = [{one.name: one.at(draw.random()) for one in self.ranges} for _ in range(_POINTS_LOOKED_AT)]
        mean = sum(of_run(with_settings(self.base, point)) for point in points) / len(points)
        seconds = self.size * mean
        return seconds if self.minutes is None else min(seconds, self.minutes * 60 + mean)

    def dearest(self) -> TrainingConfig:
        """Return the configuration of the space that takes longest."""
        point = {}
        for one in self.ranges:
            if one.choices:
                # Of the choices only batch normalization costs anything.
                point[one.name] = True if True in one.choices else one.choices[0]
            else:
                is_large = one.name in _DEARER_WHEN_LARGE or one.name.startswith("augmentation_")
                point[one.name] = one.ends[1] if is_large else one.ends[0]
        return with_settings(self.base, point)


def read_plan(experiment: Experiment) -> StudyPlan:
    """Return the plan of a search.

    Raises
    ------
    ConfigError
        If it is damaged, or the experiment none.
    """
    if experiment.kind != KIND:
        raise ConfigError(say("An experiment of the kind “{kind}” is no search.", kind=experiment.kind))
    return _read(experiment.plan)


# A driver looks at those that go on twice a second, and pages at those on show.
_read = lru_cache(maxsize=64)(StudyPlan.from_json)
