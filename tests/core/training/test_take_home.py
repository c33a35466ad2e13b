"""What is exported, executed: programs train, notebooks run, TensorBoard reads, numbers are those of ours."""

import json
import re
import runpy
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from nbclient import NotebookClient
from scipy.ndimage import map_coordinates
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.data.split import rows_of_run
from core.recipes import get_recipe
from core.settings import get_settings
from core.store import Curve, RunStore
from core.take_home.events import event_files
from core.take_home.files import images_archive
from core.take_home.program.distortion import distortion
from core.take_home.program.images import batches, images_apart
from core.take_home.program.learning import learning_rate
from core.take_home.script import PARAMETERS_TAG, About, as_notebook, as_script
from core.training.course import Course
from core.training.engine.labels import noisy_labels
from core.training.engine.rates import learning_rates
from tests.support.training_samples import small_config

# All that a program can have, in one: each is trained for a moment.
RICH = small_config(
    hidden_layers=(HiddenLayer(units=24, activation="gelu", dropout=0.1), HiddenLayer(units=12)),
    optimizer="adamw",
    learning_rate=0.02,
    epochs=4,
    batch_size=32,
    validation_split=0.2,
    input_form="flat",
    learning_rate_schedule="cosine",
    warm_up_epochs=0.5,
    gradient_clipping=1.0,
    batch_normalization=True,
    initializer="he",
    early_stopping="loss",
    patience=2,
    stop_at_accuracy=0.99,
    l1=1e-6,
    l2=1e-5,
    label_smoothing=0.05,
    label_noise=0.02,
    augmentation_shift=1.0,
    augmentation_rotation=5.0,
    augmentation_elastic=0.3,
)


@pytest.fixture
def images(dataset: Dataset, tmp_path: Path) -> Path:
    path = tmp_path / "images.npz"
    path.write_bytes(images_archive(dataset))
    return path


def test_the_script_trains_saves_and_tells_its_figures(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script, saved = tmp_path / "train.py", tmp_path / "saved.keras"
    script.write_text(as_script(RICH, About("#1")), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(script), "--data", str(images), "--save", str(saved)])
    made = runpy.run_path(str(script), run_name="__main__")
    (accuracy,) = re.findall(r"Test accuracy (0\.\d+)", capsys.readouterr().out)
    assert float(accuracy) > 0.5  # of guessing it would be 0.1
    assert float(accuracy) == pytest.approx(made["accuracy"], abs=1e-4)
    loaded = keras.saving.load_model(saved, safe_mode=True)
    probabilities = loaded(made["test_images"], training=False).numpy()
    np.testing.assert_allclose(probabilities, made["probabilities"], atol=1e-5)
    assert loaded.count_params() == RICH.parameters


def test_a_program_without_its_images_says_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "train.py"
    script.write_text(as_script(RICH, About("#1")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(script)])
    with pytest.raises(SystemExit, match=r"no file pen-strokes.npz.*Take it home"):
        runpy.run_path(str(script), run_name="__main__")


def test_the_notebook_runs_from_its_first_cell_to_its_last(images: Path, tmp_path: Path) -> None:
    config = get_recipe("two-128").config
    notebook = nbformat.reads(as_notebook(config, About("#1")), as_version=4)
    nbformat.validate(notebook)
    at = next(
        number for number, cell in enumerate(notebook.cells) if cell.metadata.get("tags") == [PARAMETERS_TAG]
    )
    values = f"DATA, EPOCHS, IMAGES = {str(images)!r}, 1, 300"
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(values))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = json.dumps(notebook.cells[-1].outputs)
    assert re.search(r"Test accuracy 0\.\d{4}, test loss \d", said)
    assert (tmp_path / "model.keras").is_file()


@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "cosine", "rising"])
@pytest.mark.parametrize("warm_up", [0.0, 0.5, 2.0, 30.0])
def test_the_rate_of_each_step_is_that_of_the_engine(schedule: str, warm_up: float) -> None:
    config = TrainingConfig.build(
        {"learning_rate_schedule": schedule, "warm_up_epochs": warm_up, "epochs": 4, "learning_rate": 0.3}
    )
    code = learning_rate(config)
    if not code:
        assert (schedule, warm_up) == ("constant", 0.0)
        return
    names: dict[str, Any] = {"keras": keras, "math": __import__("math"), "x": range(150), "EPOCHS": 4}
    exec(code, names)
    course = Course(images=150, batch_size=config.batch_size, epochs=4, steps_per_chunk=2)
    expected = learning_rates(config, course, np.arange(16))
    np.testing.assert_allclose([names["learning_rate"](step) for step in range(16)], expected, rtol=1e-6)


