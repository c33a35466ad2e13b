"""What two configurations differ in, in words."""

from core.config import HiddenLayer, TrainingConfig
from core.config.differences import (
    COLUMNS,
    Difference,
    differences,
    in_words,
    side_by_side,
    usual_in_words,
    values_in_words,
)
from core.config.words import IN_A_LINE, TITLES
from tests.support.config_samples import random_config

USUAL = TrainingConfig()


def _changed(**values: object) -> TrainingConfig:
    return TrainingConfig.model_validate(values)


def _layers(*units: int, activation: str = "relu", dropout: float = 0.0) -> list[dict[str, object]]:
    return [{"units": count, "activation": activation, "dropout": dropout} for count in units]


def _words(now: TrainingConfig, before: TrainingConfig = USUAL) -> list[tuple[str, str, str]]:
    return [(one.setting, one.now, one.before) for one in differences(now, before)]


def test_a_changed_setting_is_told_with_its_title_and_both_values() -> None:
    assert differences(_changed(learning_rate=0.01), USUAL) == (
        Difference("learning_rate", "Learning rate", "0.01", "0.001"),
    )
    assert differences(USUAL, USUAL) == ()


def test_values_are_words() -> None:
    assert _words(_changed(batch_normalization=True)) == [("batch_normalization", "on", "off")]
    assert _words(_changed(optimizer="rmsprop")) == [("optimizer", "RMSprop", "Adam")]
    assert _words(_changed(learning_rate=1e-6)) == [("learning_rate", "0.000001", "0.001")]
    assert _words(_changed(batch_size=4096, l2=0.5)) == [("l2", "0.5", "0"), ("batch_size", "4096", "40")]
    assert _words(_changed(dataset="fashion-mnist")) == [("dataset", "Fashion-MNIST", "MNIST")]


def test_the_seed_comes_last() -> None:
    assert [one.setting for one in differences(_changed(seed=3, augmentation_shift=1), USUAL)] == [
        "augmentation_shift",
        "seed",
    ]


def test_what_makes_no_difference_is_none() -> None:
    assert differences(_changed(momentum=0.5), USUAL) == ()  # Adam has none
    assert _words(_changed(optimizer="sgd")) == [("optimizer", "SGD", "Adam")]
    sgd = _changed(optimizer="sgd", momentum=0.5)
    assert _words(sgd) == [("optimizer", "SGD", "Adam"), ("momentum", "0.5", "–")]
    assert _words(USUAL, sgd) == [("optimizer", "Adam", "SGD")]
    assert _words(sgd, _changed(optimizer="sgd")) == [("momentum", "0.5", "0.9")]


def test_layers_tell_apart_how_many_there_are_and_what_they_do() -> None:
    assert _words(_changed(hidden_layers=_layers(128, 64))) == [("hidden_layers", "128-64", "128-128")]
    assert _words(_changed(hidden_layers=[])) == [("hidden_layers", "none", "128-128")]
    tanh = _changed(hidden_layers=_layers(64, activation="tanh", dropout=0.2))
    assert _words(tanh) == [
        ("hidden_layers", "64", "128-128"),
        ("activation", "tanh", "relu"),
        ("dropout", "0.2", "0"),
    ]
    mixed = USUAL.model_copy(update={"hidden_layers": (HiddenLayer(), HiddenLayer(activation="tanh"))})
    assert _words(mixed) == [("activation", "relu-tanh", "relu")]


def test_every_setting_has_a_difference() -> None:
    """A setting that is added needs a title and words."""
    others: dict[str, object] = {
        name: {"dropout": 0.5}.get(name, field.default)
        for name, field in TrainingConfig.model_fields.items()
        if name != "hidden_layers"
    }
    for name, value in others.items():
        if isinstance(value, bool):
            other: object = not value
        elif isinstance(value, int | float):
            other = value * 2 + 1
        else:
            other = "something else"
        # Unchecked: what is asked here is only whether the difference is seen.
        config = USUAL.model_copy(update={"optimizer": "sgd", "early_stopping": "loss", "drawings": "mine"})
        if name == "weight_decay":
            config = config.model_copy(update={"optimizer": "adamw"})
        found = differences(config.model_copy(update={name: other}), config)
        assert [(one.setting, one.title) for one in found][:1] == [(name, TITLES[name])]


