"""Pen strokes: drawn by seed, laid out as MNIST is, readable, and told apart by a classifier."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from core.config import INK_CENTRE, INK_SIDE
from core.data.pen_strokes.hand import CLERKS
from core.data.pen_strokes.render import CHUNK, centre_by_mass, generate, render
from core.data.pen_strokes.skeletons import PATH_POINTS, WAYS

Strokes = Mapping[str, NDArray[np.uint8]]


def _side_lengths(image: NDArray[np.uint8]) -> tuple[int, int]:
    """Height and width of the box around all ink."""
    rows, columns = np.nonzero(image)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_shapes_types_and_counts() -> None:
    arrays = generate(130, 45)
    assert {name: array.shape for name, array in arrays.items()} == {
        "train_images": (130, 28, 28),
        "train_labels": (130,),
        "test_images": (45, 28, 28),
        "test_labels": (45,),
    }
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.uint8)}


def test_each_digit_is_drawn_equally_often_in_mixed_order() -> None:
    arrays = generate(1_003, 200)
    counts = np.bincount(arrays["train_labels"], minlength=10)
    assert counts.sum() == 1_003
    assert np.ptp(counts) <= 1
    assert np.bincount(arrays["test_labels"]).tolist() == [20] * 10
    # In mixed order every tenth neighbour is the same digit, in sorted order nearly all are.
    neighbours = arrays["train_labels"][1:] == arrays["train_labels"][:-1]
    assert 0.05 < neighbours.mean() < 0.15


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_the_seed_decides_and_not_the_number_of_threads(processes: int) -> None:
    # Three chunks, the last of them short.
    expected = generate(2 * CHUNK + 7, 30, seed=3, processes=3)
    again = generate(2 * CHUNK + 7, 30, seed=3, processes=processes)
    for name, array in expected.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_another_seed_draws_other_pictures() -> None:
    one, other = generate(100, 0, seed=1), generate(100, 0, seed=2)
    assert not np.array_equal(one["train_labels"], other["train_labels"])
    assert not np.array_equal(one["train_images"], other["train_images"])


def test_no_picture_comes_twice() -> None:
    arrays = generate(2 * CHUNK, CHUNK)
    pictures = np.concatenate([arrays["train_images"], arrays["test_images"]]).reshape(3 * CHUNK, -1)
    assert len(np.unique(pictures, axis=0)) == 3 * CHUNK


def test_the_longer_side_fills_the_box(strokes: Strokes) -> None:
    longest = [max(_side_lengths(image)) for image in strokes["train_images"]]
    assert max(longest) == INK_SIDE
    # Very thin line ends may fade below the darkest grey level.
    assert np.mean(np.array(longest) == INK_SIDE) > 0.99
    assert min(longest) >= INK_SIDE - 1


def test_the_centre_of_mass_lies_at_pixel_14_14(strokes: Strokes) -> None:
    centres = np.array([ndimage.center_of_mass(image) for image in strokes["train_images"]])
    assert np.abs(centres - INK_CENTRE).max() <= 0.5 + 1e-9


def test_a_box_is_moved_by_whole_pixels_and_never_cut() -> None:
    ink = np.zeros((2, INK_SIDE, INK_SIDE), np.float32)
    ink[0, :, 8] = 1  # a line left of the middle
    ink[1, 0, :] = 1  # all its mass on the upper edge, a dot at the foot
    ink[1, 19, 10] = 1
    images, whole = centre_by_mass(ink)
    assert whole.tolist() == [True, False]
    assert np.unique(np.nonzero(images[0])[1]).tolist() == [14]
    assert (images > 0).sum(axis=(1, 2)).tolist() == [20, 21]


def test_the_pen_is_as_dark_and_as_wide_as_in_mnist(strokes: Strokes) -> None:
    # MNIST's training images: mean 0.1307, 19.1 % of all pixels inked, 7.5 % (nearly) full black.
    images = strokes["train_images"]
    assert images.mean() / 255 == pytest.approx(0.131, abs=0.02)
    assert (images > 0).mean() == pytest.approx(0.191, abs=0.03)
    assert (images > 247).mean() == pytest.approx(0.075, abs=0.02)
    assert images.reshape(len(images), -1).max(axis=1).min() > 200
    inked = images.mean(axis=(1, 2)) / 255
    assert np.quantile(inked, 0.95) > 2 * np.quantile(inked, 0.05)  # thin and thick pens


def test_a_one_is_narrower_than_a_zero(strokes: Strokes) -> None:
    shares = {
        digit: np.median(
            [np.divide(*_side_lengths(image)[::-1]) for image in strokes["train_images"][rows]],
        )
        for digit in (0, 1)
        for rows in [strokes["train_labels"] == digit]
    }
    assert shares[1] < 0.75 * shares[0]


def test_a_straight_line_is_drawn_by_its_coverage() -> None:
    # A level line 3 pixels wide through the middle of row 10.
    path = np.stack([np.linspace(1.5, 17.5, PATH_POINTS), np.full(PATH_POINTS, 10.0)], axis=-1)[None]
    ink = render(path.astype(np.float32), np.full((1, PATH_POINTS), 1.5, np.float32))[0]
    column = ink[:, 9]
    assert column[9:12] == pytest.approx([1, 1, 1], abs=0.01)
    assert column[[8, 12]] == pytest.approx([0, 0], abs=0.02)
    shifted = render(
        (path + np.array([0, 0.25])).astype(np.float32), np.full((1, PATH_POINTS), 1.5, np.float32)
    )[0]
    assert shifted[8:14, 9] == pytest.approx([0, 0.75, 1, 1, 0.25, 0], abs=0.02)


def test_every_digit_has_several_ways() -> None:
    shapes = CLERKS.skeletons
    assert {digit for digit in WAYS if len(WAYS[digit]) >= 4} == set(range(10))
    for digit in range(10):
        assert shapes.weights[shapes.digits == digit].sum() == pytest.approx(1)
    # A path is a weighted mean of its control points, wherever the sheet lies.
    assert shapes.splines.sum(axis=2) == pytest.approx(1.0, abs=1e-5)
    assert np.all(shapes.splines[:, :, -1] == 0)


def test_a_path_starts_and_ends_where_the_pen_does() -> None:
    shapes = CLERKS.skeletons
    paths = shapes.splines @ shapes.controls
    for way, (path, controls) in enumerate(zip(paths, shapes.controls, strict=True)):
        assert path[0] == pytest.approx(controls[0], abs=1e-5), way
        last = np.flatnonzero(np.any(shapes.splines[way] != 0, axis=0)).max()
        assert path[-1] == pytest.approx(controls[last], abs=1e-5), way
        assert last in shapes.ends[way]
        steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
        lifts = len(set(shapes.strokes[way])) - 1
        # Equal small steps, but for the jumps of a lifted pen.
        assert np.sort(steps)[: len(steps) - lifts].max() < 0.15, way


def test_progress_rises_to_one_in_sentences() -> None:
    told: list[tuple[float, str]] = []
    generate(2 * CHUNK, CHUNK, report=lambda fraction, sentence: told.append((fraction, sentence)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(set(fractions))
    assert len(fractions) == 3
    assert fractions[0] > 0
    assert fractions[-1] == 1
    assert all(sentence.endswith(".") for _, sentence in told)
    assert "1,500" in told[-1][1]


def test_nothing_to_draw_is_done_at_once() -> None:
    told: list[float] = []
    arrays = generate(0, 0, report=lambda fraction, _: told.append(fraction))
    assert [len(array) for array in arrays.values()] == [0, 0, 0, 0]
    assert told == [1.0]


def test_an_error_of_the_listener_ends_the_drawing() -> None:
    def refuse(fraction: float, sentence: str) -> None:
        raise InterruptedError(sentence)

    with pytest.raises(InterruptedError, match="Drawing digits"):
        generate(4 * CHUNK, 0, report=refuse)


@pytest.mark.parametrize("bad", [{"train_count": -1}, {"test_count": -5}, {"processes": 0}])
def test_impossible_counts_are_refused_by_value(bad: dict[str, int]) -> None:
    (value,) = bad.values()
    with pytest.raises(ValueError, match=str(value)):
        generate(**bad)


@pytest.fixture(scope="module")
def reader(strokes: Strokes) -> Iterator[Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]:
    """A small network that learnt from the strokes: images in, the digits that it reads out."""
    # Products this small are done before a second thread has woken: with one it is ten times as quick.
    with threadpool_limits(1):
        model = MLPClassifier((128,), batch_size=100, max_iter=10, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(_rows(strokes["train_images"]), strokes["train_labels"])
        yield lambda images: model.predict(_rows(images))


def _rows(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(images.reshape(len(images), -1) / 255, np.float32)


def test_the_digits_can_be_told_apart(strokes: Strokes, reader: Any) -> None:
    found = reader(strokes["test_images"])
    assert np.mean(found == strokes["test_labels"]) > 0.7
    for digit in range(10):
        rows = strokes["test_labels"] == digit
        assert np.mean(found[rows] == digit) > 0.5, digit


@pytest.mark.mnist
def test_who_learnt_from_strokes_reads_real_handwriting(mnist: Any, reader: Any) -> None:
    assert np.mean(reader(mnist.test_images[:2_000]) == mnist.test_labels[:2_000]) > 0.75
