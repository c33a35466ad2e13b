"""train_run from a queued run to its files, and every way in which it can end."""

import io
import json

import numpy as np
import pytest
from upath import UPath

from core.data.dataset import Dataset
from core.data.split import split_rows
from core.errors import RunNotFound
from core.evaluation.loss import cross_entropy
from core.store import CurvePoint, Progress, Request, RunStatus, RunStore, write_atomically
from core.store.files import CHECKPOINT_FILE
from core.training import job, pulse, saved_state
from core.training.callbacks import checkpoints as interruption
from core.training.callbacks import recorder as callbacks
from core.training.engine import chunks
from core.training.job import describe, train_run
from core.training.pulse import Pulse
from tests.support.dataset_samples import wait_until
from tests.support.job_samples import CONFIG, SHORT, Train, assert_usable, assert_whole_curve, saved_model
from tests.support.training_samples import TRAINING_IMAGES


def test_a_run_ends_with_figures_files_and_curves(store: RunStore, train: Train, dataset: Dataset) -> None:
    seen: list[tuple[Progress, list[CurvePoint]]] = []
    run = train(CONFIG, lambda progress, points: seen.append((progress, points)))
    assert (run.status, run.message, run.attempts) == (RunStatus.FINISHED, None, 1)
    assert_usable(store, run, dataset)
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

    # The last point is the held-out images, which this network has not learnt from.
    _, held_out = split_rows(TRAINING_IMAGES, CONFIG.validation_split, CONFIG.seed)
    probabilities = saved_model(store, run)(dataset.train_images[held_out]).numpy()
    assert curve.validation_loss[-1] == pytest.approx(
        cross_entropy(probabilities, dataset.train_labels[held_out]), abs=1e-5
    )
    described = json.loads(json.dumps(describe(run)))
    assert described["test_accuracy"] == run.test_accuracy
    assert described["parameters"] == 784 * 16 + 16 + 16 * 10 + 10


def test_a_run_asked_to_stop_stops_at_the_next_chunk_and_keeps_its_model(
    store: RunStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
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
        if store.get(run_ids[0]).request is not Request.STOP:
            store.ask(run_ids[0], Request.STOP)
            wait_until(lambda: pulses[0].request is Request.STOP)

    run = store.create(SHORT.model_copy(update={"epochs": 200}), workspace="red")
    run_ids = [run.id]
    train_run(run.id, on_progress=ask_once)
    run = store.get(run.id)
    assert (run.status, run.message) == (RunStatus.STOPPED, None)
    # At once: one chunk later, which may be the first of the next epoch.
    assert run.epoch <= epochs[0] + 1 < 200
    assert_usable(store, run, dataset)


def test_a_run_that_diverges_says_why_and_what_to_try(store: RunStore, train: Train) -> None:
    run = train(SHORT.model_copy(update={"optimizer": "sgd", "learning_rate": 100.0, "epochs": 50}))
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert run.message.startswith("The training diverged in epoch 1: the loss ")
    assert "learning rate of 100" in run.message
    assert run.message.endswith("Try 0.01.")
    assert run.test_accuracy is None
    assert run.epoch <= 1  # it did not go on for 50 epochs


@pytest.fixture
def _one_step_a_chunk_and_no_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SECONDS_A_CHUNK", 0.0)
    monkeypatch.setattr(pulse, "SECONDS_A_BEAT", 3_600.0)


@pytest.mark.usefixtures("_one_step_a_chunk_and_no_beat")
def test_a_checkpoint_is_written_behind_the_points_that_lead_to_it(
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interruption, "SECONDS_A_CHECKPOINT", 0.0)
    monkeypatch.setattr(interruption, "CHECKPOINT_SHARE", float("inf"))
    places: list[tuple[float, float]] = []

    def write(path: UPath, data: bytes) -> None:
        if path.name == CHECKPOINT_FILE:
            epochs, chunks, steps_per_chunk = np.load(io.BytesIO(data))["position"]
            reached = store.curve(path.parent.name).training_epochs[-1]
            places.append((reached, epochs + chunks * steps_per_chunk / 9))
        write_atomically(path, data)

    monkeypatch.setattr(saved_state, "write_atomically", write)
    assert_whole_curve(store, train(CONFIG))
    assert len(places) > 40  # 45 chunks, but for the first, which compiles
    assert [reached for reached, _ in places] == pytest.approx([saved for _, saved in places])


@pytest.mark.usefixtures("_one_step_a_chunk_and_no_beat")
def test_what_leads_to_a_divergence_is_in_the_curve(
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "SECONDS_A_WRITE", 0.0)
    run = train(SHORT.model_copy(update={"optimizer": "sgd", "learning_rate": 30.0, "epochs": 50}))
    assert run.status is RunStatus.FAILED
    assert run.step > 1
    assert store.curve(run.id).training_epochs[-1] == run.epoch - 1 + run.step / run.steps_per_epoch


def test_an_unexpected_error_is_the_runs_message_and_no_crash(
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(job.PROGRAMS, "take", build)
    run = train(SHORT)
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert "ZeroDivisionError: nobody thought of this" in run.message
    assert store.orphans(0) == []


def test_a_dataset_that_cannot_be_had_is_the_runs_message(store: RunStore, train: Train) -> None:
    run = train(SHORT.model_copy(update={"dataset": "mnist"}))
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert "mnist" in run.message


def test_no_such_run(store: RunStore) -> None:
    with pytest.raises(RunNotFound):
        train_run("0123456789ab")
