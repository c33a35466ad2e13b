"""What forms and scanners do to a digit: boxes filled to the edge, few dots to the inch, black or white."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.config import INK_SIDE
from core.data.pen_strokes.skeletons import FloatArray

# Share of the digits that are stretched to the sides of a box, and how wide they are then to their height.
STRETCHED = 0.35
_BOX_WIDTH = (0.5, 1.05)
# Forms differ in how far they draw out a stroke that is all there is of a digit.
_MOST_STRETCH = (1.2, 4.0)
# Share of the digits that were scanned with few dots, and with how many a side.
SCANNED = 0.4
DOTS = (8, 10, 12, 14, 16, 20)
# Half of them are black or white, where there are so many dots that the digit is still to be read.
_LEAST_DOTS_IN_BLACK = 12
# A scanner's noise, as a share of full ink: what is black or white has a ragged edge.
_NOISE = 0.1

_INKED = 0.1


def scan(ink: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Stretch some digits to the box of a form and scan some with few dots.

    Parameters
    ----------
    ink
        (n, 20, 20) in 0..1, each with ink that fills the longer side.

    Returns
    -------
    ink
        The same shape, the darkest pixel of each being 1.
    """
    count = len(ink)
    stretched = np.flatnonzero(generator.random(count) < STRETCHED)
    width = generator.uniform(*_BOX_WIDTH, count).astype(np.float32)
    most = generator.uniform(*_MOST_STRETCH, count).astype(np.float32)
    few = generator.random(count) < SCANNED
    dots = generator.choice(DOTS, count)
    # At least 0.3: a thin stroke is pale where dots are few, and would be lost.
    black = (generator.random(count) < 0.5) & (dots >= _LEAST_DOTS_IN_BLACK)
    threshold = np.where(black, generator.uniform(0.3, 0.5, count), np.nan).astype(np.float32)
    ink = np.array(ink)
    if stretched.size:
        ink[stretched] = _stretch(ink[stretched], width[stretched], most[stretched])
    for side in DOTS:
        rows = np.flatnonzero(few & (dots == side))
        if rows.size:
            noise = _NOISE * generator.standard_normal((len(rows), side, side), dtype=np.float32)
            ink[rows] = _with_dots(ink[rows], noise, threshold[rows])
    strongest = ink.max(axis=(1, 2), keepdims=True)
    return np.asarray(ink / np.maximum(strongest, 1e-6), np.float32)


def _stretch(ink: FloatArray, width: FloatArray, most: FloatArray) -> FloatArray:
    """Bring digits to a width, a share of the side and at most `most` times theirs; linear along the rows."""
    columns = np.asarray((ink > _INKED).any(axis=1), np.bool_)
    first = columns.argmax(axis=1).astype(np.float32)
    last = INK_SIDE - 1 - columns[:, ::-1].argmax(axis=1).astype(np.float32)
    scale = np.minimum(width * INK_SIDE / (last - first + 1), most)
    scale = np.minimum(np.maximum(scale, 1 / most), INK_SIDE / (last - first + 1))
    middle = (first + last) / 2
    grid = np.arange(INK_SIDE, dtype=np.float32)
    wanted = (grid - (INK_SIDE - 1) / 2) / scale[:, None] + middle[:, None]  # (n, 20) old places
    shares = np.maximum(0, 1 - np.abs(grid[None, :, None] - wanted[:, None, :]))  # (n, old, new)
    return np.asarray(ink @ shares, np.float32)


def _with_dots(ink: FloatArray, noise: FloatArray, threshold: FloatArray) -> FloatArray:
    """Scan with the dots of `noise`, black or white by a threshold, grey and clean where that is NaN."""
    side = noise.shape[1]
    down, up = _resampling(INK_SIDE, side), _resampling(side, INK_SIDE)
    few = down @ ink @ down.T
    black = few + noise > threshold[:, None, None] * few.max(axis=(1, 2), keepdims=True)
    few = np.where(np.isnan(threshold)[:, None, None], few, black)
    return np.asarray(np.clip(up @ few @ up.T, 0.0, 1.0), np.float32)


@cache
def _resampling(old: int, new: int) -> NDArray[np.float32]:
    """Return (new, old): how `core.handwriting.mnist_form` resamples a row, as a matrix."""
    kind = Image.Resampling.BOX if new < old else Image.Resampling.BICUBIC
    rows = np.eye(old, dtype=np.float32)
    columns = [Image.fromarray(row[None]).resize((new, 1), kind) for row in rows]
    return np.stack([np.asarray(column, np.float32)[0] for column in columns], axis=1)
