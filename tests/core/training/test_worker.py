"""A worker's start, in a process of its own: what it changes is the process."""

import dataclasses
import itertools
import json
import logging
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.training import worker
from core.training.engine.device import training_tensors

_START = """
import gc, json, logging, sys
from core.training import worker
worker.dask_setup(None)
needless = [name for name in ("pandas", "sklearn", "scipy.stats") if name in sys.modules]
import pandas
print(json.dumps({"frozen": gc.get_freeze_count(), "programs": len(worker.PROGRAMS), "needless": needless}))
"""
# Of a machine as fast as the formula's, from one that does almost nothing else to one of the next decade.
_ANY_SPEED = (0.01, 20.0)


def _start(script: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)


def test_a_worker_has_trained_before_its_first_run_and_knows_how_fast_it_is(home: Path) -> None:
    started = _start(_START)
    assert "failed" not in started.stderr
    said = json.loads(started.stdout)
    # Python's collector is spared what TensorFlow's import leaves.
    assert said["frozen"] > 100_000
    # The rehearsal's network is nobody's: it takes no place among those kept for later runs.
    assert said["programs"] == 0
    # Seconds and 135 MB; who wants it later may have it.
    assert said["needless"] == []
    with closing(sqlite3.connect(home / "digitlab.db")) as database:
        ((machine, speed),) = database.execute("SELECT machine, speed FROM calibrations").fetchall()
    assert machine == socket.gethostname()
    assert _ANY_SPEED[0] < speed < _ANY_SPEED[1]


def test_a_step_that_takes_twice_as_long_is_half_the_speed_whatever_others_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Clocks that jump by the same time at each look, and a network that is not computed.
    monkeypatch.setattr(worker.os, "cpu_count", lambda: 1)

    def measured(seconds: float, computed: float) -> float:
        clock, processor = itertools.count(step=seconds), itertools.count(step=computed)
        monkeypatch.setattr(worker.time, "perf_counter", lambda: next(clock))
        monkeypatch.setattr(worker.time, "process_time", lambda: next(processor))
        monkeypatch.setattr(worker, "fit_rows", chunks_of_fit)
        monkeypatch.setattr(worker, "to_onnx", lambda network: None)
        monkeypatch.setattr(worker, "to_keras", lambda network: None)
        monkeypatch.setattr(worker.ChunkedNetwork, "probabilities", lambda network, images: None)
        return worker._rehearse()

    def chunks_of_fit(*_: object, callbacks: list[worker.Stopwatch], **__: object) -> None:
        for batch in range(3):
            callbacks[0].on_train_batch_begin(batch)
            callbacks[0].on_train_batch_end(batch)

    assert measured(0.01, 0.01) == pytest.approx(2 * measured(0.02, 0.02))
    assert measured(0.08, 0.01) == pytest.approx(measured(0.01, 0.01)), "the machine was busy"


def test_a_rehearsal_that_fails_does_not_keep_a_worker_from_starting(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "to_onnx", None)
    worker.dask_setup(None)
    assert "the rehearsal of a training failed" in caplog.text
    # What nobody measured is not noted.
    assert not (home / "digitlab.db").exists()


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells what is in memory")
def test_the_file_of_the_training_images_is_read_and_let_go(tmp_path: Path, dataset: Dataset) -> None:
    path = tmp_path / "train_images.npy"
    np.save(path, dataset.train_images)
    images = np.lib.format.open_memmap(path, mode="r")
    mapped = dataclasses.replace(dataset, name="mapped", train_images=images)
    tensor, _ = training_tensors(mapped)
    assert _resident_kilobytes(path) == 0
    assert np.array_equal(tensor, images), "it can be read again"
    assert _resident_kilobytes(path) > 0


def _resident_kilobytes(path: Path) -> int:
    """Return how much of a mapped file counts as this process' memory."""
    smaps = Path("/proc/self/smaps").read_text()
    return int(smaps[smaps.index(str(path)) :].split("Rss:", 1)[1].split()[0])


@pytest.mark.parametrize(("error", "has_traceback"), [(OSError("closed"), False), (ValueError("odd"), True)])
def test_a_scheduler_that_is_gone_is_told_in_a_line(
    caplog: pytest.LogCaptureFixture, error: Exception, has_traceback: bool
) -> None:
    log = logging.getLogger("distributed.worker.of_a_test")
    log.addFilter(worker.OneLine())
    try:
        raise error
    except (OSError, ValueError):
        log.exception("Failed to communicate with scheduler during heartbeat.")
    assert "Failed to communicate" in caplog.text
    assert ("Traceback" in caplog.text) is has_traceback
