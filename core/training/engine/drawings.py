"""A person's own digits on the device, beside the images of a dataset, which all runs share.

They are a variable, hence an input of the program: whoever teaches a second time, with a drawing more,
waits for no compiler.
"""

from math import prod

import numpy as np
import tensorflow as tf

from core.config import IMAGE_SHAPE
from core.config.teaching import MOST_DRAWINGS
from core.data.dataset import Drawings
from core.training.engine.device import as_words


class OwnImages:
    """Room for `MOST_DRAWINGS` images and labels, whose rows follow those of a dataset."""

    def __init__(self, drawings: Drawings) -> None:
        words = np.zeros((MOST_DRAWINGS, prod(IMAGE_SHAPE) // 4), np.int32)
        self._words = tf.Variable(words, trainable=False, name="own_images")
        self._labels = tf.Variable(np.zeros(MOST_DRAWINGS, np.int32), trainable=False, name="own_labels")
        self.take(drawings)

    def take(self, drawings: Drawings) -> None:
        """Hold these drawings, at most `MOST_DRAWINGS`, in place of earlier ones."""
        count = len(drawings.labels)
        self._words[:count].assign(as_words(tf.constant(np.asarray(drawings.images))))
        self._labels[:count].assign(drawings.labels.astype(np.int32))

    def gather_words(self, words: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """Return the images at `rows`, `[n]`, of these words or behind them of this room, `[n, 196]`."""
        return _gather(words, self._words, rows)

    def gather_labels(self, labels: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """Return the labels at `rows`, of any shape, of these labels or behind them of this room."""
        return _gather(labels, self._labels, rows)


def _gather(table: tf.Tensor, own: tf.Variable, rows: tf.Tensor) -> tf.Tensor:
    count = len(table)
    is_own = rows >= count
    if len(table.shape) > 1:
        is_own = is_own[..., None]
    # Each gather with rows that are there: what one outside gives is not the same on all devices.
    theirs = tf.gather(table, tf.minimum(rows, count - 1))
    return tf.where(is_own, tf.gather(own, tf.maximum(rows - count, 0)), theirs)
