"""Images of digits as the strokes of a hand that draws them again.

An image is thinned to lines one pixel wide. They are a graph: ends, junctions, lines between them. A pen
follows it from an end, goes straight on where lines cross, and lifts where a line ends.
"""

from collections import defaultdict
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.data.handwriting.rewriting import thinned

FloatArray = NDArray[np.float64]
Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
_Pixel = tuple[int, int]

# Pixels of the lines' grid in one of the image: a line is told to a fifth of a pixel.
_FINER = 5
_AROUND = ((-1, 0), (0, 1), (1, 0), (0, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))

# Ink has at least this share of the darkest; a room in it is paper if it is so much lighter than its rim.
_DARK, _LIGHTER = 0.5, 0.12
_RIMS = np.arange(0.55, 0.91, 0.05)
_LEAST_ROOM = 0.3  # pixels of the image: a smaller room of paper is grain
_LEAST_SPECK = 3.0  # pixels of the image: less ink is no stroke

# In half widths of the stroke where they begin: a side line that is shorter comes from the edge's bumps; two
# junctions that are nearer are one crossing.
_SPUR, _CROSSING = 0.9, 1.6
_LOOK = 2.0  # pixels of the image over which a line's direction is told
_SHARPEST = np.cos(np.radians(100))  # between two lines that are one stroke
_SMOOTH, _STRAIGHT = 0.35, 0.1  # pixels of the image


def strokes_of(image: Image) -> list[FloatArray]:
    """Return the strokes that draw a digit again.

    Parameters
    ----------
    image
        uint8 (28, 28), 0 paper, 255 the darkest.

    Returns
    -------
    For each stroke (n, 2) places x, y in the image's pixels, 0 at its left and upper edge; n is 1 for a dot.
    """
    ink = ink_of(image)
    lines = thinned(ink[None])[0]
    half = ndimage.distance_transform_edt(ink)
    graph = _Graph(lines, half)
    graph.prune()
    graph.reach()
    return [_smooth(path) for path in graph.paths()]


def ink_of(image: Image) -> Mask:
    """Return where an image has ink, on a grid five times as fine, its small rooms of paper kept open."""
    grey = ndimage.zoom(image / 255, _FINER, order=3, grid_mode=True, mode="grid-constant").clip(0, 1)
    if not grey.any():
        return np.zeros(grey.shape, np.bool_)
    grey /= grey.max()
    ink = grey >= _DARK
    for rim in _RIMS:
        above = grey >= rim
        rooms, count = ndimage.label(ndimage.binary_fill_holes(above) & ~above)
        for room in range(1, count + 1):
            inside = rooms == room
            if grey[inside].min() <= rim - _LIGHTER and inside.sum() >= _LEAST_ROOM * _FINER**2:
                ink &= ~inside
    blots, count = ndimage.label(ink, np.ones((3, 3)))
    sizes = np.bincount(blots.ravel(), minlength=count + 1)
    sizes[0] = 0
    keeps = sizes >= min(_LEAST_SPECK * _FINER**2, sizes.max())
    return np.asarray(keeps[blots])


