"""Cores that are taken away and given back while a network learns change no bit."""

import os
import sys

import keras
import pytest

from core.config import HiddenLayer
from core.data.dataset import Dataset
from core.jobs.cores import compute_on, share_of
from core.machine import allowed_cores, core_count
from core.training.engine.chunks import batch_parts
from core.training.engine.model import ChunkedNetwork
from tests.support.training_samples import fit, same_bits, small_config

ALL_CORES = allowed_cores()
# In halves, which are computed side by side.
CONFIG = small_config(hidden_layers=(HiddenLayer(units=12, dropout=0.2),), validation_split=0.1)


class OtherCores(keras.callbacks.Callback):
    """Takes away all cores but one after a chunk, or gives them back."""

    def __init__(self) -> None:
        super().__init__()
        self.had: list[int] = []

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        one = share_of(ALL_CORES, len(self.had) % len(ALL_CORES), len(ALL_CORES))
        compute_on(one if len(self.had) % 3 else ALL_CORES)
        self.had.append(len(allowed_cores()))


@pytest.mark.xla
@pytest.mark.skipif(sys.platform != "linux" or len(ALL_CORES) < 2, reason="there is nothing to take away")
def test_cores_that_come_and_go_change_no_bit(dataset: Dataset) -> None:
    assert len(batch_parts(CONFIG)) == 2
    alone, _ = fit(CONFIG, dataset)
    changing = OtherCores()
    try:
        compute_on(share_of(ALL_CORES, 0, len(ALL_CORES)))
        shared = ChunkedNetwork(CONFIG, dataset)  # compiled on one core
        fit(CONFIG, dataset, model=shared, callbacks=[changing])
        probabilities = shared.probabilities(dataset.test_images)
    finally:
        compute_on(ALL_CORES)
    assert {1, len(ALL_CORES)} <= set(changing.had)
    assert same_bits(shared.get_weights(), alone.get_weights())
    assert same_bits([probabilities], [alone.probabilities(dataset.test_images)])


def test_how_many_threads_compute_is_settled_as_a_process_starts() -> None:
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == str(core_count())
