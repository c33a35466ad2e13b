"""Figures side by side: means of seeds with their interval, and which are the best."""

import pytest
from scipy import stats

from core.evaluation.run_figures import figure_rows
from core.evaluation.seed_groups import seed_groups
from core.store import RunStatus
from tests.support.run_samples import a_run

WIDE = {"hidden_layers": [{"units": 512}]}


def test_seeds_are_a_mean_with_an_interval_and_the_best_is_marked() -> None:
    accuracies = [0.97, 0.974, 0.972]
    groups = seed_groups(
        [
            *(a_run(n, config={"seed": n}, test_accuracy=share) for n, share in enumerate(accuracies, 1)),
            a_run(9, config=WIDE, test_accuracy=0.98, test_loss=0.1, train_seconds=30.0),
        ]
    )
    rows = {row.figure: row for row in figure_rows(groups)}
    accuracy, single = rows["test_accuracy"].intervals
    assert accuracy is not None
    assert single is not None
    expected = stats.ttest_1samp(accuracies, 0).confidence_interval(0.95)
    assert (accuracy.low, accuracy.high) == pytest.approx((expected.low, expected.high))
    assert (accuracy.count, single.count, single.mean) == (3, 1, 0.98)
    assert rows["test_accuracy"].best == {1}
    assert rows["test_accuracy"].difference(1) == pytest.approx(0.98 - 0.972)
    assert rows["test_accuracy"].difference(0) == 0
    assert rows["test_loss"].best == frozenset()  # equal
    assert rows["train_seconds"].best == {0}
    assert rows["parameters"].best == frozenset()  # neither few nor many are good
    assert rows["parameters"].difference(1) == 407_050 - 118_282
    assert "best_accuracy" not in rows  # nobody has one


def test_what_has_not_ended_or_is_no_number_has_no_figure() -> None:
    waiting = a_run(2, config=WIDE, status=RunStatus.QUEUED, test_accuracy=None, test_loss=None)
    diverged = a_run(3, config={"learning_rate": 10}, test_loss=float("nan"))
    rows = {row.figure: row for row in figure_rows(seed_groups([a_run(1), waiting, diverged]))}
    assert rows["test_accuracy"].intervals[1] is None
    assert rows["test_accuracy"].difference(1) is None
    assert rows["test_loss"].intervals[2] is None
    assert rows["test_loss"].best == frozenset()
    # One run alone is shown however it ended; beside other seeds only those trained to their end count.
    stopped = a_run(4, status=RunStatus.STOPPED, test_accuracy=0.5)
    (alone,) = (row for row in figure_rows(seed_groups([stopped])) if row.figure == "test_accuracy")
    assert alone.intervals[0] is not None
    (both,) = (
        row
        for row in figure_rows(seed_groups([stopped, a_run(5, config={"seed": 1})]))
        if row.figure == "test_accuracy"
    )
    assert both.intervals[0] is not None
    assert both.intervals[0].count == 1
