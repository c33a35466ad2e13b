"""A worker's start: everything that its first run would otherwise wait for.

Dask loads this module as a worker starts and calls `dask_setup`; a worker of your own cluster
does the same with `python -m dask worker ADDRESS --preload core.training.worker`.
"""

import gc
import logging
import os
import socket
import time
from typing import Any

import keras
import numpy as np

from core.config import CLASS_COUNT, IMAGE_SHAPE, HiddenLayer, TrainingConfig
from core.config.cost import step_seconds
from core.data.dataset import Dataset
from core.data.split import rows_of_run
from core.errors import DigitLabError
from core.settings import get_settings
from core.store import RunStore
from core.training.course import Course
from core.training.engine.memory import tidy_up
from core.training.engine.model import ChunkedNetwork, fit_rows
from core.training.engine.programs import PROGRAMS
from core.training.export import to_keras, to_onnx
from core.training.job import train_run

__all__ = ["PROGRAMS", "dask_setup", "get_ready", "tidy_up", "train_run"]

_log = logging.getLogger(__name__)

# The network of the rehearsal, one whose cost people know. Its chunks are short, 6 ms, so that some of them
# find the machine with nothing else to do.
_CONFIG = TrainingConfig(
    hidden_layers=(HiddenLayer(units=128),), batch_size=128, epochs=6, validation_split=0.2
)
_STEPS = 10
_IMAGES = 50 * _CONFIG.batch_size  # four chunks an epoch
# Of the processor's time, in a second of them that nothing disturbs. With four busy processes beside it the
# clock says about half the speed of a quiet machine, and this at least four fifths.
_COMPUTED_A_SECOND = 1.7


class OneLine(logging.Filter):
    """Tells in a line, not in forty, that the scheduler did not answer: at the end of an app it is gone."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the traceback from a heartbeat that was not heard; everything else stays."""
        if record.exc_info and isinstance(record.exc_info[1], OSError) and "heartbeat" in record.getMessage():
            record.exc_info = record.exc_text = None
        return True


def dask_setup(worker: Any) -> None:
    """Get ready and note how fast this machine is.

    A rehearsal that fails is logged, for the runs to come say better what is wrong; without a note
    the costs of runs are those of the machine on which their formula was measured.
    """
    logging.getLogger("distributed.worker").addFilter(OneLine())
    try:
        speed = get_ready()
    except Exception:
        _log.exception("the rehearsal of a training failed")
        return
    try:
        store = RunStore.from_settings(get_settings())
        store.calibrate(socket.gethostname(), speed)
        store.close()
    except DigitLabError as error:
        _log.warning("how fast this machine is could not be noted: %s", error)


def get_ready() -> float:
    """Train and write a small network once, and spare what is in memory the garbage collector.

    The first network of a process costs TensorFlow a second more than any later one: it imports
    more of itself, starts its compiler and translates Keras' own functions. And what it keeps in
    memory is a million objects; to look through them for garbage, as Python does every few runs,
    takes half a second in the middle of a training.

    Returns
    -------
    float
        How fast this machine takes a step, 1.0 being as fast as `core.config.cost` expects.
    """
    speed = _rehearse()
    tidy_up()
    gc.freeze()
    return speed


class Stopwatch(keras.callbacks.Callback):
    """Times chunks as if nobody else computed, for what others take says nothing of a machine.

    Attributes
    ----------
    seconds
        The shortest by the clock, or by the processor's time that it took, if that is less.
    """

    seconds = float("inf")

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin with a chunk."""
        self._began, self._computed = time.perf_counter(), time.process_time()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """End with it."""
        clock = time.perf_counter() - self._began
        computed = (time.process_time() - self._computed) / min(_COMPUTED_A_SECOND, os.cpu_count() or 1)
        self.seconds = min(self.seconds, clock, computed)


def _rehearse() -> float:
    images = np.zeros((_IMAGES, *IMAGE_SHAPE), np.uint8)
    labels = np.arange(_IMAGES, dtype=np.uint8) % CLASS_COUNT
    names = tuple(str(label) for label in range(CLASS_COUNT))
    dataset = Dataset("rehearsal", images, labels, images[:4], labels[:4], names)
    network = ChunkedNetwork(_CONFIG, dataset)
    training_rows, validation_rows = rows_of_run(_CONFIG, _IMAGES)
    course = Course(len(training_rows), _CONFIG.batch_size, _CONFIG.epochs, steps_per_chunk=_STEPS)
    stopwatch = Stopwatch()
    fit_rows(network, _CONFIG, course, training_rows, validation_rows, callbacks=[stopwatch])
    network.probabilities(images[:4])
    to_onnx(network)
    to_keras(network.plain_model())
    return _STEPS * step_seconds(_CONFIG, len(training_rows)) / stopwatch.seconds
