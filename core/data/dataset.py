"""Dataset: the images and labels that a network learns from and is tested on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.uint8]]

ARRAY_NAMES = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True, eq=False)
class Drawings:
    """People's own digits, learnt beside the training images of a dataset.

    Attributes
    ----------
    images
        uint8 (n, 28, 28), 0 is paper and 255 is ink; at least one.
    labels
        uint8 (n,).
    share
        Of what an epoch shows, above 0 and below 1: few drawings come many times.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    share: float


# Two datasets are never compared value by value: eq=False keeps identity.
@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels as read-only arrays, mapped from disk and shared by all processes.

    Attributes
    ----------
    name
        A key of `core.data.catalog.CATALOG`.
    train_images, test_images
        uint8 (n, 28, 28), 0 is paper and 255 is ink.
    train_labels, test_labels
        uint8 (n,), indices into `class_names`.
    class_names
        What the labels 0 to 9 stand for.
    drawings
        What is learnt besides. Their rows follow those of the training images.
    """

    name: str
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]
    class_names: tuple[str, ...]
    drawings: Drawings | None = None