@pytest.mark.parametrize("encoding", ["integer", "one-hot"])
def test_wrong_labels_are_those_of_the_engine(encoding: str) -> None:
    config = small_config(
        label_noise=0.3, validation_split=0.2, training_fraction=0.5, label_encoding=encoding, seed=5
    )
    labels = (np.arange(200) % 10).astype(np.uint8)
    names: dict[str, Any] = {"np": np, "keras": keras, "SEED": 5, "train_labels": labels.copy()}
    names["train_images"] = names["test_images"] = np.zeros((200, 28, 28), np.uint8)
    exec(images_apart(config), names)
    learnt, validation = (
        names[name].argmax(axis=1) if encoding == "one-hot" else names[name] for name in ("y", "y_validation")
    )
    rows, kept = rows_of_run(config, 200)
    np.testing.assert_array_equal(learnt, noisy_labels(config, labels)[rows])
    np.testing.assert_array_equal(validation, labels[kept])


def test_each_epoch_has_every_image_once_and_in_another_order() -> None:
    numbers = np.arange(50, dtype=np.uint8)
    names: dict[str, Any] = {"tf": tf, "SEED": 4, "x": numbers[:, None, None], "y": numbers}
    exec(batches(TrainingConfig(batch_size=20)), names)
    epochs = [np.concatenate([labels.numpy() for _, labels in names["batches"]]) for _ in range(3)]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert len({epoch.tobytes() for epoch in epochs}) == 3
    for images, labels in names["batches"]:
        np.testing.assert_array_equal(images[:, 0, 0], labels)
        assert len(labels) in (20, 10)


def test_distorting_reads_between_pixels_and_bends_as_far_as_is_said(dataset: Dataset) -> None:
    config = TrainingConfig(augmentation_shift=1.5, augmentation_rotation=10, augmentation_elastic=0.7)
    images = np.asarray(dataset.train_images)
    names: dict[str, Any] = {"np": np, "tf": tf, "SEED": 1, "x": images, "y": images[:, 0, 0]}
    tf.random.set_seed(3)
    exec(distortion(config), names)
    places = np.random.default_rng(1).uniform(-3, 30, (2, 4, 28, 28)).astype(np.float32)
    read = names["sample"](images[:4], places[0], places[1]).numpy()
    for image, columns, rows, mine in zip(images[:4], *places, read, strict=True):
        expected = map_coordinates(image.astype(float), [rows, columns], order=1, cval=0.0, mode="constant")
        inside = ((rows >= 0) & (rows <= 27)) & ((columns >= 0) & (columns <= 27))
        np.testing.assert_allclose(mine[inside], expected[inside], atol=0.3)
    assert np.std(names["bend"](2_000).numpy(), axis=0) == pytest.approx(np.full((28, 28), 0.7), rel=0.1)
    moved, _ = names["distort"](images[:100], images[:100, 0, 0])
    assert moved.dtype == tf.uint8
    # About as much ink, elsewhere.
    assert np.mean(moved) == pytest.approx(np.mean(images[:100]), rel=0.1)
    assert np.mean(np.abs(moved.numpy().astype(int) - images[:100])) > 5


def test_tensorboard_reads_the_curves(home: Path, tmp_path: Path) -> None:
    store = RunStore.from_settings(get_settings())
    run = replace(
        store.create(TrainingConfig(), workspace="red"),
        steps_per_epoch=200,
        epoch=2,
        step=200,
        train_seconds=10.0,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    epochs = np.array([0.0, 0.005, 1.0, 2.0])
    loss, accuracy = np.array([2.3, np.nan, 0.25, 1e-9]), np.array([0.1, 0.2, 0.9, 1.0])
    curve = Curve(epochs, loss, accuracy, epochs[2:], loss[2:], accuracy[2:])
    for path, content in event_files(run, curve).items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(content)
    read = EventAccumulator(str(tmp_path / "run-1" / "training")).Reload()
    assert read.Tags()["scalars"] == ["loss", "accuracy"]
    scalars = read.Scalars("accuracy")
    assert [one.step for one in scalars] == [0, 1, 200, 400]
    assert [one.value for one in scalars] == pytest.approx(accuracy)
    assert [one.wall_time - 1_767_225_600 for one in scalars] == pytest.approx([0, 0.025, 5, 10], abs=1e-3)
    assert [one.value for one in read.Scalars("loss")] == pytest.approx([2.3, 0.25, 1e-9])
    read = EventAccumulator(str(tmp_path / "run-1" / "validation")).Reload()
    assert [one.step for one in read.Scalars("loss")] == [200, 400]
