"""Networks from elsewhere on a worker: their answers are Keras' own, and a bad file ends in a sentence."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from core.bring_back.network import AS_IT_IS, TO_ONE, read_network
from core.data.dataset import Dataset
from core.errors import ModelError
from core.prediction.onnx_layers import weights_of
from core.store import Run, RunStatus, RunStore
from core.store.files import BROUGHT_FILE, ONNX_FILE
from core.training import job
from core.training.brought import check_weights_file
from tests.support.job_samples import assert_says_the_same, saved_probabilities
from tests.support.keras_files import WEIGHTS, dense, image, keras_file, sequential, weights_file

MOST = 200_000


def saved(model: keras.Model, folder: Path) -> bytes:
    path = folder / "theirs.keras"
    model.save(path)
    return path.read_bytes()


def lively(model: keras.Model) -> keras.Model:
    """Give a model weights as training leaves them."""
    rng = np.random.default_rng(3)
    new = [rng.normal(0, 0.1, array.shape) for array in model.get_weights()]
    model.set_weights([np.abs(array) + 0.1 if array.ndim == 1 else array for array in new])
    return model


def bring(store: RunStore, content: bytes, scale: float = TO_ONE) -> Run:
    """Bring a file as the page does, have it evaluated, and return the run."""
    brought = read_network(content, MOST)
    run = store.bring(
        brought.network.config("pen-strokes"), brought.file(scale), workspace="red", name="theirs.keras"
    )
    assert (run.imported, run.status, run.name) == (True, RunStatus.QUEUED, "theirs.keras")
    job.train_run(run.id)
    return store.get(run.id)


def chain() -> keras.Model:
    """A Sequential as people write it, compiled, which has an optimizer's numbers in its file."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(12, use_bias=False, kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dropout(0.3, seed=1),
            layers.Dense(10),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.optimizer.build(model.trainable_variables)
    return lively(model)


def graph() -> keras.Model:
    """A functional model of the same kind that was trained on pixels of 0 to 1."""
    inputs = keras.Input((784,))
    values = layers.Dense(9, activation="tanh")(inputs)
    values = layers.BatchNormalization()(values)
    outputs = layers.Dense(10, activation="softmax")(values)
    return lively(keras.Model(inputs, outputs))


@pytest.mark.parametrize(("make", "scale"), [(chain, TO_ONE), (graph, TO_ONE), (graph, AS_IT_IS)])
def test_its_answers_are_those_of_keras_and_its_run_is_like_any_other(
    store: RunStore, dataset: Dataset, tmp_path: Path, make: Callable[[], keras.Model], scale: float
) -> None:
    model = make()
    run = bring(store, saved(model, tmp_path), scale)
    assert (run.status, run.message) == (RunStatus.FINISHED, None)
    images = np.asarray(dataset.test_images).astype(np.float32) * (1 if make is chain else scale)
    expected = np.asarray(model(images.reshape(-1, *model.input_shape[1:]), training=False))
    if make is chain:
        expected = np.asarray(keras.activations.softmax(keras.ops.convert_to_tensor(expected)))
    probabilities = saved_probabilities(store, run)
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    assert np.ptp(probabilities, axis=0).max() > 0.01
    assert_says_the_same(store, run, dataset)
    assert store.artifact(run.id, BROUGHT_FILE)
    shapes = [array.shape for array in weights_of(store.artifact(run.id, ONNX_FILE))]
    assert shapes[0] == (784, run.config.hidden_layers[0].units)


def h5(write: Callable[[Any], None]) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as opened:
        write(opened)
    return file.getvalue()


def _packed(file: Any) -> None:
    file.create_dataset("layers/dense/vars/0", (784, 1_000_000), "f4", compression="gzip")


def _unwritten(file: Any) -> None:
    file.create_dataset("layers/dense/vars/0", (784, 1_000_000), "f4")


def _elsewhere(file: Any) -> None:
    file["layers"] = h5py.ExternalLink("/etc/hostname", "/")


def _crossed(file: Any) -> None:
    file["a"] = h5py.SoftLink("/b")


def _round(file: Any) -> None:
    file.create_group("a")["b"] = file["/"]


def _raw(file: Any) -> None:
    file.create_dataset("a", (4,), "u1", external=[("/etc/hostname", 0, 4)])


def _virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "a", (4,))
    file.create_virtual_dataset("a", layout)


def _objects(file: Any) -> None:
    file["a"] = np.array([b"text"], dtype=object)


def _many(file: Any) -> None:
    for number in range(2_100):
        file.create_group(f"g{number}")


BAD_WEIGHTS = {
    "packed": (h5(_packed), "not as Keras writes"),
    "of a size that is not there": (h5(_unwritten), "not as Keras writes"),
    "in another file": (h5(_elsewhere), "not as Keras writes"),
    "by another name": (h5(_crossed), "not as Keras writes"),
    "within themselves": (h5(_round), "not as Keras writes"),
    "from a file of the system": (h5(_raw), "not as Keras writes"),
    "put together": (h5(_virtual), "not as Keras writes"),
    "objects": (h5(_objects), "not as Keras writes"),
    "too many": (h5(_many), "not as Keras writes"),
    "none": (b"", "damaged"),
    "cut off": (WEIGHTS[:3_000], "damaged"),
    "a pickle": (b"\x80\x04K\x01.", "damaged"),
}


@pytest.mark.parametrize("name", BAD_WEIGHTS)
def test_weights_that_are_not_those_of_keras_are_refused(name: str) -> None:
    content, told = BAD_WEIGHTS[name]
    with pytest.raises(ModelError, match=told):
        check_weights_file(content)
    check_weights_file(WEIGHTS)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (keras_file(weights=BAD_WEIGHTS["packed"][0]), "not as Keras writes"),
        (keras_file(weights=weights_file((784, 12), (12,))), "Keras cannot open"),
        (keras_file(weights=weights_file((784, 12), (12,), (12, 9), (9,))), "Keras cannot open"),
        (keras_file(sequential([image(784), dense(3), dense(10, "softmax")])), "Keras cannot open"),
    ],
)
def test_a_bad_file_ends_the_run_with_a_sentence(store: RunStore, content: bytes, told: str) -> None:
    run = bring(store, content)
    assert run.status is RunStatus.FAILED
    assert not run.is_resumable
    assert run.message is not None
    assert told in run.message


def test_answers_that_are_no_numbers_are_none(store: RunStore) -> None:
    file = io.BytesIO(WEIGHTS)
    with h5py.File(file, "r+") as opened:
        opened["layers/dense/vars/0"][0, 0] = np.nan
    assert "no numbers" in str(bring(store, keras_file(weights=file.getvalue())).message)


def test_a_network_of_which_ours_would_give_no_numbers_is_refused(
    store: RunStore, dataset: Dataset, tmp_path: Path
) -> None:
    model = keras.Sequential(
        [keras.Input((784,)), layers.Dense(12), layers.BatchNormalization(), layers.ReLU(), layers.Dense(10)]
    )
    kernel, *_ = model.get_weights()
    kernel[:] = 0
    kernel[0] = 1e10  # of a pixel that is black in every image
    assert not np.asarray(dataset.test_images)[:, 0, 0].any()
    model.layers[0].kernel.assign(kernel)
    model.layers[1].gamma.assign(np.full(12, 1e30))  # 1e40 is no float32: infinity times black is no number
    run = bring(store, saved(model, tmp_path))
    assert run.status is RunStatus.FAILED
    assert "its answers would change" in str(run.message)
