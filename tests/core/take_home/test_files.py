"""The files of a run as other programs read them."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.prediction.ready_made import ready_made_file, ready_made_network
from core.recipes import READY_MADE
from core.settings import get_settings
from core.store import Curve, RateChange, Run, RunStatus, RunStore
from core.store.files import KERAS_FILE, ONNX_FILE
from core.take_home.bundle import TakeHome
from core.take_home.files import curve_file, images_archive, settings_file, weight_names, weights_file
from core.weights import weight_shapes
from tests.support.config_samples import random_config
from tests.support.store_samples import training, validation

EMPTY = np.array([])
CURVE = Curve(
    np.array([0.5, 1.0]),
    np.array([0.25, np.nan]),
    np.array([0.9, 0.95]),
    np.array([1.0]),
    np.array([1 / 3]),
    np.array([0.75]),
)


def test_a_curve_is_a_table_with_points_in_its_numbers() -> None:
    rows = list(csv.reader(io.StringIO(curve_file(CURVE).decode())))
    assert rows == [
        ["kind", "epoch", "loss", "accuracy"],
        ["training", "0.5", "0.25", "0.9"],
        ["training", "1", "", "0.95"],
        ["validation", "1", "0.33333333", "0.75"],
    ]
    assert curve_file(Curve(*[EMPTY] * 6)) == b"kind,epoch,loss,accuracy\n"


@pytest.mark.parametrize("seed", range(5))
def test_settings_come_back_as_they_were(seed: int) -> None:
    config = random_config(seed)
    content = settings_file(config)
    assert TrainingConfig.from_json(content.decode()) == config
    assert set(json.loads(content)) == set(TrainingConfig.model_fields)


def test_the_weights_by_name_compute_what_the_network_does() -> None:
    content = weights_file(ready_made_file(), READY_MADE.config)
    weights = np.load(io.BytesIO(content), allow_pickle=False)
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    values = images.reshape(-1, 784) / 255
    for number in range(1, len(READY_MADE.config.hidden_layers) + 1):
        values = np.maximum(values @ weights[f"hidden_{number}_kernel"] + weights[f"hidden_{number}_bias"], 0)
    scores = values @ weights["probabilities_kernel"] + weights["probabilities_bias"]
    probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    expected = ready_made_network().predict(images).probabilities
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)


def test_every_weight_has_a_name() -> None:
    layers = (HiddenLayer(units=3), HiddenLayer(units=2, dropout=0.5))
    config = TrainingConfig(hidden_layers=layers, batch_normalization=True)
    assert len(weight_names(config)) == len(set(weight_names(config))) == len(weight_shapes(config))
    assert weight_names(config)[2:6] == [
        f"normalization_1_{part}" for part in ("gamma", "beta", "moving_mean", "moving_variance")
    ]


def test_images_are_a_file_like_that_of_keras(strokes: dict[str, np.ndarray[Any, Any]]) -> None:
    dataset = Dataset(name="pen-strokes", class_names=tuple("0123456789"), **strokes)
    content = images_archive(dataset)
    assert len(content) < 0.4 * sum(array.nbytes for array in strokes.values())
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        assert sorted(file) == ["x_test", "x_train", "y_test", "y_train"]
        np.testing.assert_array_equal(file["x_train"], strokes["train_images"])
        np.testing.assert_array_equal(file["y_test"], strokes["test_labels"])


@pytest.fixture
def finished(home: Path) -> tuple[RunStore, Run]:
    store = RunStore.from_settings(get_settings())
    run = store.create(READY_MADE.config, workspace="red")
    claim = store.claim(run.id, "worker")
    claim.record([training(100), validation(100)], None)
    store.keep(run.id, KERAS_FILE, b"a keras file")
    store.keep(run.id, ONNX_FILE, ready_made_file())
    return store, claim.finish(RunStatus.FINISHED, test_accuracy=0.98, test_loss=0.06, train_seconds=3)


def test_everything_is_one_zip_with_all_that_its_page_names(finished: tuple[RunStore, Run]) -> None:
    store, run = finished
    home = TakeHome(store, run, link="http://here/?epochs=3")
    with zipfile.ZipFile(io.BytesIO(home.everything())) as archive:
        names = archive.namelist()
        readme = archive.read("README.txt").decode()
        assert archive.read("model.keras") == b"a keras file"
        assert archive.read("network.onnx") == ready_made_file()
        assert TrainingConfig.from_json(archive.read("settings.json").decode()) == run.config
        assert b"validation" in archive.read("curve.csv")
        json.loads(archive.read("train.ipynb"))
        compile(archive.read("train.py"), "train.py", "exec")
    assert {name.split("/")[0] for name in names} - {"README.txt"} == {
        word for word in (line.split(":")[0] for line in readme.splitlines()) if word.strip() and "." in word
        and " " not in word
    } | {"train.py", "train.ipynb", "tensorboard"}  # fmt: skip
    assert "handwriting.npz" in readme
    assert "http://here/?epochs=3" in readme


def test_a_network_from_elsewhere_has_no_settings_to_take_home(finished: tuple[RunStore, Run]) -> None:
    store, run = finished
    home = TakeHome(store, replace(run, imported=True))
    with zipfile.ZipFile(io.BytesIO(home.everything())) as archive:
        assert archive.namelist() == ["README.txt", "model.keras", "network.onnx", "weights.npz"]
    assert home.images_file is None


def test_the_program_says_what_it_does_not_repeat(finished: tuple[RunStore, Run]) -> None:
    store, run = finished
    assert TakeHome(store, run).about.notes == ()
    forked = replace(run, fork_epoch=3, status=RunStatus.STOPPED, epoch=5, step=10, steps_per_epoch=20)
    text = TakeHome(store, forked).script().decode()
    assert "went on from an epoch" in text
    assert "stopped after 4.5 of 40 epochs" in text
    changed = replace(run, rate_changes=(RateChange(3.0, 0.01, 0.001),))
    (note,) = TakeHome(store, changed).about.notes
    assert "learning rate was changed" in note
    assert "somebody's drawings" in TakeHome(store, run, is_taught=True).notebook().decode()


def test_a_run_without_a_network_has_its_settings_and_its_curve(home: Path) -> None:
    store = RunStore.from_settings(get_settings())
    run = store.create(TrainingConfig(), workspace="red")
    with zipfile.ZipFile(io.BytesIO(TakeHome(store, run).everything())) as archive:
        assert archive.namelist() == ["README.txt", "curve.csv", "settings.json", "train.py", "train.ipynb"]
