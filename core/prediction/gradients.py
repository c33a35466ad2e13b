"""The reverse pass of a dense network in NumPy: how each pixel moves what the network says.

What is followed back is a digit's log-odds against the rest, log(p / (1 − p)). The sum before the softmax
would also speak of pixels that raise all digits alike, and the probability hardly moves where the network
is sure: its slope is p (1 − p).
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from core.errors import ModelError
from core.prediction.forward import DenseLayer, Numbers, activate
from core.prediction.network_file import RAN_AWAY

Layers = tuple[DenseLayer, ...]


def sums_of(layers: Layers, first: Numbers) -> list[Numbers]:
    """Return the weighted sums of each layer, (n, units), from those of the first; last those of the softmax.

    Raises
    ------
    ModelError
        If they are not numbers.
    """
    sums = [first]
    with np.errstate(all="ignore"):
        for before, layer in pairwise(layers):
            sums.append(layer.sums(activate(before.activation, sums[-1])))
    if not np.isfinite(sums[-1]).all():
        raise ModelError(RAN_AWAY)
    return sums


def log_odds(last: Numbers) -> Numbers:
    """Return each digit's log-odds against the rest, (n, 10), from the sums before the softmax, (n, 10)."""
    others = _others(last)
    top = others.max(axis=2, keepdims=True)
    rest = np.log(np.exp(others - top).sum(axis=2)) + top[..., 0]
    return np.asarray(last - rest, np.float32)


def log_odds_slopes(last: Numbers) -> Numbers:
    """Return how the log-odds move with the sums before the softmax, (n, 10 digits, 10 sums).

    A digit's own sum raises its log-odds one to one, another's lowers them by that one's share of the rest.
    """
    others = _others(last)
    powers = np.exp(others - others.max(axis=2, keepdims=True))
    shares = powers / powers.sum(axis=2, keepdims=True)
    return np.asarray(np.eye(last.shape[1]) - shares, np.float32)


def pixel_slopes(layers: Layers, sums: list[Numbers], slopes: Numbers) -> Numbers:
    """Follow slopes of the last sums back to the inputs (the chain rule, layer by layer).

    Parameters
    ----------
    layers, sums
        The network and what `sums_of` gives for n pictures.
    slopes
        float32 (n, 10): how the followed number of each picture moves with the sums before the softmax. Of
        one picture any number of them may be followed at once.

    Returns
    -------
    NDArray
        float32 (n, 784): how it moves with the inputs, which go from 0 to 1.
    """
    with np.errstate(all="ignore"):
        for number in range(len(layers) - 1, -1, -1):
            layer = layers[number]
            slopes = slopes @ layer.kernel.T
            if layer.scale is not None:
                slopes = slopes * layer.scale
            if number:
                slopes = slopes * _SLOPES[layers[number - 1].activation](sums[number - 1])
    return slopes


def _others(last: Numbers) -> Numbers:
    """Return for each digit the sums of all others, (n, 10, 10); its own is minus infinity."""
    count = last.shape[1]
    return np.where(np.eye(count, dtype=bool), np.float32(-np.inf), last[:, np.newaxis, :])


def _tanh(sums: Numbers) -> Numbers:
    return 1 - activate("tanh", sums) ** 2


def _sigmoid(sums: Numbers) -> Numbers:
    values = activate("sigmoid", sums)
    return values * (1 - values)


def _gelu(sums: Numbers) -> Numbers:
    """x Φ(x) has the slope Φ(x) + x φ(x); Φ and φ are those of the standard normal distribution."""
    from scipy.special import erf  # 15 MB, for those who chose it

    below = 0.5 * (1 + erf(sums * np.float32(np.sqrt(0.5))))
    density = np.exp(-0.5 * sums**2) * np.float32(1 / np.sqrt(2 * np.pi))
    return np.asarray(below + sums * density, np.float32)


_SLOPES: dict[str, Callable[[Numbers], Numbers]] = {
    "relu": lambda sums: (sums > 0).astype(np.float32),
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "elu": lambda sums: np.exp(np.minimum(sums, 0)),
    "gelu": _gelu,
    "linear": np.ones_like,
}
