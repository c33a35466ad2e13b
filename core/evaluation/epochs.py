"""How good a network was at an epoch of its run: its answers to the test images, from its weights alone."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.errors import ModelError
from core.evaluation.scores import Evaluation, problem_with_probabilities, score
from core.prediction.forward import probabilities
from core.sentences import say

# The test images take a large network a second of all cores: many visitors wait for each other.
_one_at_a_time = threading.Lock()


def evaluate_weights(
    config: TrainingConfig,
    weights: Sequence[NDArray[np.float32]],
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
) -> Evaluation:
    """Return what a network with these weights thinks of the test images, and its scores.

    Parameters
    ----------
    weights
        As of `RunStore.weights_at`.
    images, labels
        uint8 (n, 28, 28) and (n,).

    Raises
    ------
    ModelError
        If the weights are not of this configuration, or the answers are not numbers.
    """
    with _one_at_a_time:
        found = probabilities(config, weights, images)
    if problem := problem_with_probabilities(found, len(labels)):
        raise ModelError(
            say("The network of this epoch cannot be evaluated: {problem}. Choose another.", problem=problem)
        )
    found.flags.writeable = False
    return Evaluation(found, score(found, labels))
