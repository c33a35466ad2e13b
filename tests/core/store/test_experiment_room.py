"""What an experiment may cost, and how it counts among what waits: once, whatever its runs do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.cost import estimated_seconds
from core.errors import ConfigError, LimitExceeded, StoreError
from core.experiments.plans import FixedPlan, PlannedTrial
from core.settings import Settings
from core.store import Progress, Request, RunStatus, RunStore
from tests.support.experiment_samples import seeds_plan
from tests.support.store_samples import CONFIG, empty_artifacts, empty_database

COST = estimated_seconds(CONFIG)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


def limits(runs: float, experiment: float = 1e6) -> Settings:
    """Return settings that allow a browser so many runs of CONFIG that wait, and an experiment so many."""
    return Settings(
        max_experiment_seconds=(experiment + 0.5) * COST,
        max_waiting_seconds_per_workspace=(runs + 0.5) * COST,
        max_waiting_seconds=1e9,
    )


def test_many_runs_are_one_entry_and_are_refused_for_their_cost_only(store: RunStore) -> None:
    allowed = limits(runs=2, experiment=60)
    experiment = store.create_experiment(seeds_plan(CONFIG, 60), workspace="red", limits=allowed)
    assert experiment.cost_seconds == pytest.approx(60 * COST)
    assert store.queue() == []
    with pytest.raises(LimitExceeded) as refusal:
        store.create_experiment(seeds_plan(CONFIG, 61), workspace="blue", limits=allowed)
    assert "These 61 runs would take about" in str(refusal.value)
    assert "Take fewer runs, fewer epochs or smaller networks." in str(refusal.value)
    assert store.experiment_problem(seeds_plan(CONFIG, 61), workspace="blue", limits=allowed) == str(
        refusal.value
    )
    assert store.experiment_problem(seeds_plan(CONFIG, 60), workspace="blue", limits=allowed) is None
    assert len(store.list_experiments()) == 1


def test_a_run_that_no_run_may_be_is_none_of_an_experiment_either(store: RunStore) -> None:
    long = CONFIG.model_copy(update={"epochs": 150})
    plan = FixedPlan(
        kind="grid",
        trials=(PlannedTrial(label="a", config=CONFIG), PlannedTrial(label="b", config=long)),
    )
    with pytest.raises(LimitExceeded, match="150 epochs are asked; this server allows 100"):
        store.create_experiment(plan, workspace="red", limits=Settings(max_epochs=100))


def test_an_ended_one_goes_on_within_the_same_bounds(store: RunStore) -> None:
    experiment = store.create_experiment(seeds_plan(CONFIG, 4), workspace="red")
    larger = seeds_plan(CONFIG, 6)
    with pytest.raises(StoreError, match="This experiment still goes on"):
        store.extend_experiment(experiment.id, larger)
    store.lease_experiments("driver")
    store.finish_experiment(experiment.id, "driver", RunStatus.FINISHED, outcome={})
    with pytest.raises(LimitExceeded, match="These 6 runs would take about"):
        store.extend_experiment(experiment.id, larger, limits=limits(runs=9, experiment=5))
    store.create(CONFIG, workspace="red")
    with pytest.raises(LimitExceeded, match="wait"):
        store.extend_experiment(experiment.id, larger, limits=limits(runs=2, experiment=9))
    assert store.experiment(experiment.id).status is RunStatus.FINISHED
    # What it adds has room: two runs, where six would have none.
    extended = store.extend_experiment(experiment.id, larger, limits=limits(runs=3, experiment=9))
    assert (extended.status, extended.plan) == (RunStatus.RUNNING, larger.to_json())
    assert extended.cost_seconds == pytest.approx(6 * COST)


def test_its_runs_do_not_count_twice(store: RunStore) -> None:
    experiment = store.create_experiment(seeds_plan(CONFIG, 4), workspace="red")
    store.lease_experiments("driver")

    def refused(runs: float) -> bool:
        try:
            store.create(CONFIG, workspace="red", limits=limits(runs))
        except LimitExceeded:
            return True
        newest = store.list_runs(workspaces=["red"])[0]
        store.ask(newest.id, Request.STOP)
        return False

    def room_needed() -> int:
        return next(runs for runs in range(20) if not refused(runs))

    assert room_needed() == 5
    first = store.add_trial(experiment, "driver", 0, CONFIG)
    assert first is not None
    assert room_needed() == 5
    claim = store.claim(first.id, "worker")
    claim.record([], Progress(CONFIG.epochs, 1, 1, None, None))
    assert room_needed() == 4, "it has been trained"
    claim.finish(RunStatus.FINISHED)
    assert room_needed() == 4
    store.request_experiment(experiment.id, Request.PAUSE)
    assert room_needed() == 4, "what is paused counts for its owner"

    store.create(CONFIG, workspace="red")
    with pytest.raises(LimitExceeded):
        store.request_experiment(experiment.id, Request.NONE, limits=limits(3))
    assert store.experiment(experiment.id).status is RunStatus.PAUSED
    assert store.request_experiment(experiment.id, Request.NONE, limits=limits(4)).status is RunStatus.RUNNING


def test_a_run_of_it_goes_on_in_the_room_of_its_experiment(store: RunStore) -> None:
    experiment = store.create_experiment(seeds_plan(CONFIG, 2), workspace="red")
    store.lease_experiments("driver")
    run = store.add_trial(experiment, "driver", 0, CONFIG)
    assert run is not None
    store.ask(run.id, Request.PAUSE)
    assert store.requeue(run.id, limits=limits(2)).status is RunStatus.QUEUED


def test_words_that_are_too_long_are_refused(store: RunStore) -> None:
    with pytest.raises(ConfigError, match="at most 40 letters"):
        store.create_experiment(seeds_plan(CONFIG, 1), workspace="red", name="n" * 41)
    with pytest.raises(ConfigError, match="Shorten it"):
        store.create_experiment(seeds_plan(CONFIG, 1), workspace="red", guess="g" * 3_000)
