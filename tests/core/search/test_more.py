"""A search that has ended takes more runs, as if it had been asked for all of them at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.experiments.driver import Driver
from core.search.found import find
from core.store import Experiment, Request, RunStatus, RunStore
from tests.core.search.test_conductor import begun, rates_of
from tests.support.search_samples import RATE, UNITS, accuracy_of, search, study_driver, study_plan, train
from tests.support.store_samples import empty_artifacts, empty_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


@pytest.mark.parametrize("is_new", [False, True])  # in the process of the first, or in another one
@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_search_that_has_ended_goes_on_with_more_runs(
    store: RunStore, is_new: bool, is_stopped: bool
) -> None:
    driver = study_driver(store)
    whole = begun(store, study_plan(runs=14, sampler="random"))
    search(store, driver, whole)
    plan = study_plan(runs=14 if is_stopped else 4, sampler="random")
    experiment = begun(store, plan)
    if is_stopped:
        stop_after(store, driver, experiment, 4)
    first = search(store, driver, experiment)
    assert (first.status, first.message) == (RunStatus.STOPPED if is_stopped else RunStatus.FINISHED, None)
    assert (first.outcome["finished"], first.outcome["failed"]) == (4, 0)

    more = plan.with_more(4, 12.0)
    assert more is not None
    again = store.extend_experiment(experiment.id, more)
    assert (again.status, again.finished_at, again.message) == (RunStatus.RUNNING, None, None)
    ended = search(store, study_driver(store) if is_new else driver, experiment)
    assert (ended.status, ended.outcome["finished"], ended.outcome["failed"]) == (RunStatus.FINISHED, 14, 0)
    # It is the search that it would have been, had it been asked for all at once.
    runs = [run for run in store.experiment_runs(experiment.id) if run.status is RunStatus.FINISHED]
    assert [run.config.learning_rate for run in runs] == rates_of(store, whole)
    best = max(runs, key=lambda run: accuracy_of(run.config, 3))
    assert [one["run"] for one in ended.outcome["best"]] == [best.id]


def stop_after(store: RunStore, driver: Driver, experiment: Experiment, count: int) -> None:
    """Have so many runs trained to their end, and the search stopped while the next one waits."""
    for _ in range(count):
        driver.look_after()
        train(store, store.queue()[0])
    driver.look_after()
    store.request_experiment(experiment.id, Request.STOP)


def test_a_grid_that_was_stopped_has_no_hole(store: RunStore) -> None:
    driver = study_driver(store)
    plan = study_plan(ranges=[RATE | {"points": 3}, UNITS | {"points": 2}], sampler="grid", runs=100)
    experiment = begun(store, plan)
    stop_after(store, driver, experiment, 2)
    stopped = search(store, driver, experiment)
    found = find(store.database, stopped)
    assert (stopped.made, found.tried, found.count("fail")) == (3, 2, 0)
    store.extend_experiment(experiment.id, plan)
    ended = search(store, driver, experiment)
    assert (ended.message, ended.outcome["finished"], ended.outcome["failed"]) == (None, 6, 0)
    finished = [run for run in store.experiment_runs(experiment.id) if run.status is RunStatus.FINISHED]
    assert len({(run.config.learning_rate, run.config.hidden_layers[0].units) for run in finished}) == 6


def test_what_more_there_is_to_do() -> None:
    runs, minutes = study_plan(runs=6), study_plan(runs=500, minutes=1.0)
    assert runs.with_more(6, 99.0) == study_plan(runs=16)
    assert runs.with_more(4, 99.0) == runs, "one that was stopped has the rest first"
    assert minutes.with_more(30, 90.0) == study_plan(runs=500, minutes=3.5)
    assert study_plan(runs=995).with_more(995, 9.0) is None, "a search has a thousand runs at most"
    grid = study_plan(ranges=[RATE | {"points": 30}], sampler="grid", runs=100)
    assert grid.with_more(2, 9.0) == grid
    assert grid.with_more(30, 9.0) is None
    cut = study_plan(ranges=[RATE | {"points": 30}], sampler="grid", runs=3)
    assert cut.with_more(3, 9.0) == study_plan(ranges=[RATE | {"points": 30}], sampler="grid", runs=13)
    timed = study_plan(ranges=[RATE | {"points": 30}], sampler="grid", runs=100, minutes=1.0)
    assert timed.with_more(2, 60.0) == timed.model_copy(update={"minutes": 3.0})
