"""Images on the device: one memory, whether read as pixels or as words of four."""

import numpy as np
import pytest
import tensorflow as tf

from core.training.engine.device import as_words, gather_images


@pytest.fixture
def images() -> tf.Tensor:
    return tf.constant(np.random.default_rng(0).integers(0, 256, (50, 28, 28), dtype=np.uint8))


def address(tensor: tf.Tensor) -> int:
    return int(np.asarray(memoryview(tensor)).__array_interface__["data"][0])


def test_words_are_no_copy_of_the_images(images: tf.Tensor) -> None:
    words = as_words(images)

    assert words.shape == (50, 196)
    assert address(words) == address(images)


@pytest.mark.parametrize("shape", [(28, 28), (784,)])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_gathered_words_are_the_images_of_these_rows(
    images: tf.Tensor, shape: tuple[int, ...], jit_compile: bool
) -> None:
    rows = np.array([49, 0, 7, 7], dtype=np.int32)
    gather = tf.function(gather_images, jit_compile=jit_compile)

    found = gather(as_words(images), tf.constant(rows), shape)

    assert found.dtype == tf.uint8
    np.testing.assert_array_equal(found, images.numpy()[rows].reshape(-1, *shape))
