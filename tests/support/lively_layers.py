"""Networks with weights as training leaves them, and their log-odds reckoned once more, in float64."""

import numpy as np
from scipy.special import erf, logsumexp

from core.config import ACTIVATIONS
from core.prediction.forward import DenseLayer

ACTIVATE = {
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "linear": lambda x: x,
}


def lively_layers(
    activation: str, *, normalized: bool = False, widths: tuple[int, ...] = (20, 12), seed: int = 4
) -> tuple[DenseLayer, ...]:
    """Return a network of dense layers, all with this activation, the last with ten probabilities."""
    rng = np.random.default_rng(seed)

    def numbers(mean: float, spread: float, *shape: int) -> np.ndarray:
        return rng.normal(mean, spread, shape).astype(np.float32)

    layers: list[DenseLayer] = []
    inputs = 784
    for number, units in enumerate((*widths, 10)):
        scaling = (numbers(1, 0.3, inputs), numbers(0, 0.3, inputs)) if normalized and number else ()
        kernel = numbers(0, 2 / np.sqrt(inputs), inputs, units)
        last = number == len(widths)
        layers.append(DenseLayer(kernel, numbers(0, 0.2, units), "softmax" if last else activation, *scaling))
        inputs = units
    return tuple(layers)


def log_odds_in_float64(layers: tuple[DenseLayer, ...], inputs: np.ndarray) -> np.ndarray:
    """Return log(p / (1 - p)) of each digit, float64 (n, 10), of inputs from 0 to 1, (n, 784)."""
    values = inputs.astype(np.float64)
    for layer in layers:
        if layer.scale is not None:
            values = values * layer.scale.astype(np.float64) + layer.offset.astype(np.float64)
        values = values @ layer.kernel.astype(np.float64) + layer.bias.astype(np.float64)
        if layer.activation != "softmax":
            values = ACTIVATE[layer.activation](values)
    odds = [values[:, digit] - logsumexp(np.delete(values, digit, axis=1), axis=1) for digit in range(10)]
    return np.stack(odds, axis=1)


assert set(ACTIVATE) == {*ACTIVATIONS, "linear"}
