"""Ink becomes digits in reading order: parts of one digit are joined, digits that touch are cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.handwriting.blots import thickness
from core.handwriting.mnist_form import EDGE

# More digits are no page of digits, but something else.
MOST_SEGMENTS = 400
# A dot of a broken pen is shorter than so many widths of the stroke, and as near to the next as so many.
_DOT, _NEAR = 3.0, 2.5
# Where more than this share of what is as small as dots has a hole, they are small, thick digits.
_HOLLOW = 0.1
# A longer piece of one has less of a gap, and is lower than this share of the highest blot.
_PIECE, _TOUCHING, _LOW = 6.0, 0.8, 0.6
# A part belongs to what it overlaps by this share of its width, at most so many heights above or below…
_OVERLAP, _GAP = 0.5, 0.3
# … if both together are not higher than so many.
_HIGHEST = 1.4
# A bar, as that of a 5, is flat and long, in heights of a digit, and belongs to what is so near.
_FLAT, _LONG, _BESIDE = 0.4, 0.3, 0.15
# Two or three parts that stand so close above each other are one digit, whatever their heights.
_CLOSE = 0.15
# What is smaller than this share of a digit's height is a speck or a comma.
_SMALLEST = 0.3
# Wider than so many heights may be two digits that touch: they are cut where a single stroke goes across,
# hardly thicker than strokes are …
_WIDE, _STROKES = 1.1, 1.4
# … if each part is at least so high and so wide, in heights of both.
_LEAST_HIGH, _LEAST_WIDE = 0.7, 0.15


@dataclass(frozen=True)
class Box:
    """Where something lies in a picture, in pixels; `bottom` and `right` are the first beyond it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    def with_other(self, other: "Box") -> "Box":
        """Return the smallest box around both."""
        return Box(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )


@dataclass(frozen=True, eq=False)
class Segment:
    """One digit.

    Attributes
    ----------
    box
        Where it lies.
    ink
        float32, as large as the box, without what belongs to its neighbours; 0 = paper, 1 = ink.
    row
        Which line of writing it stands in, from 0.
    """

    box: Box
    ink: NDArray[np.float32]
    row: int


def segments(ink: NDArray[np.float32]) -> tuple[Segment, ...]:
    """Return the digits in the ink, line by line from left to right.

    Parameters
    ----------
    ink
        float32 (height, width), 0 = paper, 1 = ink.
    """
    from scipy import ndimage

    marked = ink > EDGE * float(ink.max(initial=0))
    labels, count = ndimage.label(marked, np.ones((3, 3)))
    if not count:
        return ()
    found = ndimage.find_objects(labels)
    boxes = [Box(rows.start, columns.start, rows.stop, columns.stop) for rows, columns in found]
    if count > 4 * MOST_SEGMENTS:
        return (Segment(Box(0, 0, *ink.shape), ink, 0),)
    groups = _joined(boxes, labels, thickness(marked))
    cut = [piece for group in groups for piece in _cut(ink, labels, group, boxes)]
    usual = _usual_height([box for box, _ in cut])
    kept = [each for each in cut if max(each[0].height, each[0].width) >= _SMALLEST * usual]
    if len(kept) == 1:
        # Nothing else is there: what looked like specks may be part of it.
        whole = boxes[0]
        for box in boxes[1:]:
            whole = whole.with_other(box)
        return (Segment(whole, ink[whole.top : whole.bottom, whole.left : whole.right], 0),)
    rows = _rows([box for box, _ in kept], usual)
    return tuple(
        Segment(kept[number][0], kept[number][1], row)
        for row, numbers in enumerate(rows)
        for number in numbers
    )[:MOST_SEGMENTS]


