"""Ruled and squared paper: long straight lines are taken out, what is written across them stays."""

import numpy as np
from numpy.typing import NDArray

# Paper is photographed turned by this many degrees at most; more is another direction.
MOST_TURN, STEP = 12.0, 1.0
# A line is there on at least this share of its way across; a digit's bar is shorter.
LEAST_WAY = 0.6
# So many lines are ruled paper; fewer only if they go nearly from edge to edge.
LEAST_LINES, WHOLE_WAY = 3, 0.93
# A line is thinner than this share of the picture.
MOST_THICK = 0.022
# Points that are looked at to find the direction.
_POINTS = 10_000


def line_pixels(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which marked pixels belong to ruled lines only, level ones and upright ones."""
    level = _level_lines(marked)
    left = marked & ~level
    return level | _level_lines(left.T).T


def _level_lines(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    height, width = marked.shape
    lines = np.zeros_like(marked)
    rows, columns = np.nonzero(marked)
    if len(rows) < LEAST_WAY * width:
        return lines
    every = max(1, len(rows) // _POINTS)
    slope = _slope(rows[::every], columns[::every], width)
    reach = int(abs(slope) * width) + 1
    offsets = np.round(rows - slope * (columns - width / 2)).astype(int) + reach
    length = height + 2 * reach
    counts = np.bincount(offsets, minlength=length)[:length].astype(float)
    # Of a turned line, a part lies outside the picture.
    places = np.arange(length) - reach
    x = np.arange(width) - width / 2
    there = (
        (places[:, None] + slope * x[None, ::8] >= 0) & (places[:, None] + slope * x[None, ::8] < height)
    ).mean(1)
    way = np.where(there > 0.3, counts / np.maximum(there * width, 1), 0)
    bands = _bands(way >= LEAST_WAY * 0.75)
    bands = [band for band in bands if way[band[0] : band[1]].max() >= LEAST_WAY]
    bands = [band for band in bands if band[1] - band[0] <= max(4, MOST_THICK * max(height, width))]
    if len(bands) < LEAST_LINES:
        bands = [band for band in bands if way[band[0] : band[1]].max() >= WHOLE_WAY]
    for start, stop in bands:
        _take(marked, lines, start - reach, stop - reach, slope)
    return lines & marked


def _slope(rows: NDArray[np.int64], columns: NDArray[np.int64], width: int) -> float:
    """Return the slope along which the marks gather in the fewest rows."""
    middle = columns - width / 2

    def gathered(degrees: float) -> float:
        each = float(np.tan(np.radians(degrees)))
        offsets = (rows - each * middle).astype(int) + int(abs(each) * width) + 1
        return float((np.bincount(offsets).astype(float) ** 2).sum())

    best = max(np.arange(-MOST_TURN, MOST_TURN + STEP, STEP), key=gathered)
    for step in (STEP / 2, STEP / 4, STEP / 8):
        best = max((best - step, best, best + step), key=gathered)
    return float(np.tan(np.radians(best)))


def _bands(is_line: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where runs of true values begin and end; gaps of one are closed."""
    closed = is_line.copy()
    closed[1:-1] |= is_line[:-2] & is_line[2:]
    changes = np.flatnonzero(np.diff(np.concatenate([[0], closed.astype(np.int8), [0]])))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))


def _take(marked: NDArray[np.bool_], lines: NDArray[np.bool_], start: int, stop: int, slope: float) -> None:
    """Add the pixels of one line to `lines`, but where a stroke goes on above or below it."""
    height, width = marked.shape
    columns = np.arange(width)
    shift = np.round(slope * (columns - width / 2)).astype(int)
    top, bottom = start - 2 + shift, stop + 1 + shift  # the first row and the last that may be line
    above, below = top - 1, bottom + 1
    stroke = np.zeros(width, bool)
    for row in (above, below):
        inside = (row >= 0) & (row < height)
        stroke[inside] |= marked[row[inside], columns[inside]]
    for offset in range(int(bottom[0] - top[0]) + 1):
        row = top + offset
        inside = (row >= 0) & (row < height) & ~stroke
        lines[row[inside], columns[inside]] = True
