"""The arithmetic that training needs, and how fast this machine does such arithmetic at best."""

import json
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod
from statistics import median
from typing import Any

import numpy as np

from core.config import CLASS_COUNT, IMAGE_SHAPE, TrainingConfig

# TensorFlow is imported in the function: the runner imports this module.

_SIDE = 2_048
# Half a second of them: as an epoch counts by its median, so does a product.
_REPETITIONS = 15


def layer_sizes(config: TrainingConfig) -> list[int]:
    """Return inputs, hidden units and outputs of a network: [784, 128, 128, 10]."""
    return [prod(IMAGE_SHAPE), *(layer.units for layer in config.hidden_layers), CLASS_COUNT]


def epoch_operations(sizes: Sequence[int], images: int) -> int:
    """Return the floating-point operations of the matrix products that one epoch cannot do without.

    The product of an (m, k) and a (k, n) matrix takes 2·m·k·n operations. A layer with
    `inputs` and `outputs` needs one such product forward, images × inputs by inputs × outputs,
    and two of the same size backward: for its weights' gradient, and for its inputs' gradient,
    which the first layer has no use for. Biases, activations and the optimizer are not
    counted. (Golub and Van Loan 2013, Matrix Computations, section 1.1; Kaplan et al. 2020,
    Scaling Laws for Neural Language Models, section 2.1, counts 2 operations a weight forward
    and 4 backward alike.)

    Parameters
    ----------
    sizes
        Inputs, hidden units and outputs of the network.
    images
        Training images of an epoch.
    """
    products = [2 * images * inputs * outputs for inputs, outputs in pairwise(sizes)]
    return 3 * sum(products) - products[0]


def machine_gflops() -> float:
    """Return the machine's own matrix product rate, in 10⁹ operations a second.

    The median of several float32 products of two 2048 × 2048 matrices with all cores, by NumPy's
    library or by TensorFlow, whichever is faster.
    """
    import tensorflow as tf

    random = np.random.default_rng(0)
    left, right = (random.standard_normal((_SIDE, _SIDE), dtype=np.float32) for _ in range(2))
    tensors = tf.constant(left), tf.constant(right)
    seconds = min(_usual(lambda: np.matmul(left, right)), _usual(lambda: tf.matmul(*tensors).numpy()[0, 0]))
    return 2 * _SIDE**3 / seconds / 1e9


def _usual(product: Callable[[], Any]) -> float:
    """Return the median of the seconds of several calls."""
    seconds = []
    for _ in range(_REPETITIONS):
        began = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - began)
    return median(seconds)


if __name__ == "__main__":
    print(json.dumps(machine_gflops()))
