"""What the tests of train_run expect of a run that has ended."""

from collections.abc import Callable
from tempfile import NamedTemporaryFile
from typing import Any

import keras
import numpy as np
import pytest
from upath import UPath

from core.config import HiddenLayer
from core.data.dataset import Dataset
from core.evaluation.loss import cross_entropy
from core.prediction.network import Network
from core.store import Run, RunStore
from core.store.files import LIVE_FILE, snapshot_epoch
from tests.support.training_samples import TEST_IMAGES, TRAINING_IMAGES, small_config

Train = Callable[..., Run]

# A worker writes these; nothing else may be left when a run has ended well.
FILES = {"checkpoint.npz", "model.keras", "network.onnx", "test_probabilities.npy"}

CONFIG = small_config(
    hidden_layers=(HiddenLayer(units=16, dropout=0.2),), epochs=5, learning_rate=0.01, validation_split=0.1
)
# Compiled in a moment, for the ways in which a run can end badly.
SHORT = small_config(hidden_layers=())


def names(folder: UPath) -> set[str]:
    """Return the names of the files in a folder of a run but for snapshots and live weights."""
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    return {name for name in found if name != LIVE_FILE and snapshot_epoch(name) is None}


def saved_probabilities(store: RunStore, run: Run) -> np.ndarray[Any, Any]:
    """Return what the worker wrote for the pages."""
    with (store.folder(run.id) / "test_probabilities.npy").open("rb") as file:
        return np.load(file, allow_pickle=False)


def saved_model(store: RunStore, run: Run) -> keras.Sequential:
    """Return the model as people take it away."""
    with NamedTemporaryFile(suffix=".keras") as file:  # Keras reads files of this machine
        file.write(store.artifact(run.id, "model.keras"))
        file.flush()
        return keras.saving.load_model(file.name, safe_mode=True)


def assert_usable(store: RunStore, run: Run, dataset: Dataset) -> None:
    """The run's figures are those of its probabilities, which are those of its two models."""
    assert names(store.folder(run.id)) == FILES
    assert_says_the_same(store, run, dataset)


def assert_says_the_same(store: RunStore, run: Run, dataset: Dataset) -> None:
    """What a run has written of the test images is what its figures and its two models say."""
    probabilities = saved_probabilities(store, run)
    assert (probabilities.shape, probabilities.dtype) == ((TEST_IMAGES, 10), np.float32)
    assert run.test_accuracy == np.mean(probabilities.argmax(axis=1) == dataset.test_labels)
    assert run.test_loss == pytest.approx(cross_entropy(probabilities, dataset.test_labels))
    images = np.asarray(dataset.test_images)
    network = Network(store.artifact(run.id, "network.onnx"))
    np.testing.assert_allclose(network.predict(images).probabilities, probabilities, rtol=0, atol=1e-5)
    keras_says = saved_model(store, run)(images.reshape(-1, 28, 28)).numpy()
    np.testing.assert_allclose(keras_says, probabilities, rtol=0, atol=1e-5)


def assert_whole_curve(store: RunStore, run: Run) -> None:
    """Training points rise without doubles to the last epoch; validation has one an epoch."""
    curve = store.curve(run.id)
    epochs = run.config.epochs
    assert (np.diff(curve.training_epochs) > 0).all()
    assert set(range(1, epochs + 1)) <= set(curve.training_epochs.tolist())
    assert curve.training_epochs[-1] == epochs
    assert curve.validation_epochs.tolist() == list(range(1, epochs + 1))
    assert np.isfinite(curve.training_loss).all()
    assert ((curve.validation_accuracy >= 0) & (curve.validation_accuracy <= 1)).all()


def epoch_losses(store: RunStore, run: Run) -> np.ndarray[Any, Any]:
    """Return the mean training loss of each epoch, put together from the points of its curve.

    A point is the mean since the point before it: a lost or doubled one changes the sum.
    """
    curve = store.curve(run.id)
    whole = TRAINING_IMAGES - int(TRAINING_IMAGES * run.config.validation_split)
    epochs = np.ceil(curve.training_epochs).astype(int) - 1
    steps = np.round((curve.training_epochs - epochs) * run.steps_per_epoch)
    seen = epochs * whole + np.minimum(steps * run.config.batch_size, whole)
    sums = np.zeros(run.config.epochs)
    np.add.at(sums, epochs, np.diff(seen, prepend=0) / whole * curve.training_loss)
    return sums


def assert_same_result(store: RunStore, run: Run, whole: Run) -> None:
    """The weights are equal bit for bit, and the curve has every step and every validation once."""
    weights = [saved_model(store, one).get_weights() for one in (run, whole)]
    for mine, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert (run.test_loss, run.test_accuracy) == (whole.test_loss, whole.test_accuracy)
    assert_whole_curve(store, run)
    curves = [store.curve(one.id) for one in (run, whole)]
    np.testing.assert_array_equal(curves[0].validation_loss, curves[1].validation_loss)
    np.testing.assert_allclose(epoch_losses(store, run), epoch_losses(store, whole), rtol=1e-6)