class _Graph:
    """Lines between nodes. A line is a list of pixels; its first and last belong to nodes."""

    def __init__(self, lines: Mask, half: FloatArray) -> None:
        self.half = half
        links = _links(lines)
        self.dots = [pixel for pixel, others in links.items() if not others]
        self.lines: list[list[_Pixel]] = []
        self.node_of: dict[_Pixel, _Pixel] = {}
        seen: set[frozenset[_Pixel]] = set()
        nodes = [pixel for pixel, others in links.items() if len(others) not in (0, 2)]
        for start in [*nodes, *links]:  # what no node begins is a ring, begun anywhere
            for second in links[start]:
                if frozenset((start, second)) in seen:
                    continue
                line = [start, second]
                seen.add(frozenset(line))
                while len(links[line[-1]]) == 2 and line[-1] != start:
                    (following,) = links[line[-1]] - {line[-2]}
                    line.append(following)
                    seen.add(frozenset(line[-2:]))
                self.lines.append(line)

    def at(self, pixel: _Pixel) -> _Pixel:
        """Return the pixel that stands for the crossing to which this one belongs."""
        while pixel in self.node_of:
            pixel = self.node_of[pixel]
        return pixel

    def ends(self) -> dict[_Pixel, list[tuple[int, bool]]]:
        """Return for each node the lines that begin (False) or end (True) there."""
        found = defaultdict(list)
        for number, line in enumerate(self.lines):
            found[self.at(line[0])].append((number, False))
            found[self.at(line[-1])].append((number, True))
        return found

    def prune(self) -> None:
        """Take short side lines away, the shortest first, and make one crossing of junctions side by side."""
        while True:
            ends = self.ends()
            spurs = []
            for number, line in enumerate(self.lines):
                free = [len(ends[self.at(pixel)]) == 1 for pixel in (line[0], line[-1])]
                if sum(free) == 1:
                    junction = line[-1] if free[0] else line[0]
                    if len(ends[self.at(junction)]) > 2:
                        spurs.append((_length(line) / self.half[junction], number))
            if not spurs or min(spurs)[0] > _SPUR:
                break
            del self.lines[min(spurs)[1]]
            self.join()
        ends = self.ends()
        kept = []
        for line in self.lines:
            one, other = self.at(line[0]), self.at(line[-1])
            near = _CROSSING * min(self.half[line[0]], self.half[line[-1]])
            is_junction = len(ends[one]) > 2 and len(ends[other]) > 2
            if one != other and is_junction and _length(line) < near:
                self.node_of[one] = other
            else:
                kept.append(line)
        self.lines = kept

    def reach(self) -> None:
        """Let loose ends go on until paper is half a width away: thinning ate of them, most at 45°."""
        for places in self.ends().values():
            if len(places) != 1:
                continue
            ((number, is_end),) = places
            line = self.lines[number] if is_end else self.lines[number][::-1]
            near = np.array(line[-round(_LOOK * _FINER) :])
            way = (near[-1] - near[0]) / max(np.linalg.norm(near[-1] - near[0]), 1e-9)
            ahead = near[-1] + np.arange(1, max(self.half.shape))[:, None] * way
            rows, columns = np.round(ahead).astype(int).clip(0, np.array(self.half.shape) - 1).T
            inked = int((self.half[rows, columns] == 0).argmax())
            more = max(0, round(inked - float(np.median(self.half[near[:, 0], near[:, 1]]))))
            line = line + list(zip(rows[:more].tolist(), columns[:more].tolist(), strict=True))
            self.lines[number] = line if is_end else line[::-1]

    def join(self) -> None:
        """Make one line of two that meet where no other does."""
        for places in self.ends().values():
            if len(places) == 2 and places[0][0] != places[1][0]:
                (one, one_ends), (other, other_ends) = places
                first = self.lines[one] if one_ends else self.lines[one][::-1]
                second = self.lines[other][::-1] if other_ends else self.lines[other]
                self.lines[one] = first + second[1:]
                del self.lines[other]
                return self.join()
        return None

    def paths(self) -> list[FloatArray]:
        """Return the strokes, in pixels of the image, each (n, 2) x, y; the longest first."""
        following: dict[tuple[int, bool], tuple[int, bool]] = {}
        for places in self.ends().values():
            away = {place: self.away(*place) for place in places}
            pairs = sorted(
                (float(away[one] @ away[other]), one, other) for one, other in combinations(places, 2)
            )
            for cosine, one, other in pairs:
                is_ring = one[0] == other[0]  # its two ends are the corner of a loop
                if one not in following and other not in following and (cosine < -_SHARPEST or is_ring):
                    following[one], following[other] = other, one
        left = dict.fromkeys(range(len(self.lines)))
        begins = [(number, end) for number in left for end in (False, True) if (number, end) not in following]
        found = []
        for place in [*begins, *((number, False) for number in left)]:
            path: list[_Pixel] = []
            following_place: tuple[int, bool] | None = place
            while following_place is not None and following_place[0] in left:
                number, is_end = following_place
                del left[number]
                path += self.lines[number][::-1] if is_end else self.lines[number]
                following_place = following.get((number, not is_end))
            if path:
                found.append(path)
        found += [[dot] for dot in self.dots]
        found.sort(key=_length, reverse=True)
        return [(np.array(path, float)[:, ::-1] + 0.5) / _FINER for path in found]

    def away(self, number: int, is_end: bool) -> FloatArray:
        """Return the direction in which a line leaves its node."""
        line = np.array(self.lines[number], float)
        line = line[::-1] if is_end else line
        # What lies inside the crossing has the directions of all of its lines.
        begin = min(int(self.half[self.lines[number][-1 if is_end else 0]]), len(line) // 2)
        end = min(begin + round(_LOOK * _FINER), len(line) - 1)
        direction = line[end] - line[begin]
        return np.asarray(direction / max(np.linalg.norm(direction), 1e-9))


def _links(lines: Mask) -> dict[_Pixel, set[_Pixel]]:
    """Return the neighbours of each pixel; no diagonal where two straight steps lead to the same pixel."""
    pixels = {(int(row), int(column)) for row, column in np.argwhere(lines)}
    links = {}
    for row, column in pixels:
        links[row, column] = {
            (row + down, column + right)
            for down, right in _AROUND
            if (row + down, column + right) in pixels
            and not (down and right and {(row + down, column), (row, column + right)} & pixels)
        }
    return dict(sorted(links.items()))


def _length(line: list[_Pixel]) -> float:
    return float(np.linalg.norm(np.diff(np.array(line, float), axis=0), axis=1).sum())


def _smooth(path: FloatArray) -> FloatArray:
    """Take the stairs out of a path and keep a place every so often; a ring stays closed."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    path = path[np.concatenate([[True], steps > 0])]
    if len(path) < 3:
        return path
    is_ring = np.linalg.norm(path[0] - path[-1]) < 1.5 / _FINER
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    even = np.linspace(0, along[-1], max(3, int(along[-1] * _FINER)))
    path = np.stack([np.interp(even, along, path[:, axis]) for axis in (0, 1)], axis=1)
    if is_ring:
        path = ndimage.gaussian_filter1d(path[:-1], _SMOOTH * _FINER, axis=0, mode="wrap")
        path = np.concatenate([path, path[:1]])
    else:
        first, last = path[0].copy(), path[-1].copy()
        # Mirrored at the end itself: the ends stay where they are.
        padded = np.concatenate([2 * first - path[:0:-1], path, 2 * last - path[-2::-1]])
        path = ndimage.gaussian_filter1d(padded, _SMOOTH * _FINER, axis=0)[len(path) - 1 : 2 * len(path) - 1]
    return path[_corners(path)]


def _corners(path: FloatArray) -> list[int]:
    """Return the places that straight lines need to stay on a path (Ramer 1972; Douglas, Peucker 1973)."""
    first, last = path[0], path[-1]
    chord = last - first
    squared = float(chord @ chord)
    along = ((path - first) @ chord / squared if squared else np.zeros(len(path))).clip(0, 1)
    away = np.linalg.norm(path - first - along[:, None] * chord, axis=1)
    furthest = int(away.argmax())
    if away[furthest] <= _STRAIGHT:
        return [0, len(path) - 1]
    return [*_corners(path[: furthest + 1]), *(furthest + place for place in _corners(path[furthest:])[1:])]
