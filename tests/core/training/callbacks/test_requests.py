"""Pause, resume, single steps, stop and more epochs: the weights end as if nothing had happened."""

from itertools import repeat

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.data.dataset import Dataset
from core.store import Request, Run, RunStatus, RunStore
from core.store.files import CHECKPOINT_FILE
from core.training import job
from core.training.callbacks import checkpoints as interruption
from core.training.engine import chunks
from core.training.job import train_run
from tests.support.interruptions import Script, after, script_requests
from tests.support.job_samples import (
    CONFIG,
    Train,
    assert_same_result,
    assert_usable,
    epoch_losses,
    names,
)

STEPS = 9  # an epoch: 540 images in batches of 64
MOMENTUM = CONFIG.model_copy(update={"optimizer": "sgd", "learning_rate": 0.05})


@pytest.fixture(autouse=True)
def _one_step_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SECONDS_A_CHUNK", 0.0)


@pytest.fixture
def _checkpoints_at_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "SECONDS_A_CHECKPOINT", 0.0)
    monkeypatch.setattr(interruption, "CHECKPOINT_SHARE", float("inf"))


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Return a function that says what the callbacks hear, one request a chunk or end of an epoch."""

    return script_requests(monkeypatch)


def place(run: Run) -> tuple[RunStatus, int, int]:
    return run.status, run.epoch, run.step


@pytest.mark.xla
@pytest.mark.parametrize("config", [CONFIG, MOMENTUM], ids=["dropout and Adam", "dropout and momentum"])
def test_a_run_paused_again_and_again_ends_with_the_same_bits(
    store: RunStore, train: Train, dataset: Dataset, ask: Script, config: job.TrainingConfig
) -> None:
    whole = train(config)
    run = store.create(config, workspace="red")
    places = []
    # In mid-epoch; the first chunk; the last of an epoch, which is then validated; mid-epoch of the last.
    for number in (13, 0, 4, 20):
        ask(after(number, Request.PAUSE))
        train_run(run.id)
        paused = store.get(run.id)
        places.append(place(paused))
        assert (paused.finished_at, paused.test_accuracy, paused.request) == (None, None, Request.NONE)
        assert names(store.folder(run.id)) == {"checkpoint.npz"}
        train_run(run.id)  # a task left over from before the pause
        assert store.get(run.id) == paused
        assert store.requeue(run.id).status is RunStatus.QUEUED
    assert [status for status, *_ in places] == [RunStatus.PAUSED] * 4
    assert places[0][1:] == (2, 4)
    assert places == sorted(places)
    ask(repeat(Request.NONE))
    train_run(run.id)
    ended = store.get(run.id)
    assert ended.status is RunStatus.FINISHED
    assert_usable(store, ended, dataset)
    assert_same_result(store, ended, whole)
    assert ended.train_seconds is not None
    assert paused.train_seconds is not None
    assert ended.train_seconds > paused.train_seconds


@pytest.mark.usefixtures("_checkpoints_at_every_chunk")
def test_chunks_that_are_skipped_are_no_checkpoints(store: RunStore, ask: Script) -> None:
    run = store.create(CONFIG, workspace="red")
    ask(after(5, Request.PAUSE))
    train_run(run.id)
    path = store.folder(run.id) / CHECKPOINT_FILE
    first = path.read_bytes()
    saved: list[bytes] = []

    def look(*_: object) -> None:
        saved.append(path.read_bytes())

    store.requeue(run.id)
    ask(after(7, Request.PAUSE))
    train_run(run.id, on_progress=look)
    # The next write of the curve comes before the next checkpoint, so the old one is still there.
    assert saved[0] == first
    paused = store.get(run.id)
    assert place(paused) == (RunStatus.PAUSED, 1, 8)
    # What writing it took is not training: seconds only grow, by which a later end is told from an extension.
    with np.load(path) as checkpoint:
        assert checkpoint["seconds"] == paused.train_seconds


@pytest.mark.xla
def test_single_steps(store: RunStore, train: Train) -> None:
    run = store.create(CONFIG, workspace="red")
    assert store.ask(run.id, Request.PAUSE).status is RunStatus.PAUSED
    places = []
    for request in (Request.STEP_CHUNK, Request.STEP_CHUNK, Request.STEP_EPOCH, Request.STEP_EPOCH):
        assert store.requeue(run.id, request).request is request
        train_run(run.id)
        places.append(place(store.get(run.id)))
    paused = RunStatus.PAUSED
    assert places == [(paused, 1, 1), (paused, 1, 2), (paused, 1, STEPS), (paused, 2, STEPS)]
    assert store.curve(run.id).validation_epochs.tolist() == [1, 2]
    for _ in range(3):
        store.requeue(run.id, Request.STEP_EPOCH)
        train_run(run.id)
    ended = store.get(run.id)
    assert ended.status is RunStatus.FINISHED  # after the last epoch there is nothing to wait for
    assert_same_result(store, ended, train(CONFIG))


def test_a_paused_run_is_stopped_with_its_network(store: RunStore, dataset: Dataset, ask: Script) -> None:
    run = store.create(CONFIG, workspace="red")
    ask(after(11, Request.PAUSE))
    train_run(run.id)
    asked = store.ask(run.id, Request.STOP)
    assert (asked.status, asked.request) == (RunStatus.QUEUED, Request.STOP)
    train_run(run.id)
    stopped = store.get(run.id)
    assert place(stopped) == (RunStatus.STOPPED, 2, 2)
    assert_usable(store, stopped, dataset)


@pytest.mark.xla
@pytest.mark.parametrize("stop", [False, True], ids=["finished", "stopped"])
def test_an_ended_run_trained_further_is_one_trained_longer(
    store: RunStore, train: Train, dataset: Dataset, ask: Script, stop: bool
) -> None:
    whole = train(CONFIG)
    ask(after(14, Request.STOP) if stop else repeat(Request.NONE))
    short = train(CONFIG.model_copy(update={"epochs": 3}))
    assert short.whole_epochs == (1 if stop else 3)
    ask(repeat(Request.NONE))
    more = store.extend(short.id, 5)
    assert (more.status, more.config) == (RunStatus.QUEUED, CONFIG)
    train_run(short.id)
    ended = store.get(short.id)
    assert ended.status is RunStatus.FINISHED
    assert_usable(store, ended, dataset)
    if not stop:
        assert_same_result(store, ended, whole)
        return
    # The point of the network that was kept meanwhile remains on the validation curve.
    assert (ended.test_loss, ended.test_accuracy) == (whole.test_loss, whole.test_accuracy)
    curves = [store.curve(one.id) for one in (ended, whole)]
    between = set(curves[0].validation_epochs.tolist()) - set(curves[1].validation_epochs.tolist())
    assert len(between) == 1
    assert_allclose(epoch_losses(store, ended), epoch_losses(store, whole), rtol=1e-6)


@pytest.mark.xla
def test_another_learning_rate_counts_from_the_pause(store: RunStore, train: Train, ask: Script) -> None:
    run = store.create(CONFIG, workspace="red")
    ask(after(STEPS + 2, Request.PAUSE))
    train_run(run.id)
    before = store.curve(run.id)
    changed = store.set_learning_rate(run.id, 1e-6)
    (noted,) = changed.rate_changes
    assert (noted.before, noted.after) == (CONFIG.learning_rate, 1e-6)
    assert 1 < noted.epoch < 2
    store.requeue(run.id)
    ask(repeat(Request.NONE))
    train_run(run.id)
    curve = store.curve(run.id)
    assert_array_equal(curve.validation_loss[:1], before.validation_loss)
    # Hardly any step is taken any more: the network stays what it was.
    assert np.ptp(curve.validation_loss[1:]) < 0.01 < abs(curve.validation_loss[0] - curve.validation_loss[1])
