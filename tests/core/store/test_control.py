"""What people ask of runs that exist, as rows: queued again, stopped with a network, extended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ConfigError, RunUnreadable
from core.store import Claim, Progress, RateChange, Request, RunStatus, RunStore
from core.store.queries import change
from tests.support.store_samples import CONFIG, claimed, empty_artifacts, empty_database, holding


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield opened
    opened.close()


def trained(store: RunStore, status: RunStatus) -> str:
    """Return a run that was given back in the middle of its second epoch."""
    run_id = claimed(store)
    holding(store, run_id, "anna").record([], Progress(2, 25, 100, None, None))
    holding(store, run_id, "anna").finish(status, test_accuracy=0.5)
    return run_id


@pytest.mark.parametrize("request_", [Request.STOP, Request.STEP_CHUNK, Request.STEP_EPOCH])
def test_a_request_waits_with_the_run_for_a_worker(store: RunStore, request_: Request) -> None:
    run_id = trained(store, RunStatus.PAUSED)
    assert store.requeue(run_id, request_).request is request_
    assert store.claim(run_id, "bert").read().request is request_
    assert store.claim(run_id, "carl").read().request is request_  # bert died
    assert holding(store, run_id, "carl").finish(RunStatus.PAUSED).request is Request.NONE


def test_a_resumed_run_joins_the_end_of_the_queue(store: RunStore) -> None:
    paused = trained(store, RunStatus.PAUSED)
    waiting = store.create(CONFIG, workspace="red").id
    store.requeue(paused)
    assert [store.queue_place(run_id) for run_id in (waiting, paused)] == [1, 2]
    assert store.orphans(60) == []


def test_only_a_paused_run_is_queued_again(store: RunStore) -> None:
    for status in (RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED):
        run_id = trained(store, status)
        before = store.get(run_id)
        assert store.requeue(run_id) == before
        assert store.set_learning_rate(run_id, 0.5) == before
    running = claimed(store)
    assert store.requeue(running).status is RunStatus.RUNNING
    assert store.extend(running, 50).config == CONFIG


def test_a_trained_run_without_a_worker_is_stopped_by_one(store: RunStore) -> None:
    run_id = trained(store, RunStatus.PAUSED)
    asked = store.ask(run_id, Request.STOP)
    assert (asked.status, asked.request, asked.finished_at) == (RunStatus.QUEUED, Request.STOP, None)
    assert store.ask(run_id, Request.PAUSE) == asked  # a pause does not replace a stop
    assert store.ask(run_id, Request.STOP) == asked


@pytest.mark.parametrize("status", [RunStatus.FINISHED, RunStatus.STOPPED])
def test_an_ended_run_is_extended(store: RunStore, status: RunStatus) -> None:
    run_id = trained(store, status)
    run = store.get(run_id)
    assert (run.whole_epochs, run.epochs_done) == (1, 1.25)
    with pytest.raises(ConfigError, match="at most 200"):
        store.extend(run_id, 201)
    assert store.get(run_id) == run
    more = store.extend(run_id, 9)
    assert (more.status, more.finished_at, more.config) == (
        RunStatus.QUEUED,
        None,
        CONFIG.model_copy(update={"epochs": 9}),
    )


def test_every_learning_rate_is_noted(store: RunStore) -> None:
    run_id = trained(store, RunStatus.PAUSED)
    store.set_learning_rate(run_id, 0.5)
    store.set_learning_rate(run_id, 0.5)  # nothing new
    run = store.set_learning_rate(run_id, 0.25)
    assert run.config.learning_rate == 0.25
    first = CONFIG.learning_rate
    assert run.rate_changes == (RateChange(1.25, first, 0.5), RateChange(1.25, 0.5, 0.25))
    with pytest.raises(ConfigError, match="at least"):
        store.set_learning_rate(run_id, 0.0)


@pytest.mark.parametrize("text", ["half a list [", "[[1]]", "7", '[["a", 1, 2]]', "{}}"])
def test_damaged_notes_are_a_damaged_row(store: RunStore, text: str) -> None:
    run_id = trained(store, RunStatus.PAUSED)
    with store._database.transaction(write=True) as connection:
        change(connection, run_id, rate_changes=text)
    with pytest.raises(RunUnreadable):
        store.get(run_id)


def test_claims_in_vain_are_counted_until_the_run_comes_further(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    for number in range(1, 4):
        assert store.claim(run_id, f"worker-{number}").read().fruitless_attempts == number
    Claim(store.database, run_id, "worker-3").record([], None, checkpoint_step=7)
    run = store.claim(run_id, "worker-4").read()
    assert (run.attempts, run.fruitless_attempts) == (4, 2)
