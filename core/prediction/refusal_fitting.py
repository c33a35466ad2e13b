"""Fits the judge of `core.prediction.refusal` to images of ten classes, in NumPy.

`python -m core.prediction.refusal_fitting` makes the file for digits anew, in some minutes; it needs MNIST
and no TensorFlow. For other datasets the app fits a smaller one from their own images.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT
from core.data.dataset import Dataset
from core.data.handwriting import mixture
from core.data.library import DatasetLibrary
from core.prediction.forward import DenseLayer
from core.prediction.other_pictures import other_pictures
from core.prediction.refusal import (
    FEATURES,
    FILE,
    Pictures,
    Refusal,
    as_file,
    as_layers,
    features,
    read_refusal,
    scores,
)
from core.settings import get_settings

Labels = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Of the images that were not learnt, this share is refused: MNIST's test images may have one in a hundred.
REFUSED = 0.008
# Of digits drawn by everyone's hand, which vary more.
REFUSED_DRAWN = 0.03
HELD_OUT = 0.1

_BATCH = 500
_RATE, _DECAY = 3e-3, 1e-3


@dataclass(frozen=True)
class Effort:
    """What a fit may cost: images of classes and of none, units of the hidden layers, passes."""

    images: int
    others: int
    hidden: tuple[int, ...]
    epochs: int


IN_THE_APP = Effort(images=16_000, others=14_000, hidden=(96, 48), epochs=8)  # a quarter of a minute, 170 MB
FOR_THE_FILE = Effort(images=80_000, others=80_000, hidden=(160, 64), epochs=9)


def fit_refusal(images: Pictures, labels: Labels, effort: Effort = IN_THE_APP, *, seed: int = 0) -> Refusal:
    """Return a judge of what belongs to the classes of these images.

    Parameters
    ----------
    images, labels
        uint8 (n, 28, 28) and (n,), 0 to 9: training images, of which a tenth is held out for the threshold.
    effort
        How many of them, and of pictures of no class, are learnt, and how.
    seed
        The same seed gives the same judge on the same machine.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(images))[: effort.images]
    held_out, learnt = np.split(order, [max(1, round(HELD_OUT * len(order)))])
    layers = _fit(np.asarray(images[np.sort(learnt)]), labels[np.sort(learnt)], effort, generator)
    return Refusal(layers, threshold_for(layers, np.asarray(images[np.sort(held_out)]), REFUSED))


def fit_digits(mnist: Dataset, effort: Effort, *, seed: int = 0) -> Refusal:
    """Return the judge of digits: MNIST's, and those of everyone's hand, see `core.data.handwriting`.

    A tenth of MNIST's training images, and digits made from them, are held out for the threshold.
    """
    generator = np.random.default_rng(seed)
    kept = len(mnist.train_images) - round(HELD_OUT * len(mnist.train_images))
    parts = [
        replace(mnist, train_images=mnist.train_images[rows], train_labels=mnist.train_labels[rows])
        for rows in (slice(kept), slice(kept, None))
    ]
    learnt = mixture.generate(parts[0], max(kept, effort.images), seed=seed)
    unseen = mixture.generate(parts[1], 2 * len(parts[1].train_images), seed=seed + 1)["train_images"]
    layers = _fit(learnt["train_images"], learnt["train_labels"], effort, generator)
    # MNIST's own are half of the second, so that twice this share of the drawn ones would be refused.
    thresholds = (
        threshold_for(layers, np.asarray(parts[1].train_images), REFUSED),
        threshold_for(layers, unseen, (REFUSED + REFUSED_DRAWN) / 2),
    )
    return Refusal(layers, max(thresholds))


def threshold_for(layers: tuple[DenseLayer, ...], images: Pictures, share: float) -> float:
    """Return the threshold by which this share of images is refused."""
    return float(np.quantile(scores(Refusal(layers, 0.0), images), 1 - share))


