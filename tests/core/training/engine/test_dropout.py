"""The engine's dropout: as fair as Keras', repeatable from its seed's variable, the same compiled."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from core.training.engine.dropout import HashedDropout, random_bits

pytestmark = pytest.mark.xla

SHAPE = (500, 200)
ONES = np.ones(SHAPE, np.float32)
# A share of n fair coins is off by more than this many standard deviations once in 2 million times.
SURE = 5.0


def masks(count: int, seed: int = 3, rate: float = 0.5) -> NDArray[np.bool_]:
    layer = HashedDropout(rate, seed=seed)
    return np.stack([layer(ONES, training=True).numpy() != 0 for _ in range(count)])


def correlation(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the correlation in standard deviations of that of independent masks."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1] * np.sqrt(one.size))


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9])
def test_the_share_dropped_is_the_rate_and_the_mean_is_kept(rate: float) -> None:
    out = HashedDropout(rate, seed=1)(ONES, training=True).numpy()
    deviation = np.sqrt(rate * (1 - rate) / out.size)
    assert abs((out == 0).mean() - rate) < SURE * deviation
    np.testing.assert_allclose(out[out != 0], 1 / (1 - rate), rtol=1e-6)


def test_masks_have_nothing_to_do_with_each_other() -> None:
    first, second, third = masks(3)
    other_seed = masks(1, seed=4)[0]
    for one, other in ((first, second), (second, third), (first, third), (first, other_seed)):
        assert abs(correlation(one, other)) < SURE
    # Nor within a mask: neighbouring units, the same unit of neighbouring images, a power of two away.
    for far in (1, 2, 32, 256, SHAPE[1], 4_096):
        values = first.ravel()
        assert abs(correlation(values[far:], values[:-far])) < SURE
    # No unit and no image is spared: sums over each spread as sums of independent coins do.
    for axis in (0, 1):
        sums = masks(40).mean(axis=0).sum(axis=axis)
        expected = np.sqrt(SHAPE[axis] * 0.25 / 40)
        assert 0.7 * expected < sums.std() < 1.3 * expected


def test_every_bit_is_fair_whatever_the_seed() -> None:
    for seed in ([0, 0], [0, 1], [2**32 - 1, 7]):
        bits = random_bits(tf.constant(seed, tf.uint32), tf.constant([40_000])).numpy()
        assert len(np.unique(bits)) == 40_000  # one to one
        ones = (bits[:, None] >> np.arange(32, dtype=np.uint32)) & 1
        assert (abs(ones.mean(axis=0) - 0.5) < SURE * 0.5 / np.sqrt(40_000)).all()


def test_the_seeds_variable_decides_and_moves_on() -> None:
    layer = HashedDropout(0.5, seed=9)
    (state,) = layer.variables
    before = state.numpy()
    first, second = (layer(ONES, training=True).numpy() for _ in range(2))
    assert not np.array_equal(first, second)
    state.assign(before)
    np.testing.assert_array_equal(layer(ONES, training=True), first)
    np.testing.assert_array_equal(layer(ONES, training=True), second)


def test_compiled_it_draws_the_same() -> None:
    eager, compiled = (HashedDropout(0.3, seed=2) for _ in range(2))
    step = tf.function(lambda values: compiled(values, training=True), jit_compile=True)
    for _ in range(2):
        np.testing.assert_array_equal(step(ONES), eager(ONES, training=True))


def test_gradients_pass_where_values_do() -> None:
    values = tf.Variable(ONES)
    with tf.GradientTape() as tape:
        out = HashedDropout(0.5, seed=5)(values, training=True)
    np.testing.assert_array_equal(tape.gradient(out, values), out)


def test_at_inference_and_at_rate_zero_nothing_is_dropped() -> None:
    for rate, training in ((0.5, False), (0.0, True)):
        layer = HashedDropout(rate, seed=5)
        before = [variable.numpy() for variable in layer.variables]
        np.testing.assert_array_equal(layer(ONES, training=training), ONES)
        for variable, value in zip(layer.variables, before, strict=True):
            np.testing.assert_array_equal(variable, value)


def test_its_variables_are_those_of_keras_own_layer() -> None:
    ours, theirs = (kind(0.5, seed=5) for kind in (HashedDropout, keras.layers.Dropout))
    for layer in (ours, theirs):
        layer(ONES, training=True)
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_array_equal(one, other)
