"""TrainingConfig: the one description of a training run.

The form yields it, the URL and the database carry it as text, the worker builds
the network from it. Nothing else decides how a run behaves. A setting's
bounds stand here and nowhere else, its title and help in `core.config.words`: form, address and command
line read them.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from core.config.layers import Frozen, HiddenLayer
from core.config.summary import LayerSummary, layer_summaries
from core.errors import LimitExceeded
from core.sentences import say

DatasetName = Literal["mnist", "fashion-mnist", "pen-strokes", "handwriting"]
Optimizer = Literal["adam", "sgd", "rmsprop", "adamw"]
LabelEncoding = Literal["integer", "one-hot"]
InputForm = Literal["image", "flat"]
Schedule = Literal["constant", "step", "exponential", "cosine", "rising"]
EarlyStopping = Literal["off", "loss", "accuracy"]
Initializer = Literal["glorot", "he", "zeros", "wide"]
DrawingsChoice = Literal["none", "mine", "everyone"]

DATASETS: tuple[DatasetName, ...] = get_args(DatasetName)
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
LABEL_ENCODINGS: tuple[LabelEncoding, ...] = get_args(LabelEncoding)
INPUT_FORMS: tuple[InputForm, ...] = get_args(InputForm)
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)
EARLY_STOPPINGS: tuple[EarlyStopping, ...] = get_args(EarlyStopping)
INITIALIZERS: tuple[Initializer, ...] = get_args(Initializer)
DRAWINGS: tuple[DrawingsChoice, ...] = get_args(DrawingsChoice)

MAX_EPOCHS = 200
MAX_BATCH_SIZE = 4_096
MAX_SEED = 2**31 - 1
# At what share of its rate a run begins whose rate rises.
RISING_FROM = 1e-7

# Settings that count with some values of another one only; else they are as if they were not there.
COUNTS_WITH: Mapping[str, tuple[str, frozenset[str]]] = {
    "momentum": ("optimizer", frozenset({"sgd"})),
    "weight_decay": ("optimizer", frozenset({"adamw"})),
    "patience": ("early_stopping", frozenset({"loss", "accuracy"})),
    "restore_best": ("early_stopping", frozenset({"loss", "accuracy"})),
    # Drawings are digits.
    "drawings": ("dataset", frozenset({"mnist", "pen-strokes", "handwriting"})),
    "drawings_share": ("drawings", frozenset({"mine", "everyone"})),
}


def counts(name: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a setting makes a difference beside these values of the others."""
    if name not in COUNTS_WITH:
        return True
    other, wanted = COUNTS_WITH[name]
    return values[other] in wanted and counts(other, values)


