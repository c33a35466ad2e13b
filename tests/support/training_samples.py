"""A small dataset, small configurations and one way to train them, for the tests of core.training."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.config import HiddenLayer, TrainingConfig
from core.data.catalog import CATALOG, DatasetInfo
from core.data.dataset import Dataset
from core.data.split import rows_of_run
from core.training.course import Course, Position
from core.training.engine.chunks import training_chunks
from core.training.engine.model import ChunkedNetwork, Rows, fit_rows
from tests.support.network_pool import POOL

TRAINING_IMAGES = 600
TEST_IMAGES = 200

Weights = list[np.ndarray[Any, Any]]


def small_config(**changes: Any) -> TrainingConfig:
    """One hidden layer of 12, batches of 64, two epochs, no validation; with these changes."""
    values: dict[str, Any] = {
        "dataset": "pen-strokes",
        "hidden_layers": (HiddenLayer(units=12),),
        "epochs": 2,
        "batch_size": 64,
        "validation_split": 0.0,
        "seed": 3,
    }
    return TrainingConfig.build(values | changes)


def rows_of(config: TrainingConfig, dataset: Dataset) -> tuple[Rows, Rows]:
    """Return the training and the validation rows of a run."""
    return rows_of_run(config, len(dataset.train_images))


def fit(
    config: TrainingConfig,
    dataset: Dataset,
    *,
    model: ChunkedNetwork | None = None,
    steps: int = 3,
    start: Position | None = None,
    epochs: int | None = None,
    callbacks: Any = (),
) -> tuple[ChunkedNetwork, Any]:
    """Train as the job does, in chunks of `steps`; return the model and Keras' history."""
    model = model or POOL.take(config, dataset)
    training_rows, validation_rows = rows_of(config, dataset)
    course = course_of(config, dataset, steps, start=start, epochs=epochs)
    history = fit_rows(model, config, course, training_rows, validation_rows, callbacks=list(callbacks))
    return model, history


def course_of(
    config: TrainingConfig,
    dataset: Dataset,
    steps: int,
    *,
    start: Position | None = None,
    epochs: int | None = None,
) -> Course:
    """Return how a run is laid out in chunks of `steps`."""
    images = len(rows_of(config, dataset)[0])
    return Course(images, config.batch_size, epochs or config.epochs, steps, start or Position())


def step_through(
    model: ChunkedNetwork, config: TrainingConfig, dataset: Dataset, steps: int
) -> list[dict[str, Any]]:
    """Give one epoch to `train_step` itself, without the seconds that XLA compiles; return its logs.

    They are numbers, or arrays with one for each step.
    """
    course = course_of(config, dataset, steps, epochs=1)
    chunks = training_chunks(rows_of(config, dataset)[0], config, course)
    return [{name: value.numpy() for name, value in model.train_step(chunk).items()} for chunk in chunks]


def same_bits(one: Weights, other: Weights) -> bool:
    """Tell whether all arrays are equal, bit for bit."""
    return len(one) == len(other) and all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True)
    )


def small_catalog() -> dict[str, DatasetInfo]:
    """Pen strokes alone, as few as `put_small_dataset` puts into the cache."""
    info = replace(CATALOG["pen-strokes"], train_count=TRAINING_IMAGES, test_count=TEST_IMAGES)
    return {info.name: info}


def put_small_dataset(folder: Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write the first images of `arrays` into a dataset cache, as the library would."""
    place = folder / "pen-strokes"
    place.mkdir(parents=True)
    for name, array in arrays.items():
        count = TRAINING_IMAGES if name.startswith("train") else TEST_IMAGES
        np.save(place / f"{name}.npy", array[:count])
