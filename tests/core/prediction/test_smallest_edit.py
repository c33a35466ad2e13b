"""The fewest pixels that make another digit: what ONNX Runtime says of them, and none too many."""

from itertools import product

import numpy as np
import pytest

from core.errors import ModelError
from core.prediction import smallest_edit as module
from core.prediction.onnx_layers import layers_of
from core.prediction.ready_made import FILE, ready_made_network
from core.prediction.smallest_edit import MARGIN, Edit, smallest_edit
from tests.support.lively_layers import ACTIVATE, lively_layers, log_odds_in_float64
from tests.support.network_samples import always
from tests.support.picture_samples import ink_of, seven

LAYERS = layers_of(FILE.read_bytes())
LONG = 60.0  # what is found shall not hang on what else the machine does
BLANK, FULL = np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)


def drawn_seven() -> np.ndarray:
    from core.handwriting.mnist_form import to_network_input

    return to_network_input(ink_of(seven))


SEVEN = drawn_seven()


def read(picture: np.ndarray) -> np.ndarray:
    return ready_made_network().predict(picture[np.newaxis]).probabilities[0]


def check(edit: Edit, picture: np.ndarray, target: int) -> None:
    """What holds of every edit: the changes are those of the picture, and it is read as the target."""
    rebuilt = picture.copy()
    for change in edit.changes:
        assert rebuilt[change.row, change.column] == change.before != change.after
        rebuilt[change.row, change.column] = change.after
    assert np.array_equal(rebuilt, edit.picture)
    assert edit.picture.dtype == np.uint8
    assert (edit.picture != picture).sum() == len(edit.changes)
    assert edit.probabilities.shape == (len(edit.changes) + 1, 10)
    assert edit.target == target
    assert edit.probabilities[-1].argmax() == target


@pytest.mark.parametrize("target", [digit for digit in range(10) if digit != 7])
def test_a_seven_becomes_every_other_digit_under_onnx_runtime_and_no_pixel_is_too_many(target: int) -> None:
    assert read(SEVEN).argmax() == 7
    edit = smallest_edit(LAYERS, SEVEN, target, seconds=LONG)
    assert edit is not None
    check(edit, SEVEN, target)
    assert read(edit.picture).argmax() == target
    assert 1 <= len(edit.changes) <= 40
    np.testing.assert_allclose(edit.probabilities[0], read(SEVEN), atol=1e-5)
    np.testing.assert_allclose(edit.probabilities[-1], read(edit.picture), atol=1e-5)
    for change in edit.changes:
        without = edit.picture.copy()
        without[change.row, change.column] = change.before
        probabilities = read(without)
        lead = np.log(probabilities[target] / np.delete(probabilities, target).max())
        assert lead < MARGIN + 1e-4


@pytest.mark.parametrize("activation", ACTIVATE)
def test_it_works_for_every_activation_with_batch_normalization(activation: str) -> None:
    layers = lively_layers(activation, normalized=True, widths=(40, 30))
    # The second: not every digit can be had of a network of chance.
    target = int(np.argsort(log_odds_in_float64(layers, SEVEN.reshape(1, 784) / 255)[0])[-2])
    edit = smallest_edit(layers, SEVEN, target, seconds=LONG)
    assert edit is not None
    check(edit, SEVEN, target)
    assert log_odds_in_float64(layers, edit.picture.reshape(1, 784) / 255)[0].argmax() == target


def test_the_fewest_are_found_where_all_can_be_tried() -> None:
    """A network without hidden layers: the fewest are those with the largest effects on the lead."""
    layers = lively_layers("relu", widths=())
    picture = np.zeros((28, 28), np.uint8)
    for target in range(10):
        edit = smallest_edit(layers, picture, target, seconds=LONG)
        assert edit is not None
        # With one pixel fewer the lead over each other digit alone cannot be had: a bound from below.
        kernel, bias = layers[0].kernel.astype(float), layers[0].bias.astype(float)
        needed = 0
        for other in range(10):
            lead, steps = bias[target] - bias[other], np.sort(kernel[:, target] - kernel[:, other])[::-1]
            needed = max(needed, 0 if lead >= 0 else int(np.argmax(lead + steps.cumsum() >= 0)) + 1)
        assert needed <= len(edit.changes) <= needed + 1


@pytest.mark.parametrize(("name", "picture"), [("blank", BLANK), ("full", FULL)])
def test_blank_paper_and_full_ink_become_digits_too(name: str, picture: np.ndarray) -> None:
    target = 3 if read(picture).argmax() != 3 else 4
    edit = smallest_edit(LAYERS, picture, target, seconds=LONG)
    assert edit is not None
    check(edit, picture, target)
    assert {change.after for change in edit.changes} == ({255} if name == "blank" else {0})


def test_what_is_read_so_already_takes_no_pixel() -> None:
    edit = smallest_edit(LAYERS, SEVEN, 7, seconds=LONG)
    assert edit is not None
    assert edit.changes == ()
    check(edit, SEVEN, 7)


def test_any_other_digit_takes_as_few_as_the_one_that_takes_fewest() -> None:
    edit = smallest_edit(LAYERS, SEVEN, None, seconds=LONG)
    assert edit is not None
    assert edit.target != 7
    check(edit, SEVEN, edit.target)
    each = [smallest_edit(LAYERS, SEVEN, target, seconds=LONG) for target in range(10) if target != 7]
    assert len(edit.changes) == min(len(one.changes) for one in each if one is not None)


def test_what_cannot_be_within_the_bounds_is_not() -> None:
    fewest = smallest_edit(LAYERS, SEVEN, 0, seconds=LONG)
    assert fewest is not None
    assert smallest_edit(LAYERS, SEVEN, 0, most=1, seconds=LONG) is None
    assert smallest_edit(LAYERS, SEVEN, 0, seconds=0) is None
    unmoved = layers_of(always([0.91, *[0.01] * 9]))
    assert smallest_edit(unmoved, SEVEN, 4, seconds=LONG) is None
    assert smallest_edit(unmoved, SEVEN, None, seconds=LONG) is None


def test_time_that_ends_leaves_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REPLACING", 0.0)
    edit = smallest_edit(LAYERS, SEVEN, 0, seconds=LONG)
    assert edit is not None
    check(edit, SEVEN, 0)


def test_the_order_is_the_same_each_time() -> None:
    one, other = (smallest_edit(LAYERS, SEVEN, 2, seconds=LONG) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.changes == other.changes


@pytest.mark.parametrize("target", [-1, 10])
def test_a_class_that_is_not_there_is_refused(target: int) -> None:
    with pytest.raises(ModelError, match=f"no class {target}"):
        smallest_edit(LAYERS, SEVEN, target, seconds=LONG)


def test_a_network_that_ran_away_and_another_form_are_told() -> None:
    layers = lively_layers("relu")
    away = (type(layers[0])(layers[0].kernel * np.float32(np.nan), layers[0].bias, "relu"), *layers[1:])
    with pytest.raises(ModelError, match="training ran away"):
        smallest_edit(away, SEVEN, 3)
    with pytest.raises(ModelError, match="uint8 pictures of shape"):
        smallest_edit(LAYERS, SEVEN.astype(np.float32), 3)


def test_random_pictures_become_random_digits() -> None:
    rng = np.random.default_rng(11)
    for share, _ in product((0.05, 0.3, 0.8), range(3)):
        picture = rng.integers(0, 256, (28, 28), dtype=np.uint8) * (rng.random((28, 28)) < share)
        target = int(rng.integers(10))
        edit = smallest_edit(LAYERS, picture, target, seconds=LONG)
        assert edit is not None
        check(edit, picture, target)
