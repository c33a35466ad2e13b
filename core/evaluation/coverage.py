"""Accuracy against coverage: a network that may say "I can't read this" answers fewer images, and more of
them right.

The network answers where its confidence, the probability of its answer, is at least a threshold (Chow 1970;
El-Yaniv & Wiener 2010, "On the Foundations of Noise-free Selective Classification").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A curve has no more points than this: what a screen is wide.
_POINTS = 400


@dataclass(frozen=True)
class Coverage:
    """Images of a test set, the surest first.

    Attributes
    ----------
    confidences
        float64 (n,), falling: how sure the network is of its answer.
    right
        bool (n,): whether that answer is right.
    """

    confidences: NDArray[np.float64]
    right: NDArray[np.bool_]

    def at(self, threshold: float) -> "Answered":
        """Return how many images are answered with at least this confidence, and how many rightly."""
        count = int(np.searchsorted(-self.confidences, -threshold, side="right"))
        return Answered(len(self.right), count, int(self.right[:count].sum()))

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return shares answered (k,), rising to 1, and the accuracy (k,) of the answers; k up to 400."""
        count = len(self.right)
        if not count:
            return np.empty(0), np.empty(0)
        answered = np.arange(1, count + 1)
        # Images of one confidence are answered all or none.
        ends = np.append(np.flatnonzero(np.diff(self.confidences)), count - 1)
        # The first hundredth jumps about: a share of a few images.
        kept = ends[ends >= min(count // 100, count - 1)]
        kept = kept[np.unique(np.linspace(0, len(kept) - 1, _POINTS).astype(np.intp))]
        return answered[kept] / count, np.cumsum(self.right)[kept] / answered[kept]


@dataclass(frozen=True)
class Answered:
    """How many of `count` images are answered, and how many of the answers are right."""

    count: int
    answered: int
    right: int

    @property
    def share(self) -> float:
        """Share of the images that are answered."""
        return self.answered / self.count if self.count else 0.0

    @property
    def accuracy(self) -> float:
        """Share of the answers that are right; NaN where nothing is answered."""
        return self.right / self.answered if self.answered else float("nan")


def coverage(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> Coverage:
    """Return the coverage of a network by its probabilities (n, classes) of images with these labels (n,)."""
    confidences = probabilities.max(axis=1).astype(np.float64) if len(labels) else np.empty(0)
    order = np.argsort(-confidences, kind="stable")
    right = (probabilities.argmax(axis=1) == labels) if len(labels) else np.empty(0, bool)
    return Coverage(confidences[order], right[order])
