"""Runs whose worker died, or may have: finished by another one as if nothing had happened."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.data.dataset import Dataset
from core.store import CurvePoint, Request, RunStatus, RunStore, write_atomically
from core.training import job
from core.training.job import MAX_ATTEMPTS, SILENCE_SECONDS, train_run
from tests.support.job_samples import (
    CONFIG,
    FILES,
    SHORT,
    Train,
    assert_usable,
    assert_whole_curve,
    epoch_losses,
    names,
    saved_model,
)
from tests.support.store_samples import holding

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.xla
def test_a_killed_worker_costs_no_bit_of_the_result(
    store: RunStore, train: Train, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = tmp_path / "compiled"
    interrupted = store.create(CONFIG, workspace="red")
    died = subprocess.run(
        [sys.executable, "-m", "tests.core.training.dying_worker", interrupted.id, "3"],
        cwd=ROOT,
        env=os.environ | {"XLA_FLAGS": f"--xla_dump_to={dump} --xla_dump_hlo_as_text"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    left = store.get(interrupted.id)
    assert (left.status, left.epoch, left.attempts) == (RunStatus.RUNNING, 3, 1)
    # At most a file that was being written is there as well.
    assert {name for name in names(store.folder(interrupted.id)) if name[0] != "."} == {"checkpoint.npz"}
    assert store.curve(interrupted.id).training_epochs[-1] > 2
    # XLA writes down every program that it compiles: one for training and one for validation,
    # however many chunks and epochs there were.
    assert len(list(dump.glob("*one_step_on_data*before_optimizations.txt"))) == 2

    monkeypatch.setattr(job, "SILENCE_SECONDS", 0.1)
    places: list[tuple[int, int]] = []
    train_run(interrupted.id, on_progress=lambda progress, _: places.append((progress.epoch, progress.step)))
    resumed = store.get(interrupted.id)
    assert (resumed.status, resumed.attempts) == (RunStatus.FINISHED, 2)
    assert min(places) >= (3, 4)  # what was done before was not trained again
    assert_usable(store, resumed, dataset)
    assert_whole_curve(store, resumed)

    whole = train(CONFIG)
    weights = [saved_model(store, run).get_weights() for run in (resumed, whole)]
    for mine, theirs in zip(*weights, strict=True):
        assert_array_equal(mine, theirs)
    assert (resumed.test_loss, resumed.test_accuracy) == (whole.test_loss, whole.test_accuracy)
    curves = [store.curve(run.id) for run in (resumed, whole)]
    assert_array_equal(curves[0].validation_loss, curves[1].validation_loss)
    assert_allclose(epoch_losses(store, resumed), epoch_losses(store, whole), rtol=1e-6)
    # One more is taken after the first chunk, and the killed worker's chunks were shorter.
    vitals = [[layer for layer in store.vitals(run.id) if layer.epoch >= 1] for run in (resumed, whole)]
    assert vitals[0] == vitals[1]


def test_a_damaged_checkpoint_starts_the_run_anew(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SHORT, workspace="red")
    store.claim(run.id, "dead")
    stale = CurvePoint(step=7, epoch=0.7, loss=9.0, accuracy=0.0, kind="training")
    holding(store, run.id, "dead").record([stale], None)
    write_atomically(store.folder(run.id) / "checkpoint.npz", b"half a file")
    monkeypatch.setattr(job, "SILENCE_SECONDS", 0.0)
    train_run(run.id)
    ended = store.get(run.id)
    assert (ended.status, ended.attempts) == (RunStatus.FINISHED, 2)
    assert names(store.folder(run.id)) == FILES
    curve = store.curve(run.id)
    assert 9.0 not in curve.training_loss
    assert len(curve.validation_epochs) == 0  # no images were kept aside
    assert {1.0, 2.0} <= set(curve.training_epochs.tolist())


def test_a_run_that_has_cost_too_many_workers_is_given_up(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(SHORT, workspace="red")
    for number in range(MAX_ATTEMPTS):
        store.claim(run.id, f"dead-{number}")
    monkeypatch.setattr(job, "SILENCE_SECONDS", 0.0)
    train_run(run.id)
    ended = store.get(run.id)
    assert ended.status is RunStatus.FAILED
    assert ended.message is not None
    assert f"cost {MAX_ATTEMPTS} workers" in ended.message
    assert "smaller" in ended.message


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
    assert holding(store, run.id, "other").record([], None) is Request.NONE
    assert not names(store.folder(run.id)) & FILES


def test_a_run_that_another_worker_ends_meanwhile_is_not_trained_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(SHORT, workspace="red")
    store.claim(run.id, "other")
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        holding(store, run.id, "other").finish(RunStatus.FINISHED, test_accuracy=0.5)

    monkeypatch.setattr(job.time, "sleep", pause)
    train_run(run.id)
    assert len(waited) == 1
    left = store.get(run.id)
    assert (left.status, left.test_accuracy, left.attempts) == (RunStatus.FINISHED, 0.5, 1)
    train_run(run.id)  # ended: nothing to do
    assert store.get(run.id) == left


def test_a_run_that_another_worker_goes_on_training_is_left_to_it(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(SHORT, workspace="red")
    store.claim(run.id, "other")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        holding(store, run.id, "other").record([], None)

    # A clock of the test's own: by it every sleep is a second long.
    clock = SimpleNamespace(sleep=sleep, monotonic=lambda: float(len(slept)))
    monkeypatch.setattr(job, "time", clock)
    train_run(run.id)
    assert len(slept) > SILENCE_SECONDS
    left = store.get(run.id)
    assert (left.status, left.attempts) == (RunStatus.RUNNING, 1)
    assert holding(store, run.id, "other").record([], None) is Request.NONE
