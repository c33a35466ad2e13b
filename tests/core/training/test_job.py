"""train_run from a queued run to its files, and every way in which it can end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from upath import UPath

from core.config import HiddenLayer, TrainingConfig
from core.data.library import DatasetLibrary
from core.data.split import split_rows
from core.errors import RunNotFound, StorageFull
from core.evaluation.loss import cross_entropy
from core.prediction.network import Network
from core.settings import get_settings
from core.store import CurvePoint, Progress, Request, Run, RunStatus, RunStore, write_atomically
from core.training import job
from core.training.job import MAX_ATTEMPTS, describe, train_run
from core.training.pulse import Pulse
from tests.core.dataset_samples import wait_until
from tests.core.training_samples import (
    TEST_IMAGES,
    TRAINING_IMAGES,
    put_small_dataset,
    small_catalog,
    small_config,
)

ROOT = Path(__file__).resolve().parents[3]
# A worker writes these; nothing else may be left when a run has ended well.
FILES = {"model.keras", "network.onnx", "test_probabilities.npy"}

CONFIG = small_config(
    hidden_layers=(HiddenLayer(units=16, dropout=0.2),), epochs=5, learning_rate=0.01, validation_split=0.1
)
# Compiled in a moment, for the ways in which a run can end badly.
SHORT = small_config(hidden_layers=())

Start = Callable[..., Run]


@pytest.fixture
def store(home: Path, strokes: dict[str, np.ndarray[Any, Any]], monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of an empty home whose dataset cache holds a few pen strokes."""
    put_small_dataset(get_settings().datasets, strokes)
    monkeypatch.setattr(job, "DatasetLibrary", partial(DatasetLibrary, catalog=small_catalog()))
    return RunStore.from_settings(get_settings())


@pytest.fixture
def train(store: RunStore) -> Start:
    """Return a function that creates a run of a configuration and trains it to its end."""

    def start(config: TrainingConfig, on_progress: job.OnProgress | None = None) -> Run:
        run = store.create(config, workspace="red")
        train_run(run.id, on_progress=on_progress)
        return store.get(run.id)

    return start


def names(folder: UPath) -> set[str]:
    return {path.name for path in folder.iterdir()}


def probabilities_of(store: RunStore, run: Run) -> np.ndarray[Any, Any]:
    with (store.folder(run.id) / "test_probabilities.npy").open("rb") as file:
        return np.load(file, allow_pickle=False)


def final_weights(store: RunStore, run: Run) -> list[np.ndarray[Any, Any]]:
    model = keras.saving.load_model(str(store.folder(run.id) / "model.keras"), safe_mode=True)
    return model.get_weights()


def assert_usable(store: RunStore, run: Run, labels: np.ndarray[Any, Any], images: Any) -> None:
    """The run's figures are those of its probabilities, which are those of its network."""
    assert names(store.folder(run.id)) == FILES
    probabilities = probabilities_of(store, run)
    assert (probabilities.shape, probabilities.dtype) == ((TEST_IMAGES, 10), np.float32)
    assert run.test_accuracy == np.mean(probabilities.argmax(axis=1) == labels)
    assert run.test_loss == pytest.approx(cross_entropy(probabilities, labels))
    network = Network(store.folder(run.id) / "network.onnx")
    np.testing.assert_allclose(network.predict(images).probabilities, probabilities, rtol=0, atol=1e-5)


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