def test_a_line_says_what_was_and_counts_what_it_leaves_out() -> None:
    one = differences(_changed(learning_rate=0.01), USUAL)
    assert in_words(one) == "learning rate 0.01 (was 0.001)"
    two = differences(_changed(learning_rate=0.01, l2=0.5), USUAL)
    assert in_words(two) == "learning rate 0.01 (was 0.001), L2 penalty 0.5 (was 0)"
    assert in_words(two, most=1) == "2 changed: learning rate 0.01, …"
    three = differences(_changed(learning_rate=0.01, l2=0.5, seed=1), USUAL)
    assert in_words(three) == "3 changed: learning rate 0.01, L2 penalty 0.5, …"
    assert in_words(()) == "the same settings"


def test_a_line_calls_every_setting_by_its_title() -> None:
    assert set(IN_A_LINE) == {*TrainingConfig.model_fields, *HiddenLayer.model_fields} - {"units"}
    for name, words in IN_A_LINE.items():
        assert words.format(value="x").lower() == f"{TITLES[name]} x".lower()


def _rows(*configs: TrainingConfig) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.setting, row.values) for row in side_by_side(configs)]


def test_side_by_side_are_the_settings_in_which_any_differ() -> None:
    assert _rows(USUAL, USUAL) == _rows(USUAL) == []
    assert _rows(USUAL, _changed(seed=3), _changed(learning_rate=0.01, hidden_layers=_layers(64))) == [
        ("hidden_layers", ("128-128", "128-128", "64")),
        ("learning_rate", ("0.001", "0.001", "0.01")),
        ("seed", ("0", "3", "0")),
    ]
    # A momentum that the choice of SGD brings along is none; one that was chosen is.
    assert _rows(USUAL, _changed(optimizer="sgd")) == [("optimizer", ("Adam", "SGD"))]
    assert _rows(USUAL, _changed(optimizer="sgd", momentum=0.5))[1:] == [("momentum", ("–", "0.5"))]
    assert _rows(USUAL, _changed(hidden_layers=[])) == [("hidden_layers", ("128-128", "none"))]


def test_side_by_side_agrees_with_the_differences_of_two() -> None:
    for seed in range(40):
        one, other = random_config(seed), random_config(seed + 1_000)
        told = {row.setting: row.values for row in side_by_side([other, one])}
        for difference in differences(one, other):
            assert told[difference.setting] == (difference.before, difference.now)


def test_a_row_is_told_in_a_line() -> None:
    layers, rate = side_by_side([USUAL, _changed(learning_rate=0.01, hidden_layers=_layers(64))])
    assert (layers.in_a_line(1), rate.in_a_line(0)) == ("64", "learning rate 0.001")


def test_a_table_has_a_word_for_every_setting_and_a_dash_for_what_makes_no_difference() -> None:
    assert set(COLUMNS) == {*TrainingConfig.model_fields, "activation", "dropout"}
    assert set(COLUMNS) <= set(TITLES)
    words = dict(zip(COLUMNS, values_in_words(_changed(hidden_layers=_layers(64, 32), l2=0.5)), strict=True))
    assert (words["hidden_layers"], words["activation"], words["dropout"]) == ("64-32", "relu", "0")
    assert (words["l2"], words["optimizer"], words["momentum"], words["patience"]) == (
        "0.5",
        "Adam",
        "–",
        "–",
    )
    assert (COLUMNS[0], COLUMNS[-1]) == ("dataset", "seed")
    none = dict(zip(COLUMNS, values_in_words(_changed(hidden_layers=[])), strict=True))
    assert (none["hidden_layers"], none["activation"]) == ("none", "–")


def test_what_is_usual_is_told_even_where_it_makes_no_difference() -> None:
    usual = dict(zip(COLUMNS, usual_in_words(), strict=True))
    assert (usual["momentum"], usual["restore_best"], usual["learning_rate"]) == ("0.9", "on", "0.001")
    assert "–" not in usual.values()


def test_of_a_network_from_elsewhere_only_the_network_is_told() -> None:
    ours = _changed(learning_rate=0.01, seed=3)
    theirs = _changed(dataset="fashion-mnist", hidden_layers=_layers(7, activation="tanh"), epochs=1)
    rows = {row.setting: row.values for row in side_by_side([ours, theirs], elsewhere={1})}
    assert set(rows) == {"dataset", "hidden_layers", "activation"}
    both = {row.setting: row.values for row in side_by_side([ours, theirs, USUAL], elsewhere={1})}
    assert both["learning_rate"] == ("0.01", "–", "0.001")
