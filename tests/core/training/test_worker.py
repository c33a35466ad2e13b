"""A worker's start, in a process of its own: what it changes is the process."""

import json
import subprocess
import sys

_START = """
import gc, json, logging
from core.training import worker
worker.dask_setup(None)
print(json.dumps({"frozen": gc.get_freeze_count(), "programs": len(worker.PROGRAMS)}))
"""


def _start(script: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)


def test_a_worker_has_trained_before_its_first_run_and_spares_the_collector_its_imports() -> None:
    started = _start(_START)
    assert "failed" not in started.stderr
    said = json.loads(started.stdout)
    assert said["frozen"] > 100_000
    # The rehearsal's network is nobody's: it takes no place among those kept for later runs.
    assert said["programs"] == 0


def test_a_rehearsal_that_fails_does_not_keep_a_worker_from_starting() -> None:
    started = _start(
        "from core.training import worker\nworker.to_onnx = None\nworker.dask_setup(None)\nprint('up')"
    )
    assert started.stdout == "up\n"
    assert "the rehearsal of a training failed" in started.stderr
