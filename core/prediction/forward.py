"""A network's numbers from its weights alone: the forward pass, in NumPy.

For networks that are still learning: they have no ONNX file yet, and the app's process has no TensorFlow.
A test holds it against the exported network.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT, IMAGE_SHAPE, Activation, TrainingConfig
from core.errors import ModelError
from core.sentences import say

Numbers = NDArray[np.float32]

# Images of one pass: 2,048 units take 4 MB of float32 then.
BATCH = 500
# Keras' own, added to the variance so that nothing is divided by zero.
EPSILON = 1e-3
_INPUTS = prod(IMAGE_SHAPE)


@dataclass(frozen=True)
class DenseLayer:
    """The weights of one dense layer, and of the batch normalization before it.

    Attributes
    ----------
    kernel
        float32 (inputs, units).
    bias
        float32 (units,).
    activation
        What its sums go through; "softmax" in the last layer.
    scale, offset
        float32 (inputs,): what the layer before puts out is taken times `scale` plus `offset`; None
        without batch normalization, which at rest is just that (Ioffe & Szegedy 2015, section 3.1).
    """

    kernel: Numbers
    bias: Numbers
    activation: Activation | str
    scale: Numbers | None = None
    offset: Numbers | None = None

    @property
    def units(self) -> int:
        """Number of outputs."""
        return int(self.kernel.shape[1])

    def inputs(self, values: Numbers) -> Numbers:
        """Return what the kernel is multiplied with: `values` (n, inputs), normalized where that is asked."""
        if self.scale is None or self.offset is None:
            return values
        return values * self.scale + self.offset

    def sums(self, values: Numbers) -> Numbers:
        """Return the weighted sums with their bias, (n, units), of what the layer before puts out."""
        return self.inputs(values) @ self.kernel + self.bias

    def outputs(self, values: Numbers) -> Numbers:
        """Return the outputs, (n, units), of what the layer before puts out, (n, inputs)."""
        return activate(self.activation, self.sums(values))


def dense_layers(config: TrainingConfig, weights: Sequence[NDArray[np.float32]]) -> tuple[DenseLayer, ...]:
    """Return the dense layers of a network, the last with the ten probabilities.

    Parameters
    ----------
    config
        Of the network.
    weights
        As Keras' `get_weights` gives them, layer by layer: of a dense layer the kernel (inputs, units)
        and the bias (units,); of a batch normalization gamma, beta, mean and variance, each (units,).

    Raises
    ------
    ModelError
        If number or shapes are not those of this configuration.
    """
    given = iter(weights)

    def take(*shape: int) -> Numbers:
        array = next(given, None)
        if array is None or array.shape != shape or array.dtype != np.float32:
            raise ModelError(say("These weights are not those of this network. Choose another run."))
        return array

    layers: list[DenseLayer] = []
    inputs = _INPUTS
    scale: Numbers | None = None
    offset: Numbers | None = None
    for hidden in config.hidden_layers:
        layers.append(
            DenseLayer(take(inputs, hidden.units), take(hidden.units), hidden.activation, scale, offset)
        )
        inputs = hidden.units
        if config.batch_normalization:
            gamma, beta, mean, variance = (take(inputs) for _ in range(4))
            with np.errstate(all="ignore"):
                scale = (gamma / np.sqrt(variance + np.float32(EPSILON))).astype(np.float32)
                offset = beta - mean * scale
    layers.append(DenseLayer(take(inputs, CLASS_COUNT), take(CLASS_COUNT), "softmax", scale, offset))
    if next(given, None) is not None:
        raise ModelError(say("These weights are not those of this network. Choose another run."))
    return tuple(layers)


def forward(
    config: TrainingConfig, weights: Sequence[NDArray[np.float32]], images: NDArray[np.uint8]
) -> tuple[Numbers, ...]:
    """Return what each layer puts out: hidden ones after their activation, last the probabilities.

    Not numbers where the weights are not: a run that has run away is not refused.

    Parameters
    ----------
    config, weights
        As for `dense_layers`.
    images
        uint8 (n, 28, 28). All outputs are kept, 8 KB an image and layer of 2,048 units: where only the
        probabilities of many are wanted, take `probabilities`.

    Returns
    -------
    tuple of NDArray
        float32 (n, units) of each hidden layer, and (n, 10).

    Raises
    ------
    ModelError
        If the weights are not those of this configuration, or the images have another type or shape.
    """
    return outputs_of(dense_layers(config, weights), images)


def outputs_of(layers: tuple[DenseLayer, ...], images: NDArray[np.uint8]) -> tuple[Numbers, ...]:
    """Return what each of these layers puts out: see `forward`."""
    results = tuple(np.empty((len(images), layer.units), np.float32) for layer in layers)
    for rows, values in _passes(layers, images):
        for result, value in zip(results, values, strict=True):
            result[rows] = value
    return results


def probabilities(
    config: TrainingConfig, weights: Sequence[NDArray[np.float32]], images: NDArray[np.uint8]
) -> Numbers:
    """Return the probabilities alone, float32 (n, 10), however many images: see `forward`."""
    layers = dense_layers(config, weights)
    result = np.empty((len(images), CLASS_COUNT), np.float32)
    for rows, values in _passes(layers, images):
        result[rows] = values[-1]
    return result


def scaled(images: NDArray[np.uint8]) -> Numbers:
    """Return images (n, 28, 28) as the network takes them: rows of 784 numbers from 0 to 1.

    Raises
    ------
    ModelError
        If type or shape are others.
    """
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != IMAGE_SHAPE:
        raise ModelError(
            say(
                "The network reads uint8 pictures of shape (n, 28, 28); it was given {kind} of shape "
                "{shape}.",
                kind=images.dtype,
                shape=images.shape,
            )
        )
    return images.reshape(len(images), _INPUTS) * np.float32(1 / 255)


def activate(activation: Activation | str, sums: Numbers) -> Numbers:
    """Return what an activation, or "softmax", makes of the weighted sums (n, units), in float32."""
    with np.errstate(all="ignore"):
        result: Numbers = _FUNCTIONS[activation](sums).astype(np.float32, copy=False)
        return result


def _passes(
    layers: tuple[DenseLayer, ...], images: NDArray[np.uint8]
) -> Iterator[tuple[slice, list[Numbers]]]:
    for start in range(0, len(images), BATCH):
        rows = slice(start, start + BATCH)
        values, outputs = scaled(images[rows]), []
        with np.errstate(all="ignore"):
            for layer in layers:
                values = layer.outputs(values)
                outputs.append(values)
        yield rows, outputs


def _elu(sums: Numbers) -> Numbers:
    return np.where(sums > 0, sums, np.expm1(np.minimum(sums, 0)))


def _sigmoid(sums: Numbers) -> Numbers:
    with np.errstate(over="ignore"):  # of a large negative sum: 1 / infinity is 0
        return np.asarray(1 / (1 + np.exp(-sums)), np.float32)


def _gelu(sums: Numbers) -> Numbers:
    """With the error function, as Keras has it unless it is asked for the approximation."""
    from scipy.special import erf  # 15 MB, for those who chose it

    result: Numbers = sums * np.float32(0.5) * (1 + erf(sums * np.float32(np.sqrt(0.5))))
    return result


def _softmax(sums: Numbers) -> Numbers:
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


_FUNCTIONS: dict[str, Callable[[Numbers], Numbers]] = {
    "relu": lambda sums: np.maximum(sums, 0),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "elu": _elu,
    "gelu": _gelu,
    "linear": lambda sums: sums,
    "softmax": _softmax,
}
