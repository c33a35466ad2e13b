"""Results: what the pages need of a trained network, written at the end of a run."""

import io

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.evaluation.loss import cross_entropy
from core.sentences import say
from core.store import RunStore
from core.store.files import KERAS_FILE, ONNX_FILE, PROBABILITIES_FILE
from core.training.engine.model import ChunkedNetwork
from core.training.export import to_keras, to_onnx
from core.training.persistence import Persistence


def write_results(
    store: RunStore, run_id: str, model: ChunkedNetwork, dataset: Dataset, persist: Persistence
) -> tuple[float, float]:
    """Write the test probabilities, the ONNX and the Keras file; return test accuracy and test loss.

    All are computed before the first is written, so that an error in one leaves the earlier
    results of a run that was trained further as they were.

    Raises
    ------
    StoreError
        If they cannot be written, and trying again is in vain or was given up.
    """
    probabilities = model.probabilities(dataset.test_images)
    return keep_results(
        store, run_id, probabilities, to_onnx(model), to_keras(model.plain_model()), dataset, persist
    )


def keep_results(
    store: RunStore,
    run_id: str,
    probabilities: NDArray[np.float32],
    onnx: bytes,
    keras: bytes,
    dataset: Dataset,
    persist: Persistence,
) -> tuple[float, float]:
    """Write what a network says of the test images, and its two files; return test accuracy and test loss.

    Raises
    ------
    StoreError
        If they cannot be written, and trying again is in vain or was given up.
    """
    buffer = io.BytesIO()
    np.save(buffer, probabilities)
    files = {PROBABILITIES_FILE: buffer.getvalue(), ONNX_FILE: onnx, KERAS_FILE: keras}

    def write() -> None:
        for name in list(files):
            store.keep(run_id, name, files[name])
            del files[name]  # written: another attempt goes on behind it

    persist(write, say("The run is trained; its results are written as soon as this is over."))
    accuracy = float(np.mean(probabilities.argmax(axis=1) == dataset.test_labels))
    return accuracy, cross_entropy(probabilities, dataset.test_labels)
