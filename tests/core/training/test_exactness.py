"""Whatever interrupts a run, and wherever: it ends as the run that nothing interrupted."""

import pytest

from core.store import Request, RunStatus, RunStore
from core.training import job
from core.training.callbacks import checkpoints
from core.training.engine import chunks
from core.training.job import train_run
from tests.support.interruptions import Killed, Script, after, script_requests
from tests.support.job_samples import CONFIG, Train, assert_same_result
from tests.support.network_pool import Lending

pytestmark = pytest.mark.xla

CHUNKS = 9  # an epoch: 540 images in batches of 64, a step a chunk


@pytest.fixture(autouse=True)
def _a_checkpoint_after_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SECONDS_A_CHUNK", 0.0)
    monkeypatch.setattr(checkpoints, "SECONDS_A_CHECKPOINT", 0.0)
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SHARE", float("inf"))
    monkeypatch.setattr(job, "SILENCE_SECONDS", 0.0)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Script:
    return script_requests(monkeypatch)


def test_an_epoch_learnt_but_not_validated_is_not_learnt_again(
    store: RunStore, train: Train, ask: Script, lending: Lending
) -> None:
    config = CONFIG.model_copy(update={"epochs": 3})
    whole = train(config)
    for request in (Request.PAUSE, Request.STEP_CHUNK, Request.STEP_EPOCH):
        run = store.create(config, workspace="red")
        # Killed after the checkpoint of the second epoch's last chunk: what is heard there is its death.
        ask(after(CHUNKS + 1 + CHUNKS - 1, None))
        with pytest.raises(Killed):
            train_run(run.id)
        lending.give_all_back()  # begun anew, it is as good as the next worker's
        ask(after(0, request))
        train_run(run.id)
        paused = store.get(run.id)
        assert (paused.status, paused.epoch, paused.step) == (RunStatus.PAUSED, 2, CHUNKS), request
        assert store.curve(run.id).validation_epochs.tolist() == [1, 2], request
        store.requeue(run.id)
        ask(after(0, Request.NONE))
        train_run(run.id)
        assert_same_result(store, store.get(run.id), whole)
