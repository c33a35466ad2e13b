"""What the tests of jobs and of the app's faults share: images at once, runs, processes."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from core.config import HiddenLayer, TrainingConfig
from core.data.cache import DatasetCache
from core.data.catalog import CATALOG
from core.settings import Settings
from core.store import RunStore

DATASET = "pen-strokes"

# Of a worker until it has finished a run: Dask's start, TensorFlow's import, the first compiled step.
WORKER_SECONDS = 150.0


def put_images(home: Path, strokes: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Put pen strokes into the dataset cache of `home`: a few images many times, so without waiting."""
    info = CATALOG[DATASET]
    cache = DatasetCache(Settings(home=home).datasets)
    arrays = {
        name: np.resize(strokes[name], shape)  # repeats what it is given
        for name, shape in info.shapes.items()
    }
    with cache.working_folder(info, lambda: None) as work:
        cache.write(info, arrays, work)


def open_store(home: Path) -> RunStore:
    """Open the store that an app with this DIGITLAB_HOME uses."""
    return RunStore.from_settings(Settings(home=home))


def config(epochs: int) -> TrainingConfig:
    """Two small layers and large steps: an epoch takes moments, and a worker compiles it once."""
    return TrainingConfig(
        dataset=DATASET,
        hidden_layers=(HiddenLayer(units=16), HiddenLayer(units=16)),
        batch_size=500,
        epochs=epochs,
    )


def processes_of(home: Path) -> list[psutil.Process]:
    """Return the living processes that were started with this DIGITLAB_HOME, orphans too."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DIGITLAB_HOME") == str(home) and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue  # gone meanwhile, a zombie, or another user's
    return found


def workers_below(pid: int) -> list[psutil.Process]:
    """Return the training workers among the descendants of a process."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue  # killed a moment ago
    return found


def assert_curve_is_whole(store: RunStore, run_id: str) -> None:
    """Every epoch has been recorded once, whatever happened to the workers."""
    run, curve = store.get(run_id), store.curve(run_id)
    assert curve.validation_epochs.tolist() == list(range(1, run.config.epochs + 1))
    assert (np.diff(curve.training_epochs) > 0).all(), "points are doubled or out of order"
    assert curve.training_epochs[-1] == run.config.epochs
    assert np.isfinite(curve.training_loss).all()
