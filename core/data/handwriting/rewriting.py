"""Digits that people wrote, written again with another pen.

A digit is thinned to its line, and a pen of another width goes along the line, slanted, stretched and
bent a little. What is between two people is kept, what is between two pens is not.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.data.pen_strokes.hand import Hand
from core.data.pen_strokes.render import bend, pen, spread_of
from core.data.pen_strokes.skeletons import FloatArray

# Twice as fine as the images: points of a line half a pixel apart leave no gaps between them.
_FINER = 2
# What share of the darkest ink is ink: who sees the small rooms of an 8 and who sees a blot.
_DARK = (0.4, 0.7)
# Steps of thinning: half the width of the thickest stroke, in fine pixels, is less.
_MOST_PASSES = 12
# A line of fine pixels has steps like a stair; the mean over this many of them (sigma) has not.
_SMOOTH = 1.5
# People have bent these lines already: less than lines that a program drew.
_BENT = np.float32(0.5)

Images = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def rewrite(images: Images, generator: np.random.Generator, hand: Hand) -> tuple[FloatArray, FloatArray]:
    """Write digits again.

    Parameters
    ----------
    images
        uint8 (n, 28, 28), 0 paper, each with ink.

    Returns
    -------
    points, radii
        (n, m, 2) points x, y of the lines, of any scale and in no order, y pointing down; and (n, m) half
        widths of the pen in pixels of the final picture. `core.data.pen_strokes.render` draws them.
    """
    dark = generator.uniform(*_DARK, len(images)).astype(np.float32)
    points = _points(lines_of(images, dark[:, None, None]))
    count, most = points.shape[:2]
    normal = spread_of(count, generator)
    points += _BENT * (bend(points, normal) - points)
    # Half the spread: the lines have a width and a slant already.
    width, slant = np.exp(normal(hand.width / 2, 1)), normal(hand.slant / 2, 1)
    angle = normal(hand.rotation, 1)
    x, y = points[..., 0] * width, points[..., 1]
    x = x - slant * y
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)
    half = pen(count, 1, normal, generator, hand)
    return turned, np.asarray(np.repeat(half, most, axis=1), np.float32)


def lines_of(images: Images, dark: FloatArray | float = 0.5) -> Mask:
    """Return (n, 56, 56) where the lines of digits (n, 28, 28) run; ink is from `dark` times the darkest."""
    grey = images.astype(np.float32)
    fine = ndimage.zoom(grey, (1, _FINER, _FINER), order=1, grid_mode=True, mode="grid-constant")
    return thinned(fine >= dark * fine.max(axis=(1, 2), keepdims=True))


def thinned(ink: Mask) -> Mask:
    """Thin strokes to lines one pixel wide, all pictures at once.

    Two alternating passes take away what is on the edge and holds nothing together (Zhang & Suen 1984,
    "A fast parallel algorithm for thinning digital patterns", CACM 27).

    Parameters
    ----------
    ink
        (n, height, width) with paper at every edge.
    """
    kept = np.array(ink, np.uint8)
    for _ in range(_MOST_PASSES):
        before = int(kept.sum(dtype=np.int64))
        for first in (True, False):
            _peel(kept, is_first=first)
        if int(kept.sum(dtype=np.int64)) == before:
            break
    return kept.astype(np.bool_)


def _peel(kept: NDArray[np.uint8], *, is_first: bool) -> None:
    inner = kept[:, 1:-1, 1:-1]
    # Clockwise from the top, as the paper's P2 to P9.
    north, north_east = kept[:, :-2, 1:-1], kept[:, :-2, 2:]
    east, south_east = kept[:, 1:-1, 2:], kept[:, 2:, 2:]
    south, south_west = kept[:, 2:, 1:-1], kept[:, 2:, :-2]
    west, north_west = kept[:, 1:-1, :-2], kept[:, :-2, :-2]
    ring = (north, north_east, east, south_east, south, south_west, west, north_west)
    neighbours = ring[0] + ring[1]
    for each in ring[2:]:
        neighbours += each
    begins = np.zeros_like(inner)
    for each, following in zip(ring, (*ring[1:], ring[0]), strict=True):
        begins += following > each  # from paper to ink
    if is_first:
        away = (north & east & south) | (east & south & west)
    else:
        away = (north & east & west) | (north & south & west)
    goes = (neighbours >= 2) & (neighbours <= 6) & (begins == 1) & (away == 0)
    inner[goes] = 0


def _points(lines: Mask) -> FloatArray:
    """Return (n, m, 2) the pixels of each line, smoothed, centred, the longer side 2; the last repeated."""
    count, side = len(lines), lines.shape[1]
    weight = lines.astype(np.float32)
    grid = np.arange(side, dtype=np.float32)
    around = [
        ndimage.gaussian_filter(field, (0, _SMOOTH, _SMOOTH), truncate=2.0)
        for field in (weight * grid, weight * grid[:, None], weight)
    ]
    picture, row, column = np.nonzero(lines)
    found = np.stack([each[picture, row, column] for each in around], axis=-1)
    smooth = found[:, :2] / found[:, 2:]
    sizes = np.bincount(picture, minlength=count)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    places = firsts[:, None] + np.minimum(np.arange(sizes.max()), sizes[:, None] - 1)
    points = smooth[places]
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    longest = np.maximum((high - low).max(axis=2, keepdims=True), 1.0)
    return np.asarray((points - (low + high) / 2) * (2 / longest), np.float32)
