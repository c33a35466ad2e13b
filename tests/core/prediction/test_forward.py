"""The forward pass in NumPy against ONNX Runtime; tests/core/training/test_export.py has every activation."""

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.errors import ModelError
from core.prediction import forward as module
from core.prediction.forward import activate, dense_layers, forward, probabilities
from core.prediction.network import Network
from tests.support.network_samples import WEIGHTS, onnx_file

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=16), HiddenLayer(units=7)))
WEIGHT_LIST = list(WEIGHTS.values())
IMAGES = np.random.default_rng(1).integers(0, 256, (23, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("batch", [1, 7, 23, 500])
def test_the_numbers_are_those_of_the_network_file_whatever_the_batch(batch, monkeypatch) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    expected = Network(onnx_file()).predict(IMAGES)
    *hidden, last = forward(CONFIG, WEIGHT_LIST, IMAGES)
    assert [array.dtype for array in (*hidden, last)] == [np.float32] * 3
    for mine, theirs in zip(hidden, expected.activations, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)
    np.testing.assert_allclose(last, expected.probabilities, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(probabilities(CONFIG, WEIGHT_LIST, IMAGES), last)


def test_no_image_is_no_answer() -> None:
    assert [array.shape for array in forward(CONFIG, WEIGHT_LIST, IMAGES[:0])] == [(0, 16), (0, 7), (0, 10)]


@pytest.mark.parametrize(
    "weights",
    [
        WEIGHT_LIST[:-1],
        [*WEIGHT_LIST, np.zeros(10, np.float32)],
        [WEIGHT_LIST[0].T, *WEIGHT_LIST[1:]],
        [WEIGHT_LIST[0].astype(np.float64), *WEIGHT_LIST[1:]],
    ],
    ids=["one is missing", "one too many", "a kernel lies on its side", "another type"],
)
def test_weights_of_another_network_are_refused_in_a_sentence(weights) -> None:
    with pytest.raises(ModelError, match="not those of this network"):
        forward(CONFIG, weights, IMAGES)
    with pytest.raises(ModelError, match="not those of this network"):
        dense_layers(CONFIG, weights)


def test_images_of_another_form_are_refused_in_a_sentence() -> None:
    with pytest.raises(ModelError, match=r"given float32 of shape \(23, 28, 28\)"):
        forward(CONFIG, WEIGHT_LIST, IMAGES.astype(np.float32))


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "elu", "gelu", "linear", "softmax"])
def test_very_large_sums_give_numbers_and_no_warning(activation: str) -> None:
    sums = np.array([[-1e4, 0.0, 1e4], [1e30, 1e30, -1e30]], np.float32)
    with np.errstate(all="raise"):
        assert np.isfinite(activate(activation, sums)).all()


def test_a_network_that_ran_away_is_told_by_its_numbers() -> None:
    away = [np.full_like(array, np.nan) for array in WEIGHT_LIST]
    assert np.isnan(forward(CONFIG, away, IMAGES)[-1]).all()
