"""The driver over a real store, with workers that do what the test says.

DIGITLAB_TEST_DATABASE tries another database.
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, update

import core.experiments.driver
from core.config.cost import estimated_seconds
from core.errors import ClaimLost, ExperimentNotFound, StoreError, StoreUnavailable
from core.experiments.conductors import missing_runs
from core.experiments.driver import Driver
from core.experiments.plans import FixedPlan
from core.store import Experiment, Progress, Request, Run, RunStatus, RunStore
from core.store.tables import experiments, runs
from tests.support.experiment_samples import seeds_plan
from tests.support.serve import wait_until
from tests.support.store_samples import CONFIG, empty_artifacts, empty_database, validation


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


@pytest.fixture
def driver(store: RunStore) -> Driver:
    return Driver(store, lambda: 2)


def begun(store: RunStore, count: int = 5, workspace: str = "red") -> Experiment:
    return store.create_experiment(seeds_plan(CONFIG, count), workspace=workspace)


def trained(store: RunStore, run: Run, status: RunStatus = RunStatus.FINISHED) -> None:
    """Do what a worker does with a run."""
    claim = store.claim(run.id, "worker")
    claim.record([validation(100)], Progress(CONFIG.epochs, 1, 1, None, None))
    claim.finish(status, test_accuracy=0.9 if status is RunStatus.FINISHED else None, train_seconds=2.0)


def train_all(store: RunStore, driver: Driver, experiment: Experiment) -> Experiment:
    """Have the driver and one worker go on until the experiment has ended."""
    for _ in range(100):
        driver.look_after()
        now = store.experiment(experiment.id)
        if now.status.is_ended:
            return now
        for run in store.queue():
            trained(store, run)
    raise AssertionError("the experiment does not end")


def test_an_experiment_makes_its_runs_in_order_as_places_become_free(store: RunStore, driver: Driver) -> None:
    experiment = begun(store)
    assert (experiment.kind, experiment.status, experiment.made) == ("seeds", RunStatus.QUEUED, 0)
    driver.look_after()
    driver.look_after()
    first, second = store.queue()
    assert [first.trial, second.trial] == [0, 1]
    assert [first.config.seed, second.config.seed] == [CONFIG.seed, CONFIG.seed + 1]
    assert (first.name, first.experiment, first.workspace) == (f"seed {CONFIG.seed}", experiment.id, "red")
    assert store.experiment(experiment.id).status is RunStatus.RUNNING

    trained(store, second)
    driver.look_after()
    assert [run.trial for run in store.queue()] == [0, 2]

    ended = train_all(store, driver, experiment)
    assert ended.status is RunStatus.FINISHED
    assert (ended.made, ended.message) == (5, None)
    assert [trial["label"] for trial in ended.outcome["trials"]] == [f"seed {11 + n}" for n in range(5)]
    assert ended.outcome["trials"][0] == {
        "trial": 0,
        "label": "seed 11",
        "run": first.id,
        "status": "finished",
        "validation_accuracy": 0.8,
        "test_accuracy": 0.9,
        "seconds": 2.0,
    }
    assert [run.trial for run in store.experiment_runs(experiment.id)] == [0, 1, 2, 3, 4]
    driver.look_after()
    assert store.queue() == []


def test_each_run_is_handed_over_once_and_costs_what_it_would_by_itself(store: RunStore) -> None:
    handed: list[str] = []
    driver = Driver(store, lambda: 2, handed.append)
    experiment = begun(store, 3)
    train_all(store, driver, experiment)
    made = store.experiment_runs(experiment.id)
    assert handed == [run.id for run in made]
    assert [run.cost_seconds for run in made] == [pytest.approx(estimated_seconds(CONFIG, 60_000))] * 3


def test_a_run_that_its_owner_lets_go_on_in_an_experiment_that_stops_is_stopped(
    store: RunStore, driver: Driver
) -> None:
    experiment = begun(store, 3)
    driver.look_after()
    running = store.queue()[0]
    claim = store.claim(running.id, "worker")
    store.request_experiment(experiment.id, Request.STOP)
    store.ask(running.id, Request.NONE)
    assert claim.record([], None) is Request.NONE
    driver.look_after()
    assert claim.record([], None) is Request.STOP


def test_runs_that_are_missing_are_counted() -> None:
    assert missing_runs(4, 4) is None
    assert str(missing_runs(4, 3)).startswith("1 of 4 runs failed, was stopped or deleted: it counts")
    assert str(missing_runs(4, 2)).startswith("2 of 4 runs failed, were stopped or deleted: they count")


def test_a_large_experiment_takes_turns_with_other_visitors(store: RunStore, driver: Driver) -> None:
    begun(store, 60)
    driver.look_after()
    newcomer = store.create(CONFIG, workspace="blue")
    assert [run.workspace for run in store.queue()] == ["red", "blue", "red"]
    assert store.queue_place(newcomer.id) == 2


def test_a_run_that_is_deleted_or_fails_counts_as_failed_and_the_others_go_on(
    store: RunStore, driver: Driver
) -> None:
    experiment = begun(store, 4)
    driver.look_after()
    first, second = store.queue()
    store.delete(first.id)
    trained(store, second, RunStatus.FAILED)
    # As the sweep does ten minutes later: the row is gone, and its trial is not made again.
    with store.database.transaction(write=True) as connection:
        connection.execute(delete(runs).where(runs.c.id == first.id))

    ended = train_all(store, driver, experiment)
    assert ended.status is RunStatus.FINISHED
    assert ended.message is not None
    assert ended.message.startswith("2 of 4 runs failed")
    assert [run.trial for run in store.experiment_runs(experiment.id)] == [1, 2, 3]
    assert [trial["status"] for trial in ended.outcome["trials"]] == ["failed", "finished", "finished"]


def test_the_newest_run_removed_for_good_is_not_made_again(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, 3)
    driver.look_after()
    last = store.queue()[-1]
    store.delete(last.id)
    with store.database.transaction(write=True) as connection:
        connection.execute(delete(runs).where(runs.c.id == last.id))
    train_all(store, driver, experiment)
    assert [run.trial for run in store.experiment_runs(experiment.id)] == [0, 2]


def test_a_paused_experiment_pauses_its_runs_and_goes_on_with_them(store: RunStore, driver: Driver) -> None:
    experiment = begun(store)
    driver.look_after()
    claim = store.claim(store.queue()[0].id, "worker")
    assert store.request_experiment(experiment.id, Request.PAUSE).status is RunStatus.PAUSED
    assert claim.record([], Progress(1, 1, 2, None, None)) is Request.PAUSE
    claim.finish(RunStatus.PAUSED)
    driver.look_after()
    assert [run.status for run in store.experiment_runs(experiment.id)] == [RunStatus.PAUSED] * 2

    assert store.request_experiment(experiment.id, Request.NONE).status is RunStatus.RUNNING
    driver.look_after()
    assert sorted(run.trial or 0 for run in store.queue()) == [0, 1]
    assert train_all(store, driver, experiment).status is RunStatus.FINISHED
    assert len(store.experiment_runs(experiment.id)) == 5


def test_a_run_that_had_not_paused_yet_goes_on_at_once(store: RunStore, driver: Driver) -> None:
    experiment = begun(store)
    driver.look_after()
    claim = store.claim(store.queue()[0].id, "worker")
    store.request_experiment(experiment.id, Request.PAUSE)
    store.request_experiment(experiment.id, Request.NONE)
    assert claim.record([], None) is Request.NONE


def test_a_stopped_experiment_stops_its_runs_and_keeps_what_they_have_learnt(
    store: RunStore, driver: Driver
) -> None:
    experiment = begun(store)
    driver.look_after()
    running = store.queue()[0]
    claim = store.claim(running.id, "worker")
    assert store.request_experiment(experiment.id, Request.STOP).request is Request.STOP
    driver.look_after()
    assert not store.experiment(experiment.id).status.is_ended, "a worker still writes what it has learnt"
    assert claim.record([validation(100)], None) is Request.STOP
    claim.finish(RunStatus.STOPPED, test_accuracy=0.5)
    driver.look_after()
    ended = store.experiment(experiment.id)
    assert (ended.status, ended.made) == (RunStatus.STOPPED, 2)
    assert [trial["test_accuracy"] for trial in ended.outcome["trials"]] == [0.5, None]
    assert store.request_experiment(experiment.id, Request.NONE) == ended


def test_an_experiment_that_was_paused_can_be_stopped(store: RunStore, driver: Driver) -> None:
    experiment = begun(store)
    store.request_experiment(experiment.id, Request.PAUSE)
    driver.look_after()
    assert store.queue() == []
    store.request_experiment(experiment.id, Request.STOP)
    driver.look_after()
    assert store.experiment(experiment.id).status is RunStatus.STOPPED


def test_a_single_paused_run_is_waited_for_and_named(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, 2)
    driver.look_after()
    first, second = store.queue()
    store.ask(first.id, Request.PAUSE)
    trained(store, second)
    driver.look_after()
    waiting = store.experiment(experiment.id)
    assert waiting.status is RunStatus.RUNNING
    assert waiting.message == "Waits for run #1, which is paused: have it go on, or stop it."
    store.requeue(first.id)
    ended = train_all(store, driver, experiment)
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)


def test_another_process_takes_over_from_a_silent_driver_and_makes_nothing_twice(store: RunStore) -> None:
    experiment = begun(store)
    gone, other = Driver(store, lambda: 2), Driver(store, lambda: 2)
    gone.look_after()
    assert other.look_after() == 0
    with store.database.transaction(write=True) as connection:
        connection.execute(update(experiments).values(heartbeat_at=experiments.c.heartbeat_at - 60))
    assert other.look_after() == 1
    assert [run.trial for run in store.queue()] == [0, 1]
    with pytest.raises(ClaimLost):
        store.add_trial(experiment, gone.name, 2, CONFIG)
    assert gone.look_after() == 0
    train_all(store, other, experiment)
    assert [run.trial for run in store.experiment_runs(experiment.id)] == [0, 1, 2, 3, 4]


def test_a_driver_that_closes_leaves_its_experiments_to_the_next(store: RunStore) -> None:
    experiment = begun(store, 2)
    first, second = Driver(store, lambda: 1), Driver(store, lambda: 1)
    first.look_after()
    first.close()
    assert second.look_after() == 1
    train_all(store, second, experiment)


def test_a_trial_is_made_once_and_only_while_it_is_wanted(store: RunStore, driver: Driver) -> None:
    experiment = begun(store)
    driver.look_after()
    assert store.add_trial(experiment, driver.name, 1, CONFIG) is None
    store.request_experiment(experiment.id, Request.PAUSE)
    assert store.add_trial(experiment, driver.name, 2, CONFIG) is None
    assert store.experiment(experiment.id).made == 2


def test_a_database_that_is_away_for_a_while_costs_no_trial(
    store: RunStore, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = begun(store)
    add_trial = store.add_trial
    calls: list[int] = []

    def away(*arguments: Any, **others: Any) -> Run | None:
        calls.append(1)
        if len(calls) == 2:  # in the midst of what it makes
            raise StoreUnavailable("The database is away.")
        return add_trial(*arguments, **others)

    monkeypatch.setattr(store, "add_trial", away)
    driver.look_after()
    assert [run.trial for run in store.queue()] == [0]
    driver.look_after()
    assert [run.trial for run in store.queue()] == [0, 1]
    assert train_all(store, driver, experiment).made == 5


def test_the_thread_looks_when_it_is_woken(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_WATCH_SECONDS", "_IDLE_SECONDS"):  # else it would look by itself
        monkeypatch.setattr(core.experiments.driver, name, 3_600.0)
    looked = threading.Event()
    lease = store.lease_experiments
    monkeypatch.setattr(store, "lease_experiments", lambda name: (lease(name), looked.set())[0])
    driver = Driver(store, lambda: 1)
    driver.start()
    try:
        assert looked.wait(20)
        experiment = begun(store, 1)
        driver.wake()
        wait_until(lambda: bool(store.queue()), 20, "the run to be made")
        trained(store, store.queue()[0])
        driver.wake()
        wait_until(lambda: store.experiment(experiment.id).status.is_ended, 20, "the end")
    finally:
        driver.close()


def test_an_ended_experiment_can_be_deleted_and_had_back(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, 1)
    with pytest.raises(StoreError, match="Stop it first"):
        store.delete_experiment(experiment.id)
    train_all(store, driver, experiment)
    store.delete_experiment(experiment.id)
    assert store.list_experiments() == []
    with pytest.raises(ExperimentNotFound):
        store.experiment(experiment.id)
    assert len(store.experiment_runs(experiment.id)) == 1, "its runs stay"
    assert store.restore_experiment(experiment.id).id == experiment.id


def test_what_is_no_id_is_told_in_short_and_the_database_is_not_asked(store: RunStore) -> None:
    store.experiment(begun(store).id)
    statements: list[str] = []
    event.listen(
        store.database.engine, "before_cursor_execute", lambda *heard: statements.append(heard[2].lower())
    )
    for asked in ("<b>" * 400, "0" * 41, "E" * 12, "٠" * 12, f"{'0' * 11}\n", "", "\0"):
        with pytest.raises(ExperimentNotFound) as told:
            store.experiment(asked)
        assert f"“{asked[:40]}”" in str(told.value)
    assert not [one for one in statements if "experiments" in one]
    with pytest.raises(ExperimentNotFound):
        store.experiment("0" * 12)
    assert [one for one in statements if "experiments" in one]


def test_a_plan_survives_its_way_through_the_database(store: RunStore) -> None:
    plan = FixedPlan.build(
        {"kind": "duel", "trials": [{"label": "A", "config": CONFIG}], "about": {"seeds": 5, "what": "l2"}}
    )
    kept = store.create_experiment(plan, workspace="red", name="A duel", guess=json.dumps({"better": "A"}))
    assert FixedPlan.from_json(kept.plan) == plan
    assert (kept.name, kept.guess) == ("A duel", '{"better": "A"}')