def test_a_run_ends_with_figures_files_and_curves(
    store: RunStore, train: Start, strokes: dict[str, np.ndarray[Any, Any]]
) -> None:
    seen: list[tuple[Progress, list[CurvePoint]]] = []
    run = train(CONFIG, lambda progress, points: seen.append((progress, points)))
    labels, images = strokes["test_labels"][:TEST_IMAGES], np.asarray(strokes["test_images"][:TEST_IMAGES])
    assert (run.status, run.message, run.attempts) == (RunStatus.FINISHED, None, 1)
    assert_usable(store, run, labels, images)
    assert run.test_accuracy is not None
    assert run.test_accuracy > 0.5  # guessing is 0.1
    assert_whole_curve(store, run)
    curve = store.curve(run.id)
    assert curve.training_loss[-1] < curve.training_loss[0]

    # 540 images in batches of 64
    assert (run.epoch, run.step, run.steps_per_epoch) == (5, 9, 9)
    assert run.images_per_second is not None
    assert run.images_per_second > 0
    assert run.train_seconds is not None
    assert run.total_seconds is not None
    assert 0 < run.train_seconds < run.total_seconds
    positions = [(progress.epoch - 1) * 9 + progress.step for progress, _ in seen]
    assert positions == sorted(positions)
    assert positions[-1] == 45
    assert sum(len(points) for _, points in seen) == len(curve)
    lefts = [progress.seconds_left for progress, _ in seen if progress.seconds_left is not None]
    assert lefts[-1] == 0

    # The model that people take away answers as the figures say.
    model = keras.saving.load_model(str(store.folder(run.id) / "model.keras"), safe_mode=True)
    np.testing.assert_allclose(model(images).numpy(), probabilities_of(store, run), rtol=0, atol=1e-5)
    # The last point is the held-out images, which this network has not learnt from.
    _, held_out = split_rows(TRAINING_IMAGES, CONFIG.validation_split, CONFIG.seed)
    probabilities = model(np.asarray(strokes["train_images"][held_out])).numpy()
    assert curve.validation_loss[-1] == pytest.approx(
        cross_entropy(probabilities, strokes["train_labels"][held_out]), abs=1e-5
    )
    described = json.loads(json.dumps(describe(run)))
    assert described["test_accuracy"] == run.test_accuracy
    assert described["parameters"] == 784 * 16 + 16 + 16 * 10 + 10

    # The same run, whose worker is killed after two whole epochs and a part of the third.
    interrupted = store.create(CONFIG, workspace="red")
    died = subprocess.run(
        [sys.executable, "-m", "tests.core.training.dying_worker", interrupted.id, "3"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    left = store.get(interrupted.id)
    assert (left.status, left.epoch, left.attempts) == (RunStatus.RUNNING, 3, 1)
    assert names(store.folder(interrupted.id)) == {"checkpoint.npz"}
    assert store.curve(interrupted.id).training_epochs[-1] > 2

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "SILENCE_SECONDS", 0.1)
        resumed_at: list[int] = []
        train_run(interrupted.id, on_progress=lambda progress, _: resumed_at.append(progress.epoch))
    resumed = store.get(interrupted.id)
    assert (resumed.status, resumed.attempts) == (RunStatus.FINISHED, 2)
    assert min(resumed_at) == 3  # the first two epochs were not trained again
    for mine, theirs in zip(final_weights(store, resumed), final_weights(store, run), strict=True):
        assert_array_equal(mine, theirs)
    assert resumed.test_loss == run.test_loss
    assert_usable(store, resumed, labels, images)
    assert_whole_curve(store, resumed)
    assert_array_equal(store.curve(resumed.id).validation_loss, curve.validation_loss)


def test_a_run_asked_to_stop_stops_at_the_next_chunk_and_keeps_its_model(
    store: RunStore, train: Start, strokes: dict[str, np.ndarray[Any, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pulses: list[Pulse] = []

    class KnownPulse(Pulse):
        def __enter__(self) -> "KnownPulse":
            pulses.append(self)
            return super().__enter__()

    monkeypatch.setattr(job, "Pulse", KnownPulse)
    epochs: list[int] = []

    def ask_once(progress: Progress, _: list[CurvePoint]) -> None:
        epochs.append(progress.epoch)
        if not store.get(run_ids[0]).request == Request.STOP:
            store.ask(run_ids[0], Request.STOP)
            wait_until(lambda: pulses[0].request is Request.STOP)

    run = store.create(SHORT.model_copy(update={"epochs": 200}), workspace="red")
    run_ids = [run.id]
    train_run(run.id, on_progress=ask_once)
    run = store.get(run.id)
    assert (run.status, run.message) == (RunStatus.STOPPED, None)
    # At once: one chunk later, which may be the first of the next epoch.
    assert run.epoch <= epochs[0] + 1 < 200
    images = np.asarray(strokes["test_images"][:TEST_IMAGES])
    assert_usable(store, run, strokes["test_labels"][:TEST_IMAGES], images)


def test_a_run_that_diverges_says_why_and_what_to_try(store: RunStore, train: Start) -> None:
    run = train(SHORT.model_copy(update={"optimizer": "sgd", "learning_rate": 100.0, "epochs": 50}))
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert run.message.startswith("The training diverged in epoch 1: the loss ")
    assert "learning rate of 100" in run.message
    assert run.message.endswith("Try 10.")
    assert run.test_accuracy is None
    assert run.epoch <= 1  # it did not go on for 50 epochs


def test_a_run_that_has_cost_too_many_workers_is_given_up(store: RunStore) -> None:
    run = store.create(SHORT, workspace="red")
    for number in range(MAX_ATTEMPTS):
        store.claim(run.id, f"dead-{number}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "SILENCE_SECONDS", 0.0)
        train_run(run.id)
    run = store.get(run.id)
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert f"cost {MAX_ATTEMPTS} workers" in run.message
    assert "smaller" in run.message


@pytest.mark.parametrize("full_at", ["checkpoint.npz", "network.onnx"])
def test_a_full_disk_is_said_and_earlier_runs_stay(
    store: RunStore, train: Start, monkeypatch: pytest.MonkeyPatch, full_at: str
) -> None:
    earlier = store.create(SHORT, workspace="red")
    store.claim(earlier.id, "anna")
    write_atomically(store.folder(earlier.id) / "network.onnx", b"kept")
    store.finish(earlier.id, "anna", RunStatus.FINISHED, test_accuracy=0.9)

    def write(path: UPath, data: bytes) -> None:
        if path.name == full_at:
            raise StorageFull("No space is left to save it. Free some space, then try again.")
        write_atomically(path, data)

    monkeypatch.setattr(job, "write_atomically", write)
    run = train(SHORT)
    assert run.status is RunStatus.FAILED
    assert run.message == "No space is left to save it. Free some space, then try again."
    assert run.test_accuracy is None
    kept = store.get(earlier.id)
    assert (kept.status, kept.test_accuracy) == (RunStatus.FINISHED, 0.9)
    assert (store.folder(earlier.id) / "network.onnx").read_bytes() == b"kept"
    assert [one.id for one in store.list_runs()] == [run.id, earlier.id]


def test_an_unexpected_error_is_the_runs_message_and_no_crash(
    store: RunStore, train: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(job, "ChunkedNetwork", build)
    run = train(SHORT)
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert "ZeroDivisionError: nobody thought of this" in run.message
    assert store.alive_count() == 0


def test_a_dataset_that_cannot_be_had_is_the_runs_message(store: RunStore, train: Start) -> None:
    run = train(SHORT.model_copy(update={"dataset": "mnist"}))
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert "mnist" in run.message


def test_a_worker_whose_run_was_taken_over_leaves_it_alone(store: RunStore) -> None:
    run = store.create(SHORT, workspace="red")
    taken: list[int] = []

    def take_over(*_: object) -> None:
        taken.append(1)
        store.claim(run.id, "other")

    train_run(run.id, on_progress=take_over)
    assert taken == [1]  # it wrote nothing after that
    left = store.get(run.id)
    assert (left.status, left.message, left.attempts) == (RunStatus.RUNNING, None, 2)
    assert store.beat(run.id, "other") is Request.NONE
    assert not names(store.folder(run.id)) & FILES


def test_a_run_that_another_worker_trains_is_not_touched(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(SHORT, workspace="red")
    store.claim(run.id, "other")
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        store.finish(run.id, "other", RunStatus.FINISHED, test_accuracy=0.5)

    monkeypatch.setattr(job.time, "sleep", pause)
    train_run(run.id)
    assert len(waited) == 1
    left = store.get(run.id)
    assert (left.status, left.test_accuracy, left.attempts) == (RunStatus.FINISHED, 0.5, 1)
    train_run(run.id)  # ended: nothing to do
    assert store.get(run.id) == left


def test_no_such_run(store: RunStore) -> None:
    with pytest.raises(RunNotFound):
        train_run("0123456789ab")


def test_a_damaged_checkpoint_starts_the_run_anew(store: RunStore) -> None:
    run = store.create(SHORT, workspace="red")
    store.claim(run.id, "dead")
    stale = CurvePoint(step=7, epoch=0.7, loss=9.0, accuracy=0.0, kind="training")
    store.record(run.id, "dead", [stale], None)
    write_atomically(store.folder(run.id) / "checkpoint.npz", b"half a file")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "SILENCE_SECONDS", 0.0)
        train_run(run.id)
    ended = store.get(run.id)
    assert (ended.status, ended.attempts) == (RunStatus.FINISHED, 2)
    assert names(store.folder(run.id)) == FILES
    curve = store.curve(run.id)
    assert 9.0 not in curve.training_loss
    assert len(curve.validation_epochs) == 0  # no images were kept aside
    assert set(curve.training_epochs.tolist()) >= {1.0, 2.0}
