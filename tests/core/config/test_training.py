"""TrainingConfig: to text and back without a loss, and a sentence for whatever is refused."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from core.config import (
    WORDS,
    HiddenLayer,
    TrainingConfig,
    bounds_of,
    from_query,
    problem_with_value,
    to_query,
)
from core.errors import ConfigError, LimitExceeded
from core.recipes import RECIPES
from tests.support.config_samples import at_the_bound, random_config

LIMITS: dict[str, int] = {"max_parameters": 10**9, "max_epochs": 200, "max_image_passes": 10**9}


CONFIGS = {
    "default": TrainingConfig(),
    "lowest": at_the_bound(highest=False),
    "highest": at_the_bound(highest=True),
    **{name: recipe.config for name, recipe in RECIPES.items()},
    **{f"random-{seed}": random_config(seed) for seed in range(100)},
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_text_and_back(config: TrainingConfig) -> None:
    assert TrainingConfig.from_json(config.to_json()) == config
    assert TrainingConfig.from_json(json.dumps(json.loads(config.to_json()))) == config
    assert TrainingConfig.build(config.model_dump()) == config
    query = to_query(config)
    assert all(isinstance(text, str) and text for text in query.values())
    assert from_query(query) == (config, [])


# What is refused, and the words that must be in the sentence: the value and the bound.
REFUSED: list[tuple[str, Any, tuple[str, ...]]] = [
    ("epochs", 0, ("Epochs is 0", "at least 1")),
    ("epochs", 201, ("Epochs is 201", "at most 200")),
    ("epochs", 2.5, ("Epochs is 2.5", "a whole number")),
    ("epochs", "many", ("Epochs is “many”", "a whole number")),
    ("epochs", None, ("Epochs is None", "a whole number")),
    ("batch_size", 0, ("Batch size is 0", "at least 1")),
    ("batch_size", 4_097, ("Batch size is 4097", "at most 4,096")),
    ("learning_rate", 0, ("Learning rate is 0", "at least 0.000001")),
    ("learning_rate", 100.5, ("Learning rate is 100.5", "at most 100")),
    ("learning_rate", float("nan"), ("Learning rate is nan", "a number")),
    ("learning_rate", "1e400", ("Learning rate is “1e400”", "a number")),
    ("momentum", 1, ("Momentum is 1", "below 1")),
    ("momentum", -0.1, ("Momentum is -0.1", "at least 0")),
    ("weight_decay", 1.5, ("Weight decay is 1.5", "at most 1")),
    ("l2", -1, ("L2 penalty is -1", "at least 0")),
    ("validation_split", 0.95, ("Validation split is 0.95", "at most 0.9")),
    ("validation_split", -0.5, ("Validation split is -0.5", "at least 0")),
    ("seed", -1, ("Seed is -1", "at least 0")),
    ("seed", 2**31, ("Seed is 2147483648", "at most 2,147,483,647")),
    ("dataset", "MNIST", ("Dataset is “MNIST”", "one of mnist, fashion-mnist, pen-strokes or handwriting")),
    ("optimizer", "Adam", ("Optimizer is “Adam”", "one of adam, sgd, rmsprop or adamw")),
    ("label_encoding", "", ("Labels is “”", "integer or one-hot")),
    ("input_form", "cube", ("Input is “cube”", "image or flat")),
    ("hidden_layers", [{}] * 7, ("Hidden layers is a list of 7", "at most 6")),
    ("hidden_layers", "x", ("Hidden layers is “x”", "a list")),
    ("hidden_layers", ["x"], ("Hidden layer 1 is “x”", "named values")),
    ("hidden_layers", [{}, {"units": 0}], ("Units of hidden layer 2 is 0", "at least 1")),
    ("hidden_layers", [{"units": 2_049}], ("Units of hidden layer 1 is 2049", "at most 2,048")),
    ("hidden_layers", [{"dropout": 0.95}], ("Dropout of hidden layer 1 is 0.95", "at most 0.9")),
    ("hidden_layers", [{"activation": "ReLU"}], ("Activation of hidden layer 1 is “ReLU”", "one of relu, ")),
    ("hidden_layers", [{"width": 3}], ("no setting “width of hidden layer 1”",)),
    (
        "learning_rate_schedule",
        "linear",
        ("“linear”", "one of constant, step, exponential, cosine or rising"),
    ),
    ("warm_up_epochs", -1, ("Warm-up epochs is -1", "at least 0")),
    ("warm_up_epochs", 201, ("Warm-up epochs is 201", "at most 200")),
    ("gradient_clipping", 1_001, ("Gradient clipping is 1001", "at most 1,000")),
    ("gradient_clipping", -1, ("Gradient clipping is -1", "at least 0")),
    ("batch_normalization", "perhaps", ("Batch normalization is “perhaps”", "true or false")),
    ("initializer", "ones", ("First weights is “ones”", "one of glorot, he, zeros or wide")),
    ("early_stopping", "on", ("Early stopping is “on”", "one of off, loss or accuracy")),
    ("patience", 0, ("Patience is 0", "at least 1")),
    ("patience", 201, ("Patience is 201", "at most 200")),
    ("restore_best", 3, ("Go back to the best epoch is 3", "true or false")),
    ("stop_at_accuracy", 97, ("Stop at validation accuracy is 97", "at most 1")),
    ("l1", 2, ("L1 penalty is 2", "at most 1")),
    ("label_smoothing", 0.6, ("Label smoothing is 0.6", "at most 0.5")),
    ("label_noise", 1.5, ("Wrong labels is 1.5", "at most 1")),
    ("training_fraction", 0, ("Share of the training images is 0", "at least 0.001")),
    ("drawings", "ours", ("Drawings is “ours”", "one of none, mine or everyone")),
    ("drawings_share", 0.6, ("Share of the drawings is 0.6", "at most 0.5")),
    ("learning_rte", 0.1, ("no setting “learning rte”",)),
]


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_every_refusal_names_the_value_and_the_bound(name: str, value: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as refusal:
        TrainingConfig.build({name: value})
    for word in words:
        assert word in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


def test_the_words_of_people_belong_to_the_settings_that_exist() -> None:
    assert set(WORDS) == set(TrainingConfig.model_fields) | set(HiddenLayer.model_fields)
    assert len({words.title for words in WORDS.values()}) == len(WORDS)
    assert all(words.help.endswith(".") for words in WORDS.values())


def test_bounds_are_read_from_the_model() -> None:
    assert bounds_of("learning_rate") == (1e-6, 100, False)
    assert bounds_of("momentum") == (0, 1, True)
    assert bounds_of("units") == (1, 2_048, False)
    assert bounds_of("hidden_layers") == (0, 6, False)
    for name in ("epochs", "learning_rate", "momentum", "units", "dropout"):
        lowest, highest, below = bounds_of(name)
        for value in (lowest - 1, highest if below else highest + 1):
            assert problem_with_value(name, value), name
        assert problem_with_value(name, lowest) is None


def test_what_makes_no_difference_is_left_at_its_usual_value() -> None:
    adam = TrainingConfig(momentum=0.5, weight_decay=0.1, patience=9, restore_best=False)
    assert adam.as_it_counts() == TrainingConfig()
    sgd = TrainingConfig(optimizer="sgd", momentum=0.5, weight_decay=0.1)
    assert sgd.as_it_counts() == TrainingConfig(optimizer="sgd", momentum=0.5)
    waiting = TrainingConfig(early_stopping="loss", patience=9, restore_best=False)
    assert waiting.as_it_counts() == waiting
    drawn = TrainingConfig(drawings="mine", drawings_share=0.4)
    assert drawn.as_it_counts() == drawn
    clothes = drawn.model_copy(update={"dataset": "fashion-mnist"})  # no drawing is one
    assert clothes.as_it_counts() == TrainingConfig(dataset="fashion-mnist")
    assert (drawn.learns_drawings, clothes.learns_drawings) == (True, False)
    assert TrainingConfig(drawings_share=0.4).as_it_counts() == TrainingConfig()


@pytest.mark.parametrize("asked", [{"early_stopping": "loss"}, {"stop_at_accuracy": 0.97}])
def test_stopping_early_needs_validation_images(asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refusal:
        TrainingConfig.build({"validation_split": 0} | asked)
    assert str(refusal.value).startswith("Stopping early looks at validation images")
    assert "0.1" in str(refusal.value)
    assert TrainingConfig.build(asked).validation_split == 0.1
    query = {"validation_split": "0", "epochs": "7"} | {name: str(value) for name, value in asked.items()}
    config, problems = from_query(query)
    assert config == TrainingConfig(validation_split=0, epochs=7)
    assert len(problems) == 1
    assert "the validation split is 0" in problems[0]


def test_batch_normalization_needs_more_than_one_image_in_a_batch() -> None:
    with pytest.raises(ConfigError, match=r"with a batch size of 1 there is no variance.*at least 2 images"):
        TrainingConfig.build({"batch_normalization": True, "batch_size": 1})
    assert TrainingConfig.build({"batch_normalization": True, "batch_size": 2}).batch_normalization
    config, problems = from_query({"batch_normalization": "true", "batch_size": "1", "epochs": "7"})
    assert config == TrainingConfig(batch_normalization=True, epochs=7)
    assert len(problems) == 1


def test_a_run_stored_before_these_settings_were_there_is_as_it_was() -> None:
    assert TrainingConfig.from_json('{"epochs": 3, "optimizer": "sgd"}') == TrainingConfig(
        epochs=3, optimizer="sgd"
    )


def test_all_that_is_wrong_is_said_at_once_and_long_values_are_cut() -> None:
    with pytest.raises(ConfigError) as refusal:
        TrainingConfig.build({"epochs": 0, "batch_size": "9" * 10_000})
    assert "Epochs is 0" in str(refusal.value)
    assert "Batch size is “999" in str(refusal.value)
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize("text", ["", "{", "\x00", "null", "[]", '"two-128"', '{"epochs": 0}', '{"x": 1}'])
def test_text_that_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"\.$"):
        TrainingConfig.from_json(text)


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        TrainingConfig().epochs = 7  # type: ignore[misc]


def test_limits_of_the_server_name_what_is_asked_and_what_is_allowed() -> None:
    config = TrainingConfig(epochs=50)
    config.check_limits(**LIMITS)
    with pytest.raises(LimitExceeded, match=r"118,282 parameters.*allows 118,281.*fewer units"):
        config.check_limits(**LIMITS | {"max_parameters": 118_281})
    config.check_limits(**LIMITS | {"max_parameters": 118_282})
    with pytest.raises(LimitExceeded, match=r"50 epochs .*allows 49"):
        config.check_limits(**LIMITS | {"max_epochs": 49})
    with pytest.raises(
        LimitExceeded, match=r"60,000 images are 3,000,000 image passes.*allows 2,999,999.*at most 49 epochs"
    ):
        config.check_limits(**LIMITS | {"max_image_passes": 2_999_999})
    config.check_limits(**LIMITS | {"max_image_passes": 2_999_999}, training_images=59_000)


def test_two_layers_of_128_have_118_282_parameters() -> None:
    # 784 · 128 + 128, 128 · 128 + 128, 128 · 10 + 10
    config = TrainingConfig(hidden_layers=(HiddenLayer(units=128), HiddenLayer(units=128)))
    assert config.parameters == 100_480 + 16_512 + 1_290 == 118_282
    assert [row.parameters for row in config.layer_summaries()] == [0, 100_480, 16_512, 1_290]
    assert [row.output_shape for row in config.layer_summaries()] == [(784,), (128,), (128,), (10,)]


@pytest.mark.parametrize(("dropout", "said"), [(0.3, "Dropout 30 %"), (0.125, "Dropout 12.5 %")])
def test_a_layers_dropout_is_told_as_it_was_chosen(dropout: float, said: str) -> None:
    config = TrainingConfig(hidden_layers=(HiddenLayer(units=8, dropout=dropout),))
    assert [row.name for row in config.layer_summaries()][2] == said
