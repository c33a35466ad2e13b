"""A search that has ended takes more runs, as if it had been asked for all of them at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Request, RunStatus, RunStore
from tests.core.search.test_conductor import begun, rates_of
from tests.support.search_samples import RATE, accuracy_of, search, study_driver, study_plan, train
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
    plan = study_plan(runs=6 if is_stopped else 4, sampler="random")
    experiment = begun(store, plan)
    if is_stopped:
        for _ in range(4):
            driver.look_after()
            train(store, store.queue()[0])
        store.request_experiment(experiment.id, Request.STOP)
    first = search(store, driver, experiment)
    assert (first.status, first.made) == (RunStatus.STOPPED if is_stopped else RunStatus.FINISHED, 4)

    more = plan.with_more(4, 12.0)
    assert more is not None
    again = store.extend_experiment(experiment.id, more)
    assert (again.status, again.finished_at, again.made, again.message) == (RunStatus.RUNNING, None, 4, None)
    ended = search(store, study_driver(store) if is_new else driver, experiment)
    assert (ended.status, ended.made, ended.outcome["finished"]) == (RunStatus.FINISHED, 14, 14)
    # It is the search that it would have been, had it been asked for all at once.
    assert rates_of(store, experiment) == rates_of(store, whole)
    best = max(store.experiment_runs(experiment.id), key=lambda run: accuracy_of(run.config, 3))
    assert [one["run"] for one in ended.outcome["best"]] == [best.id]


def test_what_more_there_is_to_do() -> None:
    runs, minutes = study_plan(runs=6), study_plan(runs=500, minutes=1.0)
    assert runs.with_more(6, 99.0) == study_plan(runs=16)
    assert minutes.with_more(30, 90.0) == study_plan(runs=500, minutes=3.5)
    assert study_plan(runs=995).with_more(995, 9.0) is None, "a search has a thousand runs at most"
    grid = study_plan(ranges=[RATE | {"points": 3}], sampler="grid", runs=100)
    assert grid.with_more(2, 9.0) == grid
    assert grid.with_more(3, 9.0) is None
