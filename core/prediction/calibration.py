"""How sure a network may say that it is: its probabilities, made honest by one temperature.

Networks of today are surer than they are right. Temperature scaling (Guo, Pleiss, Sun & Weinberger 2017, "On
Calibration of Modern Neural Networks", section 4.2) divides the sums before the softmax by one number T, by
which images that were not learnt get the least cross-entropy. The answer stays the same, the confidence does
not.

The images are those that the run kept for validation: neither weights nor test scores know them. A run that
kept none takes every second test image by the probabilities that each run keeps; the other half tells what it
is worth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.sentences import say

Probabilities = NDArray[np.floating]

# T from a tenth, for a network that doubts too much, to twenty, for one that is sure of everything.
LOWEST, HIGHEST = 0.1, 20.0
# Fewer images than this say little: T stays 1.
FEWEST = 100
# Images that are looked at: more change T's third digit.
MOST = 5_000
# float32 probabilities of 0 stand for something too small to write.
_SMALLEST = 1e-38


@dataclass(frozen=True)
class Calibration:
    """A temperature, and the mean cross-entropy in nats of the images that it was fitted to.

    Attributes
    ----------
    temperature
        What the sums are divided by; above 1 the network was too sure.
    loss_before, loss_after
        With T = 1 and with this one; NaN where there were too few images to fit it.
    """

    temperature: float
    loss_before: float
    loss_after: float


UNCALIBRATED = Calibration(1.0, float("nan"), float("nan"))


def fit_temperature(probabilities: Probabilities, labels: NDArray[np.integer]) -> Calibration:
    """Return the temperature with the least cross-entropy, found by Brent's method on its logarithm.

    Parameters
    ----------
    probabilities, labels
        (n, classes) as the network gives them, and (n,) what the images are. With fewer than `FEWEST` the
        result is `UNCALIBRATED`.

    Raises
    ------
    ModelError
        If the probabilities are not numbers from 0 to 1.
    """
    from scipy.optimize import minimize_scalar  # 20 MB, for those who draw

    if not (
        np.isfinite(probabilities).all() and (probabilities >= 0).all() and (probabilities <= 1.001).all()
    ):
        raise ModelError(
            say(
                "The network's probabilities are not numbers from 0 to 1. Choose another run, or train again."
            )
        )
    if len(labels) < FEWEST:
        return UNCALIBRATED
    logits = as_logits(probabilities[:MOST])
    rows, labels = np.arange(len(logits)), labels[:MOST].astype(np.intp)

    def loss(logarithm: float) -> float:
        sums = logits / np.exp(logarithm)
        highest = sums.max(axis=1)
        total = highest + np.log(np.exp(sums - highest[:, None]).sum(axis=1))
        return float(np.mean(total - sums[rows, labels]))

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    before = loss(0.0)
    # Brent's method ends near a minimum, not in it: what is no better stays as it was.
    if not found.fun < before:
        return Calibration(1.0, before, before)
    return Calibration(float(np.exp(found.x)), before, float(found.fun))


def fit_on_half(probabilities: Probabilities, labels: NDArray[np.integer]) -> Calibration:
    """Return the temperature by every second test image, for a run that kept none for validation."""
    return fit_temperature(probabilities[::2], labels[::2])


def calibrated(probabilities: Probabilities, temperature: float) -> NDArray[np.float64]:
    """Return softmax(sums / T), float64 (…, classes), of a softmax's own probabilities (…, classes)."""
    sums = as_logits(probabilities) / temperature
    powers = np.exp(sums - sums.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def as_logits(probabilities: Probabilities) -> NDArray[np.float64]:
    """Return sums of which these are the softmax; they are known up to one number added to all."""
    return np.log(np.maximum(probabilities.astype(np.float64), _SMALLEST))
