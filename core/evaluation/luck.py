"""Is it luck? Intervals and tests over seeds, and what they say in words.

Two trainings that differ in their seed alone end with different accuracies. Whether two settings differ is
asked of several seeds of each: by Welch's t test (Welch 1947, Biometrika 34, 28–35), which does not take the
spreads for equal, or by the paired t test (Student 1908, Biometrika 6, 1–25) where run i of both had the same
seed. Both are exact for few values of a normal distribution, as large samples are not needed.

What another seed changes is one thing, what other test images would change is another: see
`core.evaluation.shares.wilson_interval`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, isfinite, nan, sqrt

import numpy as np

from core.sentences import say

LEVEL = 0.05  # of the tests; intervals are of 95 %
# What a comparison should have: enough to find a gap of half a point between networks of MNIST.
SEEDS = 5
_LEAST_PAIRS = 3


@dataclass(frozen=True)
class Interval:
    """The mean of several values and where the true mean lies, with 95 % confidence.

    Attributes
    ----------
    low, high
        Student's t interval; without bounds for one value, which tells nothing of its spread.
    deviation
        Standard deviation of one value, NaN for one.
    count
        How many values there were.
    """

    mean: float
    low: float
    high: float
    deviation: float
    count: int

    @property
    def half(self) -> float:
        """How far the bounds are from the mean."""
        return self.high - self.mean


class Verdict(StrEnum):
    """What a comparison of two settings says."""

    MORE = "more"
    LESS = "less"
    LUCK = "luck"  # nothing that chance alone would not do
    ONE_OF_MANY = "one of many"  # more than luck if it were the only comparison that is made
    UNKNOWN = "unknown"  # too few seeds to tell

    @property
    def is_difference(self) -> bool:
        """Whether the settings differ by more than luck."""
        return self in (Verdict.MORE, Verdict.LESS)


@dataclass(frozen=True)
class Comparison:
    """How much more setting A reaches than setting B, and whether that may be luck.

    Attributes
    ----------
    difference
        Mean of A less mean of B.
    low, high
        The 95 % interval of the true difference; without bounds where it is unknown.
    p_value
        How often chance alone makes a difference at least as large, two-sided; NaN where it is unknown.
    verdict
        By the `p_value`, or by that among several comparisons, see `among`.
    deviation
        Standard deviation between seeds, of both settings together.
    counts
        How many seeds A and B had.
    paired
        Whether run i of both had the same seed.
    comparisons
        Among how many comparisons this is one.
    """

    difference: float
    low: float
    high: float
    p_value: float
    verdict: Verdict
    deviation: float
    counts: tuple[int, int]
    paired: bool = False
    comparisons: int = 1


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean of the values with its 95 % interval.

    Raises
    ------
    ValueError
        If there is none, or one that is not a finite number.
    """
    found = _checked(values)
    mean, count = float(found.mean()), len(found)
    if count == 1:
        return Interval(mean, -inf, inf, nan, 1)
    deviation = float(found.std(ddof=1))
    half = _critical(count - 1) * deviation / sqrt(count)
    return Interval(mean, mean - half, mean + half, deviation, count)


def compare_seeds(a: Sequence[float], b: Sequence[float], paired: bool = False) -> Comparison:
    """Compare what setting A reached with its seeds and what B reached with its own.

    Parameters
    ----------
    a, b
        One value a seed, each seed once: the same seed gives the same run, and twice the same value is no
        second witness.
    paired
        Whether a[i] and b[i] had the same seed, and with it first weights and order of the images.

    Raises
    ------
    ValueError
        If a value is not finite, one side has none, or pairs are asked of different numbers of seeds.
    """
    first, second = _checked(a), _checked(b)
    counts = len(first), len(second)
    if paired and counts[0] != counts[1]:
        raise ValueError(f"{counts[0]} and {counts[1]} values are no pairs")
    difference = float(first.mean() - second.mean())
    if min(counts) < 2:
        return Comparison(difference, -inf, inf, nan, Verdict.UNKNOWN, nan, counts, paired)
    variances = float(first.var(ddof=1)), float(second.var(ddof=1))
    deviation = sqrt(sum(variances) / 2)
    if paired:
        pairs = first - second
        error, freedom = float(pairs.std(ddof=1)) / sqrt(len(pairs)), float(len(pairs) - 1)
    else:
        error, freedom = _welch(variances, counts)
    if _is_nothing(error, first, second):
        # No seed changes anything: networks that learn nothing all read the same share.
        p_value = 1.0 if _is_nothing(difference, first, second) else 0.0
        low = high = difference
    else:
        p_value = _two_sided(difference / error, freedom)
        half = _critical(freedom) * error
        low, high = difference - half, difference + half
    verdict = _verdict(difference, p_value)
    return Comparison(difference, low, high, p_value, verdict, deviation, counts, paired)


