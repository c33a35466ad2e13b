"""TrainingConfig: the one description of a training run.

The form yields it, the URL and the database carry it as text, the worker builds
the network from it. Nothing else decides how a run behaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.config.images import CLASS_COUNT, IMAGE_SHAPE
from core.errors import ConfigError, LimitExceeded
from core.refusals import explain

DatasetName = Literal["mnist", "fashion-mnist", "pen-strokes"]
Activation = Literal["relu", "tanh", "sigmoid", "elu", "gelu", "linear"]
Optimizer = Literal["adam", "sgd", "rmsprop", "adamw"]
LabelEncoding = Literal["integer", "one-hot"]
InputForm = Literal["image", "flat"]
Schedule = Literal["constant", "step", "exponential", "cosine"]
EarlyStopping = Literal["off", "loss", "accuracy"]
Initializer = Literal["glorot", "he", "zeros", "wide"]

DATASETS: tuple[DatasetName, ...] = get_args(DatasetName)
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
LABEL_ENCODINGS: tuple[LabelEncoding, ...] = get_args(LabelEncoding)
INPUT_FORMS: tuple[InputForm, ...] = get_args(InputForm)
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)
EARLY_STOPPINGS: tuple[EarlyStopping, ...] = get_args(EarlyStopping)
INITIALIZERS: tuple[Initializer, ...] = get_args(Initializer)

# What stands in a page's address beside the settings: the run on show, and Streamlit's own.
OTHER_PARAMETERS = {"run", "embed", "embed_options"}

MAX_HIDDEN_LAYERS = 6
MAX_UNITS = 2_048
MAX_EPOCHS = 200
MAX_BATCH_SIZE = 4_096
MAX_SEED = 2**31 - 1
MAX_GRADIENT_CLIPPING = 1_000
MIN_TRAINING_FRACTION = 0.001
MAX_SHIFT = 4.0
MAX_ROTATION = 45.0
MAX_SCALE = 0.5
MAX_SHEAR = 0.5
MAX_ELASTIC = 3.0


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class HiddenLayer(_Frozen):
    """One dense layer: units, activation, and the share of outputs dropped while training."""

    units: Annotated[int, Field(ge=1, le=MAX_UNITS)] = 128
    activation: Activation = "relu"
    dropout: Annotated[float, Field(ge=0, le=0.9)] = 0.0


@dataclass(frozen=True)
class LayerSummary:
    """One row of the model summary: what the layer is, its output shape, its parameters."""

    name: str
    output_shape: tuple[int, ...]
    parameters: int


class TrainingConfig(_Frozen):
    """Everything that decides how a run goes, and nothing else.

    Attributes
    ----------
    dataset
        Which images to learn.
    hidden_layers
        From input to output, 0 to 6.
    optimizer, learning_rate, momentum, weight_decay
        `momentum` is used by SGD and `weight_decay` by AdamW only.
    l2
        Strength of the L2 penalty on the weights of every dense layer.
    epochs, batch_size
        How often all training images are seen, and how many at a step.
    validation_split
        Share of the training images kept aside by seed, never learnt from.
    label_encoding
        Integer labels with sparse categorical cross-entropy, or one-hot labels
        with categorical cross-entropy: the same learning, written two ways.
    input_form
        28×28 images and a Flatten layer, or rows of 784 flattened beforehand.
    seed
        Of the weights, the order of images, dropout, augmentation, the validation
        split, the label noise and the fraction of the training images.
    learning_rate_schedule, warm_up_epochs
        How the learning rate changes; see `core.training.callbacks.learning_rate`.
    gradient_clipping
        Longest gradient, all weights taken together (global norm); 0 is off.
    batch_normalization
        A BatchNormalization layer after every hidden layer's activation, so that
        what a hidden layer puts out stays its activation; before its dropout.
    initializer
        Of the weights: uniform after Glorot or He, all zeros, or normal with a
        standard deviation of 1. Biases are zero.
    early_stopping, patience, restore_best
        Stop after `patience` epochs without a better validation loss or accuracy,
        and go back to the weights of the best epoch.
    stop_at_accuracy
        Stop once the validation accuracy is at least this; 0 is off.
    l1, label_smoothing
        L1 penalty on the weights of every dense layer; share of each target that
        is spread over all ten classes. Both count in training, not in the loss shown.
    label_noise
        Share of the training labels replaced by another class. Never of the
        validation or test labels.
    training_fraction
        Share of the training images that is used, after the validation split.
    augmentation_shift, augmentation_rotation, augmentation_scale, augmentation_shear, augmentation_elastic
        How far training images are distorted at random, each time anew: at most so many pixels,
        degrees, logarithm of the scale, pixels sideways for each pixel down; and the standard
        deviation in pixels of smooth bending. All 0 is off.
    """

    dataset: DatasetName = "mnist"
    hidden_layers: Annotated[tuple[HiddenLayer, ...], Field(max_length=MAX_HIDDEN_LAYERS)] = (
        HiddenLayer(),
        HiddenLayer(),
    )
    optimizer: Optimizer = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=100)] = 0.001
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
    gradient_clipping: Annotated[float, Field(ge=0, le=MAX_GRADIENT_CLIPPING)] = 0.0
    batch_normalization: bool = False
    initializer: Initializer = "glorot"
    early_stopping: EarlyStopping = "off"
    patience: Annotated[int, Field(ge=1, le=MAX_EPOCHS)] = 3
    restore_best: bool = True
    stop_at_accuracy: Annotated[float, Field(ge=0, le=1)] = 0.0
    l1: Annotated[float, Field(ge=0, le=1)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    label_noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    training_fraction: Annotated[float, Field(ge=MIN_TRAINING_FRACTION, le=1)] = 1.0
    augmentation_shift: Annotated[float, Field(ge=0, le=MAX_SHIFT)] = 0.0
    augmentation_rotation: Annotated[float, Field(ge=0, le=MAX_ROTATION)] = 0.0
    augmentation_scale: Annotated[float, Field(ge=0, le=MAX_SCALE)] = 0.0
    augmentation_shear: Annotated[float, Field(ge=0, le=MAX_SHEAR)] = 0.0
    augmentation_elastic: Annotated[float, Field(ge=0, le=MAX_ELASTIC)] = 0.0

    @model_validator(mode="after")
    def _can_stop_early(self) -> Self:
        """Refuse to wait for figures that a run without validation images never has."""
        if self.validation_split == 0 and (self.early_stopping != "off" or self.stop_at_accuracy):
            raise ValueError(
                "Stopping early looks at validation images, and the validation split is 0. "
                "Keep some aside, for example 0.1, or switch early stopping and the wanted accuracy off."
            )
        return self

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Self:
        """Return the configuration of `values`; raise `ConfigError` with a sentence."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(explain(error)) from error

    def to_json(self) -> str:
        """Return the configuration as JSON text."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the configuration that `to_json` wrote; raise `ConfigError` otherwise."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigError(explain(error)) from error

    def to_query(self) -> dict[str, str]:
        """Return the settings that differ from the defaults, as URL parameters."""
        default = type(self)()
        return {
            name: _LayersText.to_text(value) if name == "hidden_layers" else _as_word(value)
            for name, value in self
            if value != getattr(default, name)
        }

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """Read URL parameters; what cannot be used keeps its default and is told.

        Returns
        -------
        config, problems
            `problems` has one sentence for every parameter that was left out.
        """
        accepted: dict[str, Any] = {}
        problems: list[str] = []
        for name, text in query.items():
            if name in OTHER_PARAMETERS:
                continue
            if name not in cls.model_fields:
                problems.append(f"The link has an unknown setting “{name[:40]}”; it was left out.")
                continue
            try:
                value = _from_word(name, text)
                cls.model_validate({name: value})
            except ValidationError as error:
                problems.append(f"From the link: {explain(error)} The default is used instead.")
            else:
                accepted[name] = value
        try:
            return cls.model_validate(accepted), problems
        except ValidationError as error:  # each is allowed, but not together
            problems.append(f"From the link: {explain(error)} It was switched off.")
            for name in ("early_stopping", "stop_at_accuracy"):
                accepted.pop(name, None)
            return cls.model_validate(accepted), problems

    def changed(self, query: Mapping[str, str]) -> Self:
        """Return the configuration with these settings, written as in the URL, instead of its own.

        Raises
        ------
        ConfigError
            If one of them does not exist or may not have this value.
        """
        for name in query:
            if name not in type(self).model_fields:
                names = ", ".join(type(self).model_fields)
                raise ConfigError(f"There is no setting “{name[:40]}”. These exist: {names}.")
        return self.build(self.model_dump() | {name: _from_word(name, text) for name, text in query.items()})

    def layer_summaries(self) -> list[LayerSummary]:
        """Return the rows of the model summary, as Keras would count them."""
        inputs = prod(IMAGE_SHAPE)
        rows = [
            LayerSummary("Flatten", (inputs,), 0)
            if self.input_form == "image"
            else LayerSummary("Input (already flat)", (inputs,), 0)
        ]
        for number, layer in enumerate(self.hidden_layers, 1):
            rows.append(
                LayerSummary(
                    f"Hidden layer {number} (Dense, {layer.activation})",
                    (layer.units,),
                    (inputs + 1) * layer.units,
                )
            )
            if self.batch_normalization:
                # Scale and offset, learnt; mean and variance, counted along.
                rows.append(LayerSummary("Batch normalization", (layer.units,), 4 * layer.units))
            if layer.dropout:
                rows.append(LayerSummary(f"Dropout {layer.dropout:.0%}", (layer.units,), 0))
            inputs = layer.units
        rows.append(LayerSummary("Output (Dense, softmax)", (CLASS_COUNT,), (inputs + 1) * CLASS_COUNT))
        return rows

    @property
    def augments(self) -> bool:
        """Whether training images are distorted at all."""
        return any(value > 0 for name, value in self if name.startswith("augmentation_"))

    @property
    def parameters(self) -> int:
        """Number of weights and biases, and of batch normalization's figures: Keras' total."""
        return sum(row.parameters for row in self.layer_summaries())

    def check_limits(
        self, *, max_parameters: int, max_epochs: int, max_image_passes: int, training_images: int = 60_000
    ) -> None:
        """Raise `LimitExceeded` if this run asks more than the server allows."""
        if self.parameters > max_parameters:
            raise LimitExceeded(
                f"This network has {self.parameters:,} parameters; this server allows {max_parameters:,}. "
                "Take fewer units or fewer layers."
            )
        if self.epochs > max_epochs:
            raise LimitExceeded(f"{self.epochs} epochs are asked; this server allows {max_epochs}.")
        passes = self.epochs * training_images
        if passes > max_image_passes:
            raise LimitExceeded(
                f"{self.epochs} epochs over {training_images:,} images are {passes:,} image passes; "
                f"this server allows {max_image_passes:,}. "
                f"Take at most {max(1, max_image_passes // training_images)} epochs."
            )


def _from_word(name: str, text: str) -> Any:
    return _LayersText.from_text(text) if name == "hidden_layers" else text


def _as_word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _LayersText:
    """Hidden layers as a word of the URL: `128-relu,64-tanh-0.2`, or `none`."""

    @staticmethod
    def to_text(layers: tuple[HiddenLayer, ...]) -> str:
        parts = (
            f"{layer.units}-{layer.activation}" + (f"-{layer.dropout}" if layer.dropout else "")
            for layer in layers
        )
        return ",".join(parts) or "none"

    @staticmethod
    def from_text(text: str) -> list[dict[str, str]]:
        if text == "none":
            return []
        layers = []
        for part in text.split(","):
            words = part.split("-", 2)  # no further: a dropout of 1e-05 has a minus of its own
            layers.append(dict(zip(("units", "activation", "dropout"), words, strict=False)))
        return layers
