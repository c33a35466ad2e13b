"""The space of a search: what may vary, between which values, and the configuration of a point."""

from typing import Any

import pytest

from core.config import HiddenLayer, TrainingConfig
from core.config.cost import estimated_seconds
from core.config.variation import with_settings
from core.errors import ConfigError, LimitExceeded
from core.search.plans import StudyPlan
from core.search.space import TUNABLES, Range, grid_points, grid_size

BASE = TrainingConfig(hidden_layers=(HiddenLayer(units=30, activation="tanh"),), epochs=2)


def plan(*ranges: dict[str, Any], **others: Any) -> StudyPlan:
    return StudyPlan.build({"base": BASE, "ranges": list(ranges)} | others)


@pytest.mark.parametrize("tunable", TUNABLES.values(), ids=TUNABLES)
def test_every_setting_on_offer_makes_a_configuration_at_both_ends_of_what_is_usual(tunable: Any) -> None:
    low, high = tunable.usual
    one = Range.build(
        {"name": tunable.name, "choices": tunable.choices}
        if tunable.choices
        else {"name": tunable.name, "low": low, "high": high, "logarithmic": tunable.is_logarithmic}
    )
    configs = [with_settings(BASE, {one.name: value}) for value in one.grid()]
    assert len(set(map(str, configs))) == len(configs) >= 2
    assert tunable.title


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        ({"name": "seed", "low": 0, "high": 3}, "“seed” cannot be varied."),
        ({"name": "units", "low": 64, "high": 16}, "Units: from 64 to 16 is no range between 1 and 2048."),
        ({"name": "units", "low": 16, "high": 4_000}, "Units: from 16 to 4000 is no range"),
        ({"name": "units", "low": 16.5, "high": 64}, "Units takes whole numbers."),
        ({"name": "l2", "low": 0, "high": 0.1, "logarithmic": True}, "begins above 0"),
        ({"name": "optimizer", "choices": ["adam"]}, "Optimizer: choose at least two of adam, sgd"),
        ({"name": "optimizer", "choices": ["adam", "lion"]}, "Optimizer: choose at least two of"),
        ({"name": "learning_rate", "low": "a", "high": 1}, "low"),
    ],
)
def test_what_is_no_range_is_refused_in_a_sentence(one: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        plan(one)


RATE = {"name": "learning_rate", "low": 1e-4, "high": 1e-1, "logarithmic": True}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ranges": []}, "Nothing is varied"),
        ({"ranges": [RATE, RATE]}, "in one way only"),
        ({"base": BASE.model_copy(update={"validation_split": 0.0})}, "Keep some images aside"),
        ({"goal": "seconds", "pruner": "median"}, "with one goal only"),
        ({"runs": 0}, "at least 1"),
        ({"runs": 10_000}, "at most 1,?000"),
        (
            {
                "ranges": [RATE | {"points": 50}, {"name": "l2", "low": 0, "high": 1, "points": 50}],
                "sampler": "grid",
            },
            "This grid has 2,500 points",
        ),
        (
            {
                "ranges": [
                    {"name": "batch_normalization", "choices": [False, True]},
                    {"name": "batch_size", "low": 1, "high": 8},
                ]
            },
            "batch size of 1 there is no variance",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        StudyPlan.build({"base": BASE, "ranges": [RATE]} | changes)


def test_a_point_changes_all_layers_and_a_new_layer_is_like_the_last() -> None:
    made = with_settings(BASE, {"layers": 3, "units": 50, "dropout": 0.5, "learning_rate": 0.01})
    assert made.hidden_layers == (HiddenLayer(units=50, activation="tanh", dropout=0.5),) * 3
    assert (made.learning_rate, made.epochs) == (0.01, 2)
    assert with_settings(BASE, {"layers": 0}).hidden_layers == ()
    linear = BASE.model_copy(update={"hidden_layers": ()})
    assert with_settings(linear, {"layers": 1, "units": 9}).hidden_layers == (HiddenLayer(units=9),)


def test_a_grid_has_even_steps_and_its_ends() -> None:
    rate = Range.build(RATE | {"points": 4})
    assert rate.grid() == pytest.approx((1e-4, 1e-3, 1e-2, 1e-1))
    assert Range(name="units", low=10, high=12, points=7).grid() == (10, 11, 12)
    # Of four digits, but for the ends: rounded they would lie outside.
    odd = Range(name="dropout", low=0.12344, high=0.19996, points=3)
    assert odd.grid() == (0.12344, 0.1617, 0.19996)
    points = grid_points((rate, Range(name="optimizer", choices=("adam", "sgd"))))
    assert len(points) == grid_size((rate, Range(name="optimizer", choices=("adam", "sgd")))) == 8
    assert points[1] == {"learning_rate": 1e-4, "optimizer": "sgd"}


def test_a_plan_survives_its_way_through_the_database_with_its_kinds_of_values() -> None:
    made = plan(RATE, {"name": "batch_normalization", "choices": [False, True]}, runs=7, minutes=2.5)
    read = StudyPlan.from_json(made.to_json())
    assert read == made
    assert [type(choice) for choice in read.ranges[1].choices] == [bool, bool]
    with pytest.raises(ConfigError):
        StudyPlan.from_json(made.to_json().replace('"tpe"', '"astrology"'))


def test_what_it_costs_is_that_of_an_average_run_and_the_dearest_is_asked_for() -> None:
    width = {"name": "units", "low": 100, "high": 200}
    made = plan(width, runs=10)
    narrow, wide = (10 * estimated_seconds(with_settings(BASE, {"units": units})) for units in (100, 200))
    assert narrow < made.cost(estimated_seconds) < wide
    a_run = made.cost(estimated_seconds) / 10
    assert plan(width, runs=10, minutes=0.1).cost(estimated_seconds) == pytest.approx(6 + a_run)
    grid = plan(width | {"points": 3}, runs=10, sampler="grid")
    assert grid.size == 3

    def refuses_200(config: TrainingConfig) -> float:
        if config.hidden_layers[0].units == 200:
            raise LimitExceeded("too large")
        return 1.0

    with pytest.raises(LimitExceeded):
        made.cost(refuses_200)
    dear = plan({"name": "batch_size", "low": 8, "high": 64}, width, {"name": "layers", "low": 1, "high": 3})
    assert dear.dearest().batch_size == 8
    assert [layer.units for layer in dear.dearest().hidden_layers] == [200] * 3
    normalized = plan({"name": "batch_normalization", "choices": [False, True]})
    assert normalized.dearest().batch_normalization
