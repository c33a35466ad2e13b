"""A configuration as an address: what it holds, and what is told of what cannot be used."""

import pytest

from core.config import HiddenLayer, TrainingConfig, from_query, to_query


def test_the_link_holds_what_differs_from_the_defaults() -> None:
    assert to_query(TrainingConfig()) == {}
    config = TrainingConfig(epochs=7, hidden_layers=(HiddenLayer(units=64, activation="tanh", dropout=0.2),))
    assert to_query(config) == {"epochs": "7", "hidden_layers": "64-tanh-0.2"}
    assert to_query(TrainingConfig(hidden_layers=())) == {"hidden_layers": "none"}


def test_a_layer_in_a_link_may_leave_out_what_is_usual() -> None:
    config, problems = from_query({"hidden_layers": "64,32-tanh"})
    assert config.hidden_layers == (HiddenLayer(units=64), HiddenLayer(units=32, activation="tanh"))
    assert problems == []


def test_a_switch_in_a_link_is_a_plain_word() -> None:
    config = TrainingConfig(batch_normalization=True, restore_best=False)
    assert to_query(config) == {"batch_normalization": "true", "restore_best": "false"}


def test_a_learning_rate_that_no_form_could_show_is_told() -> None:
    for text in ("1e-7", "1e-300", "0"):
        config, problems = from_query({"learning_rate": text, "epochs": "7"})
        assert config == TrainingConfig(epochs=7)
        assert problems == [
            f"From the link: Learning rate is “{text}”; it must be at least 0.000001. "
            "The default is used instead."
        ]


def test_bad_values_of_a_link_keep_their_default_and_are_told() -> None:
    config, problems = from_query(
        {
            "epochs": "a million",
            "batch_size": "64",
            "hidden_layers": "12-relu,0",
            "colour": "blue",
            "seed": "-4",
            "learning_rate": "nan",
        }
    )
    assert config == TrainingConfig(batch_size=64)
    said = " ".join(problems)
    assert len(problems) == 5
    for words in (
        "“a million”",
        "Units of hidden layer 2 is “0”",
        "unknown setting “colour”",
        "“-4”",
        "“nan”",
    ):
        assert words in said
    assert said.count("The default is used instead.") == 4


@pytest.mark.parametrize(
    "text", ["", "none,none", "128--0.1", "128-relu-0.1-x", ",".join(["8"] * 7), "128-relu-nan", "-", ","]
)
def test_layers_that_cannot_be_read_are_told(text: str) -> None:
    config, problems = from_query({"hidden_layers": text})
    assert config == TrainingConfig()
    assert len(problems) == 1
