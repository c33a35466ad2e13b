"""A worker's start: everything that its first run would otherwise wait for.

Dask loads this module as a worker starts and calls `dask_setup`; a worker of your own cluster
does the same with `dask worker ADDRESS --preload core.training.worker`.
"""

import gc
import logging
from typing import Any

import numpy as np

from core.config import CLASS_COUNT, IMAGE_SHAPE, HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.data.split import rows_of_run
from core.training.course import Course
from core.training.engine.memory import tidy_up
from core.training.engine.model import ChunkedNetwork, fit_rows
from core.training.engine.programs import PROGRAMS
from core.training.export import to_keras, to_onnx
from core.training.job import train_run

__all__ = ["PROGRAMS", "dask_setup", "get_ready", "tidy_up", "train_run"]

_log = logging.getLogger(__name__)


def dask_setup(worker: Any) -> None:
    """Get ready; a rehearsal that fails is logged, for the runs to come say better what is wrong."""
    try:
        get_ready()
    except Exception:
        _log.exception("the rehearsal of a training failed")


def get_ready() -> None:
    """Train and write a tiny network once, and spare what is in memory the garbage collector.

    The first network of a process costs TensorFlow a second more than any later one: it imports
    more of itself, starts its compiler and translates Keras' own functions. And what it keeps in
    memory is a million objects; to look through them for garbage, as Python does every few runs,
    takes half a second in the middle of a training.
    """
    _rehearse()
    tidy_up()
    gc.freeze()


def _rehearse() -> None:
    config = TrainingConfig(
        hidden_layers=(HiddenLayer(units=2),), batch_size=2, epochs=1, validation_split=0.5
    )
    images = np.zeros((4, *IMAGE_SHAPE), np.uint8)
    labels = np.arange(4, dtype=np.uint8)
    names = tuple(str(label) for label in range(CLASS_COUNT))
    dataset = Dataset("rehearsal", images, labels, images, labels, names)
    network = ChunkedNetwork(config, dataset)
    training_rows, validation_rows = rows_of_run(config, len(images))
    course = Course(len(training_rows), config.batch_size, config.epochs, steps_per_chunk=1)
    fit_rows(network, config, course, training_rows, validation_rows, callbacks=[])
    network.probabilities(images)
    to_onnx(network)
    to_keras(network)
