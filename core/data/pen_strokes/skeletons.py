"""The ways people write each digit, as pen paths drawn by hand on squared paper.

A path is text: points `x,y` on a sheet about 100 wide and 140 high, y pointing
down, in the order of writing. The pen runs smoothly through the points; `*`
after a point is a sharp corner, `/` lifts the pen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.intp]
# Digit -> ways to write it, each with how often it is chosen among its digit's.
Ways = Mapping[int, tuple[tuple[float, str], ...]]

PATH_POINTS = 96
"""Points on every pen path: half a pixel apart on a 20-pixel digit, for a thin pen must not leave dots."""

WAYS: Ways = {
    0: (
        (3, "52,0 15,22 0,70 15,120 50,140 86,118 100,70 84,20 50,0"),
        (2, "62,4 25,12 2,60 14,120 50,140 90,112 98,58 76,12 46,6 28,20"),  # runs past its start
        (1, "70,14 40,0 10,40 5,100 40,140 85,110 95,50 78,14 52,26"),  # ends inside
        (1, "45,6 12,35 0,80 18,125 52,140 88,110 98,60 80,15 58,4"),  # stays open at the top
        (1, "30,20 60,0 95,30 98,90 60,138 18,120 2,70 20,20 48,4"),  # the other way round
        (1, "50,0 10,18 -8,70 10,122 50,140 92,122 108,70 90,16 50,0"),  # round
        (1, "74,6 30,16 0,60 10,120 40,140 84,100 100,40 80,8 60,2"),
    ),
    1: (
        (8, "50,0 50,70 50,140"),
        (1.5, "25,30 54,0* 52,70 50,140"),  # a flag
        (0.7, "20,32 54,0* 52,70 51,140 / 15,139 52,141 90,138"),  # a flag and a base
        (0.4, "50,0 50,70 50,140 / 18,139 50,141 84,138"),
    ),
    2: (
        (3, "6,34 28,5 65,3 84,36 60,86 5,136* 50,134 98,132"),
        (2, "8,30 36,2 76,10 80,52 50,100 16,132 6,114 30,104 60,124 98,130"),  # a loop at the foot
        (1, "4,40 24,6 62,2 82,34 64,78 28,124 14,138 40,132 70,136 100,124"),
        (1, "10,20 50,0 84,24 70,72 30,118 4,132* 30,122 60,136 96,140"),
        (1, "20,12 60,0 88,28 66,80 36,122 8,124 14,104 40,112 70,136 104,120"),
        (0.7, "14,14 60,10 86,30 66,76 10,134* 60,137 92,136"),
        (1, "10,34 30,4 70,4 80,40 62,80 40,120 14,136 0,116 16,96 50,112 110,128"),  # a large loop
        (1, "14,30 40,2 72,10 74,48 50,92 20,130* 70,126 130,120"),  # a foot longer than the head
        (1, "20,26 44,2 76,12 78,60 66,110 36,138 6,128 10,100 44,96 78,116 108,124"),  # like an a
        (1, "6,40 20,6 70,0 96,30 70,70 20,110 -10,130* 40,128 90,140"),
        (1, "30,20 60,0 84,24 64,70 30,116 40,136 80,122 120,108"),  # the foot swings up
        (0.6, "0,20 40,0 80,10 84,40 30,72 -10,92* 40,86 110,88"),  # wide and low
        (1, "10,50 30,10 70,4 84,40 60,90 10,130 -6,110 20,90 60,110 90,140"),
    ),
    3: (
        (3, "8,20 42,0 80,18 72,50 36,66* 76,80 90,112 52,140 4,122"),
        (1, "8,4 50,4 86,3* 62,32 40,58* 78,74 90,110 52,140 4,124"),  # a flat top
        (1, "8,20 45,0 80,20 70,52 42,68 30,62 44,60 82,82 86,118 46,140 4,126"),  # a loop at the waist
        (2, "8,14 46,0 80,18 74,48 48,64 60,70 84,92 78,126 40,140 2,128"),  # no sharp waist
        (1, "14,10 56,0 82,22 60,52 28,68* 64,70 84,96 62,130 24,140 0,130"),
        (1, "16,18 44,0 70,14 62,40 36,54* 84,66 104,100 64,138 0,132"),  # a small head
        (0.7, "0,16 44,0 92,20 80,50 44,64* 68,80 70,112 40,140 8,130"),  # a large head
        (1, "10,10 46,6 82,6* 54,34 30,60* 90,66 104,100 60,140 0,130"),  # like a cut letter z on top
        (1, "0,20 50,0 90,16 60,50 20,66* 70,62 100,90 70,132 -10,140"),
        (1, "10,16 60,0 84,18 60,42 30,62* 72,68 80,100 40,138 -10,128"),
        (1, "12,24 24,6 52,0 76,22 62,50 34,62* 66,64 86,94 68,128 36,140 10,128 6,110"),  # curls in
    ),
    4: (
        (3, "16,4 8,40 6,70* 50,72 92,66 / 82,2 78,70 72,140"),
        (2, "22,4 12,40 16,72 50,76 88,64 / 88,4 82,70 78,140"),  # round and open
        (1.5, "68,0 36,44 4,90* 50,90 98,86 / 70,2 68,70 66,140"),  # closed
        (0.5, "14,6 4,52 20,74 56,70 84,44 92,4* 84,70 78,140"),  # one stroke
        (1, "70,2 40,24 8,66 30,76 66,70 96,64 / 74,2 70,70 62,140"),  # closed, one line down
        (1, "10,10 2,60* 46,62 84,58 / 76,30 72,80 66,140"),  # a short stem
        (1, "40,4 14,34 6,66* 46,66 94,54 / 86,12 70,74 50,140"),
        (0.25, "64,6 30,44 6,80* 40,78 72,60 78,10* 74,80 70,140"),  # one stroke with a pointed head
        (0.25, "30,8 20,40 30,60 60,60 92,44 / 92,6 80,70 66,140"),
    ),
    5: (
        (2.5, "90,3 56,5 26,5* 22,32 18,60* 54,50 88,82 76,124 40,140 3,124"),
        (2, "27,6 22,32 18,60* 54,50 88,84 72,126 40,140 4,128 / 28,6 60,6 96,0"),  # the bar comes last
        (1.5, "92,4 46,8 26,30 44,58 76,84 72,122 36,140 2,124"),  # like an S
        (1, "98,2 62,8 34,10* 28,34 22,56* 52,58 74,84 58,122 30,138 0,136"),
        (0.7, "34,18 30,40 26,62 54,58 78,84 62,124 34,138 8,130 / 44,14 74,10 104,6"),
        (0.7, "108,0 74,6 50,10* 40,34 30,58* 58,66 70,92 52,124 26,138 0,130"),
        (1, "120,0 84,6 44,10* 30,40 18,64* 50,66 62,92 42,126 16,138 0,128"),  # a long flag
        (1, "112,8 70,4 30,6* 24,36 14,66* 60,50 96,78 82,122 36,138 0,116"),
        (0.7, "30,10 20,40 12,66 56,56 90,86 66,130 26,140 0,124 / 30,10 66,4 80,2"),
        (1, "92,4 56,6 36,8* 30,34 26,58* 60,52 92,84 80,126 40,140 6,120 14,100"),  # curls in
        (1, "90,4 56,6 30,8* 24,40 18,76* 36,56 70,52 94,80 80,124 44,140 2,130"),
    ),
    6: (
        (3, "66,0 30,36 8,90 20,130 54,139 80,114 72,84 44,80 14,108"),
        (2, "48,0 18,50 6,104 24,136 58,136 76,108 60,82 34,88 10,118"),
        (1, "84,2 40,24 10,76 12,124 48,140 82,120 84,88 54,74 18,96"),  # bends far over
        (1, "40,0 14,52 6,106 26,138 66,130 76,104 52,92 26,112 28,136"),  # ends inside
        (0.7, "60,0 34,44 22,96 34,134 62,132 70,106 54,94 32,112"),  # a small bowl
        (1, "30,0 10,50 2,104 20,138 70,136 96,112 76,92 40,104 16,126"),  # a low bowl
        (1, "44,0 22,40 4,96 14,132 54,134 92,100 84,70 50,84 24,124"),  # a bowl to the right
        (0.7, "20,0 10,60 10,120 40,140 84,128 90,90 58,70 14,92"),  # like a b
    ),
    7: (
        (3, "4,14 50,8 94,6* 66,64 42,140"),
        (1.5, "4,14 50,8 94,6* 66,64 42,140 / 26,74 54,70 86,66"),  # a bar
        (1, "6,34 8,8* 50,7 94,6* 70,64 50,140"),  # a serif
        (1.5, "4,20 36,6 84,8 84,40 62,84 48,140"),  # round shoulder
        (1, "2,30 20,8 56,16 92,4* 72,60 58,140"),
        (0.5, "8,20 50,10 92,4* 74,56 30,140 / 20,80 60,72 92,76"),
        (1, "0,24 10,4 60,12 84,10 76,50 66,90 60,140"),  # steep
        (0.7, "10,40 14,10 50,2 88,14 84,50 50,100 30,140"),
    ),
    8: (
        (3, "78,16 50,0 20,16 28,46 70,84 80,118 50,140 16,118 28,86 68,48 80,18"),
        (1, "52,62 22,44 24,12 52,0 80,14 78,46 52,62 / 52,62 18,86 16,122 50,140 84,122 84,84 52,62"),
        (1, "86,8 50,0 22,20 36,50 72,82 74,122 42,140 14,118 34,82 70,44 92,20"),  # open at the top
        (1, "50,60 22,40 30,8 60,2 80,24 64,54 28,84 14,118 44,140 76,122 72,86 50,60"),
        (1, "30,22 54,0 82,18 68,50 30,86 16,122 48,140 78,118 66,84 34,52 26,24 40,4"),
        (1, "96,6 60,10 26,6 18,34 50,60 66,92 50,134 22,132 18,100 52,64 104,14"),  # a small foot
        (1, "60,8 22,8 6,34 30,60 60,80 72,112 46,140 22,124 32,90 62,56 82,24 60,6"),
        (1, "62,60 24,52 20,20 56,4 92,22 76,54 40,74 10,104 26,136 70,134 74,104 50,72"),
        (0.7, "50,0 14,20 30,56 76,80 90,114 50,140 8,116 26,80 72,54 84,20 50,0"),
        (0.7, "100,0 60,56 20,106 28,136 62,130 62,100 24,44 28,8 70,2 92,20"),
        (1, "56,64 26,46 24,14 54,0 84,16 80,44 56,64 28,82 12,112 44,140 84,124 88,90 56,64"),
        (1, "72,8 46,0 22,18 34,48 62,78 72,110 48,140 22,122 28,90 58,60 78,30 72,8"),  # narrow
    ),
    9: (
        (3, "80,20 50,0 14,26 18,60 50,68 80,42 84,14* 80,76 74,140"),
        (1.5, "82,22 52,0 14,24 16,58 46,68 78,44 86,12* 86,70 76,118 46,140 14,126"),  # a hooked tail
        (1.5, "78,14 44,2 12,34 24,62 58,56 80,22 78,50 64,96 46,140"),  # a leaning tail
        (1, "76,30 60,4 28,6 8,38 26,62 62,50 82,20 84,70 84,140"),
        (1, "60,4 22,12 10,46 32,62 68,44 84,10 80,44 66,100 62,140"),
        (0.7, "70,44 40,58 18,36 36,6 70,6 84,36 76,90 60,140"),  # begins inside the loop
        (1, "86,20 56,0 16,16 12,44 40,58 74,34 88,10 80,60 54,140"),
        (1, "96,8 50,2 8,26 14,56 56,54 92,14* 70,76 50,140"),  # a wide, low head
        (0.7, "70,14 36,4 20,30 40,52 66,36 70,12 74,60 78,100 76,140"),
        (0.7, "98,4 60,6 24,22 20,50 56,56 84,32 74,80 60,140"),  # begins far to the right
        (1, "84,10 50,2 14,38 30,62 70,42 84,10* 84,70 84,140"),
        (1, "80,30 60,0 20,4 8,36 26,60 60,56 80,30 82,6* 78,80 76,140"),
        (1, "70,30 50,6 26,10 22,36 44,48 68,30 74,10* 72,80 66,140"),  # a small head
        (0.7, "96,20 60,0 20,24 20,50 60,52 94,24 66,80 24,140"),
        (2, "84,22 70,2 40,0 14,24 22,54 54,62 78,40 85,18* 80,80 76,140"),  # a round, closed head
        (1, "90,16 60,0 26,8 10,34 24,58 60,54 88,18* 66,84 46,140"),
    ),
}


@dataclass(frozen=True)
class Skeletons:
    """All ways of all digits as arrays, so that a batch is drawn without loops.

    Control points of a way are padded to the same number K; the last slot is
    never used by any way and takes what is done to padding.

    Attributes
    ----------
    digits, weights
        (ways,): the digit that a way writes; its probability within its digit.
    controls
        (ways, K, 2): control points, centred, the height of the sheet being 2.
    strokes
        (ways, K): to which stroke a control point belongs.
    ends, inner
        (ways, 2 · strokes): first and last control point of each stroke, and
        the neighbour from which the pen comes or to which it goes.
    splines
        (ways, PATH_POINTS, K): path = splines @ controls.
    """

    digits: IntArray
    weights: NDArray[np.float64]
    controls: FloatArray
    strokes: IntArray
    ends: IntArray
    inner: IntArray
    splines: FloatArray

    def choose(self, labels: NDArray[np.uint8], generator: np.random.Generator) -> IntArray:
        """Return one way for each label, at random by weight."""
        ways = np.empty(len(labels), np.intp)
        for digit in range(10):
            rows = np.flatnonzero(labels == digit)
            known = np.flatnonzero(self.digits == digit)
            ways[rows] = generator.choice(known, size=len(rows), p=self.weights[known])
        return ways


@dataclass(frozen=True)
class _Stroke:
    points: NDArray[np.float64]  # (n, 2)
    corners: tuple[int, ...]  # where one smooth piece ends and the next begins, with both ends

    def sample(self, count: int) -> NDArray[np.float64]:
        """Return (count, n): equal steps along the path as sums of the control points."""
        fine = np.vstack(
            [self._piece(first, last) for first, last in zip(self.corners, self.corners[1:], strict=False)]
        )
        steps = np.linalg.norm(np.diff(fine @ self.points, axis=0), axis=1)
        travelled = np.concatenate([[0.0], np.cumsum(steps)])
        wanted = np.linspace(0.0, travelled[-1], count)
        return np.column_stack([np.interp(wanted, travelled, column) for column in fine.T])

    def _piece(self, first: int, last: int) -> NDArray[np.float64]:
        points = self.points[first : last + 1]
        weights = np.zeros((50, len(self.points)))
        # The square root of the chord keeps the curve from overshooting at close points.
        knots = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1) ** 0.5)])
        times = np.linspace(0.0, knots[-1], 50)
        if len(points) == 2:
            weights[:, first] = 1 - times / knots[-1]
            weights[:, last] = times / knots[-1]
        else:
            spline = CubicSpline(knots, np.eye(len(points)), bc_type="natural")
            weights[:, first : last + 1] = spline(times)
        return weights

    @property
    def length(self) -> float:
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())


def _parse(text: str) -> list[_Stroke]:
    strokes = []
    for part in text.split("/"):
        words = part.split()
        points = np.array([[float(number) for number in word.rstrip("*").split(",")] for word in words])
        corners = [index for index, word in enumerate(words) if word.endswith("*")]
        strokes.append(_Stroke(points, tuple(sorted({0, *corners, len(words) - 1}))))
    return strokes


def lay_out(by_digit: Ways) -> Skeletons:
    """Return ways of writing, each digit with one at least, as arrays."""
    written = [(digit, weight, _parse(text)) for digit, ways in by_digit.items() for weight, text in ways]
    slots = 1 + max(sum(len(stroke.points) for stroke in strokes) for _, _, strokes in written)
    most_strokes = max(len(strokes) for _, _, strokes in written)
    count = len(written)
    digits = np.array([digit for digit, _, _ in written], np.intp)
    totals = {digit: sum(weight for weight, _ in ways) for digit, ways in by_digit.items()}
    weights = np.array([weight / totals[digit] for digit, weight, _ in written])
    controls = np.zeros((count, slots, 2), np.float32)
    stroke_numbers = np.zeros((count, slots), np.intp)
    ends = np.full((count, 2 * most_strokes), slots - 1, np.intp)
    inner = np.full((count, 2 * most_strokes), slots - 1, np.intp)
    splines = np.zeros((count, PATH_POINTS, slots), np.float32)
    for way, (_, _, strokes) in enumerate(written):
        every = np.vstack([stroke.points for stroke in strokes])
        middle = (every.min(axis=0) + every.max(axis=0)) / 2
        total = sum(stroke.length for stroke in strokes)
        slot, sample = 0, 0
        for number, stroke in enumerate(strokes):
            size = len(stroke.points)
            last = slot + size
            if number == len(strokes) - 1:
                samples = PATH_POINTS - sample
            else:
                samples = max(2, round(PATH_POINTS * stroke.length / total))
            controls[way, slot:last] = (stroke.points - middle) / 70.0
            stroke_numbers[way, slot:last] = number
            ends[way, 2 * number : 2 * number + 2] = slot, last - 1
            inner[way, 2 * number : 2 * number + 2] = slot + 1, last - 2
            splines[way, sample : sample + samples, slot:last] = stroke.sample(samples)
            slot, sample = last, sample + samples
    return Skeletons(digits, weights, controls, stroke_numbers, ends, inner, splines)
