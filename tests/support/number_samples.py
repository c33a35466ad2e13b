"""Numbers and pages of digits: drawn digits side by side, as ink and as a photograph, with what they say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.photo_samples import cover, finished, laid

Ink = NDArray[np.float32]


def trimmed_digit(digit: int, generator: np.random.Generator, side: int = 90, pen: float = 0.07) -> Ink:
    """Return a drawn digit without the paper beside it; its height is that of a line."""
    ink = cover(digit, generator, (side, side), 0.8, pen)
    columns = np.flatnonzero(ink.max(axis=0) > 0.2)
    return ink[:, columns[0] : columns[-1] + 1]


def number_ink(digits: Sequence[int], gap: int, generator: np.random.Generator, side: int = 90) -> Ink:
    """Return digits side by side, `gap` pixels apart; a negative gap lets them touch."""
    drawn = [trimmed_digit(digit, generator, side) for digit in digits]
    width = sum(each.shape[1] for each in drawn) + gap * (len(drawn) - 1)
    ink, left = np.zeros((side + 40, width + 40), np.float32), 20
    for each in drawn:
        place = ink[20 : 20 + side, left : left + each.shape[1]]
        np.maximum(place, each, out=place)
        left += each.shape[1] + gap
    return ink


def page_of_digits(
    rows: int, columns: int, seed: int = 0, tilt: float = 0.0
) -> tuple[Image.Image, NDArray[np.int64]]:
    """Return a photograph of a page and the digits on it (rows, columns).

    Parameters
    ----------
    tilt
        By how much of the page's width the lines rise.
    """
    generator = np.random.default_rng(seed)
    height, width = 1_400, 1_000
    labels = generator.integers(0, 10, (rows, columns))
    ink = np.zeros((height, width), np.float32)
    size = (round(0.9 * height / (rows + 1)), round(0.9 * width / columns))
    for row, column in np.ndindex(rows, columns):
        drawn = cover(int(labels[row, column]), generator, size, 0.62, 0.09)
        top = round(height * (row + 0.55) / (rows + 1)) - round(tilt * width * column / columns)
        left = round(width * (column + 0.05) / columns + generator.integers(-3, 4))
        top, left = min(max(top, 0), height - size[0]), min(max(left, 0), width - size[1])
        place = ink[top : top + size[0], left : left + size[1]]
        np.maximum(place, drawn, out=place)
    return finished(laid(ink), generator), labels
