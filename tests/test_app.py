"""The app as `make run` starts it, with nobody at a browser: runs go on, and nothing is left behind."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from core.store import Request, RunStatus
from tests.support.fault_samples import (
    WORKER_SECONDS,
    assert_curve_is_whole,
    config,
    open_store,
    processes_of,
    put_images,
)
from tests.support.serve import ROOT, Served, wait_until

# Of a process that is told to end, workers that compute included; unloaded it takes less than two.
GONE_SECONDS = 15.0


@contextmanager
def app_at(home: Path) -> Iterator[Served]:
    """Serve the app with this DIGITLAB_HOME; what it printed is added to a failure."""
    served = Served(ROOT / "app.py", home, {})
    try:
        with served:
            yield served
    except BaseException as error:
        error.add_note(f"The app printed:\n{served.log_text()[-6_000:]}")
        raise


def test_runs_go_on_without_a_visitor_whatever_ended_the_app(
    tmp_path: Path, strokes: dict[str, np.ndarray[Any, Any]]
) -> None:
    home = tmp_path / "home"
    put_images(home, strokes)
    store = open_store(home)
    # In slow motion it is long enough and yet costs the machine little.
    interrupted = store.create(config(epochs=8), workspace="red", request=Request.SLOW).id
    waiting = store.create(config(epochs=1), workspace="red").id

    with app_at(home) as app:
        wait_until(lambda: store.get(interrupted).epoch >= 2, WORKER_SECONDS, "the queued run to be trained")
        if sys.platform == "linux":
            mapped = {entry.path for entry in psutil.Process(app.pid).memory_maps()}
            assert not any("/tensorflow/" in path for path in mapped), "TensorFlow is for workers"
        psutil.Process(app.pid).kill()
        wait_until(lambda: not processes_of(home), GONE_SECONDS, "the worker of a killed app to end")
    # Nobody has called it finished or failed.
    assert store.get(interrupted).status is RunStatus.RUNNING
    store.ask(interrupted, Request.NONE)

    with app_at(home) as app:
        for run_id in (interrupted, waiting):
            wait_until(
                lambda run_id=run_id: store.get(run_id).status is RunStatus.FINISHED,
                WORKER_SECONDS,
                f"this to finish: {store.get(run_id)}",
            )
            assert_curve_is_whole(store, run_id)
        assert store.get(interrupted).attempts == 2
        assert store.get(waiting).attempts == 1
        unfinished = store.create(config(epochs=200), workspace="red", request=Request.SLOW).id
        wait_until(lambda: store.get(unfinished).epoch >= 1, WORKER_SECONDS, "a further run to be trained")
        psutil.Process(app.pid).terminate()
        wait_until(lambda: not processes_of(home), GONE_SECONDS, "the app and its worker to end")
        log = app.log_text()
    assert store.get(unfinished).status is RunStatus.RUNNING
    store.close()
    for words in ("Traceback", "WARNING", "no static folder"):
        assert words not in log
