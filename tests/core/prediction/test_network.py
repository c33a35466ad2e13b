"""The ONNX reader, against the same network in NumPy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from onnx import TensorProto

from core.errors import ModelError
from core.prediction.network import Network
from tests.support.network_samples import WEIGHTS, onnx_file

IMAGES = np.random.default_rng(8).integers(0, 256, (5, 28, 28), dtype=np.uint8)


def in_numpy(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row = images.reshape(-1, 784).astype(np.float64) / 255
    first = np.maximum(row @ WEIGHTS["weights_1"] + WEIGHTS["bias_1"], 0)
    second = np.maximum(first @ WEIGHTS["weights_2"] + WEIGHTS["bias_2"], 0)
    powers = np.exp(second @ WEIGHTS["weights_3"] + WEIGHTS["bias_3"])
    return first, second, powers / powers.sum(axis=1, keepdims=True)


def test_probabilities_and_activations_equal_numpy():
    prediction = Network(onnx_file()).predict(IMAGES)
    first, second, probabilities = in_numpy(IMAGES)
    assert prediction.probabilities.dtype == np.float32
    assert [layer.shape for layer in prediction.activations] == [(5, 16), (5, 7)]
    np.testing.assert_allclose(prediction.activations[0], first, atol=1e-5)
    np.testing.assert_allclose(prediction.activations[1], second, atol=1e-5)
    np.testing.assert_allclose(prediction.probabilities, probabilities, atol=1e-5)


def test_reads_any_number_of_images_and_a_slice_of_an_array():
    network = Network(onnx_file())
    assert network.predict(IMAGES[:0]).probabilities.shape == (0, 10)
    backwards = network.predict(IMAGES[::-1]).probabilities
    np.testing.assert_allclose(backwards, in_numpy(IMAGES)[2][::-1], atol=1e-5)


def test_several_threads_may_predict_at_once():
    network = Network(onnx_file())
    expected = in_numpy(IMAGES)[2]

    def predict(number: int) -> np.ndarray:
        return network.predict(IMAGES[number % 5][np.newaxis]).probabilities[0]

    with ThreadPoolExecutor(8) as threads:
        for number, row in enumerate(threads.map(predict, range(200))):
            np.testing.assert_allclose(row, expected[number % 5], atol=1e-5)


@pytest.mark.parametrize("damage", ["empty", "text", "half"])
def test_a_damaged_file_is_told(damage):
    whole = onnx_file()
    content = {"empty": b"", "text": b"not a network", "half": whole[: len(whole) // 2]}[damage]
    with pytest.raises(ModelError, match=r"damaged .* Choose another run"):
        Network(content)


@pytest.mark.parametrize(
    "change",
    [
        {"input_name": "pictures"},
        {"input_type": TensorProto.FLOAT},
        {"last": "answers"},
        {"weights_3": np.zeros((7, 9), np.float32), "bias_3": np.zeros(9, np.float32)},
    ],
)
def test_another_networks_file_is_refused(change):
    with pytest.raises(ModelError, match="not a network of Digit Lab"):
        Network(onnx_file(**change))


@pytest.mark.parametrize(
    "images", [IMAGES.astype(np.float32), IMAGES[0], IMAGES.reshape(5, 784), IMAGES[:, :27]]
)
def test_other_pictures_than_28_by_28_bytes_are_refused(images):
    with pytest.raises(ModelError, match=r"uint8 pictures of shape \(n, 28, 28\)"):
        Network(onnx_file()).predict(images)


def test_a_network_whose_training_ran_away_is_told():
    broken = onnx_file(bias_3=np.full(10, np.nan, np.float32))
    with pytest.raises(ModelError, match=r"not numbers.*smaller learning rate"):
        Network(broken).predict(IMAGES)
