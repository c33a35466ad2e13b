"""Handwriting: MNIST as it is, its digits with other pens, and drawn digits of everyone's hand."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from core.config import INK_SIDE
from core.data.dataset import Dataset
from core.data.handwriting.mixture import CHUNK, REWRITTEN, generate
from core.data.handwriting.rewriting import lines_of, rewrite, thinned
from core.data.handwriting.scanning import scan
from core.data.pen_strokes.hand import CLERKS, EVERYONE
from core.data.pen_strokes.render import centre_by_mass, fit_to_box, render, write
from core.data.pen_strokes.skeletons import WAYS, lay_out
from core.data.pen_strokes.wide_ways import MORE_WAYS

OWN = 300
TRAINING = OWN + 2 * CHUNK + 100
_NOT_JOINED = np.ones((3, 3))  # eight neighbours hold a line together


@pytest.fixture(scope="module")
def base(strokes: Any) -> Dataset:
    """A little MNIST: digits drawn by the clerks' hand."""
    return Dataset(
        "mnist",
        strokes["train_images"][:OWN],
        strokes["train_labels"][:OWN],
        strokes["test_images"],
        strokes["test_labels"],
        tuple("0123456789"),
    )


@pytest.fixture(scope="module")
def mixed(base: Dataset) -> dict[str, NDArray[np.uint8]]:
    return generate(base, TRAINING)


def _keys(images: NDArray[np.uint8]) -> list[bytes]:
    return [image.tobytes() for image in images]


def test_all_of_mnist_is_in_and_none_of_its_test_images_is_learnt(
    base: Dataset, mixed: dict[str, NDArray[np.uint8]]
) -> None:
    assert mixed["train_images"].shape == (TRAINING, 28, 28)
    assert mixed["train_labels"].shape == (TRAINING,)
    assert {array.dtype for array in mixed.values()} == {np.dtype(np.uint8)}
    labelled = dict(zip(_keys(mixed["train_images"]), mixed["train_labels"].tolist(), strict=True))
    found = [labelled[key] for key in _keys(base.train_images)]
    assert found == base.train_labels.tolist()
    assert not set(labelled) & set(_keys(base.test_images))
    # What a page says of the test set is said of MNIST's.
    np.testing.assert_array_equal(mixed["test_images"], base.test_images)
    np.testing.assert_array_equal(mixed["test_labels"], base.test_labels)


def test_the_kinds_come_in_mixed_order(base: Dataset, mixed: dict[str, NDArray[np.uint8]]) -> None:
    own = set(_keys(base.train_images))
    is_own = np.array([key in own for key in _keys(mixed["train_images"])])
    assert is_own.sum() == OWN
    for part in np.array_split(is_own, 4):
        assert part.mean() == pytest.approx(OWN / TRAINING, abs=0.08)


def test_of_the_rest_a_half_is_written_again_and_every_digit_is_drawn_as_often(base: Dataset) -> None:
    assert REWRITTEN == 0.5
    ones = Dataset(
        "mnist",
        base.train_images,
        np.ones(OWN, np.uint8),
        base.test_images,
        base.test_labels,
        base.class_names,
    )
    counts = np.bincount(generate(ones, OWN + 400)["train_labels"], minlength=10)
    # 200 ones written again come to MNIST's; of the 200 drawn each digit has 20.
    assert counts.tolist() == [20, OWN + 200 + 20, *[20] * 8]


def test_the_seed_decides(base: Dataset, mixed: dict[str, NDArray[np.uint8]]) -> None:
    again = generate(base, TRAINING)
    for name, array in mixed.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)
    other = generate(base, OWN + 100, seed=1)
    assert not np.array_equal(other["train_images"], generate(base, OWN + 100)["train_images"])


def test_every_picture_lies_in_the_field_as_mnist_s_do(mixed: dict[str, NDArray[np.uint8]]) -> None:
    images = mixed["train_images"]
    assert images.reshape(TRAINING, -1).max(axis=1).min() > 200
    sides = np.array([np.ptp(np.nonzero(image), axis=1) + 1 for image in images])
    assert sides.max() <= INK_SIDE
    centres = np.array([ndimage.center_of_mass(image) for image in images])
    # But for the few that would be cut off.
    assert (np.abs(centres - 14).max(axis=1) <= 0.5 + 1e-9).mean() > 0.98


