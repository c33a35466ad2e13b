"""Runs killed with SIGKILL at random moments: do they end with the bits of one that was not?

Each run is trained by the headless way in a process of its own, which is killed at a
moment drawn by seed; another process then trains it to its end. Final weights must be
equal bit for bit, and the curve must have every step once.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.app import temporary_home
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.data.library import DatasetLibrary
from core.data.split import split_rows
from core.errors import DigitLabError
from core.settings import Settings
from core.store import Run, RunStatus, RunStore
from tests.browser.serve import ROOT

NAMES = ("resume_mismatches",)

KILLS = 20
_SEED = 3
# A worker has ended, imports included; far more than it takes.
_PATIENCE = 300.0
_COMMON: dict[str, Any] = {
    "dataset": "pen-strokes",
    "hidden_layers": (HiddenLayer(units=64, dropout=0.2), HiddenLayer(units=32)),
    "batch_size": 32,
    "epochs": 8,
    "seed": 5,
}
CONFIGS = (
    TrainingConfig.build(_COMMON | {"optimizer": "adam"}),
    TrainingConfig.build(_COMMON | {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.01}),
)
# Checkpoints come often, so that these short runs have many to go on from.
_TRAIN = """
import sys
from core.training import interruption, job
interruption.SECONDS_A_CHECKPOINT = 0.2
job.train_run(sys.argv[1])
"""


def run() -> Iterator[Result]:
    """Yield how many of the killed runs differ from the uninterrupted one."""
    with temporary_home(needs_mnist=False) as (home, environment):
        settings = Settings(home=home)
        library = DatasetLibrary(settings.datasets, None, settings.download_timeout)
        image_count = len(library.prepare("pen-strokes").train_images)
        store = RunStore.from_settings(settings)
        try:
            whole = [_train(store, environment, config) for config in CONFIGS]
            moments = np.random.default_rng(_SEED).uniform((0.02, 0), (0.98, 0.1), (KILLS, 2))
            mismatches = 0
            for number, (moment, delay) in enumerate(moments.tolist()):
                reference = whole[number % len(CONFIGS)]
                killed = _train(store, environment, reference.config, moment, delay)
                problem = _difference(store, killed, reference, image_count)
                if problem:
                    mismatches += 1
                    print(f"  killed at {moment:.0%}: {problem}", file=sys.stderr, flush=True)
        finally:
            store.close()
    yield Result("resume_mismatches", mismatches, "runs", 0)


def _train(
    store: RunStore,
    environment: dict[str, str],
    config: TrainingConfig,
    moment: float | None = None,
    delay: float = 0.0,
) -> Run:
    """Train a run; kill its first worker `delay` seconds after that share of the training is recorded."""
    run_id = store.create(config, workspace="shared").id
    worker = _worker(environment, run_id)
    if moment is not None:
        deadline = time.monotonic() + _PATIENCE
        while store.get(run_id).epochs_done / config.epochs < moment and worker.poll() is None:
            if time.monotonic() > deadline:
                break
            time.sleep(0.003)
        time.sleep(delay)  # into a chunk, a validation or the writing of a checkpoint
        worker.kill()
        worker.wait()
        worker = _worker(environment, run_id)
    worker.wait(_PATIENCE)
    run = store.get(run_id)
    if run.status is not RunStatus.FINISHED:
        raise DigitLabError(f"Run {run_id} ended as {run.status}: {run.message}")
    return run


def _worker(environment: dict[str, str], run_id: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", _TRAIN, run_id],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _difference(store: RunStore, killed: Run, whole: Run, image_count: int) -> str:
    """Say in what a killed run differs from the uninterrupted one; empty if in nothing."""
    mine, theirs = (_weights(store, run) for run in (killed, whole))
    if mine.keys() != theirs.keys() or any(mine[name].tobytes() != theirs[name].tobytes() for name in mine):
        return "other weights"
    curves = [store.curve(run.id) for run in (killed, whole)]
    if not np.array_equal(curves[0].validation_loss, curves[1].validation_loss):
        return "another validation curve"
    if (np.diff(curves[0].training_epochs) <= 0).any():
        return "doubled points"
    losses = [_epoch_losses(store, run, image_count) for run in (killed, whole)]
    if not np.allclose(losses[0], losses[1], rtol=1e-5):
        return "steps of the curve are missing or doubled"
    return ""


def _weights(store: RunStore, run: Run) -> dict[str, Any]:
    """Return weights, optimizer and dropout states at the end."""
    with np.load(Path(str(store.folder(run.id))) / "checkpoint.npz", allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files if name.startswith("variable_")}


def _epoch_losses(store: RunStore, run: Run, image_count: int) -> Any:
    """Return each epoch's mean training loss, put together from the points, each the mean since the last."""
    curve = store.curve(run.id)
    whole = len(split_rows(image_count, run.config.validation_split, run.config.seed)[0])
    epochs = np.ceil(curve.training_epochs - 1e-9).astype(int) - 1
    steps = np.round((curve.training_epochs - epochs) * run.steps_per_epoch)
    seen = epochs * whole + np.minimum(steps * run.config.batch_size, whole)
    losses = np.zeros(run.config.epochs)
    np.add.at(losses, epochs, np.diff(seen, prepend=0) / whole * curve.training_loss)
    return losses
