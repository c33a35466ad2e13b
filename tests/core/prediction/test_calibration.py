"""The temperature of a network, held against a search of every temperature and against one that is known."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from core.errors import ModelError
from core.prediction.calibration import (
    FEWEST,
    UNCALIBRATED,
    calibrated,
    fit_on_half,
    fit_temperature,
)
from core.prediction.ready_made import TEMPERATURE, read_all, ready_made_network


def drawn(temperature: float, count: int = 4_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities that are too sure by a factor, and labels that fall as the honest ones say."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2, (count, 10))
    labels = (softmax(honest, axis=1).cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    return softmax(honest * temperature, axis=1).astype(np.float32), labels.astype(np.uint8)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.8, 4.0])
def test_the_temperature_is_found_and_no_other_on_a_grid_is_better(temperature: float) -> None:
    probabilities, labels = drawn(temperature)

    found = fit_temperature(probabilities, labels)

    assert found.temperature == pytest.approx(temperature, rel=0.08)
    logits = np.log(probabilities.astype(float))

    def loss(t: float) -> float:
        return float(-log_softmax(logits / t, axis=1)[np.arange(len(labels)), labels].mean())

    assert found.loss_before == pytest.approx(loss(1.0))
    assert found.loss_after == pytest.approx(loss(found.temperature))
    assert found.loss_after <= min(loss(t) for t in np.geomspace(0.1, 20, 300)) + 1e-6
    assert found.loss_after <= found.loss_before


def test_calibrated_probabilities_are_those_of_the_divided_sums() -> None:
    sums = np.random.default_rng(1).normal(0, 5, (50, 10))
    found = calibrated(softmax(sums, axis=1), 2.5)
    np.testing.assert_allclose(found, softmax(sums / 2.5, axis=1), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(found.argmax(axis=1), sums.argmax(axis=1))


def test_zeros_of_float32_are_no_infinities() -> None:
    one_hot = np.eye(10, dtype=np.float32)
    assert np.isfinite(calibrated(one_hot, 0.1)).all()
    labels = np.tile(np.arange(10, dtype=np.uint8), 20)
    found = fit_temperature(
        np.tile(one_hot, (20, 1)), (labels + (np.arange(200) % 10 == 0)).astype(np.uint8) % 10
    )
    assert np.isfinite([found.temperature, found.loss_before, found.loss_after]).all()
    assert found.temperature > 1  # sure of everything, and not always right


def test_half_of_the_test_images_is_fitted_to_and_the_other_half_gains_by_it() -> None:
    probabilities, labels = drawn(3.0)
    assert fit_on_half(probabilities, labels) == fit_temperature(probabilities[::2], labels[::2])
    found = fit_on_half(probabilities, labels).temperature
    rows, others = np.arange(len(labels) // 2), labels[1::2]
    before = -np.log(probabilities[1::2][rows, others]).mean()
    after = -np.log(calibrated(probabilities[1::2], found)[rows, others]).mean()
    assert after < before - 0.1


def test_few_images_leave_everything_as_it_is() -> None:
    probabilities, labels = drawn(3.0, FEWEST - 1)
    assert fit_temperature(probabilities, labels) is UNCALIBRATED


@pytest.mark.parametrize("wrong", [np.nan, -0.5, 3.0])
def test_what_is_no_probability_is_refused_in_a_sentence(wrong: float) -> None:
    probabilities, labels = drawn(1.0, 200)
    probabilities[3, 4] = wrong
    with pytest.raises(ModelError, match="not numbers from 0 to 1"):
        fit_temperature(probabilities, labels)


@pytest.mark.mnist
def test_the_ready_made_network_is_honest_as_it_is(mnist) -> None:
    read = read_all(ready_made_network(), np.asarray(mnist.test_images))
    assert fit_on_half(read, mnist.test_labels).temperature == pytest.approx(TEMPERATURE, rel=0.2)
    sure, right = calibrated(read, TEMPERATURE).max(axis=1).mean(), (read.argmax(axis=1) == mnist.test_labels)
    assert abs(sure - right.mean()) < 0.005
