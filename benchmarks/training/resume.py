"""Runs killed with SIGKILL at random moments: do they end with the bits of one that was not?

Each run is trained in a process of its own, which is killed at a moment drawn by seed, between
its first step and its last; another process then trains it to its end. Some runs more are cut
off with the whole app: a run of the page, and every process of the app killed at once. Final
weights must be equal bit for bit, and the curve must have every step once.
"""

import os
import signal
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Browser

from benchmarks.app import chromium, press_train, serve, temporary_home, wait_until_finished
from benchmarks.result import Result
from benchmarks.training.comparison import difference, saved_epochs
from benchmarks.training.workers import Process, Workers
from core.config import HiddenLayer, TrainingConfig
from core.data.library import DatasetLibrary
from core.settings import Settings
from core.store import Run, RunStatus, RunStore
from tests.browser.serve import wait_until

NAMES = ("resume_mismatches", "resume_mismatches_app")

KILLS = 20
APP_KILLS = 2
_SEED = 3
# Far more seconds than a run takes, imports included.
_PATIENCE = 300.0
_GONE_SECONDS = 25.0
_COMMON: dict[str, Any] = {
    "dataset": "pen-strokes",
    "hidden_layers": (HiddenLayer(units=64, dropout=0.2), HiddenLayer(units=32)),
    "batch_size": 32,
    "epochs": 8,
    "seed": 5,
    "training_fraction": 0.5,
    "augmentation_shift": 1.0,
    "augmentation_rotation": 10.0,
    "augmentation_elastic": 0.5,
}
CONFIGS = (
    TrainingConfig.build(_COMMON | {"optimizer": "adam"}),
    TrainingConfig.build(_COMMON | {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.01}),
)
# The app saves a checkpoint in two seconds: its run must be longer.
APP_CONFIG = CONFIGS[1].model_copy(update={"epochs": 32})


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield how many of the killed runs differ from the uninterrupted one."""
    with temporary_home(needs_mnist=False) as (home, environment):
        settings = Settings(home=home)
        library = DatasetLibrary(settings.datasets, None, settings.download_timeout)
        trials = _Trials(home, environment, len(library.prepare("pen-strokes").train_images))
        if "resume_mismatches" in wanted:
            yield Result("resume_mismatches", trials.kill_workers(), "runs", 0)
        if "resume_mismatches_app" in wanted:
            yield Result("resume_mismatches_app", trials.kill_apps(), "runs", 0)


class _Trials:
    """Trains runs in one data folder, killed and not, and compares them."""

    def __init__(self, home: Path, environment: dict[str, str], image_count: int) -> None:
        self._home, self._environment, self._image_count = home, environment, image_count
        self._store = RunStore.from_settings(Settings(home=home))
        self._random = np.random.default_rng(_SEED)

    def kill_workers(self) -> int:
        """Kill the workers of `KILLS` runs; return how many of the runs end differently."""
        mismatches = hits = 0
        with Workers(self._environment) as workers:
            whole = [self._train(workers, config) for config in CONFIGS]
            while hits < KILLS:
                reference = whole[hits % len(whole)]
                killed = self._train_killed(workers, reference.config)
                if killed is None:
                    continue  # it was over already: that was no interruption
                hits += 1
                mismatches += self._differs(f"kill {hits} of {KILLS}", killed, reference)
        return mismatches

    def kill_apps(self) -> int:
        """Kill the whole app in the middle of `APP_KILLS` runs; return how many end differently."""
        mismatches = hits = 0
        with Workers(self._environment) as workers:
            reference = self._train(workers, APP_CONFIG)
        with chromium() as browser:
            while hits < APP_KILLS:
                cut_off = self._train_cut_off(browser, reference.config)
                if cut_off is None:
                    continue
                hits += 1
                mismatches += self._differs(f"app {hits} of {APP_KILLS}", cut_off, reference)
        return mismatches

    def _train(self, workers: Workers, config: TrainingConfig) -> Run:
        run_id = self._store.create(config, workspace="benchmarks").id
        workers.start(run_id).wait(_PATIENCE)
        return wait_until_finished(self._store, run_id)

    def _train_killed(self, workers: Workers, config: TrainingConfig) -> Run | None:
        """Kill the first worker of a run at some moment, have it trained to its end by a second.

        None if the first had trained it already.
        """
        run_id = self._store.create(config, workspace="benchmarks").id
        worker = workers.start(run_id)
        self._wait_for_some_moment(run_id, worker)
        worker.kill()
        worker.wait()
        if not self._is_cut_off(run_id):
            return None
        workers.start(run_id).wait(_PATIENCE)
        return wait_until_finished(self._store, run_id)

    def _train_cut_off(self, browser: Browser, config: TrainingConfig) -> Run | None:
        """Kill the app at some moment of a run and start it again, which then trains the run to its end."""
        with serve(self._home, self._environment) as app:
            run_id = press_train(browser.new_page(), app, self._store, config)
            assert self._store.get(run_id).config == config, "the page has changed the settings"
            self._wait_for_some_moment(run_id)
            server = psutil.Process(app.pid)
            family = [server, *server.children(recursive=True)]
            os.killpg(app.pid, signal.SIGKILL)
            psutil.wait_procs(family[1:], _GONE_SECONDS)
            assert not any(process.is_running() for process in family[1:]), "a process has survived"
        if not self._is_cut_off(run_id):
            return None
        with serve(self._home, self._environment) as app:
            browser.new_page().goto(app.url)
            return wait_until_finished(self._store, run_id)

    def _wait_for_some_moment(self, run_id: str, worker: Process | None = None) -> None:
        """Wait for a share of the training drawn by chance, and a little longer.

        The little moves the moment into a chunk, a validation or the writing of a checkpoint.
        """
        epochs = self._random.uniform(0.02, 0.98) * self._store.get(run_id).config.epochs
        delay = self._random.uniform(0, 0.1)

        def has_come() -> bool:
            run = self._store.get(run_id)
            is_over = run.status.is_ended or (worker is not None and worker.poll() is not None)
            return run.epochs_done >= epochs or is_over

        wait_until(has_come, _PATIENCE, f"epoch {epochs:.2f} of run {run_id}")
        time.sleep(delay)

    def _is_cut_off(self, run_id: str) -> bool:
        """Return whether a run was left between its first step and its last; say where."""
        run = self._store.get(run_id)
        if run.status is not RunStatus.RUNNING or not 0 < run.epochs_done < run.config.epochs:
            return False
        where = f"{run.epochs_done:.2f} of {run.config.epochs} epochs ({run.config.optimizer})"
        print(f"  cut off after {where}, {saved_epochs(self._store, run):.2f} saved", file=sys.stderr, end="")
        return True

    def _differs(self, title: str, killed: Run, reference: Run) -> bool:
        """Compare a run with the uninterrupted one, say the outcome, and return whether they differ."""
        problem = difference(self._store, killed, reference, self._image_count)
        print(f"; {title}: {problem or 'equal'}", file=sys.stderr, flush=True)
        return bool(problem)
