"""Which training images are kept for validation, and in which order the rest is seen.

Both are functions of the seed alone: a run that was interrupted sees the same
images in the same order as one that was not.
"""

import numpy as np
from numpy.typing import NDArray

# Keeps the split's random stream apart from the epochs', which use [seed, epoch].
_SPLIT_STREAM = 2**31


def split_rows(count: int, validation_split: float, seed: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Divide the rows of the training images by seed.

    Parameters
    ----------
    count
        Number of training images.
    validation_split
        Share kept for validation, at least 0 and below 1.
    seed
        The run's seed.

    Returns
    -------
    training_rows, validation_rows
        Row numbers in rising order; disjoint, together all of `range(count)`.
    """
    order = np.random.default_rng([seed, _SPLIT_STREAM]).permutation(count).astype(np.int32)
    held_out = int(count * validation_split)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def epoch_order(training_rows: NDArray[np.int32], seed: int, epoch: int) -> NDArray[np.int32]:
    """Return `training_rows` in the order in which epoch number `epoch` (from 0) sees them."""
    return np.random.default_rng([seed, epoch]).permutation(training_rows)