def test_fewer_images_than_mnist_has_are_refused(base: Dataset) -> None:
    with pytest.raises(ValueError, match=f"train_count is {OWN - 1}"):
        generate(base, OWN - 1)


def test_nothing_to_mix_with_is_mnist_itself(base: Dataset) -> None:
    told: list[float] = []
    alone = generate(base, OWN, report=lambda fraction, _: told.append(fraction))
    assert sorted(_keys(alone["train_images"])) == sorted(_keys(base.train_images))
    assert told == []


def test_progress_rises_to_one_in_sentences(base: Dataset) -> None:
    told: list[tuple[float, str]] = []
    generate(base, TRAINING, report=lambda *now: told.append(now))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(set(fractions))
    assert fractions[-1] == 1
    assert told[-1][1] == f"Writing digits: {TRAINING - OWN:,} of {TRAINING - OWN:,}."


# Everyone's hand


def test_every_digit_has_ways_beside_the_clerks_and_each_occurs() -> None:
    shapes = EVERYONE.skeletons
    for digit in range(10):
        known = np.flatnonzero(shapes.digits == digit)
        assert len(known) == len(WAYS[digit]) + len(MORE_WAYS[digit])
        more = shapes.weights[known][len(WAYS[digit]) :]
        assert more.sum() == pytest.approx(0.5)
        chosen = shapes.choose(np.full(3_000, digit, np.uint8), np.random.default_rng(digit))
        assert set(chosen.tolist()) == set(known.tolist())


def _holes(picture: NDArray[np.bool_]) -> int:
    """Closed rooms of paper inside the ink."""
    return int(ndimage.label(~np.pad(picture, 1))[1]) - 1


def _picture(digit: int, text: str) -> NDArray[np.bool_]:
    """One way of a digit by a thin pen and a steady hand, as a picture."""
    shapes = lay_out({digit: ((1.0, text),)})
    paths = (shapes.splines @ shapes.controls).astype(np.float32)
    radii = np.full(paths.shape[:2], 0.8, np.float32)
    return np.asarray(render(*fit_to_box(paths, radii, np.random.default_rng(0)))[0] > 0.3, np.bool_)


def _holes_of(digit: int) -> set[int]:
    return {_holes(_picture(digit, text)) for _, text in (*WAYS[digit], *MORE_WAYS[digit])}


def test_fours_are_open_and_closed_and_eights_have_two_rooms() -> None:
    assert {0, 1} <= _holes_of(4)
    assert 2 in _holes_of(8)
    assert 1 in _holes_of(9)
    assert {1, 2} <= _holes_of(0)  # with a slash


def test_ones_have_flags_and_feet_and_sevens_bars() -> None:
    def shape(digit: int, part: slice) -> list[int]:
        """Width of the ink in a part of the height, in pixels of 20, for each way."""
        return [
            int(np.ptp(np.nonzero(_picture(digit, text)[part].any(axis=0))[0])) + 1
            for _, text in MORE_WAYS[digit]
        ]

    heads, feet = np.array(shape(1, slice(0, 9))), np.array(shape(1, slice(17, 20)))
    assert heads.max() > 7
    assert feet.max() > 9
    assert np.any((heads > 6) & (feet < 5))  # a flag alone
    assert np.any((heads > 4) & (feet > 7))  # both
    assert np.any((heads < 4) & (feet > 7))  # a foot alone
    assert np.any((heads < 4) & (feet < 4))  # neither
    bars = np.array(shape(7, slice(9, 12)))
    assert bars.max() > 7
    assert bars.min() < 5


def test_everyone_s_pens_differ_more_than_the_clerks() -> None:
    labels = np.full(1_000, 2, np.uint8)
    spread = {}
    for hand in (CLERKS, EVERYONE):
        generator = np.random.default_rng(1)
        _, radii = write(labels, generator, hand)
        halves = radii.mean(axis=1)
        spread[hand] = np.quantile(halves, 0.95) / np.quantile(halves, 0.05)
    assert spread[EVERYONE] > 1.3 * spread[CLERKS]


# Written again


