"""What there is to see in a network with these weights, worked out once for all who look at it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.errors import ModelError
from core.evaluation.unit_health import dead_units, saturated_units
from core.inside.pictures import FixedPictures
from core.prediction.forward import DenseLayer, Numbers, dense_layers, outputs_of
from core.sentences import say

# Multiplications and additions that the sample may take: about 25 ms of one processor.
_SAMPLE_BUDGET = 1e9
_LEAST_SAMPLE = 24
# Of so many numbers of a layer a histogram is made: those of a layer of 2,048 would take a second.
_HISTOGRAM_SAMPLE = 20_000
BINS = 24


@dataclass(frozen=True)
class Histogram:
    """The shares of numbers that lie in each of `BINS` equal stretches from `low` to `high`."""

    low: float
    high: float
    shares: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """A network and what it makes of the test pictures.

    Attributes
    ----------
    layers
        The dense layers, the last with the ten probabilities.
    ten
        What each puts out, (n, units), for the first test image of each class.
    sample
        The same for the sample of test images, as many of its first ones as there was time for.
    dead, saturated
        Which units of each hidden layer are: bool (units,); None where they cannot be.
    reach
        For each hidden layer, (units,): length of the vector of weights that lead from a unit on.
    weights, activations
        Their histograms, one a layer.
    """

    config: TrainingConfig
    pictures: FixedPictures
    layers: tuple[DenseLayer, ...]
    ten: tuple[Numbers, ...]
    sample: tuple[Numbers, ...]
    dead: tuple[NDArray[np.bool_] | None, ...]
    saturated: tuple[NDArray[np.bool_] | None, ...]
    reach: tuple[Numbers, ...]
    weights: tuple[Histogram, ...]
    activations: tuple[Histogram, ...]


def outputs_for(reading: Reading, image: NDArray[np.uint8]) -> tuple[Numbers, ...]:
    """Return what each layer puts out, (1, units), for a picture, uint8 (28, 28); of the ten it is known.

    Raises
    ------
    ModelError
        If the picture has another type or shape.
    """
    for row, known in enumerate(reading.pictures.ten):
        if np.array_equal(known, image):
            return tuple(values[row : row + 1] for values in reading.ten)
    return outputs_of(reading.layers, image[np.newaxis])


def sample_size(layers: Sequence[DenseLayer], most: int) -> int:
    """Return how many images of the sample a network is shown: fewer where it is large."""
    of_one = 2 * sum(layer.kernel.size for layer in layers)
    return min(most, max(_LEAST_SAMPLE, int(_SAMPLE_BUDGET // of_one)))


def read_network(
    config: TrainingConfig, weights: Sequence[NDArray[np.float32]], pictures: FixedPictures
) -> Reading:
    """Return what there is to see in a network.

    Parameters
    ----------
    config, weights
        As for `core.prediction.forward.dense_layers`.
    pictures
        Of the dataset that it learns.

    Raises
    ------
    ModelError
        If the weights are another network's or no numbers.
    """
    layers = dense_layers(config, weights)
    with np.errstate(all="ignore"):
        # A sum is not a number as soon as one of its terms is not.
        sound = all(np.isfinite(array.sum()) for array in weights)
        # In one pass, which reads the weights from memory but once.
        some = pictures.sample[: sample_size(layers, len(pictures.sample))]
        outputs = outputs_of(layers, np.concatenate([pictures.ten, some]))
    ten, sample = (
        tuple(values[rows] for values in outputs)
        for rows in (slice(len(pictures.ten)), slice(len(pictures.ten), None))
    )
    if not sound or not all(np.isfinite(values).all() for values in (*ten, *sample)):
        raise ModelError(
            say(
                "This network's weights are not numbers any more, or too large to reckon with: its "
                "training ran away, and there is nothing to see. Train again with a smaller learning "
                "rate."
            )
        )
    hidden = [layer.activation for layer in layers[:-1]]
    return Reading(
        config,
        pictures,
        layers,
        ten,
        sample,
        tuple(dead_units(values, kind) for values, kind in zip(sample, hidden, strict=False)),
        tuple(saturated_units(values, kind) for values, kind in zip(sample, hidden, strict=False)),
        tuple(np.sqrt(np.einsum("ij,ij->i", layer.kernel, layer.kernel)) for layer in layers[1:]),
        tuple(histogram(layer.kernel) for layer in layers),
        tuple(histogram(values) for values in sample),
    )


def histogram(values: Numbers) -> Histogram:
    """Return the histogram of finite numbers, of every n-th where they are very many."""
    # An odd stride: units come in even numbers, and all of them are to be met.
    some = values.ravel()[:: (values.size // _HISTOGRAM_SAMPLE) | 1].astype(np.float64)
    counts, edges = np.histogram(some, bins=BINS)
    return Histogram(float(edges[0]), float(edges[-1]), tuple((counts / counts.sum()).tolist()))