class TrainingConfig(Frozen):
    """Everything that decides how a run goes, and nothing else.

    What people read of each setting is in `core.config.words`. Beyond that:

    Attributes
    ----------
    hidden_layers
        From input to output.
    l1, l2
        Of the kernels of all dense layers, the output's too. They, and `label_smoothing`, count in
        training, not in the loss shown.
    label_encoding
        Integer labels with sparse categorical cross-entropy, or one-hot labels
        with categorical cross-entropy: the same learning, written two ways.
    seed
        Of the weights, the order of images, dropout, augmentation, the validation
        split, the label noise and the fraction of the training images.
    learning_rate_schedule, warm_up_epochs
        See `core.training.engine.rates`.
    gradient_clipping
        Longest gradient, all weights taken together (global norm).
    batch_normalization
        After every hidden layer's activation, so that what a hidden layer puts out stays its
        activation; before its dropout.
    initializer
        Uniform after Glorot or He, all zeros, or normal with a standard deviation of 1. Biases are zero.
    training_fraction
        Of the training images that the validation split leaves.
    augmentation_scale
        Logarithm of the scale.
    augmentation_elastic
        Standard deviation of smooth bending, in pixels.
    drawings, drawings_share
        Whose labelled drawings are learnt too, and their share of what an epoch shows. Which these are is
        decided as the run is made, and kept with it: see `core.store.learning`.
    """

    dataset: DatasetName = "mnist"
    hidden_layers: Annotated[tuple[HiddenLayer, ...], Field(max_length=6)] = (
        HiddenLayer(),
        HiddenLayer(),
    )
    optimizer: Optimizer = "adam"
    learning_rate: Annotated[float, Field(ge=1e-6, le=100)] = 0.001
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.004
    l2: Annotated[float, Field(ge=0, le=1)] = 0.0
    epochs: Annotated[int, Field(ge=1, le=MAX_EPOCHS)] = 5
    batch_size: Annotated[int, Field(ge=1, le=MAX_BATCH_SIZE)] = 40
    validation_split: Annotated[float, Field(ge=0, le=0.9)] = 0.1
    label_encoding: LabelEncoding = "integer"
    input_form: InputForm = "image"
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0
    learning_rate_schedule: Schedule = "constant"
    warm_up_epochs: Annotated[float, Field(ge=0, le=MAX_EPOCHS)] = 0.0
    gradient_clipping: Annotated[float, Field(ge=0, le=1_000)] = 0.0
    batch_normalization: bool = False
    initializer: Initializer = "glorot"
    early_stopping: EarlyStopping = "off"
    patience: Annotated[int, Field(ge=1, le=MAX_EPOCHS)] = 3
    restore_best: bool = True
    stop_at_accuracy: Annotated[float, Field(ge=0, le=1)] = 0.0
    l1: Annotated[float, Field(ge=0, le=1)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    label_noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    training_fraction: Annotated[float, Field(ge=0.001, le=1)] = 1.0
    augmentation_shift: Annotated[float, Field(ge=0, le=4)] = 0.0
    augmentation_rotation: Annotated[float, Field(ge=0, le=45)] = 0.0
    augmentation_scale: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    augmentation_shear: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    augmentation_elastic: Annotated[float, Field(ge=0, le=3)] = 0.0
    drawings: DrawingsChoice = "none"
    drawings_share: Annotated[float, Field(ge=0.05, le=0.5)] = 0.2

    @model_validator(mode="after")
    def _can_stop_early(self) -> Self:
        """Refuse to wait for figures that a run without validation images never has."""
        if self.validation_split == 0 and (self.early_stopping != "off" or self.stop_at_accuracy):
            raise ValueError(
                say(
                    "Stopping early looks at validation images, and the validation split is 0. Keep some "
                    "aside, for example 0.1, or switch early stopping and the wanted accuracy off."
                )
            )
        return self

    @model_validator(mode="after")
    def _can_normalize(self) -> Self:
        """Refuse to normalize single images: each would be its own mean, and every output 0."""
        if self.batch_normalization and self.batch_size == 1:
            raise ValueError(
                say(
                    "Batch normalization takes mean and variance over the images of a batch, and with a "
                    "batch size of 1 there is no variance. Take at least 2 images, better 32, or switch "
                    "it off."
                )
            )
        return self

    @property
    def augments(self) -> bool:
        """Whether training images are distorted at all."""
        return any(value > 0 for name, value in self if name.startswith("augmentation_"))

    @property
    def learns_drawings(self) -> bool:
        """Whether labelled drawings are learnt beside the training images."""
        return self.drawings != "none" and counts("drawings", dict(self))

    @property
    def keeps_the_best(self) -> bool:
        """Whether a run that ends keeps the network of its best whole epoch, not its last one."""
        return self.early_stopping != "off" and self.restore_best

    def layer_summaries(self) -> list[LayerSummary]:
        """Return the rows of the model summary, as Keras would count them."""
        return layer_summaries(
            self.hidden_layers,
            flattens=self.input_form == "image",
            batch_normalization=self.batch_normalization,
        )

    @property
    def parameters(self) -> int:
        """Number of weights and biases, and of batch normalization's figures: Keras' total."""
        return sum(row.parameters for row in self.layer_summaries())

    def as_it_counts(self) -> Self:
        """Return the configuration with the usual value of every setting that makes no difference.

        Configurations that are one and the same run are equal then.
        """
        usual, values = type(self)(), dict(self)
        idle = {name: getattr(usual, name) for name in COUNTS_WITH if not counts(name, values)}
        return self.model_copy(update=idle)

    def check_limits(
        self, *, max_parameters: int, max_epochs: int, max_image_passes: int, training_images: int = 60_000
    ) -> None:
        """Raise `LimitExceeded` if this run asks more than the server allows."""
        if self.parameters > max_parameters:
            raise LimitExceeded(
                say(
                    "This network has {parameters} parameters; this server allows {most}. Take fewer "
                    "units or fewer layers.",
                    parameters=f"{self.parameters:,}",
                    most=f"{max_parameters:,}",
                )
            )
        if self.epochs > max_epochs:
            raise LimitExceeded(
                say(
                    "{epochs} epochs are asked; this server allows {most}.",
                    epochs=self.epochs,
                    most=max_epochs,
                )
            )
        passes = self.epochs * training_images
        if passes > max_image_passes:
            raise LimitExceeded(
                say(
                    "{epochs} epochs over {images} images are {passes} image passes; this server allows "
                    "{most_passes}. Take at most {most_epochs} epochs.",
                    epochs=self.epochs,
                    images=f"{training_images:,}",
                    passes=f"{passes:,}",
                    most_passes=f"{max_image_passes:,}",
                    most_epochs=max(1, max_image_passes // training_images),
                )
            )
