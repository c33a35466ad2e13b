"""The space of a search: which settings may vary, between which bounds, and the configuration of a point.

Names, titles and bounds are those of `core.config`; nothing is written a second time. What hidden layers
have in common is varied together: so many layers, all of so many units.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import Field, StrictBool, model_validator

from core.config import HiddenLayer, TrainingConfig, bounds_of
from core.config.layers import Frozen
from core.config.variation import LAYERS, OF_LAYERS
from core.config.words import TITLES
from core.numbers import six_figures
from core.sentences import say

Value = StrictBool | int | float | str
Params = Mapping[str, Any]
Kind = Literal["whole", "decimal", "choice"]

MOST_GRID_POINTS = 50


class Tunable(NamedTuple):
    """A setting that a search may vary.

    Attributes
    ----------
    usual
        Between which values a search usually looks.
    is_logarithmic
        Whether it usually looks at its order of magnitude.
    choices
        Of a choice.
    """

    name: str
    kind: Kind
    usual: tuple[float, float] = (0, 0)
    is_logarithmic: bool = False
    choices: tuple[Value, ...] = ()

    @property
    def title(self) -> str:
        """The setting's name on a page."""
        return say("Number of hidden layers") if self.name == LAYERS else TITLES[self.name]

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value that a configuration may have."""
        lowest, highest, below = bounds_of("hidden_layers" if self.name == LAYERS else self.name)
        return lowest, math.nextafter(highest, lowest) if below else highest


def _choice(name: str) -> Tunable:
    model = HiddenLayer if name in OF_LAYERS else TrainingConfig
    annotation = model.model_fields[name].annotation
    return Tunable(name, "choice", choices=(False, True) if annotation is bool else get_args(annotation))


# In the order in which a page offers them.
TUNABLES: Mapping[str, Tunable] = {
    one.name: one
    for one in (
        Tunable("learning_rate", "decimal", (1e-4, 1e-1), is_logarithmic=True),
        Tunable("units", "whole", (16, 256), is_logarithmic=True),
        Tunable(LAYERS, "whole", (1, 3)),
        Tunable("batch_size", "whole", (16, 256), is_logarithmic=True),
        Tunable("dropout", "decimal", (0.0, 0.5)),
        _choice("optimizer"),
        _choice("activation"),
        _choice("learning_rate_schedule"),
        Tunable("l2", "decimal", (1e-6, 1e-2), is_logarithmic=True),
        Tunable("momentum", "decimal", (0.0, 0.99)),
        Tunable("weight_decay", "decimal", (1e-4, 1e-1), is_logarithmic=True),
        Tunable("label_smoothing", "decimal", (0.0, 0.2)),
        Tunable("warm_up_epochs", "decimal", (0.0, 2.0)),
        Tunable("gradient_clipping", "decimal", (0.1, 10.0), is_logarithmic=True),
        _choice("batch_normalization"),
        _choice("initializer"),
        Tunable("augmentation_shift", "decimal", (0.0, 3.0)),
        Tunable("augmentation_rotation", "decimal", (0.0, 20.0)),
        Tunable("augmentation_scale", "decimal", (0.0, 0.2)),
        Tunable("augmentation_shear", "decimal", (0.0, 0.3)),
        Tunable("augmentation_elastic", "decimal", (0.0, 2.0)),
    )
}


class Range(Frozen):
    """Between which values one setting is varied.

    Attributes
    ----------
    name
        One of `TUNABLES`.
    low, high
        Of a number.
    logarithmic
        Whether orders of magnitude count, not differences.
    points
        How many values of a number a grid has.
    choices
        Of a choice.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    logarithmic: bool = False
    points: Annotated[int, Field(ge=2, le=MOST_GRID_POINTS)] = 3
    choices: Annotated[tuple[Value, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.name not in TUNABLES:
            raise ValueError(say("“{name}” cannot be varied.", name=self.name[:40]))
        tunable = TUNABLES[self.name]
        if tunable.kind == "choice":
            if len(set(self.choices)) < 2 or not set(self.choices) <= set(tunable.choices):
                raise ValueError(
                    say(
                        "{title}: choose at least two of {choices}.",
                        title=tunable.title,
                        choices=", ".join(map(str, tunable.choices)),
                    )
                )
            return self
        lowest, highest = tunable.bounds
        if not lowest <= self.low < self.high <= highest:
            raise ValueError(
                say(
                    "{title}: from {low} to {high} is no range between {lowest} and {highest}. Write the "
                    "smaller value first.",
                    title=tunable.title,
                    low=six_figures(self.low),
                    high=six_figures(self.high),
                    lowest=six_figures(lowest),
                    highest=six_figures(highest),
                )
            )
        if self.logarithmic and self.low <= 0:
            raise ValueError(
                say(
                    "{title}: a logarithmic range begins above 0. Take a small number, or no logarithm.",
                    title=tunable.title,
                )
            )
        if tunable.kind == "whole" and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError(say("{title} takes whole numbers.", title=tunable.title))
        return self

    @property
    def tunable(self) -> Tunable:
        """What is varied."""
        return TUNABLES[self.name]

    @property
    def ends(self) -> tuple[Value, ...]:
        """The outermost values, or all choices."""
        return self.choices or self._numbers

    @property
    def _numbers(self) -> tuple[float, float]:
        is_whole = self.tunable.kind == "whole"
        return (int(self.low), int(self.high)) if is_whole else (self.low, self.high)

    def grid(self) -> tuple[Value, ...]:
        """Return the values that a grid has, evenly spaced, or all choices; each once."""
        if self.choices:
            return self.choices
        shares = [place / (self.points - 1) for place in range(self.points)]
        if self.logarithmic:
            low, high = math.log(self.low), math.log(self.high)
            found = [math.exp(low + share * (high - low)) for share in shares]
        else:
            found = [self.low + share * (self.high - self.low) for share in shares]
        return tuple(dict.fromkeys(map(self._value, found)))

    def at(self, share: float) -> Value:
        """Return the value at a share of the range, 0 to 1 (below it)."""
        if self.choices:
            return self.choices[min(len(self.choices) - 1, int(share * len(self.choices)))]
        if self.logarithmic:
            return self._value(self.low * (self.high / self.low) ** share)
        return self._value(self.low + share * (self.high - self.low))

    def short(self, value: Value) -> Value:
        """Return a value with no more digits than anybody would write."""
        return self._value(value) if isinstance(value, float) and not self.choices else value

    def _value(self, value: float) -> float:
        short = round(value) if self.tunable.kind == "whole" else float(f"{value:.4g}")
        # Rounding must not leave the range.
        low, high = self._numbers
        return min(high, max(low, short))


def grid_points(ranges: Sequence[Range]) -> list[dict[str, Value]]:
    """Return all points of the grid; the first setting changes slowest."""
    names = [one.name for one in ranges]
    return [dict(zip(names, values, strict=True)) for values in product(*(one.grid() for one in ranges))]


def grid_size(ranges: Sequence[Range]) -> int:
    """Return how many points the grid has."""
    return math.prod(len(one.grid()) for one in ranges)
