"""How the weights and outputs of each layer lie at every epoch that is kept: a run's inside over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.inside.pictures import FixedPictures
from core.inside.reading import sample_size
from core.prediction.forward import Numbers, dense_layers, outputs_of

# More epochs than a chart of this width can tell apart are thinned evenly, ends kept.
MOST_EPOCHS = 40
BINS = 40
# Of a layer so many numbers are looked at, every n-th of them: enough for shares of a tenth of a percent.
_SAMPLE = 4_000
_IMAGES = 64
# What lies further out than all but a thousandth is counted at the edge: one large weight would else
# leave a few bins for all others.
_OUTLIERS = 0.001


@dataclass(frozen=True, eq=False)
class Spread:
    """How numbers of a layer lie at each epoch.

    Attributes
    ----------
    middles
        Middles of the bins, (bins,), ascending; the outermost also count what lies beyond them.
    shares
        What lies in each bin, (bins, epochs), from 0 to 1; NaN at an epoch whose numbers are none any more.
    """

    middles: NDArray[np.float64]
    shares: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class History:
    """The spreads of all layers, the last with the ten probabilities.

    Attributes
    ----------
    epochs
        Ascending; 0 is the untrained network.
    weights, outputs
        One spread a layer; outputs are those for test images that stay the same.
    """

    epochs: tuple[int, ...]
    weights: tuple[Spread, ...]
    outputs: tuple[Spread, ...]


def thinned(epochs: Sequence[int], most: int = MOST_EPOCHS) -> tuple[int, ...]:
    """Return at most so many of the epochs, evenly, with the first and the last."""
    if len(epochs) <= most:
        return tuple(epochs)
    places = np.linspace(0, len(epochs) - 1, most).round().astype(int)
    return tuple(epochs[place] for place in places)


@dataclass(frozen=True, eq=False)
class Sample:
    """Some numbers of each layer of a network, of its weights and of what it puts out for the same images."""

    weights: tuple[Numbers, ...]
    outputs: tuple[Numbers, ...]


def sample_network(
    config: TrainingConfig, weights: Sequence[NDArray[np.float32]], pictures: FixedPictures
) -> Sample:
    """Return what the history of a run keeps of its network at an epoch: 100 KB for two hidden layers.

    Parameters
    ----------
    config, weights
        As for `core.prediction.forward.dense_layers`.
    pictures
        Of the dataset that it learns.

    Raises
    ------
    ModelError
        If the weights are another network's.
    """
    layers = dense_layers(config, weights)
    images = pictures.sample[: min(_IMAGES, sample_size(layers, len(pictures.sample)))]
    with np.errstate(all="ignore"):
        outputs = outputs_of(layers, images)
    return Sample(tuple(_some(layer.kernel) for layer in layers), tuple(map(_some, outputs)))


def history_of(samples: Mapping[int, Sample]) -> History:
    """Return how weights and outputs lie at each epoch, given a sample of each, by epoch, ascending."""
    return History(
        tuple(samples),
        tuple(_spread(one) for one in zip(*(sample.weights for sample in samples.values()), strict=True)),
        tuple(_spread(one) for one in zip(*(sample.outputs for sample in samples.values()), strict=True)),
    )


def _some(values: Numbers) -> Numbers:
    # An odd stride: units come in even numbers, and all of them are to be met.
    return values.ravel()[:: (values.size // _SAMPLE) | 1].copy()


def _spread(by_epoch: Sequence[Numbers]) -> Spread:
    """Return the shares of each epoch in bins that all epochs have in common."""
    sound = [bool(np.isfinite(values).all()) for values in by_epoch]
    known = [values for values, is_sound in zip(by_epoch, sound, strict=True) if is_sound]
    low, high = np.quantile(np.concatenate(known), [_OUTLIERS, 1 - _OUTLIERS]) if known else (0.0, 1.0)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(float(low), float(high), BINS + 1)
    shares = np.full((BINS, len(by_epoch)), np.nan)
    for place, (values, is_sound) in enumerate(zip(by_epoch, sound, strict=True)):
        if is_sound:
            counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
            shares[:, place] = counts / len(values)
    return Spread((edges[:-1] + edges[1:]) / 2, shares)
