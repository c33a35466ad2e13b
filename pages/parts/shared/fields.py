"""The settings of the form, one row each: which widget, in which section, beside which other.

Titles, help and bounds are those of `core.config`; what is here is only how a setting is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from core.config import WORDS, HiddenLayer, TrainingConfig, bounds_of
from core.data.catalog import CATALOG
from core.numbers import text_of
from core.sentences import say
from pages.parts.shared.decimals import read_decimal

Kind = Literal["choice", "segments", "switch", "whole", "decimal", "slider"]


@dataclass(frozen=True)
class Field:
    """How one setting is shown.

    Attributes
    ----------
    name
        Of the setting, in the configuration or in a hidden layer.
    kind
        The widget: a list to choose from, a few choices side by side, a switch, a whole number, a decimal
        number that is typed, or one on a slider.
    step
        Of a slider.
    titles
        Of the values of a choice that have others on the page.
    remarks
        What the help says beyond the setting's own.
    """

    name: str
    kind: Kind
    step: float = 0.0
    titles: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The setting's name on the page."""
        return WORDS[self.name].title

    @property
    def help(self) -> tuple[str, ...]:
        """What the setting does, in a line or two, and remarks; each is a text by itself."""
        return WORDS[self.name].help, *self.remarks

    @property
    def usual(self) -> Any:
        """The value that a new configuration has."""
        return _model_of(self.name).model_fields[self.name].default

    @property
    def options(self) -> tuple[str, ...]:
        """The values of a choice, in the model's order."""
        return get_args(_model_of(self.name).model_fields[self.name].annotation)

    @property
    def ends(self) -> tuple[float, float]:
        """The first and the last value of a slider or a whole number."""
        lowest, highest, below = bounds_of(self.name)
        return lowest, highest - self.step if below else highest

    def fits(self, value: Any) -> bool:
        """Tell whether the widget shows just this value, neither rounded nor cut."""
        match self.kind:
            case "choice" | "segments":
                return value in self.options
            case "switch":
                return isinstance(value, bool)
            case "decimal":
                return read_decimal(text_of(value), value)[0] == float(value)
        first, last = self.ends
        if not first <= value <= last:
            return False
        return isinstance(value, int) if self.kind == "whole" else _is_step(value - first, self.step)

    def widget_value(self, value: Any) -> Any:
        """Return what the widget holds for a setting's value: text where it is typed.

        A value between two steps of a slider is typed too, so that it stays what it is.
        """
        is_typed = self.kind == "decimal" or (self.kind == "slider" and not self.fits(value))
        return text_of(value) if is_typed else value

    def is_usual(self, held: Any) -> bool:
        """Tell whether what the widget holds is the value of a new configuration."""
        is_typed = isinstance(held, str) and self.kind in ("decimal", "slider")
        return bool((read_decimal(held, self.usual)[0] if is_typed else held) == self.usual)


@dataclass(frozen=True)
class Section:
    """A folded part of the form: fields in rows, and a sentence above them where one is needed."""

    title: str
    rows: tuple[tuple[Field, ...], ...]
    caption: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, from top to bottom."""
        return tuple(one for row in self.rows for one in row)


def _is_step(distance: float, step: float) -> bool:
    return abs(distance / step - round(distance / step)) < 1e-9


def _model_of(name: str) -> type[TrainingConfig] | type[HiddenLayer]:
    return TrainingConfig if name in TrainingConfig.model_fields else HiddenLayer


DATASET = Field(
    "dataset",
    "choice",
    titles={name: info.title for name, info in CATALOG.items()},
    remarks=tuple(
        say("{title}: {description}", title=info.title, description=info.description)
        for info in CATALOG.values()
    ),
)
LAYER = (Field("units", "whole"), Field("activation", "choice"), Field("dropout", "decimal"))
SIZE = (Field("learning_rate", "decimal"), Field("epochs", "whole"), Field("batch_size", "whole"))
SECTIONS = (
    Section(
        say("Optimizer and first weights"),
        (
            (
                Field(
                    "optimizer",
                    "choice",
                    titles={
                        "adam": "Adam",
                        "sgd": say("SGD with momentum"),
                        "rmsprop": "RMSprop",
                        "adamw": "AdamW",
                    },
                ),
            ),
            (Field("momentum", "slider", step=0.01),),
            (Field("weight_decay", "decimal"),),
            (
                Field(
                    "learning_rate_schedule",
                    "choice",
                    titles={
                        "constant": say("Constant"),
                        "step": say("In steps: a tenth at ½, a hundredth at ¾"),
                        "exponential": say("Exponential, down to a hundredth"),
                        "cosine": say("Cosine, down to nothing"),
                        "rising": say("Rising from nothing, to find a good one"),
                    },
                ),
            ),
            (Field("warm_up_epochs", "decimal"), Field("gradient_clipping", "decimal")),
            (
                Field(
                    "initializer",
                    "choice",
                    titles={
                        "glorot": say("Glorot: fits tanh and sigmoid"),
                        "he": say("He: fits relu"),
                        "zeros": say("All zeros"),
                        "wide": say("Wide: far too large"),
                    },
                ),
            ),
            (Field("batch_normalization", "switch"),),
        ),
    ),
    Section(
        say("Against learning by heart"),
        (
            (
                Field(
                    "early_stopping",
                    "choice",
                    titles={
                        "off": say("Off"),
                        "loss": say("Validation loss"),
                        "accuracy": say("Validation accuracy"),
                    },
                ),
            ),
            (Field("patience", "whole"),),
            (Field("restore_best", "switch"),),
            (Field("stop_at_accuracy", "decimal"),),
            (Field("l1", "decimal"), Field("l2", "decimal")),
            (Field("label_smoothing", "slider", step=0.01),),
            (Field("label_noise", "slider", step=0.05),),
            (Field("training_fraction", "decimal"),),
        ),
    ),
    Section(
        say("Distort the images"),
        (
            (Field("augmentation_shift", "slider", step=0.5),),
            (Field("augmentation_rotation", "slider", step=1.0),),
            (Field("augmentation_scale", "slider", step=0.05),),
            (Field("augmentation_shear", "slider", step=0.05),),
            (Field("augmentation_elastic", "slider", step=0.25),),
        ),
        caption=say(
            "Distorts every training image a little, each time in another way: the network never sees "
            "the same image twice and has to learn shapes. All at 0 is off. Validation and test images stay "
            "as they are."
        ),
    ),
    Section(
        say("Data and chance"),
        (
            (
                Field(
                    "drawings",
                    "segments",
                    titles={"none": say("None"), "mine": say("Mine"), "everyone": say("Everyone's")},
                ),
            ),
            (Field("drawings_share", "slider", step=0.05),),
            (Field("validation_split", "slider", step=0.05),),
            (
                Field(
                    "label_encoding",
                    "segments",
                    titles={"integer": say("Integer"), "one-hot": say("One-hot")},
                ),
            ),
            (
                Field(
                    "input_form",
                    "segments",
                    titles={"image": say("28×28, then Flatten"), "flat": say("784 in a row")},
                ),
            ),
            (Field("seed", "whole"),),
        ),
    ),
)
# All settings but the layers, in the order in which they are drawn.
FIELDS = (DATASET, *SIZE, *(one for section in SECTIONS for one in section.fields))
