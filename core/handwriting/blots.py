"""Which blots of ink are writing: no specks, no frame around it, no shadow or table at the edge."""

import numpy as np
from numpy.typing import NDArray

# A blot is dropped if both its sides are below this share of the largest blot's longest side.
SPECK = 0.08
# What touches the edge goes if something is left inside that has this share of its size, or of the picture's.
LEFT_INSIDE, SMALLEST = 0.15, 0.02
# A frame goes around what is written and is mostly empty.
_EMPTY, _LARGE, _FRAMED = 0.35, 0.4, 0.25
# A gap between outlines is a hollow stroke if it is so much longer than wide: a loop of a pen is rounder.
LEAST_LONG = 5.0


def writing(marked: NDArray[np.bool_], may_touch: bool = False) -> NDArray[np.bool_]:
    """Return the marked pixels that are writing.

    Parameters
    ----------
    marked
        bool (height, width).
    may_touch
        Whether ink is expected to reach the edges.
    """
    from scipy import ndimage

    labels, count = ndimage.label(marked, np.ones((3, 3)))
    if not count:
        return marked
    boxes = np.array([[b[0].start, b[1].start, b[0].stop, b[1].stop] for b in ndimage.find_objects(labels)])
    height, width = marked.shape
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    kept = np.ones(count, bool)
    if not may_touch:
        inside = (boxes[:, 0] > 0) & (boxes[:, 1] > 0) & (boxes[:, 2] < height) & (boxes[:, 3] < width)
        largest = sides[~inside].max(initial=0)
        if sides[inside].max(initial=0) >= max(SMALLEST * min(height, width), LEFT_INSIDE * largest):
            kept = inside
    for number in _frames(boxes, sides, np.bincount(labels.ravel(), minlength=count + 1)[1:], marked.shape):
        kept[number] = False
    kept &= sides >= SPECK * sides[kept].max(initial=0)
    return np.asarray(np.concatenate([[False], kept])[labels])


def _frames(
    boxes: NDArray[np.int64], sides: NDArray[np.int64], areas: NDArray[np.int64], shape: tuple[int, ...]
) -> list[int]:
    """Return the numbers of blots that are a frame around another."""
    frames = []
    extents = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for number in np.flatnonzero((sides >= _LARGE * min(shape)) & (areas < _EMPTY * extents)):
        top, left, bottom, right = boxes[number]
        within = (boxes[:, 0] > top) & (boxes[:, 1] > left) & (boxes[:, 2] < bottom) & (boxes[:, 3] < right)
        within[number] = False
        if (sides[within] >= _FRAMED * sides[number]).any():
            frames.append(int(number))
    return frames


def without_hollows(ink: NDArray[np.float32], marked: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the ink with hollow strokes filled: those of digits of which only the outline is drawn."""
    from scipy import ndimage

    holes, count = ndimage.label(~marked)
    if count < 2:
        return ink
    outside = set(np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]])).tolist())
    areas = np.bincount(holes.ravel())
    filled = ink
    for number, box in enumerate(ndimage.find_objects(holes), start=1):
        if number in outside or areas[number] < 40:
            continue
        depths = ndimage.distance_transform_edt(np.pad(holes[box] == number, 1))
        if areas[number] >= LEAST_LONG * (2 * float(depths.max())) ** 2:
            filled = np.where(ndimage.binary_dilation(holes == number, iterations=3), 1, filled)
    return np.asarray(filled, np.float32)
