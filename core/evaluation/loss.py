"""The test loss, as pages show it and as workers store it."""

import numpy as np
from numpy.typing import NDArray


def cross_entropy(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """Return the mean of -log p(true class), in nats; 0 for no images.

    A probability that float32 rounded to zero counts as the smallest float32:
    one such image must not make the whole loss infinite.
    """
    if len(labels) == 0:
        return 0.0
    of_truth = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(of_truth, np.finfo(np.float32).tiny)).mean())
