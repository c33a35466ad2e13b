"""Damage in one run or one experiment: it holds up neither itself nor the others."""

import pytest
from sqlalchemy import update

from core.experiments.driver import Driver
from core.store import Request, RunStatus, RunStore
from core.store.tables import experiments, runs
from tests.core.experiments.test_driver import begun, driver, store, trained

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
