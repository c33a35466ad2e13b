"""Jobs over a real store, with workers that do what the test says: order, places, retries."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import KilledWorker

import core.jobs.dispatcher
import core.jobs.growth
import core.store.retention
from core.config.cost import estimated_memory
from core.errors import JobError, SettingsError, StorageFull, StoreError
from core.jobs.dispatcher import Jobs
from core.settings import Settings
from core.store import Request, RunStatus, RunStore
from core.store.retention import Removed, sweep
from tests.support.fake_workers import SECONDS, FakeWorkers, trained
from tests.support.serve import wait_until
from tests.support.store_samples import CONFIG, claimed


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_WATCH_SECONDS", "RECONNECT_SECONDS", "RETRY_SECONDS"):
        monkeypatch.setattr(core.jobs.dispatcher, name, 0.02)


@pytest.fixture
def store(home: Path) -> Iterator[RunStore]:
    opened = RunStore.from_settings(Settings(home=home))
    yield opened
    opened.close()


@pytest.fixture
def workers() -> FakeWorkers:
    return FakeWorkers()


@pytest.fixture
def start(store: RunStore, home: Path, workers: FakeWorkers) -> Iterator[Callable[[], Jobs]]:
    """Return a function that starts Jobs on the workers."""
    started: list[Jobs] = []

    def begin() -> Jobs:
        started.append(Jobs(Settings(home=home), store, lambda settings: workers))
        return started[-1]

    yield begin
    for jobs in started:
        jobs.close()


def queued(store: RunStore, workspace: str = "red") -> str:
    return store.create(CONFIG, workspace=workspace).id


def test_what_waited_in_the_store_is_taken_up_without_a_word(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    first, second = queued(store), queued(store)
    start()
    task = workers.wait_for(1)
    assert task.run_id == first
    trained(store, task)
    assert workers.wait_for(2).run_id == second


def test_workers_hold_no_more_than_they_have_places_for(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    runs = [queued(store) for _ in range(4)]
    workers._places = 2
    start()
    workers.wait_for(2)
    # The order is decided when a place becomes free, not when the runs came.
    store.ask(runs[2], Request.STOP)
    trained(store, workers.started[1])
    assert workers.wait_for(3).run_id == runs[3]


def test_further_workers_start_while_there_is_work_for_them_and_are_let_go_when_there_was_none_for_long(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.jobs.growth, "PAYS_SECONDS", 0.5)
    monkeypatch.setattr(core.jobs.growth, "IDLE_SECONDS", 0.0)
    workers._most = 3
    first = queued(store)
    jobs = start()
    assert workers.wait_for(1).run_id == first
    assert (workers.scaled, jobs.places()) == ([], 3), "who is alone costs nobody another worker"
    runs = [queued(store), queued(store)]
    jobs.submit(runs[0])
    # Perhaps one after the other: who looks between both runs knows of one only.
    wait_until(lambda: workers.scaled[-1:] == [3], SECONDS, "two more workers to be asked for")
    workers._places = 3
    workers.wait_for(3)
    for task in workers.started:
        trained(store, task)
    wait_until(lambda: workers.scaled[-1:] == [1], SECONDS, "two workers to be let go")


def test_a_run_that_finds_no_memory_waits_for_others_to_end_and_nobody_passes_by(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CONFIG.model_copy(update={"batch_size": 512})
    much = estimated_memory(config)
    monkeypatch.setattr(
        core.jobs.dispatcher, "has_memory_for", lambda running, more, _: not running or more < much
    )
    first, large = queued(store), store.create(config, workspace="red").id
    small = queued(store)
    workers._places = 4
    start()
    workers.wait_for(1)
    trained(store, workers.started[0])
    # Beside it, now that it has begun, there is room.
    workers.wait_for(3)
    assert [task.run_id for task in workers.started] == [first, large, small]


def test_a_run_that_is_told_of_twice_is_trained_once(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    workers._places = 2
    jobs = start()
    run = queued(store)
    jobs.submit(run)
    workers.wait_for(1)
    jobs.submit(run)
    other = queued(store)
    jobs.submit(other)
    assert workers.wait_for(2).run_id == other


def test_a_run_resumed_while_the_task_that_paused_it_ends_goes_on(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    jobs = start()
    run = queued(store)
    jobs.submit(run)
    task = workers.wait_for(1)
    store.claim(run, "worker").finish(RunStatus.PAUSED)
    store.requeue(run)
    jobs.submit(run)
    task.end()
    assert workers.wait_for(2).run_id == run


def test_a_run_left_behind_by_a_dead_worker_goes_first_and_a_living_one_is_left_alone(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(store)
    left = claimed(store, "dead")
    alive = claimed(store, "alive")
    orphans = store.orphans
    monkeypatch.setattr(
        store, "orphans", lambda seconds: [run for run in orphans(0.0) if seconds == 0.0 or run.id == left]
    )
    workers._places = 3
    start()
    workers.wait_for(2)
    assert workers.started[0].run_id == left
    assert alive not in [task.run_id for task in workers.started]


@pytest.mark.parametrize(
    "error",
    [
        KilledWorker("task", None, 3),
        StoreError("The database is in use by another program."),
        StorageFull("The disk is full."),
        OSError("connection reset"),
    ],
    ids=["killed", "locked", "full", "network"],
)
def test_trouble_of_a_moment_never_fails_a_run(
    error: BaseException, store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    run = queued(store)
    start()
    for count in range(1, 8):
        workers.wait_for(count).end(error)
    trained(store, workers.wait_for(8))
    assert store.get(run).status is RunStatus.FINISHED


def test_a_run_that_no_worker_can_begin_ends_with_a_sentence_and_others_go_on(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    bad, good = queued(store), queued(store)
    start()
    tried = 0
    while tried < 3:
        wait_until(lambda: bool(workers.started) and not workers.started[-1].done(), SECONDS, "a task")
        if workers.started[-1].run_id == bad:
            tried += 1
            workers.started[-1].end(ModuleNotFoundError("No module named 'core'"))
        else:
            trained(store, workers.started[-1])
    wait_until(lambda: store.get(bad).status is RunStatus.FAILED, SECONDS, "the run to be given up")
    message = store.get(bad).message
    assert message is not None
    assert "(ModuleNotFoundError: No module named 'core')" in message
    assert "Train it again" in message
    wait_until(lambda: good in [task.run_id for task in workers.started], SECONDS, "the other run")


def test_a_store_that_fails_for_a_moment_is_asked_again(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    orphans, failures = store.orphans, [StoreError("locked"), RuntimeError("a bug"), StoreError("locked")]

    def failing(seconds: float) -> object:
        if failures:
            raise failures.pop()
        return orphans(seconds)

    monkeypatch.setattr(store, "orphans", failing)
    run = queued(store)
    start()
    assert workers.wait_for(1).run_id == run
    assert failures == []


def test_workers_that_are_gone_are_connected_to_again_and_their_runs_handed_out_anew(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    run = queued(store)
    start()
    workers.wait_for(1)
    workers.gone = True
    wait_until(lambda: workers.closed, SECONDS, "the connection to be closed")
    workers.gone = False
    assert workers.wait_for(2).run_id == run


def test_a_scheduler_that_does_not_answer_is_said_and_used_once_it_does(
    store: RunStore, home: Path, workers: FakeWorkers
) -> None:
    is_up = threading.Event()

    def connect(settings: Settings) -> FakeWorkers:
        if not is_up.is_set():
            raise OSError("Timed out trying to connect")
        return workers

    jobs = Jobs(Settings(home=home, scheduler="tls://lab:8786"), store, connect)
    try:
        wait_until(lambda: jobs.failure is not None, SECONDS, "the scheduler to be missed")
        assert not jobs.ready
        run = queued(store)
        with pytest.raises(JobError, match=r"The Dask scheduler at tls://lab:8786 .* does not answer"):
            jobs.submit(run)
        is_up.set()
        assert workers.wait_for(1).run_id == run
        assert (jobs.ready, jobs.failure) == (True, None)
    finally:
        jobs.close()
    assert (jobs.ready, workers.closed) == (False, True)


def test_a_setting_that_keeps_workers_away_is_said_as_it_is(store: RunStore, home: Path) -> None:
    def connect(settings: Settings) -> FakeWorkers:
        raise SettingsError("The scheduler asks for certificates.")

    jobs = Jobs(Settings(home=home, scheduler="tls://lab:8786"), store, connect)
    try:
        wait_until(lambda: jobs.failure is not None, SECONDS, "the setting to be told")
        assert jobs.failure == "The scheduler asks for certificates."
    finally:
        jobs.close()


def test_what_is_not_kept_is_cleared_away_every_now_and_then_and_trouble_with_it_stops_nothing(
    store: RunStore,
    home: Path,
    workers: FakeWorkers,
    start: Callable[[], Jobs],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = store.create(CONFIG, workspace="red").id
    store.ask(gone, Request.STOP)
    store.delete(gone)
    trouble = [StoreError("The database is in use."), OSError("no such folder")]
    swept: list[Removed] = []

    def sweep_in_trouble(*arguments: Any) -> Removed:
        if trouble:
            raise trouble.pop()
        swept.append(sweep(*arguments))
        return swept[-1]

    monkeypatch.setattr(core.store.retention, "_DELETED_SECONDS", -60.0)  # as if it were long ago
    monkeypatch.setattr(core.jobs.dispatcher, "sweep", sweep_in_trouble)
    monkeypatch.setattr(core.jobs.dispatcher, "SWEEP_SECONDS", 0.02)
    jobs = start()
    wait_until(lambda: any(gone in removed.deleted for removed in swept), SECONDS, "the deleted run to go")
    run = queued(store)
    jobs.submit(run)
    assert workers.wait_for(1).run_id == run


def test_who_listens_hears_of_each_worker_that_becomes_free(
    store: RunStore, workers: FakeWorkers, start: Callable[[], Jobs]
) -> None:
    heard = threading.Event()
    queued(store)
    jobs = start()
    jobs.listen(heard.set)
    task = workers.wait_for(1)
    assert jobs.places() == 1
    assert not heard.is_set()
    trained(store, task)
    assert heard.wait(SECONDS)
