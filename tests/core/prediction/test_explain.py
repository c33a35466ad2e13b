"""What speaks for and against a digit: against finite differences and a slow loop, both in float64.

tests/core/training/test_gradients.py holds the same against TensorFlow.
"""

import numpy as np
import pytest

from core.errors import ModelError
from core.prediction.explain import gradient_times_input, occlusion, read_odds
from tests.support.lively_layers import ACTIVATE, lively_layers, log_odds_in_float64

STEP = 1e-5
RNG = np.random.default_rng(2)
PICTURE = RNG.integers(0, 256, (28, 28), dtype=np.uint8) * (RNG.random((28, 28)) < 0.4)


def differences(layers, picture: np.ndarray) -> np.ndarray:
    """Central finite differences of all ten log-odds, (10, 784), in float64."""
    inputs = picture.reshape(784) / 255.0
    moved = STEP * np.eye(784)
    up, down = log_odds_in_float64(layers, inputs + moved), log_odds_in_float64(layers, inputs - moved)
    return (up - down).T / (2 * STEP)


@pytest.mark.parametrize("normalized", [False, True], ids=["plain", "batch normalization"])
@pytest.mark.parametrize("activation", ACTIVATE)
def test_the_slopes_are_those_of_finite_differences(activation: str, normalized: bool) -> None:
    layers = lively_layers(activation, normalized=normalized)
    expected = (differences(layers, PICTURE) * PICTURE.reshape(784) / 255).reshape(10, 28, 28)
    found = gradient_times_input(layers, PICTURE)
    assert found.shape == (10, 28, 28)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-5 * np.abs(expected).max())
    assert (found > 0).any(axis=(1, 2)).all()
    assert (found < 0).any(axis=(1, 2)).all()


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_the_slopes_are_right_at_every_depth(depth: int) -> None:
    layers = lively_layers("gelu", normalized=True, widths=(18, 15, 12, 9)[:depth])
    expected = (differences(layers, PICTURE) * PICTURE.reshape(784) / 255).reshape(10, 28, 28)
    found = gradient_times_input(layers, PICTURE)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("patch", [1, 3, 5])
def test_occlusion_is_what_a_slow_loop_finds(patch: int) -> None:
    layers = lively_layers("tanh")
    before = log_odds_in_float64(layers, PICTURE.reshape(1, 784) / 255)[0]
    found, reach = occlusion(layers, PICTURE, patch), patch // 2
    assert found.shape == (10, 28, 28)
    assert found.dtype == np.float32
    for row in range(28):
        for column in range(28):
            covered = PICTURE.copy()
            for y in range(max(row - reach, 0), min(row + reach + 1, 28)):
                for x in range(max(column - reach, 0), min(column + reach + 1, 28)):
                    covered[y, x] = 0
            after = log_odds_in_float64(layers, covered.reshape(1, 784) / 255)[0]
            np.testing.assert_allclose(found[:, row, column], before - after, rtol=0, atol=2e-4)


@pytest.mark.parametrize("explain", [gradient_times_input, occlusion])
def test_a_blank_picture_says_nothing(explain) -> None:
    assert not explain(lively_layers("relu"), np.zeros((28, 28), np.uint8)).any()


def test_far_from_the_ink_a_patch_changes_nothing() -> None:
    picture = np.zeros((28, 28), np.uint8)
    picture[10, 12] = 200
    found = occlusion(lively_layers("relu"), picture, 3)
    rows, columns = np.nonzero(found.any(axis=0))
    assert {*rows.tolist()} == {9, 10, 11}
    assert {*columns.tolist()} == {11, 12, 13}


def test_log_odds_hold_where_the_network_is_sure_beyond_what_probabilities_can_say() -> None:
    layers = lively_layers("relu")
    loud = (*layers[:-1], type(layers[-1])(layers[-1].kernel * 100, layers[-1].bias, "softmax"))
    expected = log_odds_in_float64(loud, PICTURE.reshape(1, 784) / 255)
    assert np.abs(expected).max() > 100  # a probability in float32 is 0 or 1 there
    np.testing.assert_allclose(read_odds(loud, PICTURE[np.newaxis]), expected, rtol=1e-4)
    assert np.isfinite(gradient_times_input(loud, PICTURE)).all()


@pytest.mark.parametrize("patch", [0, -3, 4])
def test_a_patch_without_a_middle_is_refused(patch: int) -> None:
    with pytest.raises(ModelError, match=f"odd number of pixels a side, not {patch}"):
        occlusion(lively_layers("relu"), PICTURE, patch)


@pytest.mark.parametrize("explain", [gradient_times_input, occlusion])
def test_a_network_that_ran_away_is_told(explain) -> None:
    layers = lively_layers("relu")
    away = (type(layers[0])(layers[0].kernel * np.float32(np.nan), layers[0].bias, "relu"), *layers[1:])
    with pytest.raises(ModelError, match="training ran away"):
        explain(away, PICTURE)


@pytest.mark.parametrize("explain", [gradient_times_input, occlusion])
def test_pictures_of_another_form_are_refused(explain) -> None:
    for picture in (PICTURE.astype(np.float32), PICTURE[:20]):
        with pytest.raises(ModelError, match="uint8 pictures of shape"):
            explain(lively_layers("relu"), picture)
