"""Duels: two settings that differ in one thing, each with the same seeds, and who reads more digits.

Run i of both has the same seed: the same images in the same order, and where the change leaves the shapes of
the weights alone, the same first weights. So much of what a seed does is the same on both sides, and the
differences of pairs tell more than the two means: see docs/decisions.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from core.config import MAX_SEED, TrainingConfig
from core.config.differences import side_by_side
from core.config.layers import Frozen
from core.config.variation import LAYERS, OF_LAYERS, with_settings
from core.errors import ConfigError
from core.evaluation.luck import Comparison, Verdict, compare_by_seed
from core.experiments.plans import FixedPlan
from core.sentences import say
from core.store import Experiment, Run, RunStatus

Answer = Literal["a", "b", "none"]

MOST_SEEDS = 10
# Where the first weights are others, and where the images that are learnt or their order: a test proves it.
_CHANGES_WEIGHTS = frozenset({"hidden_layers", "initializer"})
_CHANGES_ORDER = frozenset({"validation_split", "training_fraction", "drawings", "drawings_share"})
# Not for a duel: other test images, or nothing but chance.
_NOT_OFFERED = frozenset({"dataset", "seed", "hidden_layers"})
OFFERED: tuple[str, ...] = (
    "learning_rate",
    "batch_size",
    "epochs",
    "optimizer",
    "units",
    LAYERS,
    "activation",
    "dropout",
    *(
        name
        for name in TrainingConfig.model_fields
        if name not in _NOT_OFFERED | {"learning_rate", "batch_size", "epochs", "optimizer"}
    ),
)


class Guess(Frozen):
    """What somebody expects of a duel, committed to before it began.

    Attributes
    ----------
    better
        Which side reads more; "none" for no difference beyond luck.
    points
        By how many points of percent, if they said so.
    """

    better: Answer
    points: Annotated[float, Field(gt=0, le=100)] | None = None


class Start(NamedTuple):
    """What two sides of a duel have in common where training begins."""

    weights: bool
    order: bool


class Result(Frozen):
    """What came of a duel, in the order of its seeds; as the database keeps it.

    Attributes
    ----------
    seeds, a, b
        Seeds with which both sides came to their end, and the test accuracies, 0 to 1, that they reached.
    failed_a, failed_b
        How many runs of each side failed, as those that diverge.
    better
        Which side is better by more than luck, None where too little came to its end to tell.
    """

    seeds: tuple[int, ...] = ()
    a: tuple[float, ...] = ()
    b: tuple[float, ...] = ()
    failed_a: int = 0
    failed_b: int = 0
    better: Answer | None = None

    @model_validator(mode="after")
    def _are_pairs(self) -> Self:
        if not len(self.seeds) == len(self.a) == len(self.b):
            raise ValueError(say("Every seed of a duel has two figures."))
        return self

    @property
    def comparison(self) -> Comparison | None:
        """How much more B reaches than A, as seeds are compared everywhere; None without a pair."""
        return _compare(self.a, self.b) if self.seeds else None

    @property
    def is_walkover(self) -> bool:
        """Whether one side failed each time, and the other never."""
        return _walkover(self.failed_a, self.failed_b, len(self.seeds)) is not None


@dataclass(frozen=True)
class Pair:
    """The two runs of one seed; None where one has not been made, or is gone."""

    seed: int
    a: Run | None
    b: Run | None

    @property
    def ahead(self) -> Answer | None:
        """Which side reads more test images, None where that is not known."""
        a, b = _accuracy(self.a), _accuracy(self.b)
        if a is None or b is None:
            return None
        return "none" if a == b else "a" if a > b else "b"


def value_of(config: TrainingConfig, name: str) -> Any:
    """Return the value of a setting that a duel can change: of layers that of the first, or their number."""
    if name == LAYERS:
        return len(config.hidden_layers)
    return getattr(config.hidden_layers[0] if name in OF_LAYERS else config, name)


def duel_plan(a: TrainingConfig, setting: str, value: Any, seeds: int) -> FixedPlan:
    """Return the plan of a duel of A against A with one setting changed: seed by seed, A first.

    The seeds are those after A's own: a run that was chosen because it did well does not count again.

    Raises
    ------
    ConfigError
        If the setting may not have this value or cannot be compared, if that changes nothing, or for so
        many seeds.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise ConfigError(say("A duel has 1 to {most} seeds, not {seeds}.", most=MOST_SEEDS, seeds=seeds))
    if setting not in OFFERED:
        raise ConfigError(say("“{setting}” cannot be what a duel is about.", setting=setting[:40]))
    b = with_settings(a, {setting: value})
    if not side_by_side((a, b)):
        raise ConfigError(say("A and B are the same. Give B another value."))
    first = a.seed + 1 if a.seed + seeds <= MAX_SEED else 0
    trials = [
        {
            "label": say("duel {side}, seed {seed}", side=side, seed=seed),
            "config": config.model_dump() | {"seed": seed},
        }
        for seed in range(first, first + seeds)
        for side, config in (("A", a), ("B", b))
    ]
    return FixedPlan.build({"kind": "duel", "trials": trials, "about": {"setting": setting, "seeds": seeds}})


