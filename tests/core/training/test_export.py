"""The files of a trained network against Keras: ONNX, and the model that opens without this program."""

import io
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from core.config import ACTIVATIONS, INPUT_FORMS, Activation, HiddenLayer, InputForm
from core.data.dataset import Dataset
from core.prediction.forward import forward, outputs_of
from core.prediction.network import Network
from core.prediction.onnx_layers import layers_of
from core.training.engine.model import ChunkedNetwork
from core.training.export import to_keras, to_onnx
from tests.support.network_pool import POOL
from tests.support.training_samples import small_config

TOLERANCE = 1e-5


def with_lively_weights(model: ChunkedNetwork) -> ChunkedNetwork:
    """Give the model weights and biases as training leaves them: a fresh network's biases are zero."""
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.2, array.shape).astype(np.float32) for array in model.get_weights()])
    return model


def dense_outputs(model: ChunkedNetwork, images: np.ndarray) -> list[np.ndarray]:
    """Run Keras' layers one after another; return what each dense layer puts out."""
    values = images.reshape(-1, *model.input_shape[1:])
    outputs = []
    for layer in model.layers:
        values = layer(values, training=False)
        if isinstance(layer, keras.layers.Dense):
            outputs.append(values.numpy())
    return outputs


def compare(dataset: Dataset, layers: tuple[HiddenLayer, ...], input_form: InputForm) -> None:
    model = with_lively_weights(POOL.take(small_config(hidden_layers=layers, input_form=input_form), dataset))
    images = np.asarray(dataset.test_images)
    prediction = Network(to_onnx(model)).predict(images)
    *hidden, probabilities = dense_outputs(model, images)
    np.testing.assert_allclose(prediction.probabilities, probabilities, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(model.probabilities(images), probabilities, rtol=0, atol=TOLERANCE)
    assert [array.shape for array in prediction.activations] == [(200, layer.units) for layer in layers]
    for mine, theirs in zip(prediction.activations, hidden, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=TOLERANCE)
    # Numbers that differ from image to image: else this would compare little.
    assert all(np.ptp(array, axis=0).max() > 0.01 for array in (*hidden, probabilities))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_onnx_is_keras_for_every_activation(dataset: Dataset, activation: Activation) -> None:
    compare(dataset, (HiddenLayer(units=12, activation=activation),), "image")


@pytest.mark.parametrize("input_form", INPUT_FORMS)
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_onnx_is_keras_at_every_depth(dataset: Dataset, depth: int, input_form: InputForm) -> None:
    # Different widths, so that layers in another order would not fit; dropout must leave no trace.
    layers = tuple(
        HiddenLayer(units=16 - 3 * number, activation=ACTIVATIONS[number], dropout=0.5 * (number == 1))
        for number in range(depth)
    )
    compare(dataset, layers, input_form)


@pytest.mark.parametrize("input_form", INPUT_FORMS)
def test_the_keras_file_opens_without_this_program(
    dataset: Dataset, input_form: InputForm, tmp_path: Path
) -> None:
    layers = (HiddenLayer(units=12, activation="gelu", dropout=0.2), HiddenLayer(units=8))
    config = small_config(hidden_layers=layers, input_form=input_form, l2=0.01)
    model = with_lively_weights(POOL.take(config, dataset))
    path = tmp_path / "model.keras"
    model.plain_model().save(path)
    loaded = keras.saving.load_model(path, safe_mode=True)
    assert type(loaded) is keras.Sequential
    images = np.asarray(dataset.test_images).reshape(-1, *model.input_shape[1:])
    expected = model.probabilities(dataset.test_images)
    np.testing.assert_allclose(loaded(images, training=False).numpy(), expected, rtol=0, atol=1e-6)
    assert loaded.count_params() == config.parameters
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_the_keras_file_names_no_class_of_this_program(dataset: Dataset, tmp_path: Path) -> None:
    config = small_config(hidden_layers=(HiddenLayer(units=12, dropout=0.2),), l2=0.01)
    path = tmp_path / "model.keras"
    POOL.take(config, dataset).plain_model().save(path)
    with zipfile.ZipFile(path) as archive:
        description = archive.read("config.json").decode()
    modules = re.findall(r'"module": "([^"]*)"', description)
    assert {"keras", "keras.layers"} <= set(modules)
    assert {module.split(".")[0] for module in modules} == {"keras"}
    assert not re.search(r'"registered_name": "[^"]*>', description)


def test_the_keras_file_has_no_word_that_an_earlier_keras_3_refuses(dataset: Dataset) -> None:
    config = small_config(
        hidden_layers=(HiddenLayer(units=12, dropout=0.2),), batch_normalization=True, l2=0.01
    )
    content = to_keras(POOL.take(config, dataset).plain_model())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        description = archive.read("config.json").decode()
        assert archive.testzip() is None
    assert not re.search("quantization_config|input_axes|renorm|optional", description)
    assert {"BatchNormalization", "Dropout", "L2"} <= set(re.findall(r'"class_name": "(\w+)"', description))


@pytest.mark.parametrize("normalizes", [False, True], ids=["plain", "batch normalization"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_numbers_from_the_weights_are_those_of_the_exported_network(
    dataset: Dataset, activation: Activation, normalizes: bool
) -> None:
    layers = (HiddenLayer(units=12, activation=activation, dropout=0.3), HiddenLayer(units=9))
    config = small_config(hidden_layers=layers, batch_normalization=normalizes)
    model = with_lively_weights(POOL.take(config, dataset))
    # No variance is negative.
    model.set_weights([np.abs(array) if array.ndim == 1 else array for array in model.get_weights()])
    images = np.asarray(dataset.test_images)
    file = to_onnx(model)
    expected = Network(file).predict(images)
    for numbers in (forward(config, model.get_weights(), images), outputs_of(layers_of(file), images)):
        for mine, theirs in zip(numbers, (*expected.activations, expected.probabilities), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-4)
            assert np.ptp(theirs, axis=0).max() > 0.01
