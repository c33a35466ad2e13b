"""The training images on the device: one copy a process, whichever runs use them."""

import mmap
import threading
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.data.dataset import Dataset

_guard = threading.Lock()
_held: dict[str, tuple[tf.Tensor, tf.Tensor]] = {}


def training_tensors(dataset: Dataset) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the training images, uint8 (n, 28, 28), and labels, int32 (n,), as tensors.

    TensorFlow never forgets the graph of a trained model (Keras' optimizers leave a function
    in its registry of gradients), nor the tensors which that graph reads. With a copy for
    each run a worker would grow by 47 MB a run, for good.
    """
    images, labels = np.asarray(dataset.train_images), dataset.train_labels.astype(np.int32)
    with _guard:
        held = _held.get(dataset.name)
        # The contents decide, which takes milliseconds: the file may have been made anew.
        if held is None or not (_same(held[0], images) and _same(held[1], labels)):
            held = _held[dataset.name] = (tf.constant(images), tf.constant(labels))
    _unmap_for_now(dataset.train_images)
    return held


def _unmap_for_now(images: NDArray[np.uint8]) -> None:
    """Count the file's pages, 47 MB, no longer as this process' own; what is read again comes back."""
    # Only a mapped file has one, and only where the system offers it.
    mapping, unneeded = images.base, getattr(mmap, "MADV_DONTNEED", None)
    if isinstance(mapping, mmap.mmap) and unneeded is not None:
        mapping.madvise(unneeded)


def _same(tensor: tf.Tensor, array: NDArray[Any]) -> bool:
    # A view of the tensor's memory, which `.numpy()` would copy.
    return np.array_equal(np.asarray(memoryview(tensor)), array)