def sides_of(plan: FixedPlan) -> tuple[TrainingConfig, TrainingConfig]:
    """Return the two settings of a duel."""
    return plan.trials[0].config, plan.trials[1].config


def names_of(a: TrainingConfig, b: TrainingConfig) -> tuple[str, str]:
    """Return what the sides are called: “A (learning rate 0.001)”, “B (learning rate 0.01)”."""
    row = side_by_side((a, b))[0]
    return say("A ({setting})", setting=row.in_a_line(0)), say("B ({setting})", setting=row.in_a_line(1))


def same_start(a: TrainingConfig, b: TrainingConfig) -> Start:
    """Tell what both have in common where they begin with one seed."""
    changed = {row.setting for row in side_by_side((a, b))}
    return Start(weights=not changed & _CHANGES_WEIGHTS, order=not changed & _CHANGES_ORDER)


def pairs_of(plan: FixedPlan, runs: Sequence[Run]) -> list[Pair]:
    """Return the runs of a duel by seeds, in the order of the plan."""
    by_trial = {run.trial: run for run in runs}
    return [
        Pair(plan.trials[place].config.seed, by_trial.get(place), by_trial.get(place + 1))
        for place in range(0, plan.size, 2)
    ]


def result_of(pairs: Sequence[Pair]) -> Result:
    """Return what the pairs say that have come to their end."""
    ended = [(pair.seed, _accuracy(pair.a), _accuracy(pair.b)) for pair in pairs]
    whole = [(seed, a, b) for seed, a, b in ended if a is not None and b is not None]
    failed_a, failed_b = (
        sum(run is not None and run.status is RunStatus.FAILED for run in side)
        for side in ([pair.a for pair in pairs], [pair.b for pair in pairs])
    )
    a, b = tuple(one[1] for one in whole), tuple(one[2] for one in whole)
    better = _walkover(failed_a, failed_b, len(whole))
    if better is None:
        better = better_of(a, b)
    return Result(
        seeds=tuple(one[0] for one in whole), a=a, b=b, failed_a=failed_a, failed_b=failed_b, better=better
    )


def better_of(a: Sequence[float], b: Sequence[float]) -> Answer | None:
    """Return which side is better by more than luck by its accuracies, pair by pair; None for too few."""
    return _ANSWERS[_compare(a, b).verdict] if len(a) > 1 else None


def duel_outcome(plan: FixedPlan, runs: Sequence[Run]) -> dict[str, Any]:
    """Return what the database keeps of a duel besides the figures of its runs."""
    return {"duel": result_of(pairs_of(plan, runs)).model_dump(mode="json")}


def _compare(a: Sequence[float], b: Sequence[float]) -> Comparison:
    return compare_by_seed(dict(enumerate(b)), dict(enumerate(a)))


_ANSWERS: dict[Verdict, Answer] = {Verdict.MORE: "b", Verdict.LESS: "a", Verdict.LUCK: "none"}


def _walkover(failed_a: int, failed_b: int, pairs: int) -> Answer | None:
    """Return who wins because the other failed each time, and more than once; None if nobody does."""
    if pairs or min(failed_a, failed_b) or max(failed_a, failed_b) < 2:
        return None
    return "b" if failed_a else "a"


def _accuracy(run: Run | None) -> float | None:
    # A run that somebody stopped has not learnt what the other one has.
    return run.test_accuracy if run is not None and run.status is RunStatus.FINISHED else None


def guess_of(experiment: Experiment) -> Guess | None:
    """Return what was expected of a duel, None if nothing was or it cannot be read."""
    if experiment.guess is None:
        return None
    with suppress(ConfigError):
        return Guess.from_json(experiment.guess)
    return None


def result_of_experiment(experiment: Experiment) -> Result | None:
    """Return what came of a duel that has ended, None before and where it cannot be read."""
    kept = experiment.outcome.get("duel")
    if not isinstance(kept, Mapping):
        return None
    with suppress(ConfigError, ValueError):
        return Result.build(kept)
    return None


def was_right(experiment: Experiment) -> bool | None:
    """Tell whether the guess was right; None without one, or where the duel cannot tell.

    One that was stopped cannot: who may stop when it looks well is right too often.
    """
    guess, result = guess_of(experiment), result_of_experiment(experiment)
    if (
        experiment.status is not RunStatus.FINISHED
        or guess is None
        or result is None
        or result.better is None
    ):
        return None
    return guess.better == result.better


def tally(experiments: Iterable[Experiment]) -> tuple[int, int]:
    """Return how many guesses were right, and of how many duels that could tell."""
    scored = [right for one in experiments if (right := was_right(one)) is not None]
    return sum(scored), len(scored)
