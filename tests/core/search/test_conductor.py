"""Searches from their beginning to their end. DIGITLAB_TEST_DATABASE tries another database than SQLite."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from sqlalchemy import update

import core.search.conductor
from core.errors import StoreUnavailable
from core.experiments.driver import Driver
from core.search.plans import StudyPlan
from core.search.storage import load_study, trials_told
from core.settings import Settings
from core.store import Experiment, Request, RunStatus, RunStore
from core.store.retention import sweep
from core.store.tables import experiments, runs
from tests.support.search_samples import RATE, accuracy_of, search, study_driver, study_plan, train
from tests.support.serve import ROOT
from tests.support.store_samples import empty_artifacts, empty_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


@pytest.fixture
def driver(store: RunStore) -> Driver:
    return study_driver(store)


def begun(store: RunStore, plan: StudyPlan) -> Experiment:
    return store.create_experiment(plan, workspace="red")


def study_of(store: RunStore, experiment: Experiment) -> optuna.Study:
    study = load_study(store.database, experiment.id)
    assert study is not None
    return study


def states(study: optuna.Study) -> list[str]:
    return [trial.state.name for trial in study.trials]


def test_a_search_makes_ordinary_runs_one_after_the_other_and_names_the_best(
    store: RunStore, driver: Driver
) -> None:
    experiment = begun(store, study_plan())
    driver.look_after()
    (first,) = store.queue()
    assert (first.name, first.trial, first.experiment) == ("trial 1", 0, experiment.id)
    assert 1e-4 <= first.config.learning_rate <= 1
    ended = search(store, driver, experiment)
    assert (ended.status, ended.message, ended.made) == (RunStatus.FINISHED, None, 6)

    runs = store.experiment_runs(experiment.id)
    study = study_of(store, experiment)
    assert states(study) == ["COMPLETE"] * 6
    for run, trial in zip(runs, study.trials, strict=True):
        # Four digits that count: what stands in the form and in the run's name is short.
        assert trial.params["learning_rate"] == pytest.approx(run.config.learning_rate, rel=1e-3)
        assert len(f"{run.config.learning_rate:g}".strip("0.").replace("e-05", "")) <= 5
        assert trial.params["units"] == run.config.hidden_layers[0].units
        assert trial.value == pytest.approx(accuracy_of(run.config, 3))
        assert list(trial.intermediate_values) == [1, 2, 3]
    best = max(runs, key=lambda run: accuracy_of(run.config, 3))
    assert [one["run"] for one in ended.outcome["best"]] == [best.id]
    assert ended.outcome["best"][0]["test_accuracy"] == 0.9
    assert (ended.outcome["finished"], ended.outcome["pruned"], ended.outcome["failed"]) == (6, 0, 0)


def rates_of(store: RunStore, experiment: Experiment) -> list[float]:
    return [run.config.learning_rate for run in store.experiment_runs(experiment.id)]


def test_only_as_many_runs_wait_as_there_are_places(store: RunStore) -> None:
    begun(store, study_plan())
    driver = study_driver(store, places=3)
    driver.look_after()
    driver.look_after()
    assert [run.trial for run in store.queue()] == [0, 1, 2]


def test_a_grid_tries_each_point_once_in_order(store: RunStore, driver: Driver) -> None:
    plan = study_plan(
        ranges=[RATE | {"points": 3}, {"name": "optimizer", "choices": ["adam", "sgd"]}],
        sampler="grid",
        runs=100,
    )
    experiment = begun(store, plan)
    search(store, driver, experiment)
    tried = [(run.config.learning_rate, run.config.optimizer) for run in store.experiment_runs(experiment.id)]
    assert tried == [(pytest.approx(rate), name) for rate in (1e-4, 1e-2, 1.0) for name in ("adam", "sgd")]


def test_the_same_seed_searches_the_same_and_another_one_elsewhere(store: RunStore, driver: Driver) -> None:
    def rates(**changes: Any) -> list[float]:
        experiment = begun(store, study_plan(runs=3, **changes))
        search(store, driver, experiment)
        return rates_of(store, experiment)

    random = rates(sampler="random")
    assert len(set(random)) == 3
    assert rates(sampler="random") == random
    assert rates(sampler="random", seed=100) != random


def test_tpe_looks_where_it_was_good(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(ranges=[RATE], runs=16))
    search(store, driver, experiment)
    rates = rates_of(store, experiment)
    # Rates below 0.1 are three quarters of the range, and all good ones.
    assert sum(rate < 0.1 for rate in rates[12:]) >= 3


@pytest.mark.parametrize(
    ("changes", "random"), [({"runs": 60}, 10), ({"runs": 15}, 5), ({"runs": 2}, 1), ({"minutes": 3.0}, 5)]
)
def test_tpe_begins_with_random_points_for_a_part_of_the_budget(changes: dict[str, Any], random: int) -> None:
    sampler = core.search.conductor._sampler(study_plan(**changes), 0)
    assert getattr(sampler, "_n_startup_trials", None) == random


@pytest.mark.parametrize("pruner", ["hyperband", "median"])
def test_what_lags_behind_is_stopped_early_and_told_so(store: RunStore, driver: Driver, pruner: str) -> None:
    experiment = begun(store, study_plan(pruner=pruner, runs=8, sampler="random"))
    ended = search(store, driver, experiment)
    runs = store.experiment_runs(experiment.id)
    pruned = [run for run in runs if run.status is RunStatus.STOPPED]
    assert pruned
    assert ended.outcome["pruned"] == len(pruned)
    assert ended.message is None, "to be pruned is no failure"
    for run in pruned:
        assert run.epoch < 3, "on its last epoch nothing is won any more"
        assert run.tags == ("pruned",)
        assert run.message == "Stopped early by its search: at this epoch other runs were ahead."
    study = study_of(store, experiment)
    assert states(study).count("PRUNED") == len(pruned)
    best = max(runs, key=lambda run: accuracy_of(run.config, 3))
    assert best.status is RunStatus.FINISHED


@pytest.mark.parametrize("goal", ["parameters", "seconds"])
def test_two_goals_name_every_run_that_no_other_beats_in_both(
    store: RunStore, driver: Driver, goal: str
) -> None:
    experiment = begun(store, study_plan(goal=goal, runs=5, sampler="random"))
    ended = search(store, driver, experiment)
    values = {
        run.id: (
            accuracy_of(run.config, 3),
            run.config.parameters if goal == "parameters" else (run.train_seconds or 0),
        )
        for run in store.experiment_runs(experiment.id)
    }
    front = {
        one
        for one, (accuracy, low) in values.items()
        if not any(a >= accuracy and b <= low and (a, b) != (accuracy, low) for a, b in values.values())
    }
    assert {one["run"] for one in ended.outcome["best"]} == front


def test_training_that_is_used_up_ends_the_search(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(runs=50, minutes=0.1))
    ended = search(store, driver, experiment)
    assert ended.status is RunStatus.FINISHED
    assert ended.made == 2, "each takes three seconds"


def test_training_is_not_had_back_by_deleting_its_run(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(runs=50, minutes=0.1))
    for _ in range(30):
        driver.look_after()
        for run in store.queue():
            train(store, run)
            store.delete(run.id)
    ended = store.experiment(experiment.id)
    assert (ended.status, ended.made) == (RunStatus.FINISHED, 2)  # of three seconds each


def test_a_run_deleted_while_its_search_is_paused_is_not_made_again(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(runs=3))
    driver.look_after()
    (run,) = store.queue()
    store.request_experiment(experiment.id, Request.PAUSE)
    store.delete(run.id)
    with store.database.transaction(write=True) as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(deleted_at=1_000.0))
    assert sweep(store, Settings()).deleted == []
    store.request_experiment(experiment.id, Request.NONE)
    ended = search(store, driver, experiment)
    assert [one.trial for one in store.experiment_runs(experiment.id)] == [1, 2]
    assert ended.outcome["failed"] == 1
    assert sweep(store, Settings()).deleted == [run.id]


def test_who_looks_at_a_search_waits_for_nobody_who_writes(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(runs=3))
    search(store, driver, experiment)
    trials_told(store.database, experiment.id)  # opened
    with store.database.transaction(write=True, alone=True) as connection:
        connection.execute(update(runs).values(note="written just now"))
        told: list[int] = []
        began = threading.Thread(
            target=lambda: told.append(trials_told(store.database, experiment.id)), daemon=True
        )
        began.start()
        began.join(10)
        assert told == [3]


def test_what_fails_or_is_deleted_counts_as_failed_and_the_search_goes_on(
    store: RunStore, driver: Driver
) -> None:
    experiment = begun(store, study_plan(runs=5))
    driver.look_after()
    store.delete(store.queue()[0].id)
    driver.look_after()
    store.claim(store.queue()[0].id, "worker").fail("It diverged.")
    driver.look_after()
    store.ask(store.queue()[0].id, Request.STOP)
    ended = search(store, driver, experiment)
    assert states(study_of(store, experiment)) == ["FAIL", "FAIL", "FAIL", "COMPLETE", "COMPLETE"]
    assert ended.message is not None
    assert ended.message.startswith("3 of 5 runs failed")


def test_all_that_fail_leave_no_best(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(runs=1))
    driver.look_after()
    store.claim(store.queue()[0].id, "worker").fail("It diverged.")
    ended = search(store, driver, experiment)
    assert (ended.status, ended.outcome["best"]) == (RunStatus.FINISHED, [])


def test_a_search_that_is_stopped_tells_what_it_has_found(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(runs=5))
    driver.look_after()
    train(store, store.queue()[0])
    driver.look_after()
    store.request_experiment(experiment.id, Request.STOP)
    driver.look_after()
    ended = store.experiment(experiment.id)
    assert (ended.status, ended.made, ended.outcome["finished"]) == (RunStatus.STOPPED, 2, 1)
    assert states(study_of(store, experiment)) == ["COMPLETE", "FAIL"]


def test_a_search_that_is_paused_goes_on_with_its_run(store: RunStore, driver: Driver) -> None:
    experiment = begun(store, study_plan(runs=3))
    driver.look_after()
    store.request_experiment(experiment.id, Request.PAUSE)
    driver.look_after()
    assert store.queue() == []
    store.request_experiment(experiment.id, Request.NONE)
    search(store, driver, experiment)
    assert states(study_of(store, experiment)) == ["COMPLETE"] * 3


@pytest.mark.parametrize("moment", ["before_the_run", "before_its_values", "before_the_study_knows"])
def test_a_process_that_dies_at_any_moment_loses_no_trial_and_repeats_none(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    experiment = begun(store, study_plan(runs=3))
    first = study_driver(store)
    first.look_after()

    def die(*arguments: Any, **others: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if moment == "before_the_run":
            patch.setattr(store, "add_trial", die)
        elif moment == "before_its_values":
            patch.setattr(core.search.conductor, "_suggest", die)
        else:
            patch.setattr(optuna.Study, "tell", die)
        train(store, store.queue()[0])
        with pytest.raises(KeyboardInterrupt):
            first.look_after()
    with store.database.transaction(write=True) as connection:
        connection.execute(update(experiments).values(heartbeat_at=experiments.c.heartbeat_at - 60))
    ended = search(store, study_driver(store), experiment)
    runs = store.experiment_runs(experiment.id)
    assert [run.trial for run in runs] == [0, 1, 2]
    assert len({run.config.learning_rate for run in runs}) == 3
    assert states(study_of(store, experiment)) == ["COMPLETE"] * 3
    assert ended.outcome["finished"] == 3


def test_a_database_that_is_away_for_a_while_costs_nothing(
    store: RunStore, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = begun(store, study_plan(runs=2))
    driver.look_after()
    looks: list[int] = []

    def away(*_: object) -> object:
        looks.append(1)
        raise StoreUnavailable("The database is away.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "scores", away)
        train(store, store.queue()[0], driver)
        for _ in range(5):  # more often than an experiment may fail for another reason
            driver.look_after()
    assert len(looks) == study_plan().base.epochs + 5
    assert search(store, driver, experiment).outcome["finished"] == 2


def test_a_study_goes_with_its_experiment(store: RunStore, driver: Driver) -> None:
    gone = begun(store, study_plan(runs=1))
    search(store, driver, gone)
    store.delete_experiment(gone.id)
    search(store, driver, begun(store, study_plan(runs=1)))
    assert load_study(store.database, gone.id) is not None, "it can still be restored"
    with store.database.transaction(write=True) as connection:
        connection.execute(update(experiments).values(deleted_at=experiments.c.deleted_at - 3_600))
    assert sweep(store, Settings()).experiments == 1
    kept = begun(store, study_plan(runs=1))
    search(store, driver, kept)
    assert load_study(store.database, gone.id) is None
    assert load_study(store.database, kept.id) is not None


def test_what_optuna_imports_late_is_there_before_any_thread() -> None:
    # While `sqlalchemy.orm` is being imported, what another thread asks of a database fails.
    asked = "import sys, core.store.database; sys.exit('sqlalchemy.orm' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=False).returncode == 0