def _joined(boxes: list[Box], labels: NDArray[np.int32], stroke: float) -> list[list[int]]:
    """Return which blots make up one digit each."""
    group = list(range(len(boxes)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    edges = np.array([[box.top, box.left, box.bottom, box.right] for box in boxes])
    longest = np.maximum(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    heights = edges[:, 2] - edges[:, 0]
    is_dot = longest < _DOT * stroke
    hollow = [_is_hollow(labels, number, boxes[number]) for number in np.flatnonzero(is_dot).tolist()]
    if sum(hollow) > _HOLLOW * len(hollow):
        is_dot[:] = False
    is_piece = (longest < _PIECE * stroke) & (heights < _LOW * heights.max())
    for number in np.flatnonzero(is_dot | is_piece).tolist():
        top, left, bottom, right = edges[number]
        down = np.maximum(edges[:, 0] - bottom, top - edges[:, 2]).clip(0)
        across = np.maximum(edges[:, 1] - right, left - edges[:, 3]).clip(0)
        reach = (_NEAR if is_dot[number] else _TOUCHING) * stroke
        for other in np.flatnonzero(np.hypot(down, across) <= reach):
            group[root(number)] = root(int(other))
    pairs: list[tuple[int, int]] | None = None
    while pairs is None or pairs:
        whole: dict[int, Box] = {}
        for number, box in enumerate(boxes):
            each = root(number)
            whole[each] = whole[each].with_other(box) if each in whole else box
        pairs = _parts_of_one(whole)
        for one, another in pairs:
            group[one] = another
    members: dict[int, list[int]] = {}
    for number in range(len(boxes)):
        members.setdefault(root(number), []).append(number)
    return list(members.values())


def _is_hollow(labels: NDArray[np.int32], number: int, box: Box) -> bool:
    """Return whether a blot has a hole, as no dot has."""
    from scipy import ndimage

    own = labels[box.top : box.bottom, box.left : box.right] == number + 1
    return bool((ndimage.binary_fill_holes(own) & ~own).any())


def _parts_of_one(whole: dict[int, Box]) -> list[tuple[int, int]]:
    """Return pairs of groups that are parts of one digit; no group is in two pairs."""
    names, all_boxes = list(whole), list(whole.values())
    usual = _usual_height(all_boxes)
    edges = np.array([[box.top, box.left, box.bottom, box.right] for box in all_boxes])
    widths, heights = edges[:, 3] - edges[:, 1], edges[:, 2] - edges[:, 0]
    pairs, taken = [], np.zeros(len(names), bool)
    for number in np.argsort(heights, kind="stable").tolist():
        if taken[number]:
            continue
        top, left, bottom, right = edges[number]
        shared = np.minimum(edges[:, 3], right) - np.maximum(edges[:, 1], left)
        gap = np.maximum(edges[:, 0] - bottom, top - edges[:, 2])
        together = np.maximum(edges[:, 2], bottom) - np.minimum(edges[:, 0], top)
        few = len(names) <= 3
        near = (gap <= _GAP * usual) & (together <= _HIGHEST * usual) | few & (gap <= _CLOSE * together)
        belongs = (shared >= _OVERLAP * np.minimum(widths, right - left)) & near
        if bottom - top < _FLAT * usual and right - left >= _LONG * usual:
            belongs |= np.maximum(gap, -shared) <= _BESIDE * usual
        belongs &= ~taken
        belongs[number] = False
        others = np.flatnonzero(belongs)
        if len(others):
            nearest = int(others[np.argmin(gap[others])])
            taken[[number, nearest]] = True
            pairs.append((names[number], names[nearest]))
    return pairs


def _usual_height(boxes: list[Box]) -> float:
    """Return how high a digit is: the middle of all that are not much smaller than the highest."""
    heights = np.array([box.height for box in boxes], float)
    return float(np.median(heights[heights >= 0.5 * np.quantile(heights, 0.9)]))


def _cut(
    ink: NDArray[np.float32], labels: NDArray[np.int32], group: list[int], boxes: list[Box]
) -> list[tuple[Box, NDArray[np.float32]]]:
    """Return a group's box and ink, or those of its parts where digits touch."""
    from scipy import ndimage

    box = boxes[group[0]]
    for number in group[1:]:
        box = box.with_other(boxes[number])
    here = labels[box.top : box.bottom, box.left : box.right]
    own = np.isin(here, np.array(group) + 1)
    # The soft edges of strokes are the nearest blot's.
    reach = ndimage.binary_dilation(own, iterations=2) & ((here == 0) | own)
    inside = np.where(reach, ink[box.top : box.bottom, box.left : box.right], 0)
    pieces, start = [], 0
    for column in [*_cuts(own), box.width]:
        rows, columns = np.nonzero(own[:, start:column])
        part = Box(
            box.top + int(rows.min()),
            box.left + start + int(columns.min()),
            box.top + int(rows.max()) + 1,
            box.left + start + int(columns.max()) + 1,
        )
        piece = inside[
            part.top - box.top : part.bottom - box.top, part.left - box.left : part.right - box.left
        ]
        pieces.append((part, piece))
        start = column
    return pieces


def _cuts(own: NDArray[np.bool_]) -> list[int]:
    """Return the columns at which digits that touch are parted: where the ink's profile has a gap."""
    height, width = own.shape
    if width <= _WIDE * height:
        return []
    profile = own.sum(axis=0)
    strokes = (np.diff(own.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
    stroke = thickness(own)
    edge = max(2, round(_LEAST_WIDE * height))
    for column in np.argsort(profile, kind="stable"):
        if profile[column] > _STROKES * stroke:
            break
        if edge <= column < width - edge and strokes[column] <= 1:
            # The middle of the thin place, not its first column.
            stop = column
            while stop + 1 < width - edge and profile[stop + 1] <= profile[column] + 1:
                stop += 1
            middle = int(column + stop) // 2 + 1
            left, right = own[:, :middle], own[:, middle:]
            if min(_height(left), _height(right)) >= _LEAST_HIGH * height:
                return [*_cuts(left), middle, *(middle + each for each in _cuts(right))]
    return []


def _height(own: NDArray[np.bool_]) -> int:
    rows = np.flatnonzero(own.any(axis=1))
    return int(rows[-1] + 1 - rows[0]) if len(rows) else 0


def _rows(boxes: list[Box], usual: float) -> list[list[int]]:
    """Return the numbers of the boxes line by line; a line may rise or fall a little."""
    middles = [(box.top + box.bottom) / 2 for box in boxes]
    rows: list[list[int]] = []
    for number in sorted(range(len(boxes)), key=lambda each: boxes[each].left):
        away = [abs(middles[row[-1]] - middles[number]) for row in rows]
        if away and min(away) <= 0.5 * usual:
            rows[int(np.argmin(away))].append(number)
        else:
            rows.append([number])
    return sorted(rows, key=lambda row: float(np.mean([middles[number] for number in row])))
