"""Studies: what many runs that differ in one thing tell, as plain data.

Four that every course has: the learning rate by a run whose rate rises, the size of the batch, width against
depth, and how much data is enough.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from core.config import RISING_FROM, TrainingConfig
from core.evaluation.luck import Interval, mean_interval
from core.store import Curve

NO_CURVE = Curve(*(np.empty(0) for _ in range(6)))
# The loss must have fallen by so much for a network to have begun to learn.
_LEARNS = 0.9
# From so many times its lowest on the loss is said to run away (Howard & Gugger 2020, fastai's range test).
_RUNS_AWAY = 4.0
# Points over which the loss is averaged, each by the weights of a triangle.
_SMOOTHED = 5
# Of the rate with the lowest loss, from where on it is about to run away: "try again with a 3 times smaller
# learning rate" (Bengio 2012, Practical recommendations for gradient-based training, section 3.1.1).
_BELOW_THE_LOWEST = 1 / 3
# Through two points there is always a law.
FEWEST_FOR_LAW = 3


@dataclass(frozen=True)
class RateFinding:
    """What a run tells whose learning rate has risen.

    Attributes
    ----------
    rates, losses
        float64 (n,): the rate of each point, ascending, and the training loss there.
    smoothed
        float64 (n,): the loss without its jitter.
    learns_from, steepest, lowest, runs_away
        Rates: from which on it learns, at which the loss falls fastest, at which it is lowest, from which
        on it runs away. All None where it never learns, the last one too where it never runs away.
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    smoothed: NDArray[np.float64]
    learns_from: float | None = None
    steepest: float | None = None
    lowest: float | None = None
    runs_away: float | None = None

    @property
    def suggested(self) -> float | None:
        """The rate to train with: a third of that with the lowest loss, to one figure; None if none."""
        return None if self.lowest is None else float(f"{_BELOW_THE_LOWEST * self.lowest:.0e}")


@dataclass(frozen=True)
class Level:
    """What runs of one value reached.

    Attributes
    ----------
    value
        Of what the study varies.
    accuracy
        On validation images, over the seeds.
    training
        Accuracy on the training images at the end; None where it is not known.
    seconds
        Of training, on average; None where it is not known.
    """

    value: float
    accuracy: Interval
    training: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Measured:
    """One run of a study: its value, its accuracies and its seconds, each None where it is not known."""

    value: float
    accuracy: float | None
    training: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Grid:
    """Accuracies by units (columns, ascending) and number of hidden layers (rows, ascending).

    Attributes
    ----------
    accuracy
        float64 (layers, units): means over the seeds, NaN where no run has ended.
    parameters
        int64 (layers, units), 0 where no run was planned.
    """

    units: tuple[int, ...]
    layers: tuple[int, ...]
    accuracy: NDArray[np.float64]
    parameters: NDArray[np.int64]


@dataclass(frozen=True)
class PowerLaw:
    """Errors that fall as a power of the number of images: error = factor · images^(−exponent).

    Of learning curves: Cortes et al. 1994 (NIPS 6); of networks: Hestness et al. 2017 (arXiv:1712.00409).
    """

    factor: float
    exponent: float

    def error(self, images: float) -> float:
        """Return the share of mistakes that so many images lead to."""
        return float(self.factor * images**-self.exponent)


