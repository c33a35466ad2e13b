"""Pictures that belong to no class, made by the program: what a judge of pictures learns to refuse.

Learning from outliers that are at hand carries over to others (Hendrycks, Mazeika & Dietterich 2019, "Deep
Anomaly Detection with Outlier Exposure"), if they are many and unlike each other. So there are marks of a pen
(letters, signs, marks without a meaning, scribbles), surfaces (noise, textures, filled shapes) and the
images of the dataset itself, taken apart and put together wrongly. They are drawn by the pen of
`core.data.pen_strokes`, and placed as MNIST was.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.config import IMAGE_SHAPE, INK_SIDE
from core.data.pen_strokes.render import centre_by_mass, fit_to_box, render

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Those that no digit looks like, as strokes on a sheet 4 wide and 6 high; y points down, "~" runs smoothly.
GLYPHS = tuple(
    stroke.strip()
    for stroke in """
0,6 2,0 4,6 / 1,4 3,4
0,6 0,1 2,0 4,1 4,6 / 0,3 4,3
4,0 0,0 0,6 4,6 / 0,3 3,3
~4,0.6 1,0 0.6,2.6 2.6,3 / ~2.6,3 0,3.8 0.5,5.8 4,5.4
4,0 0,0 0,6 / 0,3 3,3
0,0 0,6 / 4,0 4,6 / 0,3 4,3
0,0 0,6 / 4,0 0,3 4,6
~0,6 0,2 0.2,0 2,3 3.8,0 4,2 4,6
0,6 0,0 2,3 4,0 4,6
0,6 0,0 4,6 4,0
~0,6 0.2,0 2,3 3.8,6 4,0
~0,6 0,0 3,0 3.6,2 3,3 0,3
~2,0 0,3 2,6 4,3 2,0 / 2.6,4 4.3,6.3
~0,6 0,0 3,0 3.6,2 3,3 0,3 / 1.5,3 4,6
0,0 4,0 / 2,0 2,6
~0,0 0,4 2,6 4,4 4,0
0,0 2,6 4,0
0,0 1,6 2,2 3,6 4,0
~0,0 0.4,5 1.2,6 2,2 2.8,6 3.6,5 4,0
0,0 4,6 / 4,0 0,6
0,0 2,3 4,0 / 2,3 2,6
~3.6,2.4 1.6,2 0.3,4 1.5,6 3.3,5 3.6,2.4 / ~3.6,2 3.6,5 4.4,6
~0.4,4 3.8,3.8 3.2,2.3 1.6,2.2 0.4,4 1.4,6 3.8,5.4
~3.6,0.6 2.4,0 1.7,1.4 1.6,6 / 0.2,2.6 3.2,2.6
0,0 0,6 / 3,2 0,4 3,6
~0,2 0,6 / ~0,3.4 1,2.1 1.9,3 2,6 / ~2,3.4 3,2.1 4,3 4,6
1.6,0 1.6,5 2.6,6 3.4,5.4 / 0.2,2 3.2,2
0,2 1,6 2,3 3,6 4,2
~0,2 0.2,5.6 1.6,5.8 2,3 2.4,5.8 3.8,5.4 4,2
0,2 4,6 / 4,2 0,6
~0,0 0,6 / ~0,3.4 1.6,2.2 3.2,3 3.2,6
0,2 0,6 / ~0,3.6 1.4,2.2 3,2.4
~0,0 0.3,2 0,6 / ~0,2.6 3.4,2 3.6,4.6 0,5
~4,0 4,6 / ~4,3 1.4,2.2 0.2,4 1.4,6 4,5.2
0,2 2,6 4,2
0,2 0,6 / ~0,3 2,2 3.4,3 3.4,6
~0,2 0,4.8 1.6,6 3.4,5 3.4,2 / 3.4,5 4.2,6
1,0 1,6 / 3,0 3,6 / 0,2 4,2 / 0,4 4,4
2,1 2,5 / 0,3 4,3
0,2 4,2 / 0,4 4,4
2,1 2,5 / 0.3,2 3.7,4 / 3.7,2 0.3,4
0,1 4,3 0,5
4,1 0,3 4,5
0,3 4,3 / 2.8,1.8 4,3 2.8,4.2
0,6 0,2.5 2,0 4,2.5 4,6 0,6
2,0 3.2,6 0,2.3 4,2.3 0.8,6 2,0
0,1 4,1 4,5 0,5 0,1
2,0.6 4,5 0,5 2,0.6
~0,3.4 1,2.4 2,3 3,3.6 4,2.6
0.6,0 0,0 0,6 0.6,6 / 3.4,0 4,0 4,6 3.4,6
~2,0 0,3 2,6 4,3 2,0 / 1.2,2.2 1.3,2.4 / 2.8,2.2 2.7,2.4 / ~1,4 2,4.8 3,4
~2,6 0,2.4 0.6,0.6 2,2 3.4,0.6 4,2.4 2,6
0,0 0,6 / 2,0 2,6 / 4,0 4,6
~2,0 0,3 2,6 4,3 2,0 / 0.4,1 3.6,5 / 3.6,1 0.4,5
0,3 1.5,5.5 4,0
0,0 4,0 4,6 0,6 0,0 / 0,0 4,6 / 4,0 0,6
""".strip().splitlines()
)
_POINTS = 240
_SIDE = IMAGE_SHAPE[0]
_AT_ONCE = 64


def other_pictures(images: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Return pictures of no class.

    Parameters
    ----------
    images
        uint8 (n, 28, 28), at least two of the classes; some are taken apart and put together wrongly.
    count
        How many, about as many of each kind.

    Returns
    -------
    uint8 (count, 28, 28).
    """
    shares = np.array([weight for weight, _ in _KINDS], float)
    kinds = generator.choice(len(_KINDS), count, p=shares / shares.sum())
    made = np.empty((count, *IMAGE_SHAPE), np.uint8)
    for kind, (_, make) in enumerate(_KINDS):
        rows = np.flatnonzero(kinds == kind)
        if rows.size:
            made[rows] = make(images, rows.size, generator)
    return made


