"""Runs interrupted at random moments: do they end with the bits of one that was not?

A run is interrupted one to three times at moments drawn by seed: the process that trains it is killed
with SIGKILL and a fresh one goes on; it is paused and resumed; paused, trained one chunk or one epoch,
and resumed; or it was to be shorter, ends, and is trained further. Some runs more are cut off with the
whole app: a run of the page, and every process of the app killed at once. Final weights must be equal
bit for bit, and the curve must have every step once.
"""

import os
import signal
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Browser

from benchmarks.app import chromium, press_train, serve, temporary_home, wait_until_finished
from benchmarks.result import Result
from benchmarks.training.comparison import difference, other_bits, other_points, saved_epochs
from benchmarks.training.workers import Worker, Workers
from core.config import HiddenLayer, TrainingConfig
from core.data.library import DatasetLibrary
from core.errors import DigitLabError
from core.settings import Settings
from core.store import Request, Run, RunStatus, RunStore
from tests.support.serve import wait_until

NAMES = ("resume_mismatches", "resume_points", "resume_mismatches_app")

RUNS = 40
# What is asked of a run that was paused.
_STEPS = {"chunk": Request.STEP_CHUNK, "epoch": Request.STEP_EPOCH}
KINDS = ("kill", "extend", "pause", *_STEPS)
_ENDED = frozenset({RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED})
_AT_REST = _ENDED | {RunStatus.PAUSED}
APP_KILLS = 1
_SEED = 3
# Far more seconds than a run takes, imports included.
_PATIENCE = 300.0
_GONE_SECONDS = 25.0
_COMMON: dict[str, Any] = {
    "dataset": "pen-strokes",
    "hidden_layers": (HiddenLayer(units=64, dropout=0.2), HiddenLayer(units=32)),
    "batch_size": 32,
    "epochs": 5,
    "seed": 5,
    "training_fraction": 0.3,
    "augmentation_shift": 1.0,
    "augmentation_rotation": 10.0,
    "augmentation_elastic": 0.5,
}
# Batches that go through the network whole, and in halves; the same number of steps.
CONFIGS = (
    TrainingConfig.build(_COMMON | {"optimizer": "adam"}),
    TrainingConfig.build(
        _COMMON
        | {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.01, "batch_size": 128, "epochs": 20}
    ),
)
# The app saves a checkpoint in two seconds: its run must be longer.
APP_CONFIG = CONFIGS[1].model_copy(update={"epochs": 96})


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield how many interrupted runs differ from one that was not: of a worker alone, of the whole app."""
    wanted = frozenset(wanted)
    with temporary_home(needs_mnist=False) as (home, environment):
        settings = Settings(home=home)
        library = DatasetLibrary(settings.datasets, None, settings.download_timeout)
        image_count = len(library.prepare("pen-strokes").train_images)
        store = RunStore.from_settings(settings)
        try:
            trials = _Trials(store, home, environment, image_count)
            if wanted & {"resume_mismatches", "resume_points"}:
                bits, points = trials.interrupt_workers()
                yield Result("resume_mismatches", bits, "runs", 0)
                yield Result("resume_points", points, "runs", 0)
            if "resume_mismatches_app" in wanted:
                yield Result("resume_mismatches_app", trials.kill_apps(), "runs", 0)
        finally:
            store.close()


@dataclass(frozen=True)
class _Trials:
    """Trains runs in one data folder, interrupted and not, and compares them."""

    store: RunStore
    home: Path
    environment: dict[str, str]
    image_count: int

    def interrupt_workers(self) -> tuple[int, int]:
        """Interrupt `RUNS` runs; return how many have other bits, and how many lost or doubled points."""
        lanes = len(CONFIGS)  # at the same time: speed is not measured here
        with Workers(self.environment, lanes) as workers, ThreadPoolExecutor(lanes) as pool:
            found = list(pool.map(lambda config: self._interrupt_in_turn(workers, config), CONFIGS))
        return sum(bits for bits, _ in found), sum(points for _, points in found)

    def _interrupt_in_turn(self, workers: Workers, config: TrainingConfig) -> tuple[int, int]:
        """Interrupt one run after the other; return how many of this lane's have other bits, other points."""
        chance = np.random.default_rng([_SEED, CONFIGS.index(config)])
        worker = workers.fresh()
        reference = self._train(worker, config)
        bits = points = 0
        for _ in range(RUNS // len(CONFIGS)):
            kinds = [KINDS[number] for number in chance.permutation(len(KINDS))[: chance.integers(1, 4)]]
            worker, run, what = self._interrupted(workers, worker, config, kinds, chance)
            problems = (
                other_bits(self.store, run, reference),
                other_points(self.store, run, reference, self.image_count),
            )
            said = " and ".join(problem for problem in problems if problem) or "equal"
            print(f"  {', '.join(what)} ({config.optimizer}): {said}", file=sys.stderr)
            bits, points = bits + bool(problems[0]), points + bool(problems[1])
        return bits, points

    def _interrupted(
        self,
        workers: Workers,
        worker: Worker,
        config: TrainingConfig,
        kinds: list[str],
        chance: np.random.Generator,
    ) -> tuple[Worker, Run, list[str]]:
        """Train a run through these interruptions; return who trained it last, the run, and what was done."""
        shorter = config.model_copy(update={"epochs": int(chance.integers(1, config.epochs))})
        run_id = self.store.create(shorter if "extend" in kinds else config, workspace="benchmarks").id
        worker.train(run_id)
        done = []
        for kind in kinds:
            if kind == "extend":
                self._wait_for(run_id, _ENDED)
                self.store.extend(run_id, config.epochs)
                worker.train(run_id)
            else:
                self._wait_for_some_moment(run_id, chance, worker)
            run = self.store.get(run_id)
            done.append(f"{kind} at {run.epochs_done:.2f} of {run.config.epochs}")
            if kind == "kill":
                worker.kill()
                worker = workers.fresh()
                worker.train(run_id)
            elif kind != "extend":
                self.store.ask(run_id, Request.PAUSE)
                if kind in _STEPS and self._wait_for(run_id, _AT_REST) is RunStatus.PAUSED:
                    self.store.requeue(run_id, _STEPS[kind])
                    worker.train(run_id)
                if self._wait_for(run_id, _AT_REST) is RunStatus.PAUSED:
                    self.store.requeue(run_id)
                    worker.train(run_id)
        return worker, wait_until_finished(self.store, run_id), done

    def _wait_for(self, run_id: str, statuses: Collection[RunStatus]) -> RunStatus:
        wait_until(lambda: self.store.get(run_id).status in statuses, _PATIENCE, f"run {run_id}: {statuses}")
        return self.store.get(run_id).status

    def kill_apps(self) -> int:
        """Kill the whole app in the middle of `APP_KILLS` runs; return how many end differently."""
        with Workers(self.environment) as workers:
            reference = self._train(workers.fresh(), APP_CONFIG)
        chance = np.random.default_rng([_SEED, len(CONFIGS)])
        mismatches = kills = 0
        with chromium() as browser:
            while kills < APP_KILLS:
                left = self._kill_app(browser, chance)
                if left is None:
                    continue
                saved = saved_epochs(self.store, left)
                with serve(self.home, self.environment) as app:
                    browser.new_page().goto(app.url)  # whose workers begin with what was left behind
                    mismatches += self._differs(reference, left, saved)
                kills += 1
        return mismatches

    def _kill_app(self, browser: Browser, chance: np.random.Generator) -> Run | None:
        """Start the app and kill it at some moment of a run; return the run as it was left."""
        with serve(self.home, self.environment) as app:
            run_id = press_train(browser.new_page(), app, self.store, APP_CONFIG)
            assert self.store.get(run_id).config == APP_CONFIG, "the page has changed the settings"
            self._wait_for_some_moment(run_id, chance)
            # With nothing saved it would only begin anew.
            wait_until(lambda: self._is_saved_or_over(run_id), _PATIENCE, f"a checkpoint of run {run_id}")
            children = psutil.Process(app.pid).children(recursive=True)
            os.killpg(app.pid, signal.SIGKILL)
            _, survivors = psutil.wait_procs(children, _GONE_SECONDS)
            assert not survivors, f"these outlived the app: {survivors}"
        return self._left_in_mid_training(run_id)

    def _is_saved_or_over(self, run_id: str) -> bool:
        run = self.store.get(run_id)
        return run.status.is_ended or saved_epochs(self.store, run) > 0

    def _train(self, worker: Worker, config: TrainingConfig) -> Run:
        run_id = self.store.create(config, workspace="benchmarks").id
        worker.train(run_id)
        return wait_until_finished(self.store, run_id)

    def _differs(self, reference: Run, left: Run, saved: float) -> bool:
        """Wait until a run that was left has been trained to its end; compare, and say what came of it."""
        ended = wait_until_finished(self.store, left.id)
        problem = difference(self.store, ended, reference, self.image_count)
        where = f"{left.epochs_done:.2f} of {left.config.epochs} epochs, {saved:.2f} saved"
        print(f"  killed after {where} ({left.config.optimizer}): {problem or 'equal'}", file=sys.stderr)
        return bool(problem)

    def _wait_for_some_moment(
        self, run_id: str, chance: np.random.Generator, worker: Worker | None = None
    ) -> None:
        """Wait for a share of the training drawn by chance, and a little longer.

        The little moves the moment into a chunk, a validation or the writing of a checkpoint.
        """
        run = self.store.get(run_id)
        epochs = max(run.epochs_done, chance.uniform(0.02, 0.98) * run.config.epochs)
        delay = chance.uniform(0, 0.1)

        def has_come() -> bool:
            run = self.store.get(run_id)
            is_over = run.status.is_ended or (worker is not None and not worker.is_alive)
            return is_over or run.epochs_done >= epochs

        wait_until(has_come, _PATIENCE, f"epoch {epochs:.2f} of run {run_id}")
        time.sleep(delay)

    def _left_in_mid_training(self, run_id: str) -> Run | None:
        """Return a run that was left between its first step and its last, None if all of it was done.

        Raises
        ------
        DigitLabError
            If it had never begun, or had failed.
        """
        run = self.store.get(run_id)
        if run.epochs_done == 0 or run.status is RunStatus.FAILED:
            raise DigitLabError(f"Run {run_id} could not be trained ({run.status}: {run.message}).")
        return run if run.status is RunStatus.RUNNING and run.epochs_done < run.config.epochs else None
