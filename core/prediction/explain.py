"""Which pixels of a picture speak for a digit and which against it, in two ways.

Both tell of the digit's log-odds against the rest: see `gradients`. Paper, which is 0, says nothing in
either: they speak of the ink that is there.
"""

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT, IMAGE_SHAPE
from core.errors import ModelError
from core.prediction.forward import Numbers, scaled
from core.prediction.gradients import Layers, log_odds, log_odds_slopes, pixel_slopes, sums_of
from core.sentences import say

PATCH = 5  # pixels: covers a stroke of MNIST, which is about three wide


def read_odds(layers: Layers, pictures: NDArray[np.uint8]) -> Numbers:
    """Return each digit's log-odds against the rest, float32 (n, 10), of uint8 pictures (n, 28, 28).

    Raises
    ------
    ModelError
        If the pictures have another type or shape, or the network's sums are not numbers.
    """
    return log_odds(sums_of(layers, layers[0].sums(scaled(pictures)))[-1])


def gradient_times_input(layers: Layers, picture: NDArray[np.uint8]) -> Numbers:
    """Return how much each pixel adds to each digit's log-odds, as far as the network is a plane there.

    The slope of the log-odds at this picture times the ink (Shrikumar et al. 2016, "Not just a black box").
    Without biases and with relu the pixels' shares would add up to the log-odds; in general they do not.

    Parameters
    ----------
    layers
        The network.
    picture
        uint8 (28, 28).

    Returns
    -------
    NDArray
        float32 (10, 28, 28), one for each digit; above 0 what speaks for it.

    Raises
    ------
    ModelError
        As `read_odds` does.
    """
    inputs = scaled(picture[np.newaxis])
    sums = sums_of(layers, layers[0].sums(inputs))
    # All ten are followed back at once: ten rows of one picture.
    slopes = pixel_slopes(layers, sums, log_odds_slopes(sums[-1])[0])
    return _finite(slopes * inputs).reshape(CLASS_COUNT, *IMAGE_SHAPE)


def occlusion(layers: Layers, picture: NDArray[np.uint8], patch: int = PATCH) -> Numbers:
    """Return how much each digit's log-odds fall when a patch around each pixel is covered with paper.

    After Zeiler & Fergus 2014, section 4.2, with a patch at every pixel. Patches reach over the border.

    Parameters
    ----------
    layers, picture
        As for `gradient_times_input`.
    patch
        Side of the patch in pixels, odd.

    Returns
    -------
    NDArray
        float32 (10, 28, 28), one for each digit; above 0 where what is covered speaks for it.

    Raises
    ------
    ModelError
        As `read_odds` does, or if the patch has no middle.
    """
    if patch < 1 or patch % 2 == 0:
        raise ModelError(say("A patch has an odd number of pixels a side, not {patch}.", patch=patch))
    before = read_odds(layers, picture[np.newaxis])[0]
    height, width = IMAGE_SHAPE
    reach = patch // 2
    # (28, 28): whether row or column `b` lies in the patch around `a`.
    rows = abs(np.arange(height)[:, np.newaxis] - np.arange(height)) <= reach
    columns = abs(np.arange(width)[:, np.newaxis] - np.arange(width)) <= reach
    # (28, 28, 28, 28): middle's row and column, pixel's row and column.
    covered = rows[:, np.newaxis, :, np.newaxis] & columns[np.newaxis, :, np.newaxis, :]
    pictures = np.where(covered, np.uint8(0), picture).reshape(-1, height, width)
    changes = np.zeros((len(pictures), CLASS_COUNT), np.float32)
    # Where there is only paper nothing changes: exactly 0, not what rounding makes of it.
    differs = (pictures != picture).any(axis=(1, 2))
    if differs.any():
        changes[differs] = before - read_odds(layers, pictures[differs])
    return np.ascontiguousarray(changes.T).reshape(CLASS_COUNT, height, width)


def with_patch(picture: NDArray[np.uint8], row: int, column: int, patch: int = PATCH) -> NDArray[np.uint8]:
    """Return a copy of the picture, (28, 28), whose patch around a pixel is paper, as `occlusion` has it."""
    reach = patch // 2
    covered = picture.copy()
    covered[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = 0
    return covered


def _finite(values: Numbers) -> Numbers:
    if not np.isfinite(values).all():
        raise ModelError(
            say("This network's slopes are not numbers: its weights are too large. Choose another run.")
        )
    return values