def _fit(
    images: Pictures, labels: Labels, effort: Effort, generator: np.random.Generator
) -> tuple[DenseLayer, ...]:
    """Return the layers of a judge, rounded to the 8 bits in which it is kept and travels."""
    others = other_pictures(images, effort.others, generator)
    values = np.empty((len(images) + len(others), FEATURES), np.float32)
    for pictures, first in ((images, 0), (others, len(images))):
        for start in range(0, len(pictures), _BATCH):  # at once these would take some hundred megabytes
            some = features(pictures[start : start + _BATCH])
            values[first + start : first + start + len(some)] = some
    targets = np.concatenate([labels, np.full(len(others), CLASS_COUNT, np.uint8)])
    layers = as_layers(_trained(values, targets, effort, generator))
    return read_refusal(as_file(Refusal(layers, 0.0))).layers


def _trained(
    values: Floats, targets: Labels, effort: Effort, generator: np.random.Generator
) -> list[tuple[Floats, Floats]]:
    """Return the kernels and biases of a dense network with ReLU and a softmax, fitted by Adam."""
    widths = [values.shape[1], *effort.hidden, CLASS_COUNT + 1]
    shapes = list(pairwise(widths))
    size = sum((inputs + 1) * units for inputs, units in shapes)
    # One run of numbers for all, so that Adam takes few and long steps through memory.
    weights, gradients, mean, square = (np.zeros(size, np.float32) for _ in range(4))
    layers, slopes = _split(weights, shapes), _split(gradients, shapes)
    for kernel, _ in layers:
        kernel[:] = generator.normal(0, np.sqrt(2 / len(kernel)), kernel.shape)  # He et al. 2015
    steps = effort.epochs * (len(values) // _BATCH)
    for step in range(steps):
        if step % (len(values) // _BATCH) == 0:
            order = generator.permutation(len(values))
            first = 0
        rows = order[first : first + _BATCH]
        first += _BATCH
        _backward(layers, slopes, values[rows], targets[rows])
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
        mean += np.float32(0.1) * (gradients - mean)
        square += np.float32(0.001) * (gradients * gradients - square)
        size_of_step = rate * np.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        weights -= np.float32(size_of_step) * mean / (np.sqrt(square) + np.float32(1e-7))
        weights *= np.float32(1 - rate * _DECAY)
    return layers


def _split(flat: Floats, shapes: list[tuple[int, int]]) -> list[tuple[Floats, Floats]]:
    """Return kernels and biases that lie in one run of numbers."""
    layers, at = [], 0
    for inputs, units in shapes:
        kernel = flat[at : at + inputs * units].reshape(inputs, units)
        at += inputs * units
        layers.append((kernel, flat[at : at + units]))
        at += units
    return layers


def _backward(
    layers: list[tuple[Floats, Floats]], slopes: list[tuple[Floats, Floats]], values: Floats, targets: Labels
) -> None:
    """Write the gradients of the mean cross-entropy of a batch into `slopes`."""
    outputs = [values]
    for number, (kernel, bias) in enumerate(layers):
        sums = outputs[-1] @ kernel + bias
        outputs.append(sums if number == len(layers) - 1 else np.maximum(sums, 0))
    powers = np.exp(outputs[-1] - outputs[-1].max(axis=1, keepdims=True))
    error = powers / powers.sum(axis=1, keepdims=True)
    error[np.arange(len(targets)), targets] -= 1
    error /= np.float32(len(targets))
    for number in reversed(range(len(layers))):
        kernel, bias = slopes[number]
        np.matmul(outputs[number].T, error, out=kernel)
        error.sum(axis=0, out=bias)
        if number:
            error = (error @ layers[number][0].T) * (outputs[number] > 0)


def main(report: Callable[[str], None] = print) -> None:
    """Fit the judge of digits and write its file."""
    parser = argparse.ArgumentParser(description="Makes the file that tells digits from other pictures.")
    parser.add_argument("--out", default=str(FILE), help="where it is written")
    arguments = parser.parse_args()
    settings = get_settings()
    mnist = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout).prepare("mnist")
    refusal = fit_digits(mnist, FOR_THE_FILE)
    Path(arguments.out).write_bytes(as_file(refusal))
    refused = float(np.mean(scores(refusal, np.asarray(mnist.test_images)) > refusal.threshold))
    report(f"threshold {refusal.threshold:.3f}, {100 * refused:.2f} % of MNIST's test digits refused")


if __name__ == "__main__":
    main()
