"""The test images behind one cell of the confusion matrix."""

import numpy as np
from numpy.typing import NDArray


def images_of_cell(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8], true: int, predicted: int
) -> NDArray[np.int64]:
    """Return the rows of the images of class `true` that were read as `predicted`.

    Sorted by the network's confidence in what it read, surest first: a sure
    mistake teaches more than a close call. Equal confidence keeps test order.
    """
    rows = np.flatnonzero((labels == true) & (probabilities.argmax(axis=1) == predicted))
    return rows[np.argsort(-probabilities[rows, predicted], kind="stable")]