def find_rate(curve: Curve, top_rate: float, epochs: float) -> RateFinding:
    """Return what a run with the schedule “rising” tells, as far as it has come.

    Parameters
    ----------
    top_rate
        At the end of the run.
    epochs
        Of the whole run.
    """
    ends, losses = curve.training_epochs, curve.training_loss
    is_known = np.isfinite(losses) & (ends > 0)
    # A point is the mean over the steps since the one before: its rate is that in their middle.
    middles = (np.concatenate([[0.0], ends[:-1]]) + ends)[is_known] / 2 if len(ends) else ends
    losses = losses[is_known]
    rates = top_rate * RISING_FROM ** (1 - middles / epochs)
    smoothed = _smooth(losses)
    found = RateFinding(rates, losses, smoothed)
    if len(losses) < _SMOOTHED:
        return found
    lowest = _lowest_before_running_away(smoothed)
    learns = np.flatnonzero(smoothed[: lowest + 1] < _LEARNS * smoothed[0])
    if not len(learns):
        return found
    slopes = np.gradient(smoothed[: lowest + 1], np.log10(rates[: lowest + 1]))
    away = lowest + np.flatnonzero(smoothed[lowest:] > _RUNS_AWAY * smoothed[lowest])
    return RateFinding(
        rates,
        losses,
        smoothed,
        learns_from=float(rates[learns[0]]),
        steepest=float(rates[int(slopes.argmin())]),
        lowest=float(rates[lowest]),
        runs_away=float(rates[away[0]]) if len(away) else None,
    )


def levels_of(measured: Iterable[Measured]) -> list[Level]:
    """Return what was reached at each value, ascending; values of which no run has ended are none."""
    by_value: dict[float, list[Measured]] = {}
    for one in measured:
        if one.accuracy is not None and isfinite(one.accuracy):
            by_value.setdefault(one.value, []).append(one)
    return [
        Level(
            value,
            mean_interval([one.accuracy for one in runs if one.accuracy is not None]),
            _mean(one.training for one in runs),
            _mean(one.seconds for one in runs),
        )
        for value, runs in sorted(by_value.items())
    ]


def grid_of(accuracies: Sequence[tuple[TrainingConfig, float | None]]) -> Grid:
    """Return accuracies by width and depth, of networks whose hidden layers are all as wide.

    Parameters
    ----------
    accuracies
        The settings of each run, and what it reached; None where it has not ended.
    """
    shapes = [(config.hidden_layers[0].units, len(config.hidden_layers)) for config, _ in accuracies]
    units, layers = (tuple(sorted(set(column))) for column in zip(*shapes, strict=True))
    reached: Mapping[tuple[int, int], list[float]] = {shape: [] for shape in shapes}
    parameters = np.zeros((len(layers), len(units)), np.int64)
    for (config, accuracy), shape in zip(accuracies, shapes, strict=True):
        parameters[layers.index(shape[1]), units.index(shape[0])] = config.parameters
        if accuracy is not None and isfinite(accuracy):
            reached[shape].append(accuracy)
    means = np.full(parameters.shape, np.nan)
    for (width, depth), values in reached.items():
        if values:
            means[layers.index(depth), units.index(width)] = float(np.mean(values))
    return Grid(units, layers, means, parameters)


def power_law(levels: Sequence[Level]) -> PowerLaw | None:
    """Return the power law of errors nearest to these, by least squares of their logarithms.

    None for fewer than three values that differ, for a perfect network, and where errors do not fall.
    """
    pairs = [(one.value, 1 - one.accuracy.mean) for one in levels if one.accuracy.mean < 1]
    if len(pairs) < FEWEST_FOR_LAW:
        return None
    images, errors = np.log(np.array(pairs)).T
    slope, offset = np.polyfit(images, errors, 1)
    return PowerLaw(float(np.exp(offset)), float(-slope)) if slope < 0 else None


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return running means by the weights of a triangle, shorter at both ends."""
    half = _SMOOTHED // 2
    weights = np.concatenate([np.arange(1, half + 2), np.arange(half, 0, -1)]).astype(np.float64)
    if not len(values):
        return values
    sums = np.convolve(values, weights)[half : half + len(values)]
    return np.asarray(sums / np.convolve(np.ones(len(values)), weights)[half : half + len(values)])


def _lowest_before_running_away(losses: NDArray[np.float64]) -> int:
    """Return where the loss is lowest before it first runs away: later it may fall by chance."""
    lowest, place = inf, 0
    for row, loss in enumerate(losses.tolist()):
        if loss < lowest:
            lowest, place = loss, row
        elif loss > _RUNS_AWAY * lowest:
            break
    return place


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None and isfinite(value)]
    return float(np.mean(known)) if known else None
