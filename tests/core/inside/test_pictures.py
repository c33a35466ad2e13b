"""Weights and images in bytes and half bytes."""

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.inside.pictures import COARSE, FINE, fixed_pictures, halved, packed, symmetric


def test_nothing_is_the_middle_and_both_signs_reach_as_far() -> None:
    steps, scale = symmetric(np.array([-0.5, 0, 0.25, 0.5], np.float32))
    assert (steps.tolist(), scale) == ([1, 128, 192, 255], 0.5)
    assert symmetric(np.zeros(3, np.float32)) == (pytest.approx([128] * 3), 0.0)


def test_a_byte_is_exact_to_half_a_step() -> None:
    weights = np.random.default_rng(0).normal(0, 0.1, 784).astype(np.float32)
    steps, scale = symmetric(weights)
    assert np.abs((steps.astype(float) - 128) / FINE * scale - weights).max() <= scale / FINE / 2 * 1.001


def test_a_single_large_weight_leaves_steps_for_the_others() -> None:
    weights = np.linspace(-0.1, 0.1, 784, dtype=np.float32)
    weights[0] = -50
    steps, scale = symmetric(weights, steps=COARSE)
    assert scale <= 0.1
    assert (steps.min(), steps.max(), len(np.unique(steps))) == (1, 15, 15)


def test_two_numbers_a_byte() -> None:
    assert packed(np.array([[1, 2], [15, 0]], np.uint8)) == bytes([0x21, 0x0F])
    assert halved(np.array([0, 8, 9, 128, 255], np.uint8)).tolist() == [0, 0, 1, 8, 15]


def test_the_ten_are_the_first_of_each_class() -> None:
    labels = np.array([3, 0, 3, 1, 2, 4, 9, 8, 7, 6, 5, 0] * 100, np.uint8)
    images = np.zeros((1_200, 28, 28), np.uint8)
    dataset = Dataset("mnist", images, labels, images, labels, tuple("0123456789"))
    pictures = fixed_pictures(dataset)
    assert pictures.ten_labels.tolist() == list(range(10))
    assert pictures.ten_rows.tolist() == [1, 3, 4, 0, 5, 10, 9, 8, 7, 6]
    assert len(pictures.sample) == 300
    assert (labels[pictures.sample_rows] == pictures.sample_labels).all()
