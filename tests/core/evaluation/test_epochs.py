"""Test results from weights alone: those of the network, and a sentence where there are none."""

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.errors import ModelError
from core.evaluation.epochs import evaluate_weights
from core.weights import weight_shapes

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=3),))
IMAGES = np.zeros((1_201, 28, 28), np.uint8)
LABELS = (np.arange(1_201) % 10).astype(np.uint8)


def weights() -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Return those of a network that takes everything for a 7."""
    found = [np.zeros(shape, np.float32) for shape in weight_shapes(CONFIG)]
    found[-1][7] = np.log(11)
    return found


def test_all_images_are_read_whatever_their_number() -> None:
    found = evaluate_weights(CONFIG, weights(), IMAGES, LABELS)
    assert found.probabilities.shape == (1_201, 10)
    np.testing.assert_allclose(found.probabilities[:, 7], 11 / 20, rtol=1e-6)
    assert not found.probabilities.flags.writeable
    assert found.scores.confusion[:, 7].tolist() == [121, *[120] * 9]
    assert found.scores.accuracy == 120 / 1_201


def test_a_network_that_has_run_away_is_told_in_a_sentence() -> None:
    damaged = weights()
    damaged[0][:] = np.nan
    with pytest.raises(ModelError, match="not numbers"):
        evaluate_weights(CONFIG, damaged, IMAGES, LABELS)
    with pytest.raises(ModelError):
        evaluate_weights(CONFIG, damaged[:-1], IMAGES, LABELS)
