"""Which blots of ink are writing: no specks, no frame around it, no shadow or table at the edge."""

import numpy as np
from numpy.typing import NDArray

from core.handwriting.sheet import is_rectangular

# A blot is dropped if both its sides are below this share of the largest blot's longest side.
SPECK = 0.08
# What touches the edge goes if something is left inside that has this share of its size, or of the picture's.
LEFT_INSIDE, SMALLEST = 0.15, 0.02
# A frame goes around what is written.
_LARGE, _FRAMED, _MOSTLY_EMPTY = 0.4, 0.25, 0.4
# A gap between outlines is a hollow stroke if it is so much longer than wide: a loop of a pen is rounder.
# The hole of a pen's digit is seldom as high as all of it, but in a 0.
LEAST_LONG, _WHOLE, _LEAST_HOLE = 2.4, 0.75, 40


def writing(marked: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], tuple[int, int, int, int]]:
    """Return the marked pixels that are writing, and what they reach over with the frame around them.

    Parameters
    ----------
    marked
        bool (height, width).

    Returns
    -------
    kept
        bool (height, width).
    reach
        First and last row, first and last column: top, left, bottom, right.
    """
    from scipy import ndimage

    labels, count = ndimage.label(marked, np.ones((3, 3)))
    if not count:
        return marked, (0, 0, 0, 0)
    boxes = np.array([[b[0].start, b[1].start, b[0].stop, b[1].stop] for b in ndimage.find_objects(labels)])
    height, width = marked.shape
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    kept = np.ones(count, bool)
    inside = _inside(boxes, marked.shape)
    largest = sides[~inside].max(initial=0)
    if sides[inside].max(initial=0) >= max(SMALLEST * min(height, width), LEFT_INSIDE * largest):
        kept = inside
    framed = kept.copy()
    for number in _frames(labels, boxes, sides):
        kept[number] = False
    kept &= sides >= SPECK * sides[kept].max(initial=0)
    framed &= sides >= SPECK * sides[kept].max(initial=0)
    reach = (
        *boxes[framed][:, :2].min(axis=0, initial=10**6),
        *(boxes[framed][:, 2:].max(axis=0, initial=1) - 1),
    )
    top, left, bottom, right = (int(each) for each in reach)
    return np.asarray(np.concatenate([[False], kept])[labels]), (top, left, bottom, right)


def _frames(labels: NDArray[np.int32], boxes: NDArray[np.int64], sides: NDArray[np.int64]) -> list[int]:
    """Return the numbers of blots that are a frame around another."""
    from scipy import ndimage

    frames = []
    for number in np.flatnonzero(sides >= _LARGE * min(labels.shape)):
        top, left, bottom, right = boxes[number]
        within = (boxes[:, 0] > top) & (boxes[:, 1] > left) & (boxes[:, 2] < bottom) & (boxes[:, 3] < right)
        within[number] = False
        if not (sides[within] >= _FRAMED * sides[number]).any():
            continue
        here = labels[top:bottom, left:right]
        filled = ndimage.binary_fill_holes(here == number + 1)
        if (here == number + 1).sum() > _MOSTLY_EMPTY * filled.sum():
            continue
        # The outline of a hollow digit goes around another too, but follows it closely.
        if is_rectangular(filled) or not _is_long(filled & (here == 0)):
            frames.append(int(number))
    return frames


def _is_long(region: NDArray[np.bool_]) -> bool:
    """Tell a region as long and narrow as a stroke from a round one."""
    return float(region.sum()) >= LEAST_LONG * thickest(region) ** 2


def _inside(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which boxes do not touch the picture's edge."""
    return np.asarray(
        (boxes[:, 0] > 0) & (boxes[:, 1] > 0) & (boxes[:, 2] < shape[0]) & (boxes[:, 3] < shape[1])
    )


def thickest(marked: NDArray[np.bool_]) -> float:
    """Return the width of the thickest stroke, in pixels."""
    from scipy import ndimage

    return 2 * float(ndimage.distance_transform_edt(np.pad(marked, 1)).max())


def without_hollows(ink: NDArray[np.float32], marked: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the ink with hollow strokes filled: those of digits of which only the outline is drawn."""
    from scipy import ndimage

    holes, count = ndimage.label(~marked)
    if count < 2:
        return ink
    blots, _ = ndimage.label(marked, np.ones((3, 3)))
    digits = ndimage.find_objects(blots)
    height, width = marked.shape
    filled = ink.copy()
    for number, (rows, columns) in enumerate(ndimage.find_objects(holes), start=1):
        around = (
            slice(max(rows.start - 3, 0), rows.stop + 3),
            slice(max(columns.start - 3, 0), columns.stop + 3),
        )
        if rows.start == 0 or columns.start == 0 or rows.stop == height or columns.stop == width:
            continue
        hole = holes[around] == number
        if hole.sum() < _LEAST_HOLE:
            continue
        # The outline goes all around: it is the largest of the blots beside the hole.
        beside = np.unique(blots[around][ndimage.binary_dilation(hole, np.ones((3, 3))) & ~hole])
        tall = max(digits[each - 1][0].stop - digits[each - 1][0].start for each in beside.tolist() if each)
        if rows.stop - rows.start >= _WHOLE * tall and _is_long(hole):
            filled[around][ndimage.binary_dilation(hole, iterations=3)] = 1
    return filled


def thickness(marked: NDArray[np.bool_]) -> float:
    """Return the usual width of a stroke, in pixels."""
    from scipy import ndimage

    if not marked.any():
        return 0.0
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    inked = marked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]  # a distance costs more than a look
    depths = ndimage.distance_transform_edt(np.pad(inked, 1))
    # Of a straight stroke, the mean distance to its edge is a quarter of its width.
    return 4 * float(depths[depths > 0].mean())
