"""Ink becomes 28×28 as MNIST was made; the rules are checked by number."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.errors import PictureError
from core.handwriting.mnist_form import BLANK_CANVAS, to_network_input
from tests.support.picture_samples import ink_of, seven


def lopsided(canvas: ImageDraw.ImageDraw) -> None:
    canvas.ellipse((40, 180, 120, 260), fill=255)
    canvas.line([(110, 200), (220, 30)], fill=255, width=14)


def centre_of_mass(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    weights = picture.astype(np.float64)
    rows, columns = np.indices(picture.shape)
    return np.array([(weights * rows).sum(), (weights * columns).sum()]) / weights.sum()


def box(picture: NDArray[Any]) -> tuple[int, int]:
    """Height and width of the pixels that are not paper."""
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


@pytest.mark.parametrize("draw", [seven, lopsided])
@pytest.mark.parametrize("shift", [(0, 0), (-30, 25), (35, -20)])
def test_centre_of_mass_lies_within_half_a_pixel_of_the_middle(draw, shift):
    ink = np.roll(np.pad(ink_of(draw), 40), shift, axis=(0, 1))
    picture = to_network_input(ink)
    assert picture.shape == (28, 28)
    assert picture.dtype == np.uint8
    # (14, 14) from pixel 0 is where all of MNIST has it: see the test with MNIST below.
    assert np.abs(centre_of_mass(picture) - 14).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("draw", [seven, lopsided])
@pytest.mark.parametrize("side", [280, 1000, 90])
def test_longest_side_is_20_pixels_and_strongest_ink_255(draw, side):
    ink = np.asarray(Image.fromarray(ink_of(draw)).resize((side, side), Image.Resampling.BILINEAR))
    picture = to_network_input(ink.clip(0, 1))
    assert max(box(picture)) == 20
    assert picture.max() == 255


def test_position_does_not_matter():
    ink = np.pad(ink_of(seven), 60)
    moved = np.roll(ink, (41, -37), axis=(0, 1))
    np.testing.assert_array_equal(to_network_input(moved), to_network_input(ink))


@pytest.mark.parametrize(("height", "width"), [(200, 100), (60, 240), (50, 50), (8, 4), (3, 9)])
def test_proportions_are_kept_also_when_a_tiny_drawing_is_enlarged(height, width):
    ink = np.zeros((280, 280), np.float32)
    ink[20 : 20 + height, 30 : 30 + width] = 1
    scale = 20 / max(height, width)
    assert box(to_network_input(ink)) == (round(height * scale), round(width * scale))


def test_edges_are_anti_aliased_by_the_share_of_ink_in_each_pixel():
    # 40×30 at a half: an edge that halves a pixel gives it half the ink.
    ink = np.zeros((60, 60), np.float32)
    ink[10:50, 10:40] = 1
    ink[10:11, 10:40] = 0  # a row short: the first row of pixels covers one full and one empty row
    ink[10, 10] = 1
    picture = to_network_input(ink)
    first = np.flatnonzero(picture.any(axis=1))[0]
    row = picture[first][picture[first] > 0]
    np.testing.assert_array_equal(row[1:], np.full(14, 128))
    assert row[0] == 191  # three of four


def test_a_thin_line_is_not_lost():
    ink = np.zeros((400, 400), np.float32)
    ink[20:380, 200] = 1
    picture = to_network_input(ink)
    assert box(picture) == (20, 1)
    assert picture[picture > 0].min() == 255


def test_a_single_dot_is_a_picture_and_a_faint_drawing_counts_like_a_strong_one():
    dot = np.zeros((280, 280), np.float32)
    dot[100, 100] = 1
    assert box(to_network_input(dot)) == (20, 20)
    np.testing.assert_array_equal(to_network_input(ink_of(seven) * 0.3), to_network_input(ink_of(seven)))


def test_very_lopsided_ink_is_not_cut_off():
    ink = np.zeros((280, 280), np.float32)
    ink[200:260, 20:80] = 1
    ink[20:200, 48:52] = 1
    assert max(box(to_network_input(ink))) == 20


@pytest.mark.parametrize("ink", [np.zeros((280, 280)), np.full((28, 28), 0.01), np.full((5, 5), np.nan)])
def test_a_blank_canvas_is_refused_in_words(ink):
    with pytest.raises(PictureError, match="canvas is empty: draw a digit from 0 to 9"):
        to_network_input(ink.astype(np.float32))
    assert BLANK_CANVAS.endswith(".")


@pytest.mark.parametrize("shape", [(0, 5), (28,), (2, 28, 28)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(PictureError, match="shape"):
        to_network_input(np.ones(shape, np.float32))


@pytest.mark.mnist
def test_mnist_itself_has_its_centre_of_mass_there_and_a_box_of_20(mnist):
    images = mnist.test_images[:1000]
    centres = np.array([centre_of_mass(image) for image in images])
    assert np.abs(centres - 14).max() <= 0.51
    assert np.mean([max(box(image)) == 20 for image in images]) > 0.99


@pytest.mark.mnist
@pytest.mark.parametrize(
    ("enlarged_by", "most_mean_difference"),
    [(Image.Resampling.NEAREST, 0.5), (Image.Resampling.BICUBIC, 10.0)],
)
def test_mnist_digits_drawn_large_come_back_as_they_were(mnist, enlarged_by, most_mean_difference):
    differences = []
    for image in mnist.test_images[:300]:
        large = Image.fromarray(image.astype(np.float32)).resize((280, 280), enlarged_by)
        returned = to_network_input((np.asarray(large) / 255).clip(0, 1))
        differences.append(np.abs(returned.astype(float) - image).mean())
    # Of 255; a digit moved by one pixel differs by about 25.
    assert np.mean(differences) < most_mean_difference
