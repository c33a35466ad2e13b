"""What studies tell, on curves and accuracies that are known."""

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.evaluation.luck import Interval
from core.evaluation.studies import Level, Measured, find_rate, grid_of, levels_of, power_law
from core.evaluation.study_words import batch_words, data_words, rate_words, shape_words
from core.store import Curve

NOTHING = np.zeros(0)


def curve(losses: list[float], epochs: float = 3) -> Curve:
    """Return a curve with these training losses evenly over so many epochs."""
    ends = np.arange(1, len(losses) + 1) * epochs / len(losses)
    return Curve(ends, np.array(losses), np.zeros(len(losses)), NOTHING, NOTHING, NOTHING)


def level(value: float, accuracy: float, **others: float) -> Level:
    return Level(value, Interval(accuracy, accuracy, accuracy, 0.0, 1), **others)


def a_range_test() -> Curve:
    """Seven powers of ten in 70 points: flat to 1e-4, lowest at 1e-1, gone from 1 on; with some jitter."""
    powers = -6 + (np.arange(70) + 0.5) / 10
    falling = np.interp(powers, [-4, -1, 0, 1], [2.3, 0.2, 3.0, 40.0])
    return curve((falling * (1 + 0.02 * np.sin(7 * np.arange(70)))).tolist())


def test_the_rate_is_a_third_of_that_with_the_lowest_loss() -> None:
    found = find_rate(a_range_test(), top_rate=10.0, epochs=3)
    assert found.rates[0] == pytest.approx(10**-5.95)
    assert found.rates[-1] == pytest.approx(10**0.95)
    assert found.lowest == pytest.approx(0.1, rel=0.5)
    assert found.suggested == 0.02  # the smoothed loss is lowest a little before
    assert found.learns_from is not None
    assert found.steepest is not None
    assert found.runs_away is not None
    assert 1e-4 < found.learns_from < 4e-4
    assert 1e-4 < found.steepest <= found.lowest < found.runs_away < 1
    assert rate_words(found) == (
        "The loss begins to fall at a rate of about 0.0002 and is lowest at 0.07. Take a third of that, "
        "0.02: still quick, and safely below the edge. From 0.3 on it runs away."
    )


def test_points_that_are_no_numbers_and_runs_that_have_hardly_begun_are_no_trouble() -> None:
    broken = curve([2.3, 2.2, 1.0, 0.5, 0.3, 0.2, 0.4, float("inf"), float("nan")])
    found = find_rate(broken, 10.0, 3)
    assert len(found.rates) == len(found.losses) == 7
    assert found.lowest is not None
    for losses in ([], [2.3], [2.3, 2.2, 2.1]):
        assert find_rate(curve(losses), 10.0, 3).suggested is None


def test_a_network_that_never_learns_has_no_rate() -> None:
    found = find_rate(curve([2.3, 2.31, 2.29, 2.3, 2.32, 2.3, 9.0, 90.0]), 10.0, 3)
    assert found.suggested is None
    assert "has not fallen at any rate" in rate_words(found)


def test_what_falls_by_chance_after_it_has_run_away_does_not_count() -> None:
    losses = [2.3, 2.3, 1.5, 0.8, 0.4, 0.3, 0.3, 0.4, 9.0, 90.0, 90.0, 90.0, 0.01, 0.01, 0.01, 0.01, 0.01]
    found = find_rate(curve(losses), 10.0, 3)
    assert found.lowest is not None
    assert found.runs_away is not None
    assert found.lowest < found.rates[8]


def test_levels_are_means_over_seeds_with_their_interval() -> None:
    runs = [
        Measured(32, 0.97, 0.99, 4.0),
        Measured(32, 0.98, None, 6.0),
        Measured(8, 0.5),
        Measured(64, None, 1.0, 1.0),
        Measured(128, float("nan")),
    ]
    small, usual = levels_of(runs)
    assert (small.value, small.accuracy.mean, small.accuracy.count) == (8, 0.5, 1)
    assert (small.training, small.seconds) == (None, None)
    assert (usual.value, usual.accuracy.count, usual.training, usual.seconds) == (32, 2, 0.99, 5.0)
    assert usual.accuracy.mean == pytest.approx(0.975)
    assert usual.accuracy.low < 0.97


