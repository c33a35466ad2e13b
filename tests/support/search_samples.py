"""Searches over a real store, with a worker that is a formula: validation accuracy by learning rate."""

from typing import Any

from core.config import HiddenLayer, TrainingConfig
from core.experiments.driver import Driver
from core.search.conductor import StudyConductor
from core.search.plans import KIND, StudyPlan
from core.store import CurvePoint, Experiment, Progress, Request, Run, RunStatus, RunStore

BASE = TrainingConfig(hidden_layers=(HiddenLayer(units=8),), epochs=3)
RATE = {"name": "learning_rate", "low": 1e-4, "high": 1.0, "logarithmic": True}
UNITS = {"name": "units", "low": 8, "high": 64}


def study_plan(**changes: Any) -> StudyPlan:
    """Return a search for the learning rate and the units, of six runs."""
    return StudyPlan.build({"base": BASE, "ranges": [RATE, UNITS], "runs": 6} | changes)


def study_driver(store: RunStore, places: int = 1) -> Driver:
    """Return a driver that knows searches."""
    return Driver(store, lambda: places, conductors={KIND: StudyConductor})


def accuracy_of(config: TrainingConfig, epoch: int) -> float:
    """Return what a network of these settings reads after an epoch, in this world: best at a rate of 0.01."""
    return max(0.1, 0.98 - abs(config.learning_rate - 0.01)) * (1 - 0.3 / (epoch + 1))


def train(store: RunStore, run: Run, driver: Driver | None = None) -> None:
    """Do what a worker does with a run, epoch after epoch; the driver looks in between."""
    claim = store.claim(run.id, "worker")
    for epoch in range(1, run.config.epochs + 1):
        point = CurvePoint(epoch * 10, float(epoch), 0.5, accuracy_of(run.config, epoch), "validation")
        claim.record([point], Progress(epoch, 10, 10, None, None))
        if driver is not None:
            driver.look_after()
        if claim.record([], None) is Request.STOP:
            claim.finish(RunStatus.STOPPED, test_accuracy=0.5, train_seconds=1.0)
            return
    claim.finish(RunStatus.FINISHED, test_accuracy=0.9, train_seconds=2.0, total_seconds=3.0)


def search(store: RunStore, driver: Driver, experiment: Experiment) -> Experiment:
    """Have the driver and one worker go on until the search has ended."""
    for _ in range(200):
        driver.look_after()
        now = store.experiment(experiment.id)
        if now.status.is_ended:
            return now
        for run in store.queue():
            train(store, run, driver)
    raise AssertionError("the search does not end")
