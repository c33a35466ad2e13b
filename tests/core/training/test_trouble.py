"""Trouble of a moment while a run is trained: it costs nothing. Trouble that stays: nothing that was kept."""

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

from core.data.dataset import Dataset
from core.errors import Diverged, StoreUnavailable
from core.store import Claim, Progress, Request, RunStatus, RunStore
from core.store.files import CHECKPOINT_FILE
from core.training import job, persistence, pulse
from core.training.callbacks import checkpoints
from core.training.engine import chunks
from core.training.job import train_run
from tests.support.job_samples import SHORT, Train, assert_usable, assert_whole_curve, names
from tests.support.network_pool import Lending

# Nine steps an epoch, and a validation at its end.
CONFIG = SHORT.model_copy(update={"validation_split": 0.1})
FILES = {"checkpoint.npz", "network.onnx", "model.keras", "test_probabilities.npy"}


@pytest.fixture(autouse=True)
def _one_step_a_chunk_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SECONDS_A_CHUNK", 0.0)
    monkeypatch.setattr(checkpoints, "SECONDS_A_CHECKPOINT", 0.0)
    for share in ("CHECKPOINT_SHARE", "SHARE_IN_TROUBLE"):
        monkeypatch.setattr(checkpoints, share, float("inf"))
    monkeypatch.setattr(persistence, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(persistence, "LONGEST_WAIT", 0.002)
    monkeypatch.setattr(pulse, "SECONDS_A_BEAT", 0.001)


class FullDisk:
    """A disk that refuses files of these names as long as `is_full` says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        self.is_full: Callable[[], bool] = lambda: True
        self.names = names
        self.refused: list[str] = []
        self._replace = os.replace
        monkeypatch.setattr(os, "replace", self.replace)

    def replace(self, source: Any, target: Any) -> None:
        name = os.path.basename(target)
        if name in self.names and self.is_full():
            self.refused.append(name)
            raise OSError(errno.ENOSPC, "No space left on device")
        self._replace(source, target)


def test_a_full_disk_costs_checkpoints_and_is_told_until_it_has_room(
    store: RunStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, CHECKPOINT_FILE)
    told: list[str | None] = []
    saved: set[int | None] = set()
    reached: list[tuple[int, int]] = []

    def look(progress: Progress, _: object) -> None:
        reached.append((progress.epoch, progress.step))
        found = store.get(run.id)
        told.append(found.trouble)
        saved.add(found.checkpoint_step)

    disk.is_full = lambda: bool(reached) and (1, 7) <= reached[-1] < (2, 4)
    run = store.create(CONFIG, workspace="red")
    train_run(run.id, on_progress=look)
    ended = store.get(run.id)
    assert (ended.status, ended.trouble, ended.message) == (RunStatus.FINISHED, None, None)
    assert len(disk.refused) >= 3
    assert_usable(store, ended, dataset)
    assert_whole_curve(store, ended)
    sentences = {sentence for sentence in told if sentence is not None}
    (sentence,) = sentences
    assert sentence.startswith("No space is left to save ")
    assert "The training goes on; its last checkpoint is from epoch 0." in sentence
    assert told[-1] is None
    # The store knows of each checkpoint, within an epoch too: so much progress is no attempt in vain.
    assert len(saved & {1, 2, 3, 4, 5, 6}) >= 3
    assert not saved & {8, 9, 10, 11}


def test_a_database_that_is_out_of_reach_gets_its_points_later(
    store: RunStore, train: Train, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Claim.record
    progresses: list[Progress] = []
    refused: list[int] = []

    def sometimes(self: Claim, *arguments: Any, **more: Any) -> Request:
        if progresses and (1, 3) <= (progresses[-1].epoch, progresses[-1].step) < (2, 5):
            refused.append(1)
            raise StoreUnavailable("The database is in use by another program.")
        return record(self, *arguments, **more)

    monkeypatch.setattr(Claim, "record", sometimes)
    run = train(CONFIG, lambda progress, _: progresses.append(progress))
    assert refused
    assert run.status is RunStatus.FINISHED
    assert_usable(store, run, dataset)
    assert_whole_curve(store, run)
    # It trained on meanwhile, at every step.
    assert [(one.epoch, one.step) for one in progresses][-1] == (2, 9)


@pytest.mark.parametrize(
    ("side", "method"),
    [(RunStore, "claim"), (RunStore, "keep"), (Claim, "rewind"), (RunStore, "curve"), (Claim, "finish")],
)
def test_what_a_run_needs_of_the_database_is_asked_again(
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch, side: type, method: str
) -> None:
    does, refused = getattr(side, method), []

    def at_the_third_time(self: Any, *arguments: Any, **more: Any) -> Any:
        if len(refused) < 2:
            refused.append(method)
            raise StoreUnavailable("The database is in use by another program.")
        return does(self, *arguments, **more)

    monkeypatch.setattr(side, method, at_the_third_time)
    run = train(CONFIG)
    assert (run.status, run.attempts, len(refused)) == (RunStatus.FINISHED, 1, 2)


@pytest.mark.parametrize("name", ["test_probabilities.npy", "network.onnx", "model.keras"])
def test_results_wait_for_room(
    store: RunStore, train: Train, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    disk = FullDisk(monkeypatch, name)
    told: set[str | None] = set()
    record = Claim.record

    def note(self: Claim, *arguments: Any, **more: Any) -> Request:
        told.add(more["trouble"])
        return record(self, *arguments, **more)

    monkeypatch.setattr(Claim, "record", note)
    disk.is_full = lambda: len(told) < 2  # until it has been said
    run = train(CONFIG)
    assert run.status is RunStatus.FINISHED
    assert disk.refused
    assert_usable(store, run, dataset)
    (sentence,) = told - {None}
    assert sentence is not None
    assert sentence.endswith("The run is trained; its results are written as soon as this is over.")


def test_who_asks_to_stop_need_not_wait_for_room_and_can_resume(
    store: RunStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, "network.onnx")
    monkeypatch.setattr(persistence, "PATIENCE_AFTER_STOP", 0.0)
    run = store.create(CONFIG, workspace="red")

    def ask_in_the_second_epoch(progress: Progress, _: object) -> None:
        if progress.epoch == 2:
            store.ask(run.id, Request.STOP)

    train_run(run.id, on_progress=ask_in_the_second_epoch)
    failed = store.get(run.id)
    assert failed.status is RunStatus.FAILED
    assert failed.message is not None
    assert failed.message.startswith("No space is left to save ")
    assert failed.is_resumable
    assert CHECKPOINT_FILE in names(store.folder(run.id))
    disk.is_full = lambda: False
    assert store.requeue(run.id).status is RunStatus.QUEUED
    train_run(run.id)
    ended = store.get(run.id)
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)
    assert_usable(store, ended, dataset)


def fail_at(monkeypatch: pytest.MonkeyPatch, epoch: int, error: Exception) -> None:
    """Have the training of any run end with this error in that epoch."""
    take = job.Pulse.record

    def record(self: Any, points: Any, progress: Progress, *more: Any) -> None:
        take(self, points, progress, *more)
        if progress.epoch == epoch and progress.step >= 4:
            raise error

    monkeypatch.setattr(job.Pulse, "record", record)


def test_an_unexpected_error_in_mid_run_keeps_the_checkpoint(
    store: RunStore, train: Train, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, lending: Lending
) -> None:
    with monkeypatch.context() as patch:
        fail_at(patch, 2, ZeroDivisionError("nobody thought of this"))
        run = train(CONFIG)
    lending.give_all_back()
    assert run.status is RunStatus.FAILED
    assert run.message is not None
    assert "ZeroDivisionError: nobody thought of this" in run.message
    assert run.is_resumable
    assert names(store.folder(run.id)) == {CHECKPOINT_FILE}
    store.requeue(run.id)
    first: list[Progress] = []
    train_run(run.id, on_progress=lambda progress, _: first.append(progress))
    assert first[0].epoch == 2  # what was done before was not trained again
    ended = store.get(run.id)
    assert (ended.status, ended.message, ended.is_resumable) == (RunStatus.FINISHED, None, False)
    assert_usable(store, ended, dataset)
    assert_whole_curve(store, ended)


@pytest.mark.parametrize("error", [ZeroDivisionError("unforeseen"), Diverged("The training diverged.")])
def test_a_finished_run_stays_usable_when_its_further_epochs_fail(
    store: RunStore,
    train: Train,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    lending: Lending,
    error: Exception,
) -> None:
    first = train(CONFIG)
    store.extend(first.id, 4)
    with monkeypatch.context() as patch:
        fail_at(patch, 3, error)
        train_run(first.id)
    lending.give_all_back()
    kept = store.get(first.id)
    assert (kept.status, kept.test_accuracy) == (RunStatus.STOPPED, first.test_accuracy)
    assert kept.message is not None
    assert kept.message.startswith("The further epochs ended early: The training ")
    assert kept.message.endswith("The network from before them is kept, to evaluate and to draw for.")
    assert_usable(store, kept, dataset)
    store.extend(first.id, 4)
    train_run(first.id)
    ended = store.get(first.id)
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)
    assert_usable(store, ended, dataset)
    assert_whole_curve(store, ended)


def test_a_run_that_diverged_is_not_resumed(
    store: RunStore, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, 2, Diverged("The training diverged in epoch 2."))
    run = train(CONFIG)
    assert (run.status, run.is_resumable) == (RunStatus.FAILED, False)
    assert names(store.folder(run.id)) == set()
    assert store.requeue(run.id) == run


def test_what_a_killed_writer_left_is_cleaned_by_the_next_worker(store: RunStore, train: Train) -> None:
    run = store.create(CONFIG, workspace="red")
    left = store.folder(run.id) / ".checkpoint.npz.0123abcd"
    left.write_bytes(b"half a checkpoint")
    train_run(run.id)
    assert names(store.folder(run.id)) == FILES
