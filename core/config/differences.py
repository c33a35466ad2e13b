"""What two configurations differ in, in words: for names of runs, for tables of runs, for sentences."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

from core.config.layers import HiddenLayer
from core.config.training import COUNTS_WITH, TrainingConfig, counts
from core.config.words import IN_A_LINE, TITLES
from core.numbers import NO_VALUE, text_of
from core.sentences import say

# Values that are written otherwise than they are called in a program; short enough for the name of a run.
_VALUES: Mapping[str, Mapping[str, str]] = {
    "dataset": {
        "mnist": "MNIST",
        "fashion-mnist": "Fashion-MNIST",
        "pen-strokes": say("pen strokes"),
        "handwriting": say("handwriting"),
    },
    "optimizer": {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"},
    "activation": {"linear": say("linear")},
    "label_encoding": {"integer": say("integer")},
    "learning_rate_schedule": {
        "constant": say("constant"),
        "step": say("in steps"),
        "exponential": say("exponential"),
        "cosine": say("cosine"),
        "rising": say("rising"),
    },
    "initializer": {"glorot": "Glorot", "he": "He", "zeros": say("all zeros"), "wide": say("wide")},
    "early_stopping": {
        "off": say("off"),
        "loss": say("validation loss"),
        "accuracy": say("validation accuracy"),
    },
    "input_form": {"image": "28×28", "flat": say("784 in a row")},
    "drawings": {"none": say("none"), "mine": say("mine"), "everyone": say("everyone's")},
}
_SAME = say("the same settings")
# What a table of runs may have a column for: the layers by what they have in common, the seed at the end.
COLUMNS: tuple[str, ...] = (
    *("dataset", "hidden_layers", "activation", "dropout"),
    *(name for name in TrainingConfig.model_fields if name not in ("dataset", "hidden_layers", "seed")),
    "seed",
)
# Of these the first are of the network itself; the others say how it was trained.
OF_THE_NETWORK = 4


@dataclass(frozen=True)
class Difference:
    """One setting in which two configurations differ.

    Attributes
    ----------
    setting
        Its name in `TrainingConfig` or, for what all hidden layers changed together, in `HiddenLayer`.
    title
        As people read it: "Learning rate".
    now, before
        Its values in words; a dash where the setting did not count.
    """

    setting: str
    title: str
    now: str
    before: str


def differences(config: TrainingConfig, before: TrainingConfig) -> tuple[Difference, ...]:
    """Return in what `config` differs from the configuration `before`, in the order of the settings.

    Settings that make no difference, as the momentum of Adam, are none; nor is one that a new
    choice brings along with its usual value. The seed comes last: it changes no more than chance.
    """
    usual = TrainingConfig()
    found: list[Difference] = []
    for setting in sorted(TrainingConfig.model_fields, key=lambda name: name == "seed"):
        value, old = getattr(config, setting), getattr(before, setting)
        if setting == "hidden_layers":
            found += _of_layers(value, old)
            continue
        if not counts(setting, dict(config)):
            continue
        if counts(setting, dict(before)):
            if value != old:
                found.append(_difference(setting, _word(setting, value), _word(setting, old)))
        elif value != getattr(usual, setting):
            found.append(_difference(setting, _word(setting, value), NO_VALUE))
    return tuple(found)


def in_words(differences: Sequence[Difference], most: int = 2) -> str:
    """Return differences in a line: "learning rate 0.01 (was 0.001)".

    Of more than `most` only so many are named, and how many there are:
    "3 changed: learning rate 0.01, momentum 0.5, …".
    """
    if not differences:
        return _SAME
    named = differences[:most]
    if len(differences) <= most:
        return ", ".join(
            say("{change} (was {before})", change=_in_a_line(one), before=one.before) for one in named
        )
    changes = ", ".join(map(_in_a_line, named))
    return say("{count} changed: {changes}, …", count=len(differences), changes=changes)


@dataclass(frozen=True)
class SettingRow:
    """One setting in which several configurations differ: its title, and its value in each, in words."""

    setting: str
    title: str
    values: tuple[str, ...]

    def in_a_line(self, place: int) -> str:
        """Return what the configuration at this place has: “learning rate 0.01”; of layers “128-64”."""
        value = self.values[place]
        return value if self.setting == "hidden_layers" else IN_A_LINE[self.setting].format(value=value)


def side_by_side(
    configs: Sequence[TrainingConfig], elsewhere: Collection[int] = ()
) -> tuple[SettingRow, ...]:
    """Return those of `COLUMNS` in which configurations differ, by the rules of `differences`.

    Parameters
    ----------
    elsewhere
        Places of those that stand for networks from elsewhere: how they were trained nobody knows.
    """
    if not configs:
        return ()
    told_of = [values_in_words(config) for config in configs]
    told_of = [known_in_words(words) if at in elsewhere else words for at, words in enumerate(told_of)]
    columns = zip(*told_of, strict=True)
    rows = []
    for setting, usual, values in zip(COLUMNS, usual_in_words(), columns, strict=True):
        told = set(values) - {NO_VALUE}
        # A choice that makes another setting count brings that one's usual value along.
        is_chosen = NO_VALUE in values and setting in COUNTS_WITH and bool(told - {usual})
        if len(told) > 1 or is_chosen:
            rows.append(SettingRow(setting, TITLES[setting], values))
    return tuple(rows)


def values_in_words(config: TrainingConfig) -> tuple[str, ...]:
    """Return the value of each of `COLUMNS` in words; a dash for a setting that makes no difference."""
    values, layers = dict(config), config.hidden_layers
    words = {"hidden_layers": _units_word(layers)}
    for name in ("activation", "dropout"):
        words[name] = _common_word(layers, name) if layers else NO_VALUE
    for name in values.keys() - words.keys():
        words[name] = _word(name, values[name]) if counts(name, values) else NO_VALUE
    return tuple(intern(words[name]) for name in COLUMNS)


def known_in_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return of what `values_in_words` says what is known of a network from elsewhere, else a dash."""
    return (*words[:OF_THE_NETWORK], *[NO_VALUE] * (len(words) - OF_THE_NETWORK))


