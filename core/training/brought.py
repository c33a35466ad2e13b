"""A network from elsewhere, opened on a worker: its weights looked through, its answers, our files of it."""

import io
import tempfile
from math import prod
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.bring_back.network import AS_IT_IS, read_network
from core.bring_back.steps import Network
from core.data.dataset import Dataset
from core.errors import ModelError
from core.sentences import say
from core.store import Run, RunStore
from core.store.files import BROUGHT_FILE
from core.training.engine.layers import build_layers
from core.training.engine.model import EVALUATION_BATCH
from core.training.export import to_keras, to_onnx
from core.training.persistence import Persistence
from core.training.results import keep_results

# Of groups and datasets; a network of sixty layers and its optimizer have six hundred.
_MOST_OBJECTS = 2_000
# By which the answers of our form of the network may differ from its own: float32 adds up in another order.
_TOLERANCE = 1e-3


def evaluate_brought(
    store: RunStore, run: Run, dataset: Dataset, max_parameters: int, persist: Persistence
) -> tuple[float, float]:
    """Read the test images with the network that was brought; return test accuracy and test loss.

    Writes what a trained run has: test probabilities, `network.onnx`, `model.keras`.

    Raises
    ------
    ModelError
        If the file cannot be used; says what is in the way.
    StoreError
        If the results cannot be written.
    """
    content = persist(
        lambda: store.artifact(run.id, BROUGHT_FILE), say("It is read as soon as this is over.")
    )
    # Once more: the file may have come by another way than the page. What Keras opens is written anew.
    content = read_network(content, max_parameters).file(AS_IT_IS)
    brought = read_network(content, max_parameters)
    network = brought.network
    check_weights_file(brought.weights)
    loaded, weights = _load(content, network)
    probabilities = _probabilities(loaded, network, dataset.test_images)
    if not np.isfinite(probabilities).all():
        raise ModelError(say("The answers of this network are no numbers: its training ran away."))
    ours = keras.Sequential(build_layers(run.config, plain=True), name="digit_lab")
    ours.set_weights(network.folded(weights))
    some = dataset.test_images[:EVALUATION_BATCH]
    farthest = np.abs(ours(tf.constant(some), training=False).numpy() - probabilities[: len(some)]).max()
    if not farthest <= _TOLERANCE:  # also where it is no number
        raise ModelError(say("This network cannot be written as one of Digit Lab: its answers would change."))
    return keep_results(store, run.id, probabilities, to_onnx(ours), to_keras(ours), dataset, persist)


def check_weights_file(content: bytes) -> None:
    """Look through an HDF5 file: nothing but plain arrays, no larger than the file itself.

    Such a file can point to others on this machine, and a small one can claim to hold terabytes.

    Raises
    ------
    ModelError
    """
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            _check_group(file, len(content), _MOST_OBJECTS)
    except ModelError:
        raise
    except Exception as error:  # the HDF5 library has an error of its own for every kind of damage
        raise ModelError(say("The weights in this file are damaged. Save the network again.")) from error


def _check_group(group: Any, most_bytes: int, most_objects: int) -> None:
    waiting, objects, size = [group], 0, 0
    while waiting:
        here = waiting.pop()
        objects += len(here)
        if objects > most_objects:
            raise _foreign()
        for name in here:
            if not isinstance(here.get(name, getlink=True), h5py.HardLink):
                raise _foreign()
            one = here[name]
            if isinstance(one, h5py.Group):
                waiting.append(one)
                continue
            is_plain = one.dtype.kind in "fiu" and not one.is_virtual and not one.external
            # Packed parts, for which a file needs no room: Keras packs none.
            if not is_plain or one.chunks is not None:
                raise _foreign()
            size += prod(one.shape) * one.dtype.itemsize
            if size > most_bytes:
                raise _foreign()


def _foreign() -> ModelError:
    return ModelError(say("The weights in this file are not as Keras writes them. Save the network again."))


def _load(content: bytes, network: Network) -> tuple[keras.Sequential, list[list[NDArray[Any]]]]:
    """Return the network as Keras opens it, and the weights of each step."""
    # Keras reads from a path only.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "brought.keras"
        path.write_bytes(content)
        try:
            loaded = keras.saving.load_model(path, safe_mode=True, compile=False)
        except Exception as error:  # whatever it meets: a layer without weights, an array of another shape
            raise ModelError(
                say("Keras cannot open this network: its weights are not those of its layers.")
            ) from error
    steps = loaded.layers[-len(network.steps) :]
    weights = [[np.asarray(array) for array in step.get_weights()] for step in steps]
    if [[array.shape for array in arrays] for arrays in weights] != network.shapes:
        raise _foreign()
    return loaded, weights


def _probabilities(
    loaded: keras.Sequential, network: Network, images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return the softmax outputs, (n, 10), of raw images, (n, 28, 28)."""
    rows = images.reshape(-1, *network.input_shape)
    read = []
    for start in range(0, len(rows), EVALUATION_BATCH):
        answers = loaded(rows[start : start + EVALUATION_BATCH].astype(np.float32), training=False)
        read.append((answers if network.has_softmax else tf.nn.softmax(answers)).numpy())
    return np.concatenate(read)
