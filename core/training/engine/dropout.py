"""Dropout whose random numbers cost little: Keras' layer, with another generator.

Keras draws them with Philox, ten rounds of wide products for each number, and XLA compiles that
badly for a CPU: a layer of 2,048 units at batch 512 took 235 ms a step, ten times its matrix
products, and 20 s to compile. A dropout mask asks less of chance than cryptography or a Monte
Carlo integral does; a good integer hash of a counter is enough, and is a dozen vector instructions.
"""

from typing import Any

import keras
import tensorflow as tf

_GOLDEN_RATIO = 0x9E3779B9  # 2³² divided by the golden ratio: far apart for neighbouring counters


class HashedDropout(keras.layers.Dropout):
    """Keras' Dropout: the same rate, scale and seed variable, but another draw of which units.

    Each call moves the seed's variable on by one, as Keras' own layer does: a mask is a function of
    the seed and the number of the call, so a run that is resumed from the variable draws the same.
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return `inputs` with a share `rate` set to zero and the rest scaled up to keep their mean."""
        if not training or not self.rate:
            return inputs
        bits = random_bits(self.seed_generator.next(), tf.shape(inputs))
        # The share of all 2³² numbers that lie below it is the share of units to keep.
        bound = tf.constant(round((1 - self.rate) * 2**32), tf.uint32)
        return tf.where(bits < bound, inputs / (1 - self.rate), tf.zeros_like(inputs))


def random_bits(seed: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
    """Return uint32 numbers of this shape, each a hash of its place and of the seed.

    Parameters
    ----------
    seed
        `[2]`, any integers: what Keras' `SeedGenerator.next` returns, a key and a counter.
    shape
        `[dimensions]` int32.

    Notes
    -----
    A counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") whose
    mixing function is the finalizer of MurmurHash3 (Appleby 2011), taken twice, once for each
    half of the seed.
    """
    key, counter = tf.unstack(tf.cast(seed, tf.uint32))
    place = tf.cast(tf.range(tf.reduce_prod(shape)), tf.uint32)
    once = _mix(place + _mix(key))
    return tf.reshape(_mix(once ^ _mix(counter + tf.constant(_GOLDEN_RATIO, tf.uint32))), shape)


def _mix(number: tf.Tensor) -> tf.Tensor:
    """Return a one-to-one function of uint32 numbers, any bit of which changes half of the result's."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        number ^= tf.bitwise.right_shift(number, tf.constant(shift, tf.uint32))
        number *= tf.constant(factor, tf.uint32)
    return number ^ tf.bitwise.right_shift(number, tf.constant(16, tf.uint32))
