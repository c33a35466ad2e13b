"""What a dense network from elsewhere consists of, and how it is written as a network of Digit Lab.

Here a hidden layer is a dense one with its activation. What other networks have besides is a factor and an
offset for each unit: rescaling of the pixels, batch normalization before or behind an activation. Each can be
multiplied into the dense layer next to it, which changes nothing but the last bits of the answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT, IMAGE_SHAPE, TrainingConfig
from core.errors import ConfigError, ModelError
from core.sentences import say

Numbers = NDArray[Any]
PIXELS = prod(IMAGE_SHAPE)


@dataclass(frozen=True)
class Dense:
    """A dense layer: how many units, with which activation, with a bias or without."""

    units: int
    activation: str
    has_bias: bool = True

    def shapes(self, inputs: int) -> list[tuple[int, ...]]:
        """Return the shapes of its weights."""
        return [(inputs, self.units), *([(self.units,)] if self.has_bias else [])]


@dataclass(frozen=True)
class Normalization:
    """Batch normalization: what is added to the variance, and whether it has gamma and beta."""

    epsilon: float
    has_scale: bool = True
    has_offset: bool = True

    def shapes(self, inputs: int) -> list[tuple[int, ...]]:
        """Return the shapes of its weights: gamma, beta, mean, variance."""
        return [(inputs,)] * (2 + self.has_scale + self.has_offset)

    def affine(self, weights: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
        """Return factor and offset of each unit."""
        given = [np.asarray(array, np.float64) for array in weights]
        mean, variance = given[-2:]
        gamma = given[0] if self.has_scale else np.ones_like(mean)
        beta = given[int(self.has_scale)] if self.has_offset else np.zeros_like(mean)
        factor = gamma / np.sqrt(variance + self.epsilon)
        return factor, beta - mean * factor


@dataclass(frozen=True)
class Activation:
    """An activation that stands by itself."""

    activation: str


@dataclass(frozen=True)
class Dropout:
    """Dropout, which does nothing where nothing is learnt."""

    rate: float


Step = Dense | Normalization | Activation | Dropout


@dataclass
class _Layer:
    """A dense layer with all that is to be multiplied into it, by place among the steps."""

    dense: int
    before: list[int]
    behind: list[int]
    activation: str = "linear"
    dropout: float = 0.0


@dataclass(frozen=True)
class Network:
    """A dense network of ten answers that reads 28×28 pixels.

    Attributes
    ----------
    input_shape
        Of one image: (28, 28), (28, 28, 1) or (784,).
    scale, offset
        What it does to a pixel before all else; None where the file does not say: what it was trained
        on was made smaller before, or was not.
    steps
        From the row of pixels on.
    """

    input_shape: tuple[int, ...]
    scale: float | None
    offset: float
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        self._layers()  # refuses what cannot be written so

    @property
    def shapes(self) -> list[list[tuple[int, ...]]]:
        """Shapes of the weights of each step, none where it has none."""
        found, inputs = [], PIXELS
        for step in self.steps:
            found.append(step.shapes(inputs) if isinstance(step, Dense | Normalization) else [])
            inputs = step.units if isinstance(step, Dense) else inputs
        return found

    @property
    def parameters(self) -> int:
        """Number of weights, as Keras counts them."""
        return sum(prod(shape) for shapes in self.shapes for shape in shapes)

    @property
    def has_softmax(self) -> bool:
        """Whether its answers are probabilities already."""
        return self._layers()[-1].activation == "softmax"

    def config(self, dataset: str) -> TrainingConfig:
        """Return the configuration with this network's hidden layers; how it was trained nobody knows.

        Raises
        ------
        ModelError
            If it has more or larger layers than a network may have here.
        """
        hidden = self._layers()[:-1]
        try:
            layers = [
                {
                    "units": self._dense(layer).units,
                    "activation": layer.activation,
                    "dropout": min(0.9, layer.dropout),
                }
                for layer in hidden
            ]
            return TrainingConfig.build(
                {"dataset": dataset, "hidden_layers": layers, "validation_split": 0.0, "epochs": 1}
            )
        except ConfigError as error:
            raise ModelError(str(error)) from error

    def folded(self, weights: Sequence[Sequence[Numbers]]) -> list[NDArray[np.float32]]:
        """Return kernels and biases, in order, of the same network as dense layers for pixels of 0 to 1.

        Parameters
        ----------
        weights
            Of each step, in the shapes of `shapes`.
        """
        found: list[NDArray[np.float32]] = []
        for number, layer in enumerate(self._layers()):
            kernel = np.asarray(weights[layer.dense][0], np.float64)
            bias = np.zeros(kernel.shape[1])
            if self._dense(layer).has_bias:
                bias = np.asarray(weights[layer.dense][1], np.float64)
            before = [self._affine(at, weights) for at in layer.before]
            if number == 0:
                scale = 1.0 if self.scale is None else self.scale
                before.insert(0, (np.full(PIXELS, 255 * scale), np.full(PIXELS, self.offset)))
            for factor, offset in reversed(before):
                bias = bias + offset @ kernel
                kernel = factor[:, None] * kernel
            for factor, offset in (self._affine(at, weights) for at in layer.behind):
                kernel, bias = kernel * factor, bias * factor + offset
            with np.errstate(over="ignore"):  # what becomes infinite is found where answers are compared
                found += [kernel.astype(np.float32), bias.astype(np.float32)]
        return found

    def _affine(self, at: int, weights: Sequence[Sequence[Numbers]]) -> tuple[Numbers, Numbers]:
        step = self.steps[at]
        assert isinstance(step, Normalization)
        return step.affine(weights[at])

    def _dense(self, layer: _Layer) -> Dense:
        step = self.steps[layer.dense]
        assert isinstance(step, Dense)
        return step

    def _layers(self) -> list[_Layer]:
        """Return the dense layers; raise `ModelError` if what stands between them cannot be put into them."""
        layers: list[_Layer] = []
        waiting: list[int] = []
        for at, step in enumerate(self.steps):
            match step:
                case Dense():
                    if layers and layers[-1].activation == "softmax":
                        raise _no_network(say("softmax is no activation of a hidden layer here"))
                    layers.append(_Layer(at, waiting, [], step.activation))
                    waiting = []
                case Normalization() if layers and layers[-1].activation == "linear" and not waiting:
                    layers[-1].behind.append(at)
                case Normalization():
                    waiting.append(at)
                case Activation("linear"):
                    pass
                case Activation(name):
                    if not layers or waiting or layers[-1].activation != "linear":
                        raise _no_network(say("an activation has to follow a dense layer that has none yet"))
                    layers[-1].activation = name
                case Dropout(rate) if layers:
                    layers[-1].dropout = rate
        if waiting:
            raise _no_network(say("batch normalization comes behind its last dense layer"))
        if not layers or self._dense(layers[-1]).units != CLASS_COUNT:
            raise _no_network(say("its last dense layer has to give ten answers, one for each class"))
        if layers[-1].activation not in ("linear", "softmax"):
            raise _no_network(
                say(
                    "its ten answers go through “{activation}”; they need softmax, or no activation",
                    activation=layers[-1].activation,
                )
            )
        return layers


def _no_network(reason: str) -> ModelError:
    return ModelError(say("This network cannot be read here: {reason}.", reason=reason))