def _inked(paths: list[Floats], generator: np.random.Generator) -> Pictures:
    """Draw paths (points, 2) with pens of all widths, each as MNIST's digits lie."""
    pictures = np.empty((len(paths), *IMAGE_SHAPE), np.uint8)
    for start in range(0, len(paths), _AT_ONCE):
        some = np.stack(paths[start : start + _AT_ONCE])
        half = np.clip(1.15 * np.exp(generator.normal(0, 0.4, (len(some), 1))), 0.5, 2.4)
        radii = np.repeat(half, some.shape[1], axis=1).astype(np.float32)
        pictures[start : start + _AT_ONCE], _ = centre_by_mass(render(*fit_to_box(some, radii, generator)))
    return pictures


def _path(strokes: list[tuple[bool, NDArray[np.float64]]]) -> Floats:
    """Return `_POINTS` points evenly along strokes, each straight from point to point or a smooth curve."""
    lines = [_smooth(points) if is_smooth and len(points) > 2 else points for is_smooth, points in strokes]
    lengths = [np.hypot(*np.diff(line, axis=0).T) for line in lines]
    total = max(sum(float(length.sum()) for length in lengths), 1e-6)
    shares = [max(2, int(_POINTS * float(length.sum()) / total)) for length in lengths]
    shares[int(np.argmax(shares))] += _POINTS - sum(shares)
    parts = []
    for line, length, share in zip(lines, lengths, shares, strict=True):
        along = np.concatenate([[0.0], np.cumsum(length)])
        places = np.linspace(0, along[-1], share)
        parts.append(np.stack([np.interp(places, along, line[:, axis]) for axis in (0, 1)], axis=1))
    return np.concatenate(parts).astype(np.float32)


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a Catmull-Rom curve through points (n, 2)."""
    ends = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    a, b, c, d = (ends[first : first + len(points) - 1, None] for first in range(4))
    t = np.linspace(0, 1, 9)[:-1, None]
    pieces = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.concatenate([pieces.reshape(-1, 2), points[-1:]])


def _hand(generator: np.random.Generator, spread: float = 1.0) -> NDArray[np.float64]:
    """Return a random (2, 2) of width, slant and turn."""
    turn, slant = generator.normal(0, 0.15 * spread), generator.normal(0.05, 0.2 * spread)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(turned @ np.array([[np.exp(generator.normal(0, 0.2)), -slant], [0, 1]]))


def _glyphs(_: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Draw letters and signs."""
    paths = []
    for index in generator.integers(len(GLYPHS), size=count):
        hand, care = _hand(generator), np.exp(generator.normal(-1.9, 0.5))
        strokes = []
        for stroke in GLYPHS[index].split("/"):
            text = stroke.strip()
            points = np.array([point.split(",") for point in text.lstrip("~").split()], float)
            points = (points + generator.normal(0, care, points.shape)) @ hand.T
            strokes.append((text.startswith("~") or generator.random() < 0.2, points))
        paths.append(_path(strokes))
    return _inked(paths, generator)


