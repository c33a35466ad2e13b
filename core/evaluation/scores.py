"""How good a network is on the test images: from its probabilities to the numbers of the page."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import read_npy
from core.config import CLASS_COUNT
from core.errors import ArrayDamaged, ModelError
from core.evaluation.loss import cross_entropy
from core.sentences import say

# Rounding of float32 sums; a row further from 1 was not made by a softmax.
_ROW_SUM_TOLERANCE = 1e-3
_RETRAIN = say("Train this network again to evaluate it.")


@dataclass(frozen=True)
class Scores:
    """Test scores of one network; arrays have one entry a class.

    Attributes
    ----------
    confusion
        int64 (10, 10): images of the true class (row) read as a class (column).
    accuracy, loss
        Share of images read right; mean cross-entropy in nats.
    precision, recall, f1
        float64 (10,); NaN where undefined (a class never read, or without images).
    support
        int64 (10,): test images of each true class.
    """

    confusion: NDArray[np.int64]
    accuracy: float
    loss: float
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of test images."""
        return int(self.confusion.sum())

    @property
    def wrong(self) -> int:
        """Number of test images read as another class than theirs."""
        return self.count - int(np.trace(self.confusion))


@dataclass(frozen=True)
class Confusion:
    """A pair of different classes and how many images of `true` were read as `predicted`."""

    true: int
    predicted: int
    count: int


@dataclass(frozen=True)
class Evaluation:
    """What a network thought of every test image, float32 (n, 10) read-only, and its scores."""

    probabilities: NDArray[np.float32]
    scores: Scores


def evaluate(results: bytes, labels: NDArray[np.uint8]) -> Evaluation:
    """Return the evaluation of a run by its `test_probabilities.npy`; raise `ModelError` if it is no use."""
    probabilities = read_probabilities(results, len(labels))
    return Evaluation(probabilities, score(probabilities, labels))


def score(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Scores:
    """Return the scores of `probabilities` (n, 10) for true `labels` (n,).

    With right = images of a class that are read as it: precision is right / all read as it,
    recall right / all of it, F1 their harmonic mean, 2 right / (all read as it + all of it).
    """
    cells = CLASS_COUNT * labels.astype(np.int64) + probabilities.argmax(axis=1)
    confusion = np.bincount(cells, minlength=CLASS_COUNT**2).reshape(CLASS_COUNT, CLASS_COUNT)
    right, read, support = np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)
    return Scores(
        confusion=confusion,
        accuracy=float(right.sum() / max(1, len(labels))),
        loss=cross_entropy(probabilities, labels),
        precision=_shares(right, read),
        recall=_shares(right, support),
        f1=_shares(2 * right, read + support),
        support=support,
    )


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return `part / whole`, NaN where the whole is nothing."""
    shares: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return shares


def row_percent(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each row as percent of its images; rows without images stay zero."""
    totals = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    percent: NDArray[np.float64] = 100.0 * confusion / totals
    return percent


def worst_confusions(confusion: NDArray[np.int64], at_most: int) -> list[Confusion]:
    """Return the pairs mistaken most often, the worst first, without those never mistaken."""
    mistakes = confusion - np.diag(np.diag(confusion))
    order = np.argsort(-mistakes, axis=None, kind="stable")[:at_most]
    pairs = zip(*(index.tolist() for index in np.unravel_index(order, mistakes.shape)), strict=True)
    return [
        Confusion(true, predicted, int(mistakes[true, predicted]))
        for true, predicted in pairs
        if mistakes[true, predicted]
    ]


def most_confused(confusion: NDArray[np.int64]) -> Confusion | None:
    """Return the pair mistaken most often, or None if nothing is wrong."""
    return next(iter(worst_confusions(confusion, 1)), None)


def read_probabilities(results: bytes, image_count: int) -> NDArray[np.float32]:
    """Return the checked probabilities (image_count, 10) of a run's `test_probabilities.npy`, read-only.

    Raises
    ------
    ModelError
        The file is damaged, or does not belong to `image_count` images.
    """
    try:
        probabilities = read_npy(results)
    except ArrayDamaged as error:
        raise ModelError(
            say("The file with the test results of this run is damaged. {advice}", advice=_RETRAIN)
        ) from error
    problem = problem_with_probabilities(probabilities, image_count)
    if problem:
        raise ModelError(
            say(
                "The test results of this run cannot be used: {problem}. {advice}",
                problem=problem,
                advice=_RETRAIN,
            )
        )
    return probabilities


def problem_with_probabilities(probabilities: NDArray[Any], image_count: int) -> str | None:
    """Say what is wrong with the answers to so many test images, if anything."""
    if probabilities.dtype != np.float32:
        return say("they are not float32 probabilities")
    if probabilities.ndim != 2 or probabilities.shape[1] != CLASS_COUNT:
        return say(
            "their shape is {shape} instead of ({images}, {classes})",
            shape=probabilities.shape,
            images=image_count,
            classes=CLASS_COUNT,
        )
    if len(probabilities) != image_count:
        return say(
            "they are of {found} images, the test set has {wanted}",
            found=f"{len(probabilities):,}",
            wanted=f"{image_count:,}",
        )
    if not np.isfinite(probabilities).all():
        return say("some probabilities are not numbers")
    sums = probabilities.sum(axis=1)
    if probabilities.min(initial=0) < 0 or (abs(sums - 1) > _ROW_SUM_TOLERANCE).any():
        return say("the ten probabilities of an image do not add up to 100 %")
    return None
