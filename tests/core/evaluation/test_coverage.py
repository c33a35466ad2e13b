"""Accuracy against coverage, held against counting."""

import numpy as np
import pytest

from core.evaluation.coverage import coverage
from core.figures.charts.coverage import draw_coverage


def some(count: int = 500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    # Two decimals: many images of one confidence.
    rows = np.round(rng.dirichlet(np.full(10, 0.3), count), 2)
    return rows, rng.integers(0, 10, count).astype(np.uint8)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.77, 0.99, 1.0, 1.5])
def test_a_threshold_answers_what_is_at_least_so_sure(threshold: float) -> None:
    probabilities, labels = some()
    found = coverage(probabilities, labels).at(threshold)
    is_answered = probabilities.max(axis=1) >= threshold
    assert found.answered == is_answered.sum()
    assert found.right == (probabilities.argmax(axis=1) == labels)[is_answered].sum()
    assert found.share == pytest.approx(is_answered.mean())
    assert np.isnan(found.accuracy) == (not is_answered.any())


def test_the_curve_has_the_points_of_thresholds_and_ends_where_all_is_answered() -> None:
    probabilities, labels = some(3_000)
    found = coverage(probabilities, labels)
    shares, accuracies = found.curve()
    assert (np.diff(shares) > 0).all()
    assert shares[-1] == 1
    assert accuracies[-1] == pytest.approx((probabilities.argmax(axis=1) == labels).mean())
    expected = {
        round(found.at(t).share, 9): found.at(t).accuracy for t in np.unique(probabilities.max(axis=1))
    }
    for share, accuracy in zip(shares, accuracies, strict=True):
        assert expected[round(share, 9)] == pytest.approx(accuracy)


def test_a_large_set_gives_a_curve_that_a_screen_can_show() -> None:
    rng = np.random.default_rng(1)
    shares, _ = coverage(rng.dirichlet(np.ones(10), 20_000), rng.integers(0, 10, 20_000)).curve()
    assert len(shares) <= 400


def test_nothing_gives_nothing() -> None:
    found = coverage(np.empty((0, 10)), np.empty(0, np.uint8))
    assert found.at(0.5).share == 0
    assert np.isnan(found.at(0.5).accuracy)
    assert [len(part) for part in found.curve()] == [0, 0]
    figure = draw_coverage(found, 0.5)
    assert figure.layout.title.text


def test_the_chart_shows_the_curve_and_where_the_threshold_is() -> None:
    probabilities, labels = some()
    found = coverage(probabilities, labels)
    figure = draw_coverage(found, 0.5)
    curve, mark = figure.data
    shares, accuracies = found.curve()
    np.testing.assert_allclose(curve.x, shares)
    np.testing.assert_allclose(curve.y, accuracies)
    assert (mark.x[0], mark.y[0]) == (found.at(0.5).share, found.at(0.5).accuracy)
    assert figure.layout.xaxis.title.text == "images answered"
    assert figure.layout.yaxis.title.text == "of those right"
