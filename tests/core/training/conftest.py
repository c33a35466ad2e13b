"""What the tests of core.training share: a small dataset, as large as a class can write in a lesson."""

from typing import Any

import numpy as np
import pytest

from core.data.dataset import Dataset
from tests.core.training_samples import TEST_IMAGES, TRAINING_IMAGES


@pytest.fixture(scope="session")
def dataset(strokes: dict[str, np.ndarray[Any, Any]]) -> Dataset:
    """The first pen strokes as a dataset of 600 training and 200 test images."""
    return Dataset(
        name="pen-strokes",
        train_images=strokes["train_images"][:TRAINING_IMAGES],
        train_labels=strokes["train_labels"][:TRAINING_IMAGES],
        test_images=strokes["test_images"][:TEST_IMAGES],
        test_labels=strokes["test_labels"][:TEST_IMAGES],
        class_names=tuple("0123456789"),
    )
