"""The strokes by which an image is drawn again, held against what was drawn."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.distance import cdist

from benchmarks.draw.tracing import strokes_of
from core.handwriting.pen import INK_CANVAS, Stroke, strokes_to_ink

Places = NDArray[np.float64]
ANGLES = np.linspace(0, 2 * np.pi, 60)


def drawn(*strokes: Places | list[tuple[float, float]], width: float = 2.5) -> NDArray[np.uint8]:
    """Return the image (28, 28) of strokes through places in its pixels."""
    pen = [
        Stroke(np.insert(np.array(each, float) / 28, 2, 0.5, axis=1).astype(np.float32), width / 28)
        for each in strokes
    ]
    ink = strokes_to_ink(pen).reshape(28, INK_CANVAS // 28, 28, -1).mean(axis=(1, 3))
    return np.round(255 * ink).astype(np.uint8)


def circle(x: float, y: float, radius: float) -> Places:
    return np.stack([x + radius * np.cos(ANGLES), y + radius * np.sin(ANGLES)], axis=1)


def length(stroke: Places) -> float:
    return float(np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum())


def rooms(image: NDArray[np.uint8]) -> int:
    """How many rooms of paper are closed in by ink."""
    return int(ndimage.label(image < 128)[1]) - 1


@pytest.mark.parametrize("end", [(20, 6), (20, 22), (14, 24), (24, 14)])
def test_a_line_is_one_stroke_from_end_to_end(end: tuple[float, float]) -> None:
    (stroke,) = strokes_of(drawn([(8, 14), end]))
    assert length(stroke) == pytest.approx(np.hypot(end[0] - 8, end[1] - 14), abs=1.0)
    ends = stroke[[0, -1]] if stroke[0, 0] < stroke[-1, 0] else stroke[[-1, 0]]
    np.testing.assert_allclose(ends, [(8, 14), end], atol=0.8)


@pytest.mark.parametrize("width", [1.5, 2.5, 4.0])
def test_a_ring_is_closed_and_as_large_as_it_was(width: float) -> None:
    (stroke,) = strokes_of(drawn(circle(14, 13, 7), width=width))
    np.testing.assert_allclose(stroke[0], stroke[-1])
    np.testing.assert_allclose(np.linalg.norm(stroke - (14, 13), axis=1), 7, atol=0.5)


def test_where_lines_cross_the_pen_goes_straight_on() -> None:
    strokes = strokes_of(drawn([(6, 5), (22, 23)], [(21, 6), (8, 24)]))
    assert len(strokes) == 2
    for stroke in strokes:
        assert length(stroke) == pytest.approx(np.linalg.norm(stroke[-1] - stroke[0]), rel=0.05)
    slopes = sorted(float(np.divide(*(stroke[-1] - stroke[0])[::-1])) for stroke in strokes)
    np.testing.assert_allclose(slopes, [-18 / 13, 18 / 16], rtol=0.1)


def test_a_side_line_is_a_stroke_and_a_bump_is_none() -> None:
    bar, stem = [(6.0, 6.0), (22.0, 6.0)], [(14.0, 6.0), (14.0, 22.0)]
    assert [round(length(each)) for each in strokes_of(drawn(bar, stem))] == [16, 16]
    bump = [(14.0, 6.0), (14.0, 7.5)]
    (stroke,) = strokes_of(drawn(bar, bump, width=3))
    assert np.abs(stroke[:, 1] - 6).max() < 1


@pytest.mark.parametrize("radius", [2.2, 3.0, 4.5])
def test_an_eight_keeps_both_rooms(radius: float) -> None:
    image = drawn(circle(14, 14 - radius, radius), circle(14, 14 + radius, radius))
    strokes = strokes_of(image)
    assert sum(map(length, strokes)) == pytest.approx(4 * np.pi * radius, rel=0.15)
    assert rooms(drawn(*strokes, width=2.0)) == 2


def test_a_small_room_stays_open_where_it_is_only_grey() -> None:
    """The room is as dark as ink is elsewhere: only its rim, which is darker, tells it."""
    image = drawn(circle(14, 14, 5))
    image[11:17, 11:17] = np.maximum(image[11:17, 11:17], 140)
    image[9:11, 9:19] = image[17:19, 9:19] = image[9:19, 9:11] = image[9:19, 17:19] = 255
    (stroke,) = strokes_of(image)
    np.testing.assert_allclose(stroke[0], stroke[-1])


def test_dots_and_specks() -> None:
    image = drawn([(10, 5), (12, 22)])
    image[14:17, 20:22] = 255  # a dot
    image[25, 25] = 255  # a speck
    line, dot = strokes_of(image)
    assert length(line) > 15
    assert length(dot) < 2
    np.testing.assert_allclose(dot.mean(axis=0), (21, 15.5), atol=0.7)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_was_drawn_is_drawn_again(seed: int) -> None:
    generator = np.random.default_rng(seed)
    sizes = generator.integers(2, 4, generator.integers(1, 3))
    corners = [generator.uniform(4, 24, (size, 2)) for size in sizes]
    image = drawn(*corners, width=generator.uniform(1.5, 3.0))
    strokes = strokes_of(image)
    assert all(np.isfinite(stroke).all() for stroke in strokes)
    again = drawn(*strokes, width=2.5)
    for one, other in ((image, again), (again, image)):
        ink, covered = np.argwhere(one > 200), np.argwhere(other > 100)
        assert cdist(ink, covered).min(axis=1).max() <= 2.5


def test_an_image_without_ink_has_no_strokes() -> None:
    assert strokes_of(np.zeros((28, 28), np.uint8)) == []