def test_batches_in_words() -> None:
    found = [level(8, 0.96, seconds=30.0), level(32, 0.978, seconds=12.0), level(1024, 0.95, seconds=2.0)]
    assert batch_words(found) == (
        "With the same epochs and learning rate, batches of 32 read most right: 97.80 %. Batches of 1,024 "
        "are 6.0 times as fast and read 2.80 points fewer: an epoch has fewer steps."
    )
    assert "times as fast" not in batch_words([level(8, 0.96), level(32, 0.95)])
    assert batch_words([level(8, 0.9), level(32, 0.95)]).endswith("95.00 %.")
    assert batch_words([level(8, 0.9)]) == "One value has been measured so far: it takes two to compare."
    assert batch_words([]) == "The first runs have not ended yet."


def test_a_grid_has_all_shapes_that_were_planned_and_says_which_small_one_is_enough() -> None:
    def config(units: int, layers: int) -> TrainingConfig:
        return TrainingConfig(hidden_layers=(HiddenLayer(units=units),) * layers)

    runs = [
        (config(16, 1), 0.95),
        (config(64, 1), 0.975),
        (config(16, 2), None),
        (config(64, 2), 0.976),
        (config(64, 2), 0.978),
    ]
    grid = grid_of(runs)
    assert (grid.units, grid.layers) == ((16, 64), (1, 2))
    np.testing.assert_allclose(grid.accuracy, [[0.95, 0.975], [np.nan, 0.977]])
    assert grid.parameters.tolist() == [[12_730, 50_890], [13_002, 55_050]]
    assert shape_words(grid) == (
        "64-64 reads most right: 97.70 %, with 55,050 weights. 64 reads 0.20 points fewer with 50,890: about "
        "what another seed changes."
    )
    assert shape_words(grid_of(runs[:2])).endswith("None of the smaller ones is within 0.30 points of it.")
    assert (
        shape_words(grid_of([(runs[2][0], 0.9)]))
        == "One value has been measured so far: it takes two to compare."
    )
    assert shape_words(grid_of([(runs[2][0], None)])) == "The first runs have not ended yet."


def test_a_power_law_is_found_again() -> None:
    images = [500.0, 1_000.0, 5_000.0, 50_000.0]
    law = power_law([level(one, 1 - 2 * one**-0.4) for one in images])
    assert law is not None
    assert (law.factor, law.exponent) == (pytest.approx(2), pytest.approx(0.4))
    assert law.error(10_000) == pytest.approx(2 * 10_000**-0.4)
    assert power_law([level(one, 0.9) for one in images[:2]]) is None
    assert power_law([level(one, 0.9 - one / 1e6) for one in images]) is None


def test_data_in_words() -> None:
    images = [500.0, 5_000.0, 50_000.0]
    found = [level(one, 1 - one**-0.3, training=1.0 if one == 500 else 0.97) for one in images]
    assert data_words(found) == (
        "500 images are learnt by heart: 100 % of them are read right, and 84.50 % of new ones. Ten times "
        "the images leave about 50 % of the mistakes; twice as many as the 50,000 here would lead to about "
        "3.16 % instead of 3.89 %."
    )
    assert "More images do not make fewer mistakes" in data_words([level(n, 0.5) for n in (1, 2, 3)])
    assert data_words([level(1, 0.5), level(2, 0.6)]) == (
        "What more images bring can be told from three values on."
    )
    assert data_words([level(1, 0.5)]) == "One value has been measured so far: it takes two to compare."
    assert data_words([]) == "The first runs have not ended yet."