def compare_by_seed(a: Mapping[int, float], b: Mapping[int, float]) -> Comparison:
    """Compare what two settings reached by their seeds: in pairs where one has all seeds of the other.

    Runs of equal seeds have much in common, the order of images at least. From `_LEAST_PAIRS` pairs on that
    makes the interval shorter than what it costs, half of the degrees of freedom. Which test is taken depends
    on the seeds alone, not on what came of them.

    Raises
    ------
    ValueError
        As `compare_seeds`.
    """
    common = sorted(a.keys() & b.keys())
    if len(common) >= _LEAST_PAIRS and len(common) == min(len(a), len(b)):
        return compare_seeds([a[seed] for seed in common], [b[seed] for seed in common], paired=True)
    return compare_seeds(list(a.values()), list(b.values()))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values adjusted for their number; NaN stays, and does not count.

    Where none of the differences is real, one is called so with at most the probability that one test has
    (Holm 1979, Scand. J. Stat. 6, 65–70).
    """
    order = sorted((row for row, p in enumerate(p_values) if not np.isnan(p)), key=lambda row: p_values[row])
    adjusted, highest = list(p_values), 0.0
    for rank, row in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[row]))
        adjusted[row] = highest
    return adjusted


def among(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return comparisons that are looked at together, with the verdicts that hold for all of them at once.

    Of twenty comparisons of a setting with itself one looks like a difference. One that is none any more
    by Holm's adjustment is `Verdict.ONE_OF_MANY`; intervals and p values stay those of each alone.
    """
    known = sum(one.verdict is not Verdict.UNKNOWN for one in comparisons)
    adjusted = holm([one.p_value for one in comparisons])
    return [
        replace(
            one,
            comparisons=known,
            verdict=Verdict.ONE_OF_MANY if one.verdict.is_difference and p >= LEVEL else one.verdict,
        )
        for one, p in zip(comparisons, adjusted, strict=True)
    ]


def in_words(found: Comparison, a: str, b: str) -> str:
    """Return what a comparison of accuracies, shares from 0 to 1, says: a sentence for a student.

    Parameters
    ----------
    a, b
        What the settings are called.
    """
    points = points_of(abs(found.difference))
    if found.verdict is Verdict.UNKNOWN:
        return _too_few(found.counts, a, b)
    better, worse = (a, b) if found.difference >= 0 else (b, a)
    # Of the one that reads more, so that the numbers fit the sentence.
    bounds = (found.low, found.high) if found.difference >= 0 else (-found.high, -found.low)
    low, high = map(points_of, bounds)
    if found.verdict.is_difference:
        seeds = _seeds(found.counts)
        if found.counts[0] == found.counts[1]:
            return say(
                "With {seeds} seeds each, {better} reads {points} points more than {worse} "
                "(95 % interval {low} to {high}): that is more than luck.",
                seeds=seeds,
                better=better,
                worse=worse,
                points=points,
                low=low,
                high=high,
            )
        return say(
            "With {seeds} seeds, {better} reads {points} points more than {worse} "
            "(95 % interval {low} to {high}): that is more than luck.",
            seeds=seeds,
            better=better,
            worse=worse,
            points=points,
            low=low,
            high=high,
        )
    if found.verdict is Verdict.ONE_OF_MANY:
        return say(
            "{better} reads {points} points more than {worse} (95 % interval {low} to {high}). Alone that "
            "would be more than luck; among {count} comparisons one may well look like this by chance.",
            better=better,
            worse=worse,
            points=points,
            count=found.comparisons,
            low=low,
            high=high,
        )
    if abs(found.difference) <= found.deviation or not found.difference:
        return say(
            "The difference between {better} and {worse}, {points} points, is smaller than what another seed "
            "changes (95 % interval {low} to {high}): toss a coin.",
            better=better,
            worse=worse,
            points=points,
            low=low,
            high=high,
        )
    return say(
        "{better} reads {points} points more than {worse}, but with {seeds} seeds that may still be luck "
        "(95 % interval {low} to {high}): more seeds would tell.",
        better=better,
        worse=worse,
        points=points,
        seeds=_seeds(found.counts),
        low=low,
        high=high,
    )


def points_of(share: float) -> str:
    """Write a difference of accuracies in points of percent: 0.0042 as “0.42”, with a true minus sign."""
    words = f"{100 * share:.2f}"
    return words.removeprefix("-") if float(words) == 0 else words.replace("-", "\N{MINUS SIGN}")


def _too_few(counts: tuple[int, int], a: str, b: str) -> str:
    if max(counts) == 1:
        return say("One run each tells nothing about luck: repeat each with other seeds.")
    single = a if counts[0] == 1 else b
    return say("One run of {name} tells nothing about luck: repeat it with other seeds.", name=single)


def _seeds(counts: tuple[int, int]) -> str:
    return str(counts[0]) if counts[0] == counts[1] else f"{counts[0]} + {counts[1]}"


def _verdict(difference: float, p_value: float) -> Verdict:
    if p_value >= LEVEL:
        return Verdict.LUCK
    return Verdict.MORE if difference > 0 else Verdict.LESS


def _checked(values: Sequence[float]) -> np.ndarray:
    found = np.asarray(values, dtype=np.float64)
    if not found.size:
        raise ValueError("there are no values")
    if not all(map(isfinite, found.tolist())):
        raise ValueError("a value is not a finite number")
    return found


def _welch(variances: tuple[float, float], counts: tuple[int, int]) -> tuple[float, float]:
    """Return the standard error of the difference and the degrees of freedom of Welch and Satterthwaite."""
    shares = [variance / count for variance, count in zip(variances, counts, strict=True)]
    total = sum(shares)
    below = sum(share**2 / (count - 1) for share, count in zip(shares, counts, strict=True))
    return sqrt(total), total**2 / below if below else nan


def _is_nothing(value: float, *values: np.ndarray) -> bool:
    """Tell whether a value is no more than rounding leaves of such values."""
    return abs(value) <= 8 * float(np.finfo(float).eps) * max(float(np.abs(one).max()) for one in values)


def _two_sided(t: float, freedom: float) -> float:
    from scipy.special import stdtr  # SciPy, 30 MB, for those who ask

    return float(2 * stdtr(freedom, -abs(t)))


def _critical(freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - LEVEL / 2))
