"""Pictures small enough to travel twice a second: weights and images in bytes, or in half bytes."""

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from core.config import IMAGE_SHAPE
from core.data.dataset import Dataset

Bytes = NDArray[np.uint8]
PIXELS = prod(IMAGE_SHAPE)
# Of the largest steps either way: 127 in a byte, 7 in half of one.
FINE, COARSE = 127, 7
_MOST_SAMPLE = 300


@dataclass(frozen=True, eq=False)
class FixedPictures:
    """The test images by which networks of a dataset are looked at: always the same.

    Attributes
    ----------
    ten
        uint8 (n, 28, 28): the first image of each class; `ten_labels` (n,), `ten_rows` (n,) in the test set.
    sample
        uint8 (m, 28, 28): up to 300, evenly spread; `sample_labels` (m,), `sample_rows` (m,).
    """

    ten: Bytes
    ten_labels: Bytes
    ten_rows: NDArray[np.intp]
    sample: Bytes
    sample_labels: Bytes
    sample_rows: NDArray[np.intp]


def fixed_pictures(dataset: Dataset) -> FixedPictures:
    """Return the images of a dataset's test set by which its networks are looked at."""
    labels = np.asarray(dataset.test_labels)
    firsts = np.array([int(np.argmax(labels == label)) for label in np.unique(labels)], dtype=np.intp)
    spread = np.arange(0, len(labels), max(1, -(-len(labels) // _MOST_SAMPLE)))
    return FixedPictures(
        np.ascontiguousarray(dataset.test_images[firsts]),
        labels[firsts],
        firsts,
        np.ascontiguousarray(dataset.test_images[spread]),
        labels[spread],
        spread,
    )


def symmetric(values: NDArray[np.float32], *, steps: int = FINE) -> tuple[Bytes, float]:
    """Return numbers as steps either way of a middle, so that nothing is shown as nothing.

    Parameters
    ----------
    values
        Finite.
    steps
        127: a byte each, the middle is 128 and the scale the largest size of `values`. 7: half a byte each,
        the middle is 8, and the scale is exceeded by the largest hundredth, which is cut off: else a few
        large weights would leave hardly a step for all others.

    Returns
    -------
    uint8 of the same shape, and the scale: what `steps` steps stand for.
    """
    sizes = np.abs(values)
    largest = float(sizes.max(initial=0.0))
    scale = largest if steps == FINE else float(np.quantile(sizes, 0.99)) if sizes.size else 0.0
    scale = scale or largest
    if scale == 0:
        return np.full(values.shape, steps + 1, np.uint8), 0.0
    rounded = np.rint(np.clip(values / np.float32(scale), -1, 1) * steps) + (steps + 1)
    return rounded.astype(np.uint8), scale


def halved(images: Bytes) -> Bytes:
    """Return uint8 images in 16 steps of grey, 0 to 15."""
    return np.asarray((images.astype(np.uint16) * 15 + 127) // 255, np.uint8)


def packed(halves: Bytes) -> bytes:
    """Return numbers from 0 to 15, an even number of them, two a byte, the first in the lower half."""
    pairs = halves.reshape(-1, 2)
    return (pairs[:, 0] | (pairs[:, 1] << 4)).tobytes()
