"""A scripted person whose digits are hard to read for a network that has only seen others' hands.

Slanted, with a barred 7, a 4 open at the top and a 1 whose hook reaches half-way down. Drawn as polylines
with Pillow, which knows nothing of the project's pen.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.handwriting.mnist_form import to_network_input

# As pen strokes are written down: x,y on a sheet 100 wide and 140 high; `*` a corner, `/` lifts the pen.
_DIGITS = (
    "52,0 14,34 10,104 48,140 86,106 90,36 52,0",
    "2,74 30,44 62,2* 54,70 48,140",
    "10,30 46,0 86,34 60,84 6,138* 50,134 98,138",
    "10,12 56,0 84,30 42,62* 90,98 50,140 4,124",
    "22,8 14,44 8,78* 50,78 96,72 / 82,36 78,90 76,140",
    "92,2 56,4 24,4* 18,58* 62,54 90,94 50,140 6,126",
    "74,2 28,50 12,108 50,140 86,108 58,78 18,104",
    "6,8 50,4 94,4* 62,70 40,140 / 18,74 50,70 84,70",
    "80,24 50,0 20,28 50,68 82,106 50,140 18,108 48,70 80,24",
    "84,30 50,2 16,36 44,66 82,36* 78,90 56,136 24,128",
)
_SIDE = 200
_POINTS_A_PIECE = 8


def odd_digits(
    count: int, seed: int = 0, *, slant: float = -0.75
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return so many digits, uint8 (n, 28, 28), as the app sees them, and their labels, each as often.

    Parameters
    ----------
    slant
        Pixels that the top goes to the right for each pixel of height; to the left where negative.
    """
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 10).astype(np.uint8)
    return np.stack([_drawn(int(label), slant, rng) for label in labels]), labels


def _drawn(label: int, slant: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    picture = Image.new("L", (_SIDE, _SIDE))
    pen = ImageDraw.Draw(picture)
    width = int(rng.integers(8, 19))
    lean = slant + rng.normal(0, 0.12)
    for stroke in _DIGITS[label].split("/"):
        points = _smooth(stroke, rng)
        points[:, 0] -= lean * (points[:, 1] - 70)  # y points down
        path = [tuple(point) for point in points * 0.9 + (_SIDE / 2 - 45, _SIDE / 2 - 63)]
        pen.line(path, fill=255, width=width, joint="curve")
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return to_network_input(np.asarray(picture, np.float32) / np.float32(255))


def _smooth(stroke: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return points along a stroke: a Catmull-Rom spline, anew after each corner."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for word in stroke.split():
        x, y = (float(number) for number in word.rstrip("*").split(","))
        point = (x + rng.normal(0, 5), y + rng.normal(0, 5))
        pieces[-1].append(point)
        if word.endswith("*"):
            pieces.append([point])
    return np.concatenate([_catmull_rom(np.array(piece)) for piece in pieces])


def _catmull_rom(points: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, _POINTS_A_PIECE)[:, None]
    found = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        found.append(cubic / 2)
    return np.concatenate(found)
