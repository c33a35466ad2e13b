"""A drawing becomes 28×28 pixels the way the MNIST digits were made.

Crop to the ink, bring the longest side to 20 pixels with the proportions kept and
the edges anti-aliased, put the centre of mass in the middle of a 28×28 field
(LeCun, Cortes, Burges: http://yann.lecun.com/exdb/mnist/). In all of MNIST the
centre of mass lies within half a pixel of (14, 14), counted from pixel 0: the
digits were moved by whole pixels, which keeps them sharp, and so they are here.

Ink is a float32 array, 0 for paper and 1 for full ink. Which colour is the ink is
decided once, before this module: see `core.handwriting.strokes` and `core.handwriting.paper`.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.config import IMAGE_SHAPE, INK_CENTRE, INK_SIDE
from core.errors import PictureError
from core.sentences import say

# Fainter than this is not a stroke, whatever the contrast.
FAINTEST_INK = 0.05
# Below this share of the strongest ink, a pixel is the soft edge of a stroke;
# cropping there, and not at the last trace of grey, makes enlarged MNIST digits
# come back at the size they had.
EDGE = 0.2

BLANK_CANVAS = say("The canvas is empty: draw a digit from 0 to 9.")


def to_network_input(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the picture that a network trained on MNIST expects.

    Parameters
    ----------
    ink
        (height, width), 0 = paper, 1 = ink; any size.

    Returns
    -------
    uint8 (28, 28), 0 = paper, 255 = the strongest ink.

    Raises
    ------
    PictureError
        If there is no ink.
    """
    if ink.ndim != 2 or ink.size == 0:
        raise PictureError(
            say("A picture of shape {shape} cannot be read: it must have height and width.", shape=ink.shape)
        )
    ink = np.clip(np.nan_to_num(ink), 0.0, 1.0).astype(np.float32)
    strongest = float(ink.max())
    if strongest < FAINTEST_INK:
        raise PictureError(BLANK_CANVAS)
    return _centred(_boxed(_cropped(ink / strongest)))


def brightness(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how bright each pixel is, 0 to 1, weighed as the eye does (ITU-R BT.601)."""
    weights = np.array([0.299, 0.587, 0.114], np.float32) / 255
    return np.asarray(rgba[..., :3] @ weights, dtype=np.float32)


def border(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the outermost pixels of a picture as one row."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def _cropped(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut away the paper around the ink."""
    rows = np.flatnonzero((ink > EDGE).any(axis=1))
    columns = np.flatnonzero((ink > EDGE).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _boxed(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale so that the longest side is 20; at least one pixel wide, and 1 at the strongest."""
    height, width = ink.shape
    scale = INK_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Area averaging is exact for shrinking; for enlarging it would leave steps.
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    scaled = np.array(Image.fromarray(ink).resize(size, resampling), np.float32).clip(0, None)
    # A thin line is pale after averaging; the stretch makes it ink again.
    return np.asarray(scaled / scaled.max(), dtype=np.float32)


def _centred(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Put the ink in a 28×28 field by its centre of mass, in whole pixels."""
    field = np.zeros(IMAGE_SHAPE, np.uint8)
    corner = []
    for axis, (length, side) in enumerate(zip(ink.shape, IMAGE_SHAPE, strict=True)):
        weights = ink.sum(axis=1 - axis)
        centre = float(weights @ np.arange(length) / weights.sum())
        # Very lopsided ink would be cut off at the field's edge: it stays inside instead.
        corner.append(min(max(round(INK_CENTRE - centre), 0), side - length))
    top, left = corner
    field[top : top + ink.shape[0], left : left + ink.shape[1]] = np.round(ink * 255).astype(np.uint8)
    return field
