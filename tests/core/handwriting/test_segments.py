"""Numbers and pages become digits in reading order; one digit stays one."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from core.handwriting.mnist_form import to_network_input
from core.handwriting.paper import ink_on_paper
from core.handwriting.segments import Box, Segment, segments
from core.prediction.ready_made import read_all, ready_made_network
from tests.support.number_samples import Ink, number_ink, page_of_digits
from tests.support.photo_samples import cover


def read(ink: Ink) -> str:
    images = np.stack([to_network_input(each.ink) for each in segments(ink)])
    return "".join(map(str, read_all(ready_made_network(), images).argmax(axis=1)))


def test_blank_paper_has_no_digits():
    assert segments(np.zeros((40, 50), np.float32)) == ()


@pytest.mark.parametrize("gap", [30, 8, 2])
def test_a_number_is_read_digit_by_digit_and_each_box_fits_its_ink(gap):
    generator = np.random.default_rng(gap)
    for _ in range(12):
        digits = generator.integers(0, 10, int(generator.integers(2, 6))).tolist()
        ink = number_ink(digits, gap, generator)
        found = segments(ink)
        assert len(found) == len(digits)
        assert [each.row for each in found] == [0] * len(digits)
        assert [each.box.left for each in found] == sorted(each.box.left for each in found)
        # Nothing is lost, nothing is twice there.
        assert sum(float(each.ink.sum()) for each in found) == pytest.approx(float(ink.sum()), rel=0.02)
        columns = [np.flatnonzero(each.ink.max(axis=0) > 0.2) for each in found]
        assert all(
            one[0] == 0 and one[-1] == each.box.width - 1 for one, each in zip(columns, found, strict=True)
        )


def test_seventeen_is_a_one_and_a_seven():
    assert read(number_ink((1, 7), 12, np.random.default_rng(0))) == "17"


def test_two_digits_that_touch_are_cut_where_the_profile_has_a_gap():
    for left, right in ((5, 6), (2, 6), (3, 2), (0, 5)):
        ink = number_ink((left, right), 4, np.random.default_rng(0))
        apart = segments(ink)
        row = next(
            row
            for row in range(ink.shape[0] * 2 // 3, 0, -1)
            if all(ink_at(each, row).size for each in apart)
        )
        one, other = (ink_at(each, row) for each in apart)
        ink[row : row + 4, one.max() : other.min() + 1] = 1  # a ligature
        assert ndimage.label(ink > 0.2, np.ones((3, 3)))[1] == 1
        cut = segments(ink)
        assert len(cut) == 2
        assert one.max() - 2 <= cut[0].box.right <= cut[1].box.left + 1 <= other.min() + 3


def ink_at(digit: Segment, row: int) -> NDArray[np.int64]:
    """The columns of the picture in which a digit has ink in this row."""
    inside = row - digit.box.top
    return digit.box.left + np.flatnonzero(digit.ink[inside : inside + 1].max(axis=0, initial=0) > 0.5)


@pytest.mark.parametrize("digit", range(10))
def test_one_digit_stays_one_also_with_its_parts_apart(digit):
    ink = cover(digit, np.random.default_rng(digit), (200, 200))
    (one,) = segments(ink)
    rows, columns = np.flatnonzero(ink.max(1) > 0.2), np.flatnonzero(ink.max(0) > 0.2)
    assert one.box == Box(rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)
    broken = ink.copy()
    broken[90:93] = 0  # a pen that skips
    assert len(segments(broken)) == 1
    dotted = ink * (np.add.outer(np.arange(200), np.arange(200)) % 14 < 9)
    assert len(segments(np.asarray(dotted, np.float32))) == 1


@pytest.mark.parametrize("left", [20, 48])
def test_the_bar_of_a_five_belongs_to_it_and_a_speck_to_nothing(left):
    ink = np.zeros((120, 160), np.float32)
    ink[10:16, left : left + 40] = 1  # the bar
    ink[22:90, 20:26] = 1
    ink[84:90, 20:56] = 1
    ink[20:90, 110:118] = 1  # a 1 beside it
    ink[100:103, 150:153] = 1  # a speck
    assert [each.box for each in segments(ink)] == [Box(10, 20, 90, left + 40), Box(20, 110, 90, 118)]


# Of two hundred the pen is nearly half as thick as they are wide, as that of a dot is.
@pytest.mark.parametrize(
    ("tilt", "lines", "a_line"), [(0.0, 10, 8), (0.04, 10, 8), (0.0, 10, 20), (0.0, 20, 10)]
)
def test_a_page_is_read_line_by_line_also_if_the_lines_rise(tilt, lines, a_line):
    shown, labels = page_of_digits(lines, a_line, 3, tilt)
    small = shown.convert("RGBA")
    small.thumbnail((640, 640), Image.Resampling.BOX)
    ink = ink_on_paper(np.asarray(small))
    assert ink is not None
    found = segments(ink)
    assert len(found) == labels.size
    assert [each.row for each in found] == np.repeat(np.arange(lines), a_line).tolist()
    answers = np.array(list(read(ink)), int).reshape(labels.shape)
    assert (answers == labels).mean() > 0.95


def test_dust_does_not_take_for_ever_and_the_number_of_digits_is_bounded():
    generator = np.random.default_rng(0)
    for share in (0.02, 0.1, 0.3):
        dust = (generator.random((640, 640)) < share).astype(np.float32)
        assert len(segments(dust)) <= 400
    equals = np.zeros((640, 640), np.float32)  # 1,280 bars in pairs
    equals.reshape(32, 20, 20, 32)[:, 3:5, :, 4:28] = 1
    equals.reshape(32, 20, 20, 32)[:, 8:10, :, 4:28] = 1
    assert len(segments(equals)) <= 400
    squares = np.zeros((640, 640), np.float32)
    squares.reshape(40, 16, 40, 16)[:, 3:12, :, 3:12] = 1
    assert len(segments(squares)) <= 400
