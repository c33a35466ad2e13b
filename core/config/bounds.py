"""What a setting may be, read from the model that checks it."""

from typing import Any, NamedTuple

from core.config.layers import HiddenLayer
from core.config.training import TrainingConfig
from core.errors import ConfigError


class Bounds(NamedTuple):
    """The lowest and the highest value of a setting; `below` if the highest itself is not allowed."""

    lowest: float
    highest: float
    below: bool = False


def bounds_of(name: str) -> Bounds:
    """Return the bounds of a number, in the configuration or a hidden layer, or of a list's length.

    Raises
    ------
    KeyError
        If the setting is no number and no list.
    """
    rules = _model_of(name).model_fields[name].metadata
    found = {
        word: getattr(rule, word)
        for rule in rules
        for word in ("ge", "le", "lt", "max_length")
        if hasattr(rule, word)
    }
    below = "lt" in found
    highest = found["lt"] if below else found["le"] if "le" in found else found["max_length"]
    return Bounds(found.get("ge", 0), highest, below)


def problem_with_value(name: str, value: Any) -> str | None:
    """Say why a setting of the configuration or of a hidden layer may not have this value, or None."""
    try:
        _model_of(name).build({name: value})
    except ConfigError as error:
        return str(error)
    return None


def _model_of(name: str) -> type[TrainingConfig] | type[HiddenLayer]:
    return TrainingConfig if name in TrainingConfig.model_fields else HiddenLayer
