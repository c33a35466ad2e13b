"""The interval of a share against SciPy's, and at its ends."""

import pytest
from scipy.stats import binomtest

from core.evaluation.shares import wilson_interval


@pytest.mark.parametrize(("right", "count"), [(33, 40), (0, 1), (1, 1), (0, 7), (7, 7), (9_766, 10_000)])
def test_it_is_wilsons(right: int, count: int) -> None:
    expected = binomtest(right, count).proportion_ci(method="wilson")
    assert wilson_interval(right, count) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_of_nothing_all_is_possible() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
