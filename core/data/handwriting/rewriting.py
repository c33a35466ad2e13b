"""Digits that people wrote, written again with another pen.

A digit is thinned to its line, and a pen of another width goes along the line, slanted, stretched and
bent a little. What is between two people is kept, what is between two pens is not.
"""

from functools import cache

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
    return np.asarray(turned, np.float32), np.asarray(np.repeat(half, most, axis=1), np.float32)


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
        (n, height, width).
    """
    kept = np.pad(ink, ((0, 0), (1, 1), (1, 1))).astype(np.uint8)
    flat = kept.reshape(-1)
    width = kept.shape[2]
    ring = (-width, 1 - width, 1, 1 + width, width, width - 1, -1, -1 - width)  # as in `_goes`
    left = np.flatnonzero(flat)
    is_done = False
    while not is_done:
        is_done = True
        for table in _goes():
            around = np.zeros(len(left), np.uint8)
            for bit, step in enumerate(ring):
                around |= flat[left + step] << np.uint8(bit)
            goes = table[around]
            flat[left[goes]] = 0
            is_done = is_done and not goes.any()
            left = left[~goes]
    return kept[:, 1:-1, 1:-1].astype(np.bool_)


@cache
def _goes() -> tuple[Mask, Mask]:
    """Return for each of the two passes, by the eight neighbours as bits, whether a pixel of ink goes."""
    # Clockwise from the one above: the paper's P2 to P9.
    ring = np.arange(256)[:, None] >> np.arange(8) & 1
    neighbours = ring.sum(axis=1)
    begins = (np.roll(ring, -1, axis=1) > ring).sum(axis=1)  # from paper to ink
    north, east, south, west = ring[:, ::2].T
    is_edge = (neighbours >= 2) & (neighbours <= 6) & (begins == 1)
    first = is_edge & (north * east * south == 0) & (east * south * west == 0)
    second = is_edge & (north * east * west == 0) & (north * south * west == 0)
    return first, second


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
