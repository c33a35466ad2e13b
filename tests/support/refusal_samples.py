"""A judge of pictures with random weights, and pictures at the edge of what there can be."""

import numpy as np
from numpy.typing import NDArray

from core.prediction.refusal import FEATURES, Refusal, as_file, as_layers, read_refusal


def small_refusal(seed: int = 0) -> Refusal:
    """Return a judge with one hidden layer of random weights, in 8 bits as it comes from a file."""
    rng = np.random.default_rng(seed)
    widths = ((FEATURES, 12), (12, 11))
    weights = [(rng.normal(0, 0.4, shape), rng.normal(0, 0.3, shape[1])) for shape in widths]
    return read_refusal(as_file(Refusal(as_layers(weights), 0.25)))


def odd_pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return uint8 (count, 28, 28): blank, full, single pixels, edges, noise of every density."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (count, 28, 28)).astype(np.uint8)
    pictures[rng.random(pictures.shape) < rng.random((count, 1, 1))] = 0
    pictures[0], pictures[1] = 0, 255
    pictures[2:6] = 0
    pictures[2, 0, 0] = pictures[3, 27, 27] = pictures[4, 13, 14] = 255
    pictures[5, :, 14:] = 255
    return pictures
