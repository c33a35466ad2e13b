"""Intervals and tests over seeds, held against SciPy; how often they call luck a difference."""

from math import isinf, isnan

import numpy as np
import pytest
from scipy import stats

from core.evaluation.luck import (
    LEVEL,
    Verdict,
    among,
    compare_by_seed,
    compare_seeds,
    holm,
    in_words,
    mean_interval,
    points_of,
)

MINUS = "\N{MINUS SIGN}"


def accuracies(count: int, mean: float = 0.976, deviation: float = 0.0012, seed: int = 0) -> list[float]:
    return list(np.random.default_rng(seed).normal(mean, deviation, count))


@pytest.mark.parametrize("count", [2, 3, 5, 30])
def test_the_interval_of_a_mean_is_scipys(count: int) -> None:
    values = accuracies(count, seed=count)
    found = mean_interval(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert found.mean == pytest.approx(np.mean(values))
    assert found.deviation == pytest.approx(stats.tstd(values))
    assert found.half == pytest.approx((expected.high - expected.low) / 2)


def test_one_value_has_no_interval_and_what_is_no_number_is_refused() -> None:
    alone = mean_interval([0.97])
    assert (alone.mean, alone.count) == (0.97, 1)
    assert isinf(alone.low)
    assert isinf(alone.high)
    for values in ([], [0.9, float("nan")], [0.9, float("inf")]):
        with pytest.raises(ValueError, match="value"):
            mean_interval(values)


@pytest.mark.parametrize(("a_count", "b_count"), [(2, 2), (2, 7), (5, 5), (12, 3)])
@pytest.mark.parametrize("gap", [0.0, 0.0008, 0.005])
def test_welch_is_scipys(a_count: int, b_count: int, gap: float) -> None:
    a, b = accuracies(a_count, 0.97 + gap, 0.002, seed=1), accuracies(b_count, 0.97, 0.0007, seed=2)
    found, expected = compare_seeds(a, b), stats.ttest_ind(a, b, equal_var=False)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    bounds = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((bounds.low, bounds.high), rel=1e-9)
    assert found.difference == pytest.approx(np.mean(a) - np.mean(b))
    assert found.counts == (a_count, b_count)
    assert found.verdict.is_difference == (expected.pvalue < LEVEL)
    swapped = compare_seeds(b, a)
    assert swapped.p_value == pytest.approx(found.p_value)
    assert (swapped.low, swapped.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize("count", [2, 5, 11])
def test_pairs_are_scipys_and_find_what_the_seeds_have_in_common(count: int) -> None:
    common = np.array(accuracies(count, deviation=0.003, seed=3))
    a, b = common + accuracies(count, 0.001, 0.0003, seed=4), common
    found, expected = compare_seeds(a, b, paired=True), stats.ttest_rel(a, b)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    bounds = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((bounds.low, bounds.high), rel=1e-9)
    if count > 2:
        assert found.p_value < compare_seeds(a, b).p_value
    with pytest.raises(ValueError, match="pairs"):
        compare_seeds(a, b[1:], paired=True)


def test_equal_seeds_are_compared_in_pairs_from_three_on() -> None:
    common = accuracies(8, deviation=0.003, seed=3)
    a = {seed: value + 0.001 for seed, value in enumerate(common[:5])}
    b = dict(reversed(list(enumerate(common))))  # more of them, in another order
    found = compare_by_seed({seed: value + seed * 1e-5 for seed, value in a.items()}, b)
    assert found.paired
    assert found.counts == (5, 5)
    assert found.difference == pytest.approx(0.00102)
    assert found.p_value < 1e-4
    assert compare_by_seed(a, b).difference == pytest.approx(0.001)

    two = {seed: a[seed] for seed in (0, 1)}
    other = {seed + 3: value for seed, value in a.items()}  # two seeds in common of five
    for one, another in ((two, two), (a, other)):
        welch = compare_by_seed(one, another)
        assert not welch.paired
        assert welch == compare_seeds(list(one.values()), list(another.values()))
    assert compare_by_seed({0: 0.97}, {0: 0.98}).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("paired", [False, True])
def test_seeds_that_change_nothing_are_no_division_by_zero(paired: bool) -> None:
    guessing = [0.1135] * 3
    equal = compare_seeds(guessing, guessing, paired)
    assert (equal.p_value, equal.verdict, equal.low, equal.high) == (1.0, Verdict.LUCK, 0.0, 0.0)
    # 0.1 + 0.2 is not 0.3: what rounding leaves is no difference.
    assert compare_seeds([0.1 + 0.2] * 4, [0.3] * 4, paired).verdict is Verdict.LUCK
    other = compare_seeds(guessing, [0.0958] * 3, paired)
    assert (other.p_value, other.verdict) == (0.0, Verdict.MORE)
    half = compare_seeds([0.97, 0.98, 0.99], guessing, paired)
    assert half.verdict is Verdict.MORE


def test_too_few_seeds_tell_nothing() -> None:
    for a, b in (([0.97], [0.98]), ([0.97], accuracies(5)), (accuracies(5), [0.97])):
        found = compare_seeds(a, b)
        assert found.verdict is Verdict.UNKNOWN
        assert isnan(found.p_value)
        assert isinf(found.high)
        assert found.difference == pytest.approx(np.mean(a) - np.mean(b))


def test_holm_is_worked_out_by_hand_and_leaves_what_is_unknown() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    found = holm([float("nan"), 0.03])
    assert isnan(found[0])
    assert found[1] == 0.03
    assert holm([]) == []


def test_among_many_comparisons_a_chance_find_is_none() -> None:
    clear = compare_seeds(accuracies(5, 0.98, seed=5), accuracies(5, 0.96, seed=6))
    base = accuracies(6, 0.97, 0.001, seed=7)
    close = next(
        found
        for gap in np.linspace(0, 0.005, 500)
        if 0.03
        < (found := compare_seeds(np.array(base) + gap, accuracies(6, 0.97, 0.001, seed=8))).p_value
        < 0.05
    )
    assert close.verdict is Verdict.MORE
    unknown = compare_seeds([0.97], [0.98])
    together = among([clear, close, unknown])
    assert [one.verdict for one in together] == [Verdict.MORE, Verdict.MORE, Verdict.UNKNOWN]
    nothing = compare_seeds(accuracies(6, 0.97, seed=9), accuracies(6, 0.97, seed=9))
    together = among([clear, close, nothing])
    assert [one.verdict for one in together] == [Verdict.MORE, Verdict.ONE_OF_MANY, Verdict.LUCK]
    assert {one.comparisons for one in together} == {3}
    assert (together[1].low, together[1].p_value) == (close.low, close.p_value)


def test_the_false_alarms_are_as_many_as_was_promised() -> None:
    """Seeds of one setting against seeds of the same: at most 5 % are called different, of pairs too."""
    rng = np.random.default_rng(11)
    # As accuracies on 10,000 images are: whole images, a spread of 0.12 points.
    draws = np.round(rng.normal(0.976, 0.0012, (1_500, 2, 5)), 4)
    for paired in (False, True):
        alarms = sum(compare_seeds(a, b, paired).verdict.is_difference for a, b in draws)
        # Of 1,500 with a chance of 5 % each there are more than 98 in 0.2 % of all cases.
        assert alarms <= stats.binom.ppf(0.998, len(draws), LEVEL)
        assert alarms > 0
    # Spreads that differ by five times, and unequal numbers of seeds.
    uneven = [
        compare_seeds(rng.normal(0.97, 0.005, 3), rng.normal(0.97, 0.001, 8)).verdict.is_difference
        for _ in range(1_000)
    ]
    assert sum(uneven) <= stats.binom.ppf(0.998, len(uneven), 0.07)  # Welch is close to its level, not exact
    found = sum(compare_seeds(a + 0.005, b).verdict is Verdict.MORE for a, b in draws[:500])
    assert found >= 0.9 * 500  # a gap of half a point


def test_nine_comparisons_at_once_raise_a_false_alarm_no_more_often_than_one() -> None:
    rng = np.random.default_rng(12)
    alarms = 0
    for groups in rng.normal(0.976, 0.0012, (400, 10, 5)):
        found = among([compare_seeds(group, groups[0]) for group in groups[1:]])
        alarms += any(one.verdict.is_difference for one in found)
    assert alarms <= stats.binom.ppf(0.998, 400, LEVEL)


def test_what_it_says_to_a_student() -> None:
    a, b = [0.9770, 0.9775, 0.9780, 0.9772, 0.9778], [0.9730, 0.9735, 0.9728, 0.9733, 0.9739]
    more = compare_seeds(a, b)
    said = (
        f"With 5 seeds each, 128-128 reads 0.42 points more than 32 (95 % interval {points_of(more.low)} "
        f"to {points_of(more.high)}): that is more than luck."
    )
    assert in_words(more, "128-128", "32") == said
    # Whichever comes first, the one that reads more is told first.
    assert in_words(compare_seeds(b, a), "32", "128-128") == said
    assert in_words(compare_seeds(a, b[:3]), "128-128", "32").startswith("With 5 + 3 seeds, 128-128 reads ")
    coin = compare_seeds([0.975, 0.977, 0.976], [0.9755, 0.977, 0.9745])
    assert in_words(coin, "A", "B") == (
        f"The difference between A and B, 0.03 points, is smaller than what another seed changes "
        f"(95 % interval {points_of(coin.low)} to {points_of(coin.high)}): toss a coin."
    )
    assert coin.low < 0
    assert MINUS in in_words(coin, "A", "B")
    open_still = compare_seeds([0.975, 0.979], [0.972, 0.974])
    assert "with 2 seeds that may still be luck" in in_words(open_still, "A", "B")
    one_each = compare_seeds([0.97], [0.98])
    assert in_words(one_each, "A", "B") == (
        "One run each tells nothing about luck: repeat each with other seeds."
    )
    assert "One run of B tells nothing" in in_words(compare_seeds(a, [0.97]), "A", "B")


def test_points_of_percent() -> None:
    assert [points_of(share) for share in (0.0042, -0.0021, 0.0, -0.00001)] == [
        "0.42",
        f"{MINUS}0.21",
        "0.00",
        "0.00",
    ]
