"""The advice: it fits the run's own settings, names values, and its remedy follows it."""

from collections.abc import Callable
from typing import Any

import pytest

from core.config import HiddenLayer, TrainingConfig
from core.evaluation.diagnosis.advice import (
    Advice,
    against_dead_units,
    against_divergence,
    against_overfitting,
    against_saturation,
    against_stalling,
    calmer_rate,
)


def config(*units: HiddenLayer, **values: Any) -> TrainingConfig:
    return TrainingConfig(hidden_layers=units or (HiddenLayer(units=8),) * 2, seed=5, **values)


def tanh(dropout: float = 0.0) -> HiddenLayer:
    return HiddenLayer(units=8, activation="tanh", dropout=dropout)


def guessing(run: TrainingConfig) -> Advice:
    return against_stalling(run, is_guessing=True)


def bouncing(run: TrainingConfig) -> Advice:
    return against_stalling(run, is_guessing=False)


def by_heart(run: TrainingConfig) -> Advice:
    return against_overfitting(run, best_epoch=4)


DROPPING = HiddenLayer(units=8, dropout=0.2)
SIX_SIGMOIDS = (HiddenLayer(units=8, activation="sigmoid"),) * 6

Case = tuple[Callable[[TrainingConfig], Advice], TrainingConfig, list[str], dict[str, Any]]
CASES: dict[str, Case] = {
    "diverging, sgd": (
        against_divergence,
        config(optimizer="sgd", learning_rate=3.0),
        ["learning rate of 3 ", "Try 0.01."],
        {"learning_rate": 0.01},
    ),
    "diverging at the usual rate": (
        against_divergence,
        config(learning_rate=0.001),
        ["Try a lower learning rate, 0.0001."],
        {"learning_rate": 0.0001},
    ),
    "diverging linear layers": (
        against_divergence,
        config(HiddenLayer(units=8, activation="linear"), learning_rate=0.0015),
        ["0.001, or relu or tanh instead of linear layers."],
        {"learning_rate": 0.001},
    ),
    "dead from zeros": (
        against_dead_units,
        config(initializer="zeros", learning_rate=0.1),
        ["All first weights are zero", "He weights"],
        {"initializer": "he"},
    ),
    "dead from long steps": (
        against_dead_units,
        config(learning_rate=0.1),
        ["learning rate of 0.1 ", "Try 0.001"],
        {"learning_rate": 0.001, "initializer": "he"},
    ),
    "dead all the same": (
        against_dead_units,
        config(HiddenLayer(units=8), tanh(0.3)),
        ["Try elu"],
        {"hidden_layers": (HiddenLayer(units=8, activation="elu"), tanh(0.3))},
    ),
    "saturated from wide weights": (
        against_saturation,
        config(tanh(), initializer="wide", learning_rate=0.1),
        ["far too wide", "Glorot"],
        {"initializer": "glorot"},
    ),
    "saturated from long steps": (
        against_saturation,
        config(tanh(), optimizer="rmsprop", learning_rate=0.03),
        ["learning rate of 0.03 ", "Try 0.001."],
        {"learning_rate": 0.001},
    ),
    "saturated all the same": (
        against_saturation,
        config(tanh(0.1)),
        ["Try relu"],
        {"hidden_layers": (HiddenLayer(units=8, dropout=0.1),)},
    ),
    "wrong labels by heart": (
        by_heart,
        config(label_noise=0.35, training_fraction=0.5),
        ["35 % of the labels are wrong", "the best epoch, here 4"],
        {"label_noise": 0.0, "early_stopping": "loss"},
    ),
    "few images by heart": (
        by_heart,
        config(training_fraction=0.02),
        ["only 2 % of the training images", "the best epoch, here 4"],
        {"training_fraction": 1.0, "early_stopping": "loss"},
    ),
    "no dropout yet": (
        by_heart,
        config(HiddenLayer(units=8), tanh(), early_stopping="accuracy"),
        ["dropout of 0.3", "L2 penalty of 0.0001"],
        {"hidden_layers": (HiddenLayer(units=8, dropout=0.3), tanh(0.3))},
    ),
    "no augmentation yet": (
        by_heart,
        config(DROPPING),
        ["augmentation", "shift 1.5"],
        {
            "augmentation_shift": 1.5,
            "augmentation_rotation": 10.0,
            "augmentation_scale": 0.1,
            "early_stopping": "loss",
        },
    ),
    "nothing else is left": (
        by_heart,
        config(DROPPING, augmentation_shift=1.0, epochs=9),
        ["fewer epochs: 4."],
        {"epochs": 4},
    ),
    "stalled at zeros": (
        guessing,
        config(tanh(), initializer="zeros"),
        ["All first weights are zero", "Glorot"],
        {"initializer": "glorot"},
    ),
    "stalled by tiny normalized batches": (
        guessing,
        config(batch_normalization=True, batch_size=2, learning_rate=0.0001),
        ["a batch of 2 tells next to nothing", "batches of 32 images"],
        {"batch_size": 32},
    ),
    "stalled by penalties": (
        guessing,
        config(l1=0.01, l2=0.5),
        ["L1 0.01, L2 0.5", "Switch them off."],
        {"l1": 0.0, "l2": 0.0},
    ),
    "stalled by wrong labels": (
        guessing,
        config(label_noise=0.9),
        ["90 % of the labels are wrong"],
        {"label_noise": 0.0},
    ),
    "stalled by short steps": (
        guessing,
        config(optimizer="sgd", learning_rate=1e-5),
        ["learning rate of 0.00001 ", "Try 0.01"],
        {"learning_rate": 0.01},
    ),
    "stalled by long steps": (
        guessing,
        config(optimizer="adamw", learning_rate=0.1),
        ["learning rate of 0.1 ", "Try 0.001."],
        {"learning_rate": 0.001},
    ),
    "bouncing above guessing": (
        bouncing,
        config(learning_rate=0.001),
        ["jump over", "Try 0.0001."],
        {"learning_rate": 0.0001},
    ),
    "stalled with sgd": (
        guessing,
        config(optimizer="sgd", learning_rate=0.01),
        ["Try Adam"],
        {"optimizer": "adam", "learning_rate": 0.001},
    ),
    "stalled with many sigmoids": (
        guessing,
        config(*SIX_SIGMOIDS),
        ["relu with He", "fewer layers"],
        {"hidden_layers": (HiddenLayer(units=8),) * 2, "initializer": "he"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_advice_names_values_and_the_remedy_changes_just_that(case: str) -> None:
    advise, run, words, changes = CASES[case]
    advice, remedy = advise(run)
    assert all(word in advice for word in words), advice
    assert advice.endswith(".")
    assert remedy == run.model_copy(update=changes)


def test_a_calmer_rate_is_lower() -> None:
    for optimizer in ("adam", "adamw", "rmsprop", "sgd"):
        for rate in (100.0, 0.3, 0.01, 0.002, 0.001, 3e-5):
            run = config(optimizer=optimizer, learning_rate=rate)
            assert 0 < calmer_rate(run) < rate