def _marks(_: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Draw two to five strokes from anywhere to anywhere, half of them between the corners of a grid."""
    paths = []
    for _number in range(count):
        is_grid = generator.random() < 0.5
        strokes = []
        for _stroke in range(int(generator.integers(2, 6))):
            size = (int(generator.integers(2, 5)), 2)
            points = generator.integers(0, 4, size) * 1.5 if is_grid else generator.uniform(0, 4, size)
            points = points + generator.normal(0, 0.15, size)
            strokes.append((generator.random() < 0.5, points))
        # With fewer strokes a ring makes a 6, an 8 or a 9.
        if len(strokes) > 2 and generator.random() < 0.4:
            strokes[0] = (True, _ring(generator))
        paths.append(_path(strokes))
    return _inked(paths, generator)


def _ring(generator: np.random.Generator) -> NDArray[np.float64]:
    """Return points (n, 2) of an ellipse, or of a large part of one."""
    turns = np.linspace(0, 2 * np.pi * generator.uniform(0.7, 1), 12) + generator.uniform(0, 2 * np.pi)
    radii = generator.uniform(0.4, 2, 2)
    ring = radii * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return np.asarray(generator.uniform(1, 3, 2) + ring)


def _scribbles(_: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Draw a pen that runs about: in wild turns, in a spiral, to and fro."""
    paths = []
    for kind in generator.integers(3, size=count):
        if kind == 0:
            size = int(generator.integers(12, 60))
            turns = np.cumsum(generator.normal(0, generator.uniform(0.4, 1.4), size))
            steps = generator.uniform(0.3, 1, (size, 1)) * np.stack([np.cos(turns), np.sin(turns)], axis=1)
            points = np.tanh(np.cumsum(steps, axis=0) / generator.uniform(2, 5)) * 3
        elif kind == 1:
            along = np.linspace(0, 1, 60)
            turns = 2 * np.pi * along * generator.uniform(1.8, 5) + generator.uniform(0, 6.3)
            radius = along * 2 + generator.uniform(0, 1)
            points = np.stack([radius * np.cos(turns), generator.choice([-1, 1]) * radius * np.sin(turns)], 1)
        else:
            teeth = int(generator.integers(5, 16))
            points = np.stack(
                [
                    np.linspace(0, generator.uniform(1, 6), teeth),
                    generator.uniform(1.5, 4) * (np.arange(teeth) % 2),
                ],
                1,
            )
            points = (points + generator.normal(0, 0.3, points.shape)) @ _hand(generator, 5).T
        paths.append(_path([(kind != 2 or generator.random() < 0.3, points)]))
    return _inked(paths, generator)


def _surfaces(_: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Return noise of every coarseness, over all the picture or cut out by a blot, a box or a threshold."""
    waves = np.hypot(*np.meshgrid(np.fft.fftfreq(_SIDE), np.fft.fftfreq(_SIDE))) + 1 / _SIDE

    def clouds(steepness: NDArray[np.float64]) -> NDArray[np.float64]:
        spectrum = (
            np.fft.fft2(generator.normal(size=(count, *IMAGE_SHAPE))) * waves ** -steepness[:, None, None]
        )
        grey = np.fft.ifft2(spectrum).real
        low, high = grey.min((1, 2), keepdims=True), grey.max((1, 2), keepdims=True)
        return np.asarray((grey - low) / np.maximum(high - low, 1e-9))

    def each(low: float, high: float) -> NDArray[np.float64]:
        return generator.uniform(low, high, (count, 1, 1))

    grey = clouds(generator.uniform(0, 3.5, count)) * each(0.3, 1) + each(0, 0.5)
    shape = clouds(generator.uniform(1.5, 4, count))
    y, x = np.mgrid[:_SIDE, :_SIDE][:, None]
    box = (abs(x - each(11, 17)) < each(3, 14)) & (abs(y - each(11, 17)) < each(3, 14))
    cut = np.select(
        [each(0, 1) < 0.3, each(0, 1) < 0.4, each(0, 1) < 0.5],
        [np.ones(shape.shape, bool), box, box & (shape > each(0.2, 0.6))],
        shape > each(0.3, 0.75),
    )
    grey = np.where(each(0, 1) < 0.3, grey > each(0.3, 0.9), grey)
    return np.asarray(255 * np.clip(grey * cut, 0, 1), np.uint8)


def _wrong_parts(images: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Return images whose quarters are those of others, or lie elsewhere."""
    first, second = (images[generator.integers(len(images), size=count)] for _ in range(2))
    rows, columns = generator.integers(10, 19, (2, count))
    inside = np.arange(_SIDE)
    below, right = (
        inside[None, :, None] >= rows[:, None, None],
        inside[None, None, :] >= columns[:, None, None],
    )
    mixed = np.where(below ^ right, first, second)
    turned = np.where(
        below, mixed[:, ::-1], np.where(generator.random((count, 1, 1)) < 0.5, mixed, mixed[:, :, ::-1])
    )
    return np.where(generator.random((count, 1, 1)) < 0.5, mixed, turned).astype(np.uint8)


def _laid_over(images: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Return two images one over the other, moved; or one under marks of a pen."""
    first, second = (images[generator.integers(len(images), size=count)] for _ in range(2))
    marks = _marks(images, count, generator)
    second = np.where(generator.random((count, 1, 1)) < 0.5, second[:, :, ::-1], marks)
    shift = generator.integers(-5, 6, (count, 2))
    moved = np.stack([np.roll(one, tuple(by), (0, 1)) for one, by in zip(second, shift, strict=True)])
    return np.asarray(np.maximum(first, moved))


def _side_by_side(images: Pictures, count: int, generator: np.random.Generator) -> Pictures:
    """Return two images pressed into the width of one, placed as MNIST's digits lie."""
    pairs = images[generator.integers(len(images), size=(count, 2)), 4:24, 4:24]
    # Areas of two pixels: a quarter of each pair's picture.
    small = pairs.reshape(count, 2, INK_SIDE // 2, 2, INK_SIDE // 2, 2).mean(axis=(3, 5))
    wide = np.concatenate([small[:, 0], small[:, 1]], axis=2)
    tall = np.repeat(wide, 2, axis=1)
    field = np.zeros((count, INK_SIDE, INK_SIDE))
    field[:, 5:15] = wide
    chosen = np.where(generator.random((count, 1, 1)) < 0.5, field, tall)
    strongest = np.maximum(chosen.max(axis=(1, 2), keepdims=True), 1)
    pictures, _ = centre_by_mass((chosen / strongest + 1e-6).astype(np.float32))
    return pictures


_KINDS: tuple[tuple[float, Callable[[Pictures, int, np.random.Generator], Pictures]], ...] = (
    (4, _glyphs),
    (3, _marks),
    (2, _scribbles),
    (2, _surfaces),
    (1.5, _wrong_parts),
    (1.5, _laid_over),
    (0.5, _side_by_side),
)
