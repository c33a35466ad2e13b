"""The engine's dense layer: Keras' own but for the form in which it keeps its kernel."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.config import HiddenLayer
from core.data.dataset import Dataset
from core.training.engine.dense import TransposedDense, transposed
from tests.support.network_pool import POOL
from tests.support.training_samples import fit, same_bits, small_config

INPUTS, UNITS = 30, 7
SEED = 4


def layers() -> tuple[TransposedDense, keras.layers.Dense]:
    """One of ours and one of Keras', alike and built."""
    made = [
        kind(UNITS, activation="tanh", kernel_initializer=keras.initializers.GlorotUniform(seed=SEED))
        for kind in (TransposedDense, keras.layers.Dense)
    ]
    for layer in made:
        layer.build((None, INPUTS))
    return made[0], made[1]


def gradients(layer: keras.layers.Dense, images: Any) -> list[Any]:
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(images) ** 2)
    return [gradient.numpy() for gradient in tape.gradient(loss, [v.value for v in layer.variables])]


def test_the_kernel_lies_as_units_by_inputs_and_is_shown_as_keras_does() -> None:
    ours, theirs = layers()
    assert tuple(ours.kernel.shape) == (UNITS, INPUTS)
    assert same_bits(ours.get_weights(), theirs.get_weights())
    changed = [array + 1 for array in theirs.get_weights()]
    ours.set_weights(changed)
    assert same_bits(ours.get_weights(), changed)
    np.testing.assert_array_equal(ours.kernel, changed[0].T)


def test_outputs_and_gradients_are_those_of_keras() -> None:
    ours, theirs = layers()
    images = np.random.default_rng(0).normal(size=(50, INPUTS)).astype(np.float32)
    np.testing.assert_allclose(ours(images), theirs(images), rtol=1e-5, atol=1e-6)
    for mine, other in zip(gradients(ours, images), gradients(theirs, images), strict=True):
        np.testing.assert_allclose(transposed(mine), other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("batch_normalization", [False, True])
def test_a_networks_weights_are_those_of_its_plain_model(dataset: Dataset, batch_normalization: bool) -> None:
    # Two layers as wide as each other: a kernel that was forgotten would have the right shape.
    config = small_config(
        hidden_layers=(HiddenLayer(units=10), HiddenLayer(units=10, dropout=0.2)),
        batch_normalization=batch_normalization,
    )
    trained, _ = fit(config, dataset)
    plain = trained.plain_model()
    assert same_bits(trained.get_weights(), plain.get_weights())
    images = np.asarray(dataset.test_images)
    np.testing.assert_allclose(trained.probabilities(images), plain.predict(images, verbose=0), atol=1e-6)
    other = POOL.take(config, dataset)
    other.set_weights(plain.get_weights())
    np.testing.assert_array_equal(other.probabilities(images), trained.probabilities(images))
