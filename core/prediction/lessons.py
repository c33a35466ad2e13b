"""What a lesson has brought: how many of the drawings that nobody learnt are read, before and after."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.prediction.network import Network
from core.prediction.ready_made import read_all
from core.store.teaching import Lesson


@dataclass(frozen=True)
class Learnt:
    """The score of a lesson.

    Attributes
    ----------
    drawings, held_back
        How many were learnt, and how many were kept from it to be measured by; 0 if there were none.
    before, after
        Share of those held back that the network read; NaN where there are none, and `before` too for a
        network that began untrained.
    test_before, test_after
        Accuracy on the test images of its dataset; NaN where that is not known.
    """

    drawings: int
    held_back: int
    before: float
    after: float
    test_before: float
    test_after: float


def count_right(network: Network, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> int:
    """Return how many of these uint8 (n, 28, 28) pictures a network reads as their labels.

    Raises
    ------
    ModelError
        If the network cannot answer.
    """
    if not len(labels):
        return 0
    return int((read_all(network, images).argmax(axis=1) == labels).sum())


def learnt_by(network: Network, lesson: Lesson, test_accuracy: float | None) -> Learnt:
    """Return the score of a network that has had this lesson, and has this accuracy since.

    Raises
    ------
    ModelError
        If the network cannot answer.
    """
    count = len(lesson.held_back_labels)
    after = count_right(network, lesson.held_back_images, lesson.held_back_labels)
    nothing = float("nan")
    return Learnt(
        drawings=len(lesson.learnt_labels),
        held_back=count,
        before=lesson.right_before / count if count else nothing,
        after=after / count if count else nothing,
        test_before=lesson.test_accuracy_before,
        test_after=nothing if test_accuracy is None else test_accuracy,
    )