def test_a_thick_line_is_thinned_to_its_middle() -> None:
    ink = np.zeros((2, 20, 20), np.bool_)
    ink[0, 3:17, 8:13] = True  # a bar, five wide
    ink[1, 3:17, 3:17] = True  # a frame
    ink[1, 7:13, 7:13] = False
    lines = thinned(ink)
    assert not np.any(lines & ~ink)
    (columns,) = np.nonzero(lines[0].any(axis=0))
    assert set(columns) <= {9, 10, 11}
    assert lines[0].sum(axis=1).max() == 1
    assert _holes(lines[1]) == 1


def test_ink_at_the_edge_is_thinned_as_elsewhere_and_each_picture_by_itself() -> None:
    ink = np.zeros((3, 20, 20), np.bool_)
    ink[0, :, :5] = ink[0, 8:12] = True
    ink[2, -5:] = True
    lines = thinned(ink)
    assert not lines[1].any()
    for one, alone in zip(lines, ink, strict=True):
        np.testing.assert_array_equal(one, thinned(np.pad(alone, 3)[None])[0, 3:-3, 3:-3])


def test_thinning_keeps_what_holds_together(strokes: Any) -> None:
    images = strokes["train_images"][:200]
    for image, line in zip(images, lines_of(images), strict=True):
        fine = ndimage.zoom(image.astype(np.float32), 2, order=1, grid_mode=True, mode="grid-constant")
        parts = ndimage.label(fine > 0.5 * image.max(), _NOT_JOINED)[1]
        assert ndimage.label(line, _NOT_JOINED)[1] == parts
        # No block of four: nothing is left to take away but at a crossing.
        blocks = line[1:, 1:] & line[1:, :-1] & line[:-1, 1:] & line[:-1, :-1]
        assert blocks.sum() <= 0.1 * line.sum()


def test_who_writes_a_digit_again_leaves_it_where_it_was(strokes: Any) -> None:
    images = strokes["train_images"][:300]
    generator = np.random.default_rng(0)
    ink = render(*fit_to_box(*rewrite(images, generator, EVERYONE), generator))
    again, _ = centre_by_mass(ink)
    # Wide brushes on both sides forgive slant and pen: the same digit is nearer than the next one.
    soft = ndimage.gaussian_filter(np.concatenate([images, again]).astype(np.float32), (0, 1.5, 1.5))
    soft = soft.reshape(2, 300, -1)
    soft /= np.linalg.norm(soft, axis=2, keepdims=True)
    alike = np.einsum("np,np->n", soft[0], soft[1])
    others = np.einsum("np,np->n", soft[0], np.roll(soft[1], 1, axis=0))
    assert alike.mean() > others.mean() + 0.2
    assert (alike > others).mean() > 0.9


def test_pens_are_thin_and_thick_whatever_the_digit_was_written_with(strokes: Any) -> None:
    images = strokes["train_images"][:300]
    _, radii = rewrite(images, np.random.default_rng(0), EVERYONE)
    halves = radii.mean(axis=1)
    assert halves.min() < 0.7
    assert halves.max() > 2.2
    before = images.reshape(300, -1).mean(axis=1)
    assert abs(np.corrcoef(before, halves)[0, 1]) < 0.2


# Scanned


def test_a_scan_leaves_most_as_they_are_stretches_some_and_makes_some_coarse() -> None:
    boxes = _boxes(1_000)
    scanned = scan(boxes, np.random.default_rng(5))
    assert scanned.shape == boxes.shape
    assert scanned.dtype == np.float32
    assert scanned.max(axis=(1, 2)) == pytest.approx(1)
    assert scanned.min() >= 0
    same = np.abs(scanned - boxes / boxes.max(axis=(1, 2), keepdims=True)).max(axis=(1, 2)) < 1e-6
    assert 0.3 < same.mean() < 0.55
    wider = (scanned > 0.1).any(axis=1).sum(axis=1) > (boxes > 0.1).any(axis=1).sum(axis=1) + 2
    assert 0.05 < wider.mean() < 0.3


def _boxes(count: int) -> NDArray[np.float32]:
    labels = (np.arange(count) % 10).astype(np.uint8)
    generator = np.random.default_rng(2)
    return render(*fit_to_box(*write(labels, generator, EVERYONE), generator))


def test_a_one_is_stretched_to_a_bar_and_not_to_a_square() -> None:
    line = np.zeros((200, 20, 20), np.float32)
    line[:, :, 9:11] = 1
    scanned = scan(line, np.random.default_rng(0))
    widths = (scanned > 0.5).any(axis=1).sum(axis=1)
    assert 5 <= widths.max() <= 13
