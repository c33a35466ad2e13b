"""The steps from ink to the network's picture, one switched off at a time."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import PictureError
from core.handwriting.mnist_form import Steps, network_input_steps, to_network_input
from core.handwriting.pen import strokes_to_ink
from tests.support.pen_samples import odd_inks, random_strokes, stroke

# A tall, thin line in the upper left: 140 pixels high with its round ends, 14 wide.
LINE = strokes_to_ink([stroke((0.25, 0.125), (0.25, 0.575), width=0.05)])


def box(picture: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def centre_of(picture: NDArray[np.uint8]) -> tuple[float, float]:
    weights = picture / picture.sum()
    rows, columns = np.indices(picture.shape)
    return float((weights * rows).sum()), float((weights * columns).sum())


def test_all_steps_are_the_picture_of_mnist_and_show_the_way_to_it() -> None:
    steps = network_input_steps(LINE)
    np.testing.assert_array_equal(steps.picture, to_network_input(LINE))
    np.testing.assert_array_equal(steps.drawn, LINE)
    assert steps.cropped.shape == (140, 14)
    assert steps.scaled.shape == (20, 2)
    top, bottom, left, right = box(steps.picture)
    assert (bottom - top, right - left) == (20, 2)


def test_without_cropping_the_paper_is_made_smaller_with_the_ink() -> None:
    steps = network_input_steps(LINE, Steps(crop=False))
    assert steps.cropped.shape == (280, 280)
    assert steps.scaled.shape == (20, 20)
    top, bottom, left, right = box(steps.picture)
    assert bottom - top == 10  # of 20, as the line takes half of the canvas' height
    assert (top + bottom) / 2 == pytest.approx(14, abs=1)
    assert (left + right) / 2 == pytest.approx(14, abs=1)


def test_without_scaling_a_small_digit_stays_small() -> None:
    steps = network_input_steps(LINE, Steps(scale=False))
    assert steps.scaled.shape == (14, 1)
    top, bottom, left, right = box(steps.picture)
    assert (bottom - top, right - left) == (14, 1)


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.5), (0.4, 0.5), (0.5, 0.58), (0.1, 0.9)])
def test_without_centring_the_ink_lies_where_it_was_drawn(x: float, y: float) -> None:
    heavy_foot = strokes_to_ink([stroke((x, y - 0.15), (x, y + 0.05)), stroke((x, y + 0.05), width=0.2)])
    top, bottom, left, right = box(network_input_steps(heavy_foot, Steps(centre=False)).picture)
    assert bottom - top == 20
    # Of 28 pixels; the field holds all of the 20 that are inked only if the middle moves by 4 at most.
    rows, columns = np.flatnonzero(heavy_foot.any(axis=1)), np.flatnonzero(heavy_foot.any(axis=0))
    for first, last, ends in ((top, bottom, rows), (left, right, columns)):
        drawn = (ends[0] + ends[-1] + 1) / 20
        assert (first + last) / 2 == pytest.approx(
            np.clip(drawn, (last - first) / 2, 28 - (last - first) / 2), abs=1
        )
    assert centre_of(to_network_input(heavy_foot)) == pytest.approx((14, 14), abs=0.5 + 1e-6)


def test_with_nothing_but_making_it_smaller_the_ink_lies_where_it_was_drawn() -> None:
    picture = network_input_steps(LINE, Steps(crop=False, scale=False, centre=False)).picture
    tenth = LINE.reshape(28, 10, 28, 10).mean(axis=(1, 3))
    assert np.abs(picture - 255 * tenth / tenth.max()).max() <= 0.51


def test_without_the_stretch_faint_ink_stays_faint() -> None:
    faint = (0.3 * LINE).astype(np.float32)
    np.testing.assert_array_equal(to_network_input(faint), to_network_input(LINE))
    pale = network_input_steps(faint, Steps(stretch=False))
    assert pale.picture.max() == round(0.3 * 255)
    assert pale.cropped.shape == (140, 14)


def test_centring_loses_no_ink_that_has_paper_around_it() -> None:
    corner = strokes_to_ink([stroke((0.02, 0.02), (0.1, 0.1), width=0.05)])
    off, on = (network_input_steps(corner, Steps(False, False, centre)) for centre in (False, True))
    assert on.picture.sum() == off.picture.sum()
    assert box(on.picture)[0] > 10 > box(off.picture)[0]


def test_whatever_is_drawn_and_switched_off_is_a_picture_or_a_sentence() -> None:
    rng = np.random.default_rng(4)
    inks = [strokes_to_ink(random_strokes(rng)) for _ in range(20)] + odd_inks(20, seed=9)
    for ink, switches in itertools.product(inks, itertools.product((True, False), repeat=4)):
        if ink.max() == 0:
            with pytest.raises(PictureError, match="canvas is empty"):
                network_input_steps(ink, Steps(*switches))
            continue
        steps = network_input_steps(ink, Steps(*switches))
        assert (steps.picture.shape, steps.picture.dtype) == ((28, 28), np.uint8)
        assert max(steps.scaled.shape) <= 28
        for part in (steps.drawn, steps.cropped, steps.scaled):
            assert part.dtype == np.float32
            assert part.min() >= 0
            assert part.max() <= 1
