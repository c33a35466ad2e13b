"""The reverse pass in NumPy against TensorFlow's GradientTape, on the very network that is exported."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.config import ACTIVATIONS, Activation, HiddenLayer
from core.data.dataset import Dataset
from core.prediction.explain import gradient_times_input
from core.prediction.onnx_layers import layers_of
from core.training.engine.model import ChunkedNetwork
from core.training.export import to_onnx
from tests.support.network_pool import POOL
from tests.support.training_samples import small_config


def by_tape(model: ChunkedNetwork, picture: np.ndarray) -> np.ndarray:
    """Gradient times input of each digit's log-odds, (10, 28, 28)."""
    values = inputs = tf.constant(picture.reshape(1, *model.input_shape[1:]) / 255, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        for layer in model.plain_model().layers:
            # Bytes go into it, and no slope comes through that.
            if not isinstance(layer, keras.layers.Rescaling):
                values = layer(values, training=False)
        odds = tf.math.log(values) - tf.math.log1p(-values)
    slopes = tape.jacobian(odds, inputs, experimental_use_pfor=False).numpy()
    return (slopes.reshape(10, 784) * inputs.numpy().reshape(784)).reshape(10, 28, 28)


@pytest.mark.parametrize("normalizes", [False, True], ids=["plain", "batch normalization"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_pixels_add_is_what_tensorflow_says(
    dataset: Dataset, activation: Activation, normalizes: bool
) -> None:
    layers = (HiddenLayer(units=12, activation=activation), HiddenLayer(units=9, activation=activation))
    model = POOL.take(small_config(hidden_layers=layers, batch_normalization=normalizes), dataset)
    rng = np.random.default_rng(3)
    model.set_weights(
        [
            np.abs(rng.normal(0.5, 0.2, array.shape)).astype(np.float32)
            if array.ndim == 1
            else rng.normal(0, 0.2, array.shape).astype(np.float32)
            for array in model.get_weights()
        ]
    )
    picture = np.asarray(dataset.test_images)[3]
    expected = by_tape(model, picture)
    found = gradient_times_input(layers_of(to_onnx(model)), picture)
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-4 * np.abs(expected).max())
    assert np.abs(expected).max() > 1e-3
