"""Which training images are kept for validation, which are learnt, and in which order.

All are functions of the seed alone: a run that was interrupted sees the same
images in the same order as one that was not.
"""

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.data.dataset import Dataset
from core.errors import ConfigError
from core.numbers import six_figures
from core.sentences import say

# Keep the random streams of split and fraction apart from the epochs', which use [seed, epoch].
_SPLIT_STREAM = 2**31
_FRACTION_STREAM = 2**31 + 1


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
    held_out = _held_out(count, validation_split)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _held_out(count: int, validation_split: float) -> int:
    return int(count * validation_split)


def validation_count(config: TrainingConfig, images: int) -> int:
    """Return how many of so many training images are kept for validation."""
    return _held_out(images, config.validation_split)


def check_validation(config: TrainingConfig, images: int) -> None:
    """Refuse to wait for figures that a run never has: a small share of few images may be none.

    Raises
    ------
    ConfigError
        If the run may stop early and none of so many training images would be kept for validation.
    """
    if validation_count(config, images) == 0 and (config.early_stopping != "off" or config.stop_at_accuracy):
        raise ConfigError(
            say(
                "Stopping early looks at validation images, and a validation split of {split} of "
                "{images} training images is none. Keep more aside, for example 0.1, or switch early "
                "stopping and the wanted accuracy off.",
                split=six_figures(config.validation_split),
                images=f"{images:,}",
            )
        )


def rows_of_run(config: TrainingConfig, count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the rows that a run learns from and those kept for validation.

    Of the training rows that the split leaves, `config.training_fraction` is used, at
    least one; the validation rows are the same whatever the fraction, so that runs compare.
    """
    training_rows, validation_rows = split_rows(count, config.validation_split, config.seed)
    used = max(1, round(len(training_rows) * config.training_fraction))
    if used < len(training_rows):
        order = np.random.default_rng([config.seed, _FRACTION_STREAM]).permutation(training_rows)
        training_rows = np.sort(order[:used])
    return training_rows, validation_rows


def rows_with_drawings(training_rows: NDArray[np.int32], dataset: Dataset) -> NDArray[np.int32]:
    """Return the rows of an epoch: those of training images, and of each drawing as often as its share asks.

    All drawings come equally often, one time more or less.
    """
    drawings = dataset.drawings
    if drawings is None:
        return training_rows
    count = drawings_shown(len(training_rows), drawings.share)
    own = len(dataset.train_images) + np.arange(count) % len(drawings.labels)
    return np.concatenate([training_rows, own.astype(np.int32)])


def drawings_shown(images: int, share: float) -> int:
    """Return how many drawings an epoch shows beside so many images, for a share of both together."""
    return max(1, round(images * share / (1 - share)))


def epoch_order(training_rows: NDArray[np.int32], seed: int, epoch: int) -> NDArray[np.int32]:
    """Return `training_rows` in the order in which epoch number `epoch` (from 0) sees them."""
    return np.random.default_rng([seed, epoch]).permutation(training_rows)
