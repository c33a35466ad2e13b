"""HiddenLayer: one dense layer of a network, and the word it has in an address."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.config.words import TITLES
from core.errors import ConfigError
from core.refusals import explain

Activation = Literal["relu", "tanh", "sigmoid", "elu", "gelu", "linear"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)

_NO_LAYERS = "none"


class Frozen(BaseModel):
    """What describes a run: known names and finite numbers only, and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    titles: ClassVar[Mapping[str, str]] = TITLES  # what refusals call its values

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Self:
        """Return the description of `values`; raise `ConfigError` with a sentence."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(explain(error, cls.titles)) from error

    def to_json(self) -> str:
        """Return the description as JSON text."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the description that `to_json` wrote; raise `ConfigError` otherwise."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigError(explain(error, cls.titles)) from error


class HiddenLayer(Frozen):
    """One dense layer: units, activation, and the share of outputs dropped while training."""

    units: Annotated[int, Field(ge=1, le=2_048)] = 128
    activation: Activation = "relu"
    dropout: Annotated[float, Field(ge=0, le=0.9)] = 0.0


def layers_to_word(layers: Sequence[HiddenLayer]) -> str:
    """Return hidden layers as a word of the address: `128-relu,64-tanh-0.2`, or `none`."""
    parts = (
        f"{layer.units}-{layer.activation}" + (f"-{layer.dropout}" if layer.dropout else "")
        for layer in layers
    )
    return ",".join(parts) or _NO_LAYERS


def layers_from_word(text: str) -> list[dict[str, str]]:
    """Return the layers that `layers_to_word` wrote, unchecked; what is left out is usual."""
    if text == _NO_LAYERS:
        return []
    layers = []
    for part in text.split(","):
        words = part.split("-", 2)  # no further: a dropout of 1e-05 has a minus of its own
        layers.append(dict(zip(("units", "activation", "dropout"), words, strict=False)))
    return layers
