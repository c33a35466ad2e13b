"""What RunStore promises about runs. DIGITLAB_TEST_DATABASE tries it on another database."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.errors import ClaimLost, RunNotFound, StoreError
from core.experiments.driver import Driver
from core.settings import Settings
from core.store import Progress, Request, RunStatus, RunStore
from tests.support.experiment_samples import seeds_plan
from tests.support.store_samples import CONFIG, claimed, empty_artifacts, empty_database, holding, training

ENDED = [RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_database(tmp_path)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(url, empty_artifacts(tmp_path))
    yield store
    store.close()


def test_a_created_run_is_queued_and_reads_back_equal(store: RunStore) -> None:
    before = datetime.now(UTC)
    run = store.create(CONFIG, workspace="red", recipe="two-128")
    assert re.fullmatch("[0-9a-f]{12}", run.id)
    assert run.config == CONFIG
    assert (run.status, run.request, run.workspace, run.recipe) == ("queued", "none", "red", "two-128")
    assert (run.epoch, run.step, run.steps_per_epoch, run.attempts) == (0, 0, 0, 0)
    assert (run.started_at, run.finished_at, run.message, run.test_accuracy) == (None, None, None, None)
    assert run.created_at is not None
    assert run.created_at.utcoffset() == timedelta(0)
    assert before - timedelta(seconds=1) <= run.created_at <= datetime.now(UTC) + timedelta(seconds=1)
    assert store.get(run.id) == run


def test_runs_outlive_the_store_that_wrote_them(store: RunStore, url: str) -> None:
    run = store.create(CONFIG, workspace="red")
    store.close()
    again = RunStore(url, store.artifacts)
    assert again.get(run.id) == run
    again.close()


def test_from_settings_uses_the_home_folder(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new" / "home", database_url="", artifact_url="")
    store = RunStore.from_settings(settings)
    run = store.create(CONFIG, workspace="red")
    assert (tmp_path / "new" / "home" / "digitlab.db").is_file()
    assert Path(str(store.folder(run.id))) == tmp_path / "new" / "home" / "runs" / run.id
    store.close()


@pytest.mark.parametrize("run_id", ["0123456789ab", "", "../../etc/passwd", "x" * 500, "0123456789AB", "’"])
def test_an_unknown_id_is_a_sentence(store: RunStore, run_id: str) -> None:
    with pytest.raises(RunNotFound, match=r"There is no run .*\.$"):
        store.get(run_id)
    with pytest.raises(RunNotFound):
        store.ask(run_id, Request.STOP)
    with pytest.raises(RunNotFound):
        store.claim(run_id, "anna")
    assert store.queue_place(run_id) is None


def test_lists_are_newest_first_and_chosen_by_workspace_and_status(store: RunStore) -> None:
    red, blue, red_running = (store.create(CONFIG, workspace=name).id for name in ("red", "blue", "red"))
    store.claim(red_running, "anna")

    def ids(**choice: object) -> list[str]:
        return [run.id for run in store.list_runs(**choice)]  # type: ignore[arg-type]

    assert ids() == [red_running, blue, red]
    assert ids(limit=2) == [red_running, blue]
    assert ids(before=red_running) == [blue, red]
    assert ids(before=blue, workspaces=["red"]) == [red]
    assert ids(before=red) == []
    assert ids(workspaces=["red"]) == [red_running, red]
    assert ids(workspaces=["red", "blue"], statuses={RunStatus.QUEUED}) == [blue, red]
    assert ids(statuses=[RunStatus.RUNNING]) == [red_running]
    assert ids(workspaces=[]) == []
    assert ids(statuses=[]) == []


def test_a_list_of_single_runs_has_none_of_an_experiment(store: RunStore) -> None:
    single = store.create(CONFIG, workspace="red")
    made = store.create_experiment(seeds_plan(CONFIG, 2), workspace="red")
    driver = Driver(store, lambda: 2)
    driver.look_after()
    assert len(store.list_runs()) == 3
    assert len(store.experiment_runs(made.id)) == 2
    assert [run.id for run in store.list_runs(is_single=True)] == [single.id]
    assert [run.id for run in store.list_runs(is_single=True, always=[RunStatus.QUEUED])] == [single.id]


def test_queue_places_count_from_one_and_move_up(store: RunStore) -> None:
    first, second, third = (store.create(CONFIG, workspace="red").id for _ in range(3))
    assert [store.queue_place(run_id) for run_id in (first, second, third)] == [1, 2, 3]
    store.claim(first, "anna")
    assert [store.queue_place(run_id) for run_id in (first, second, third)] == [None, 1, 2]
    store.ask(second, Request.STOP)
    assert [store.queue_place(run_id) for run_id in (first, second, third)] == [None, None, 1]


def test_statuses_are_alive_or_ended_or_paused() -> None:
    assert [status for status in RunStatus if status.is_alive] == ["queued", "running"]
    assert [status for status in RunStatus if status.is_ended] == ENDED


def test_living_and_paused_runs_are_listed_beyond_the_limit(store: RunStore) -> None:
    paused, running, waiting = claimed(store), claimed(store), store.create(CONFIG, workspace="red").id
    store.claim(paused, "anna").finish(RunStatus.PAUSED)
    for _ in range(3):
        store.claim(claimed(store), "anna").finish(RunStatus.FINISHED)
    newest = [run.id for run in store.list_runs(limit=2)]
    always = {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED}
    listed = [run.id for run in store.list_runs(limit=2, always=always)]
    assert listed == [*newest, waiting, running, paused]
    of_blue = store.list_runs(workspaces=["blue"], limit=2, always=always)
    assert of_blue == []
    assert len(store.list_runs(limit=20, always=always)) == 6


def test_a_claim_starts_the_run_and_a_second_keeps_its_start(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    first = store.claim(run_id, "anna").read()
    assert (first.status, first.attempts) == (RunStatus.RUNNING, 1)
    assert first.started_at is not None
    second = store.claim(run_id, "bert").read()
    assert (second.status, second.attempts, second.started_at) == (RunStatus.RUNNING, 2, first.started_at)


def test_a_claim_keeps_a_stop_and_forgets_a_pause(store: RunStore) -> None:
    stopping, pausing = claimed(store), claimed(store)
    store.ask(stopping, Request.STOP)
    store.ask(pausing, Request.PAUSE)
    assert store.claim(stopping, "bert").read().request is Request.STOP
    assert store.claim(pausing, "bert").read().request is Request.NONE


@pytest.mark.parametrize("status", ENDED)
def test_an_ended_run_cannot_be_claimed_and_ignores_requests(store: RunStore, status: RunStatus) -> None:
    run_id = claimed(store)
    ended = holding(store, run_id, "anna").finish(status)
    with pytest.raises(StoreError, match=f"Run {run_id} has already"):
        store.claim(run_id, "bert")
    for request in Request:
        assert store.ask(run_id, request) == ended


def test_who_lost_the_claim_can_change_nothing(store: RunStore) -> None:
    run_id = claimed(store, "anna")
    holding(store, run_id, "anna").record([training(1)], None)
    store.claim(run_id, "bert")
    before = store.get(run_id)
    for attempt in (
        lambda: holding(store, run_id, "anna").record([], None),
        lambda: holding(store, run_id, "anna").record([training(2)], Progress(9, 9, 9, 9.0, 9.0)),
        lambda: holding(store, run_id, "anna").rewind(0),
        lambda: holding(store, run_id, "anna").finish(RunStatus.FAILED, message="no"),
        lambda: holding(store, "0123456789ab", "anna").record([], None),
    ):
        with pytest.raises(ClaimLost, match=r"another worker has taken it over\.$"):
            attempt()
    assert store.get(run_id) == before
    assert len(store.curve(run_id)) == 1
    assert holding(store, run_id, "bert").record([], None) is Request.NONE


def test_of_many_claiming_at_once_one_keeps_the_run(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    workers = [f"worker-{number}" for number in range(6)]
    with ThreadPoolExecutor(len(workers)) as pool:
        claims = list(pool.map(lambda worker: store.claim(run_id, worker), workers))
    assert store.get(run_id).attempts == 6
    keepers = []
    for claim in claims:
        try:
            claim.record([], None)
        except ClaimLost:
            continue
        keepers.append(claim.worker)
    assert len(keepers) == 1


def test_requests_reach_the_worker_at_its_next_beat(store: RunStore) -> None:
    run_id = claimed(store)
    assert holding(store, run_id, "anna").record([], None) is Request.NONE
    assert store.ask(run_id, Request.PAUSE).request is Request.PAUSE
    assert holding(store, run_id, "anna").record([], None) is Request.PAUSE
    store.ask(run_id, Request.NONE)
    assert holding(store, run_id, "anna").record([], None) is Request.NONE
    store.ask(run_id, Request.STOP)
    assert store.ask(run_id, Request.PAUSE).request is Request.STOP
    assert holding(store, run_id, "anna").record([], None) is Request.STOP
    assert store.get(run_id).status is RunStatus.RUNNING


def test_a_run_without_a_worker_obeys_at_once(store: RunStore) -> None:
    run_id = store.create(CONFIG, workspace="red").id
    paused = store.ask(run_id, Request.PAUSE)
    assert (paused.status, paused.request, paused.finished_at) == (RunStatus.PAUSED, Request.NONE, None)
    stopped = store.ask(run_id, Request.STOP)
    assert (stopped.status, stopped.request) == (RunStatus.STOPPED, Request.NONE)
    assert stopped.finished_at is not None


def test_finish_writes_the_results_and_clears_the_request(store: RunStore) -> None:
    run_id = claimed(store)
    store.ask(run_id, Request.STOP)
    holding(store, run_id, "anna").record([], Progress(3, 20, 100, 5_000.0, 12.5))
    run = holding(store, run_id, "anna").finish(
        RunStatus.STOPPED,
        message="Stopped by hand.",
        test_accuracy=float(np.float32(0.5)),
        test_loss=float("nan"),
        train_seconds=1.5,
        total_seconds=2.5,
    )
    assert (run.status, run.request, run.message) == (RunStatus.STOPPED, Request.NONE, "Stopped by hand.")
    assert (run.test_accuracy, run.test_loss, run.train_seconds, run.total_seconds) == (0.5, None, 1.5, 2.5)
    assert (run.epoch, run.step, run.seconds_left) == (3, 20, None)
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.started_at <= run.finished_at
    with pytest.raises(ClaimLost):
        holding(store, run_id, "anna").record([], None)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING])
def test_finish_refuses_a_status_that_is_alive(store: RunStore, status: RunStatus) -> None:
    run_id = claimed(store)
    with pytest.raises(ValueError, match=f"given back as {status}"):
        holding(store, run_id, "anna").finish(status)
    assert store.get(run_id).status is RunStatus.RUNNING


def test_a_paused_run_goes_on_where_it_was(store: RunStore) -> None:
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(1)], Progress(1, 1, 100, 10.0, 5.0))
    paused = holding(store, run_id, "anna").finish(RunStatus.PAUSED, train_seconds=4.0)
    assert (paused.status, paused.finished_at, paused.train_seconds) == (RunStatus.PAUSED, None, 4.0)
    with pytest.raises(ClaimLost, match="is paused"):
        store.claim(run_id, "bert")
    assert store.requeue(run_id).status is RunStatus.QUEUED
    resumed = store.claim(run_id, "bert").read()
    assert (resumed.status, resumed.epoch, resumed.step, resumed.attempts) == (RunStatus.RUNNING, 1, 1, 2)
    assert len(store.curve(run_id)) == 1


def test_orphans_are_alive_runs_of_which_nothing_was_heard(store: RunStore) -> None:
    queued = store.create(CONFIG, workspace="red").id
    running = claimed(store)
    holding(store, claimed(store), "anna").finish(RunStatus.FINISHED)
    holding(store, claimed(store), "anna").finish(RunStatus.PAUSED)
    assert [run.id for run in store.orphans(0)] == [queued, running]
    assert store.orphans(3_600) == []
