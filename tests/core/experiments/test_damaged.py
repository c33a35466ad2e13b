"""Damage in one run or one experiment: it holds up neither itself nor the others."""

from collections.abc import Sequence

import pytest
from sqlalchemy import update

from core.experiments.conductors import FixedConductor, Step
from core.experiments.driver import Driver
from core.store import Experiment, Request, RunStatus, RunStore, Trial
from core.store.tables import experiments, runs
from tests.core.experiments.test_driver import begun, driver, store, train_all, trained

__all__ = ["driver", "store"]  # fixtures


@pytest.mark.parametrize("column", ["status", "request", "config"])
def test_a_damaged_run_holds_up_neither_its_experiment_nor_the_others(
    store: RunStore, driver: Driver, column: str
) -> None:
    experiment, other = begun(store, 3), begun(store, 2, "blue")
    driver.look_after()
    damaged = store.experiment_runs(experiment.id)[0]
    with store.database.transaction(write=True) as connection:
        connection.execute(update(runs).where(runs.c.id == damaged.id).values(**{column: "{"}))
    for _ in range(8):
        driver.look_after()
        for run in store.queue():
            trained(store, run)
    assert store.experiment(other.id).status is RunStatus.FINISHED
    if column == "config":  # it waits for ever, until somebody stops it
        store.request_experiment(experiment.id, Request.STOP)
        driver.look_after()
    ended = store.experiment(experiment.id)
    assert ended.status is (RunStatus.STOPPED if column == "config" else RunStatus.FINISHED)
    store.delete_experiment(experiment.id)


def test_giving_up_one_experiment_leaves_the_others(
    store: RunStore, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged, other = begun(store), begun(store, 2, "blue")
    ask = store.ask_trials

    def fails(experiment_id: str, name: str, request: Request) -> None:
        if experiment_id == damaged.id:
            raise ValueError("damaged")
        ask(experiment_id, name, request)

    monkeypatch.setattr(store, "ask_trials", fails)
    with store.database.transaction(write=True) as connection:
        connection.execute(update(experiments).where(experiments.c.id == damaged.id).values(plan="{"))
    for _ in range(4):
        driver.look_after()
        for run in store.queue():
            trained(store, run)
    assert store.experiment(damaged.id).status is RunStatus.FAILED
    assert store.experiment(other.id).status is RunStatus.FINISHED


def test_a_damaged_plan_fails_with_a_sentence_and_the_others_go_on(store: RunStore, driver: Driver) -> None:
    damaged, healthy, strange = (begun(store, 1) for _ in range(3))
    with store.database.transaction(write=True) as connection:
        of = update(experiments)
        connection.execute(of.where(experiments.c.id == damaged.id).values(plan='{"kind": "seeds"}'))
        connection.execute(of.where(experiments.c.id == strange.id).values(kind="astrology"))
    assert train_all(store, driver, healthy).status is RunStatus.FINISHED
    for experiment in (damaged, strange):
        failed = store.experiment(experiment.id)
        assert failed.status is RunStatus.FAILED
        assert failed.message is not None
        assert "start it again" in failed.message


def test_a_row_that_cannot_be_read_is_left_out(store: RunStore, driver: Driver) -> None:
    damaged, healthy = begun(store, 1), begun(store, 1)
    with store.database.transaction(write=True) as connection:
        connection.execute(update(experiments).where(experiments.c.id == damaged.id).values(outcome="[1"))
    assert [one.id for one in store.list_experiments(workspaces=["red"])] == [healthy.id]
    assert train_all(store, driver, healthy).status is RunStatus.FINISHED


class _Failing(FixedConductor):
    """What fails in a way that nobody foresaw."""

    def step(self, experiment: Experiment, trials: Sequence[Trial], free: int) -> Step:
        raise ZeroDivisionError("nothing to divide by")


def test_an_experiment_that_fails_five_times_is_given_up_and_says_why(store: RunStore) -> None:
    driver = Driver(store, lambda: 2, conductors={"seeds": _Failing})
    experiment = begun(store, 3)
    for _time in range(4):
        driver.look_after()
    assert store.experiment(experiment.id).status is RunStatus.QUEUED
    driver.look_after()
    failed = store.experiment(experiment.id)
    assert failed.status is RunStatus.FAILED
    assert "(ZeroDivisionError: nothing to divide by)" in str(failed.message)
