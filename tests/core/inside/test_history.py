"""The inside of a run over its epochs: shares of numbers in bins that all epochs have in common."""

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.errors import ModelError
from core.inside.history import BINS, History, history_of, sample_network, thinned
from tests.support.inside_samples import noise_pictures, random_weights

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=6), HiddenLayer(units=4, activation="tanh")))
EPOCHS = (0, 1, 4)


def scaled(scales: dict[int, float]) -> History:
    """Return the history of a network whose weights are a random one's, times a factor at each epoch."""
    weights = random_weights(CONFIG)
    return history_of(
        {
            epoch: sample_network(CONFIG, [array * np.float32(scale) for array in weights], noise_pictures())
            for epoch, scale in scales.items()
        }
    )


def test_each_layer_has_its_weights_and_outputs_at_each_epoch() -> None:
    history = scaled({0: 1.0, 1: 2.0, 4: 3.0})
    assert history.epochs == EPOCHS
    assert len(history.weights) == len(history.outputs) == 3
    for spread in history.weights + history.outputs:
        assert spread.shares.shape == (BINS, 3)
        np.testing.assert_allclose(spread.shares.sum(axis=0), 1)
        assert (np.diff(spread.middles) > 0).all()


def test_weights_that_grow_lie_wider_in_the_same_bins() -> None:
    spread = scaled({0: 1.0, 1: 2.0, 4: 3.0}).weights[0]
    width = np.sqrt((spread.shares * spread.middles[:, np.newaxis] ** 2).sum(axis=0))
    np.testing.assert_allclose(width / width[0], [1, 2, 3], rtol=0.05)


def test_silent_units_are_seen_at_zero_and_probabilities_between_nothing_and_all() -> None:
    history = scaled({0: 0.0, 1: 1.0})
    relu = history.outputs[0]
    nothing = np.abs(relu.middles).argmin()
    assert relu.shares[nothing, 0] == pytest.approx(1)
    assert history.outputs[-1].middles.min() >= 0
    assert history.outputs[-1].middles.max() <= 1


def test_one_large_weight_leaves_the_bins_to_the_others_and_is_counted_at_the_edge() -> None:
    weights = random_weights(CONFIG)
    weights[0][3, 2] = 1_000
    spread = history_of({0: sample_network(CONFIG, weights, noise_pictures())}).weights[0]
    assert spread.middles.max() < 10
    assert spread.shares.sum() == pytest.approx(1)


def test_an_epoch_that_is_no_number_is_left_out_and_others_are_shown() -> None:
    history = scaled({0: 1.0, 1: float("nan")})
    assert np.isnan(history.weights[0].shares[:, 1]).all()
    assert np.isfinite(history.weights[0].shares[:, 0]).all()
    assert np.isnan(scaled({2: float("inf")}).weights[0].shares).all()


def test_weights_of_another_network_are_told() -> None:
    with pytest.raises(ModelError, match="not those of this network"):
        sample_network(TrainingConfig(), random_weights(CONFIG), noise_pictures())


@pytest.mark.parametrize("count", [1, 39, 40, 41, 200])
def test_many_epochs_are_thinned_evenly_with_both_ends(count: int) -> None:
    epochs = list(range(count))
    kept = thinned(epochs)
    assert len(kept) == min(count, 40) == len(set(kept))
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert np.diff(kept).max(initial=1) - np.diff(kept).min(initial=200) <= 1 or count <= 40
