"""Experiments in one press: the four studies that every course has, and what their runs measured."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

from core.config import MAX_EPOCHS, MAX_SEED, TrainingConfig
from core.errors import ConfigError
from core.evaluation.studies import Measured
from core.experiments.plans import FixedPlan
from core.sentences import say
from core.store import Curve, Run, RunStatus, Score, kept_score

Study = Literal["learning-rate", "batch-size", "width-depth", "data-amount"]
STUDIES: tuple[Study, ...] = get_args(Study)

MOST_SEEDS = 5
# The run whose rate rises: up to this rate, with 25 points of the curve an epoch.
TOP_RATE = 10.0
_RISING_EPOCHS = 3
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512, 1_024)
WIDTHS = (8, 16, 32, 64, 128, 256)
DEPTHS = (1, 2, 3, 4)
FRACTIONS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
# A run with less data has so many times the epochs at most: as many steps, or all is long known by heart.
_MOST_TIMES = 20
# Kept aside to measure with where the settings keep nothing.
_VALIDATION = 0.1

Values = dict[str, Any]


def study_plan(study: Study, config: TrainingConfig, seeds: int = 1) -> FixedPlan:
    """Return the plan of a study of these settings: all but what it varies stays as it is.

    Parameters
    ----------
    seeds
        Runs of each value, with the seeds from that of `config` on; the learning rate's is one run.

    Raises
    ------
    ConfigError
        If a value cannot go with the other settings, for so many seeds, or without a hidden layer where
        layers are what is varied.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise ConfigError(say("A study has 1 to {most} seeds, not {seeds}.", most=MOST_SEEDS, seeds=seeds))
    base = config.model_dump()
    if not config.validation_split:
        base["validation_split"] = _VALIDATION
    if study == "learning-rate":
        seeds, varied = 1, [(say("rising rate"), _rising())]
    elif study == "batch-size":
        varied = [(say("batch {size}", size=size), {"batch_size": size}) for size in _batch_sizes(config)]
    elif study == "width-depth":
        varied = list(_shapes(config))
    else:
        varied = [
            (say("{share} of the images", share=f"{100 * share:g} %"), _less_data(config, share))
            for share in FRACTIONS
        ]
    first = config.seed if config.seed + seeds - 1 <= MAX_SEED else 0
    trials = [
        {
            "label": label if seeds == 1 else say("{what}, seed {seed}", what=label, seed=seed),
            "config": base | changes | {"seed": seed},
        }
        for seed in range(first, first + seeds)  # a whole picture first, then the next seed
        for label, changes in varied
    ]
    return FixedPlan.build(
        {"kind": study, "trials": trials, "about": {"seeds": seeds, "base": config.to_json()}}
    )


def base_of(plan: FixedPlan) -> TrainingConfig:
    """Return the settings from which a study started.

    Raises
    ------
    ConfigError
        If the plan does not tell.
    """
    return TrainingConfig.from_json(str(plan.about.get("base")))


def value_of(study: str, config: TrainingConfig, training_images: int) -> float:
    """Return what a study varies in a run: the batch size, or the number of images that are learnt.

    Parameters
    ----------
    training_images
        Of the dataset, before any are kept aside.
    """
    if study == "batch-size":
        return float(config.batch_size)
    return round(training_images * (1 - config.validation_split) * config.training_fraction)


def measured(
    study: str,
    runs: Iterable[Run],
    scores: Mapping[str, Sequence[Score]],
    curves: Mapping[str, Curve],
    training_images: int,
) -> list[Measured]:
    """Return what the runs of a study have reached; of those that have not finished there is no accuracy."""
    return [
        Measured(
            value_of(study, run.config, training_images),
            reached(run, scores),
            _last(curves[run.id]) if run.id in curves else None,
            run.train_seconds,
        )
        for run in runs
    ]


def reached(run: Run, scores: Mapping[str, Sequence[Score]]) -> float | None:
    """Return the validation accuracy, 0 to 1, of what a finished run keeps; None of any other."""
    return kept_score(run, scores.get(run.id, ())) if run.status is RunStatus.FINISHED else None


def _rising() -> Values:
    return {
        "learning_rate": TOP_RATE,
        "learning_rate_schedule": "rising",
        "warm_up_epochs": 0.0,
        "epochs": _RISING_EPOCHS,
        "early_stopping": "off",
        "stop_at_accuracy": 0.0,
    }


def _batch_sizes(config: TrainingConfig) -> list[int]:
    """Return the batch sizes of the study and that of the settings, ascending."""
    return sorted({*BATCH_SIZES, config.batch_size})


def _shapes(config: TrainingConfig) -> Iterable[tuple[str, Values]]:
    if not config.hidden_layers:
        raise ConfigError(say("These settings have no hidden layer to vary. Add one."))
    layer = config.hidden_layers[0].model_dump()
    for depth in DEPTHS:
        for width in WIDTHS:
            shape = "-".join([str(width)] * depth)
            yield shape, {"hidden_layers": [layer | {"units": width}] * depth}


def _less_data(config: TrainingConfig, share: float) -> Values:
    """Return the settings for this share of the images, with about as many steps as for all of them."""
    fraction = max(0.001, share * config.training_fraction)
    times = min(_MOST_TIMES, config.training_fraction / fraction)
    return {"training_fraction": fraction, "epochs": min(MAX_EPOCHS, max(1, round(config.epochs * times)))}


def _last(curve: Curve) -> float | None:
    return float(curve.training_accuracy[-1]) if len(curve.training_accuracy) else None