def usual_in_words() -> tuple[str, ...]:
    """Return the usual value of each of `COLUMNS` in words, whether it makes a difference or not."""
    usual = TrainingConfig()
    words = dict(zip(COLUMNS, values_in_words(usual), strict=True))
    return tuple(
        _word(name, getattr(usual, name)) if words[name] == NO_VALUE else words[name] for name in COLUMNS
    )


def _of_layers(now: Sequence[HiddenLayer], before: Sequence[HiddenLayer]) -> list[Difference]:
    """Return in what hidden layers differ: units by themselves, and what they do by itself."""
    found = []
    units, old_units = (_units_word(layers) for layers in (now, before))
    if units != old_units:
        found.append(_difference("hidden_layers", units, old_units))
    if not now or not before:  # no layer has no activation either
        return found
    for setting in ("activation", "dropout"):
        word, old_word = (_common_word(layers, setting) for layers in (now, before))
        if word != old_word:
            found.append(_difference(setting, word, old_word))
    return found


def _units_word(layers: Sequence[HiddenLayer]) -> str:
    return "-".join(str(layer.units) for layer in layers) or say("none")


def _common_word(layers: Sequence[HiddenLayer], setting: str) -> str:
    """Return what all layers have in common, or what each has: “relu”, “relu-tanh”."""
    words = [_word(setting, getattr(layer, setting)) for layer in layers]
    return words[0] if len(set(words)) == 1 else "-".join(words)


def _difference(setting: str, now: str, before: str) -> Difference:
    return Difference(setting, TITLES[setting], now, before)


def _word(setting: str, value: Any) -> str:
    if isinstance(value, bool):
        return say("on") if value else say("off")
    if isinstance(value, float):
        return text_of(value)
    if isinstance(value, int):
        return str(value)
    return _VALUES.get(setting, {}).get(value, value)


def _in_a_line(difference: Difference) -> str:
    return IN_A_LINE[difference.setting].format(value=difference.now)
