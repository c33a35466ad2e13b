"""What may be said of a picture: the judge of digits, its file, its fitting, and what it refuses."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from core.arrays import as_npz
from core.errors import ModelError
from core.prediction import refusal as module
from core.prediction.other_pictures import other_pictures
from core.prediction.refusal import (
    FEATURES,
    as_file,
    digits_refusal,
    familiarities,
    features,
    judge,
    pack_refusal,
    read_refusal,
    scores,
)
from core.prediction.refusal_fitting import Effort, fit_refusal
from tests.support.non_digits import MAKERS, non_digits
from tests.support.refusal_samples import odd_pictures, small_refusal

SURELY_3 = softmax(np.array([0, 0, 1, 9, 0, 0, 0, 0, 2, 0], float)).astype(np.float32)
SMALL = Effort(images=1_800, others=1_200, hidden=(24,), epochs=60)


def test_the_edges_are_those_that_a_loop_finds():
    pictures = odd_pictures(8)
    for picture, found in zip(pictures, features(pictures), strict=True):
        bright = np.zeros((30, 30))
        bright[1:29, 1:29] = picture / 255
        squares = [
            [bright[1 + 2 * r : 3 + 2 * r, 1 + 2 * c : 3 + 2 * c].mean() for c in range(14)]
            for r in range(14)
        ]
        np.testing.assert_allclose(found[:196], np.ravel(squares), atol=1e-6)
        place = 196 + 3 * 49 + 2 * 7 + 5  # direction 3 of 8, row 2, column 5 of 4×4 pixels
        rises = []
        for row in range(9, 13):
            for column in range(21, 25):
                across = (bright[row, column + 1] - bright[row, column - 1]) / 2
                down = (bright[row + 1, column] - bright[row - 1, column]) / 2
                rises.append(max(0, across * np.cos(np.pi * 3 / 4) + down * np.sin(np.pi * 3 / 4)))
        np.testing.assert_allclose(found[place], 3 * np.mean(rises), atol=1e-6)


def test_the_score_is_how_much_likelier_no_class_is():
    refusal, pictures = small_refusal(), odd_pictures(20)
    values = features(pictures).astype(float)
    for number, layer in enumerate(refusal.layers):
        values = values @ layer.kernel + layer.bias
        values = values if number else np.maximum(values, 0)
    expected = values[:, 10] - logsumexp(values[:, :10], axis=1)
    np.testing.assert_allclose(scores(refusal, pictures), expected, atol=1e-3)
    found = familiarities(refusal, pictures)
    np.testing.assert_array_equal(found < 0.5, scores(refusal, pictures) > refusal.threshold)
    # Alone its sums are not taken in the order of twenty.
    assert judge(pictures[0], SURELY_3, 1, refusal).familiarity == pytest.approx(found[0], rel=1e-6)


def test_any_picture_gets_a_judgement():
    pictures = odd_pictures(300, seed=3)
    rng = np.random.default_rng(3)
    reads = np.concatenate([rng.dirichlet(np.full(10, 0.1), 299), np.eye(10)[:1]]).astype(np.float32)
    for picture, read in zip(pictures, reads, strict=True):
        found = judge(picture, read, float(rng.uniform(0.1, 20)), digits_refusal(), 0.9)
        assert 0 <= found.familiarity <= 1
        assert 0 < found.confidence <= 1
        assert found.first != found.second
        assert found.probabilities.sum() == pytest.approx(1)
        assert found.is_refused == (found.reason != "")


def test_a_network_that_is_not_sure_enough_does_not_answer():
    picture = np.zeros((28, 28), np.uint8)
    found = judge(picture, SURELY_3)
    assert (found.first, found.second, found.familiarity, found.reason) == (3, 8, 1.0, "")
    assert found.confidence == pytest.approx(float(SURELY_3.max()))
    assert judge(picture, SURELY_3, least_confidence=0.9999).reason == "unsure"
    cooler = judge(picture, SURELY_3, temperature=5.0, least_confidence=0.9)
    assert (cooler.reason, cooler.first) == ("unsure", 3)
    assert cooler.confidence < 0.5
    # What is like nothing is told first.
    stranger = replace(small_refusal(), threshold=-1e9)
    assert judge(picture, SURELY_3, 1.0, stranger, 0.9999).reason == "unfamiliar"


def test_what_is_no_picture_and_no_probability_is_told():
    with pytest.raises(ModelError, match="not numbers"):
        judge(np.zeros((28, 28), np.uint8), np.full(10, np.nan, np.float32))
    with pytest.raises(ModelError, match="uint8 pictures"):
        scores(small_refusal(), np.zeros((2, 27, 28), np.uint8))


def test_a_file_comes_back_and_a_damaged_one_is_told(tmp_path, monkeypatch):
    refusal = small_refusal()
    again = read_refusal(as_file(refusal))
    pictures = odd_pictures(10)
    np.testing.assert_allclose(scores(again, pictures), scores(refusal, pictures), atol=1e-4)
    assert again.threshold == refusal.threshold
    whole = as_file(refusal)
    narrow = as_npz({"threshold": np.zeros(1), "kernel_0": np.ones((FEATURES, 10), np.int8),
                     "step_0": np.ones(10), "bias_0": np.zeros(10)})  # fmt: skip
    damaged = [b"", whole[:-200], whole.replace(b"kernel_1", b"kernel_7"), narrow, as_npz({"a": np.zeros(3)})]
    for content in damaged:
        with pytest.raises(ModelError, match="damaged"):
            read_refusal(content)
    monkeypatch.setattr(module, "FILE", tmp_path / "none.npz")
    digits_refusal.cache_clear()
    with pytest.raises(ModelError, match="Install Digit Lab anew"):
        digits_refusal()
    digits_refusal.cache_clear()


def test_the_file_is_small_and_travels():
    packed = pack_refusal(digits_refusal())
    assert packed[:4] == b"DLRF"
    assert struct.unpack("<If", packed[4:12]) == (1, pytest.approx(digits_refusal().threshold))
    assert len(packed) <= 300_000
    assert module.FILE.stat().st_size <= 300_000


def test_other_pictures_are_many_and_each_time_the_same(strokes):
    images = strokes["train_images"][:50]
    made = other_pictures(images, 300, np.random.default_rng(2))
    np.testing.assert_array_equal(made, other_pictures(images, 300, np.random.default_rng(2)))
    assert (made.dtype, made.shape) == (np.uint8, (300, 28, 28))
    assert len(np.unique(made.reshape(300, -1), axis=0)) > 290
    assert (made.reshape(300, -1).max(axis=1) > 0).mean() > 0.95


def test_a_judge_of_any_images_is_fitted_in_a_moment(strokes):
    images, labels = strokes["train_images"], strokes["train_labels"]
    refusal = fit_refusal(images, labels, SMALL)
    assert (scores(refusal, strokes["test_images"]) > refusal.threshold).mean() < 0.05
    # So little effort is not much worth, but it is more than nothing.
    others = np.concatenate([non_digits(kind, 30) for kind in MAKERS])
    assert (scores(refusal, others) > refusal.threshold).mean() > 0.4


@pytest.mark.mnist
def test_at_most_one_in_a_hundred_of_mnists_test_digits_is_refused(mnist):
    assert (familiarities(digits_refusal(), np.asarray(mnist.test_images)) < 0.5).mean() <= 0.01


def test_digits_that_are_drawn_are_read(strokes):
    assert (familiarities(digits_refusal(), np.asarray(strokes["test_images"])) < 0.5).mean() <= 0.03


def test_pictures_of_anything_else_are_refused():
    shares = {
        kind: float((familiarities(digits_refusal(), non_digits(kind, 150)) < 0.5).mean()) for kind in MAKERS
    }
    assert min(shares.values()) >= 0.8, shares
    assert np.mean(list(shares.values())) >= 0.9, shares


def test_a_blank_and_a_full_picture_are_no_digits():
    blank_and_full = np.stack([np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)])
    assert (familiarities(digits_refusal(), blank_and_full) < 0.5).all()
