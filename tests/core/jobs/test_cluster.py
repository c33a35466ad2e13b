"""Jobs with real workers: from submit to finished, the queue, killed workers, a scheduler elsewhere."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster
from sqlalchemy import create_engine, update

import core.jobs.cluster
from core.errors import JobError
from core.jobs.cluster import Jobs
from core.settings import Settings
from core.store import Request, RunStatus, RunStore
from core.store.tables import runs
from tests.conftest import forget_settings
from tests.support.fault_samples import (
    WORKER_SECONDS,
    assert_curve_is_whole,
    config,
    open_store,
    put_images,
    workers_below,
)
from tests.support.serve import ROOT, free_port, wait_until

# Far longer than any test: such a run ends because it is stopped or killed.
LONG = config(epochs=200, units=512)
SHORT = config(epochs=1)


@pytest.fixture(scope="module")
def shared_home(
    tmp_path_factory: pytest.TempPathFactory, strokes: dict[str, np.ndarray[Any, Any]]
) -> Iterator[Path]:
    """A DIGITLAB_HOME with images, for this module's workers too."""
    folder = tmp_path_factory.mktemp("jobs")
    put_images(folder, strokes)
    with pytest.MonkeyPatch.context() as patch:
        forget_settings(patch)
        patch.setenv("DIGITLAB_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def store(shared_home: Path) -> Iterator[RunStore]:
    opened = open_store(shared_home)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def jobs(shared_home: Path, store: RunStore) -> Iterator[Jobs]:
    """One embedded worker for the module: TensorFlow's import is the slow part."""
    # As if a worker were missing at the wrong moment: by its own settings Dask would not have another.
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"}):
        started = Jobs(Settings(home=shared_home), store)
        yield started
        started.close()


def submitted(store: RunStore, jobs: Jobs, settings: Any) -> str:
    run = store.create(settings, workspace="red")
    jobs.submit(run.id)
    return run.id


def wait_for(store: RunStore, run_id: str, *statuses: RunStatus) -> None:
    wait_until(
        lambda: store.get(run_id).status in statuses,
        WORKER_SECONDS,
        f"run {run_id} to be {' or '.join(statuses)}; it is {store.get(run_id)}",
    )


def wait_for_epoch(store: RunStore, run_id: str, epoch: int) -> None:
    wait_until(lambda: store.get(run_id).epoch >= epoch, WORKER_SECONDS, f"epoch {epoch} of run {run_id}")


def test_a_process_without_tensorflow_has_a_run_trained_and_leaves_nothing_behind(
    shared_home: Path, store: RunStore
) -> None:
    run = store.create(SHORT, workspace="red")
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.jobs.submitting_process", run.id],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=WORKER_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"status": "finished", "left": [], "tensorflow": False}
    finished = store.get(run.id)
    assert finished.attempts == 1
    assert finished.test_accuracy is not None
    assert finished.test_accuracy > 0.3  # guessing is 0.1
    assert_curve_is_whole(store, run.id)
    names = {path.name for path in store.folder(run.id).iterdir()}
    assert names == {"checkpoint.npz", "model.keras", "network.onnx", "test_probabilities.npy"}


def test_a_second_run_waits_in_the_queue_and_then_runs(store: RunStore, jobs: Jobs) -> None:
    first = submitted(store, jobs, LONG)
    wait_for_epoch(store, first, 2)
    second, third = submitted(store, jobs, SHORT), submitted(store, jobs, SHORT)
    places = [store.queue_place(run_id) for run_id in (first, second, third)]
    assert places == [None, 1, 2]
    store.ask(first, Request.STOP)
    wait_for(store, second, RunStatus.FINISHED)
    wait_for(store, third, RunStatus.FINISHED)
    assert store.get(first).status is RunStatus.STOPPED
    one, other = store.get(second), store.get(third)
    assert one.finished_at is not None
    assert other.started_at is not None
    assert one.finished_at <= other.started_at, "one at a time, in the order of the queue"


def test_a_run_stopped_in_the_queue_is_never_trained(store: RunStore, jobs: Jobs) -> None:
    first = submitted(store, jobs, LONG)
    wait_for_epoch(store, first, 1)
    unwanted, last = submitted(store, jobs, SHORT), submitted(store, jobs, SHORT)
    assert store.ask(unwanted, Request.STOP).status is RunStatus.STOPPED
    store.ask(first, Request.STOP)
    wait_for(store, last, RunStatus.FINISHED)
    run = store.get(unwanted)
    assert (run.status, run.attempts, len(store.curve(unwanted))) == (RunStatus.STOPPED, 0, 0)


def test_a_paused_run_gives_its_worker_to_the_next_and_goes_on_when_resumed(
    store: RunStore, jobs: Jobs
) -> None:
    first = submitted(store, jobs, LONG)
    wait_for_epoch(store, first, 2)
    second = submitted(store, jobs, SHORT)
    store.ask(first, Request.PAUSE)
    wait_for(store, second, RunStatus.FINISHED)
    paused = store.get(first)
    assert paused.status is RunStatus.PAUSED
    # Resumed, paused and resumed at once, while the task that knows it may just be ending.
    for _ in range(3):
        store.requeue(first)
        jobs.submit(first)
        wait_for(store, first, RunStatus.RUNNING)
        store.ask(first, Request.PAUSE)
        wait_for(store, first, RunStatus.PAUSED)
    assert store.get(first).epochs_done > paused.epochs_done
    store.ask(first, Request.STOP)
    jobs.submit(first)
    wait_for(store, first, RunStatus.STOPPED)
    assert store.get(first).test_accuracy is not None


def test_a_run_whose_worker_is_killed_goes_on_and_finishes(store: RunStore, jobs: Jobs) -> None:
    run_id = submitted(store, jobs, config(epochs=15, units=128))
    wait_for_epoch(store, run_id, 3)
    (worker,) = workers_below(os.getpid())
    worker.kill()
    wait_for(store, run_id, RunStatus.FINISHED, RunStatus.FAILED)
    run = store.get(run_id)
    assert (run.status, run.attempts, run.message) == (RunStatus.FINISHED, 2, None)
    assert_curve_is_whole(store, run_id)
    assert (jobs.ready, jobs.failure) == (True, None)
    # The new worker serves the next run as the old one did.
    wait_for(store, submitted(store, jobs, SHORT), RunStatus.FINISHED)


def test_a_run_left_behind_by_a_dead_app_is_adopted(store: RunStore, jobs: Jobs, shared_home: Path) -> None:
    run_id = store.create(SHORT, workspace="red").id
    store.claim(run_id, "a worker that is no more")
    engine = create_engine(Settings(home=shared_home).database)
    with engine.begin() as connection:
        long_ago = time.time() - 3_600
        connection.execute(update(runs).where(runs.c.id == run_id).values(heartbeat_at=long_ago))
    engine.dispose()
    wait_for(store, run_id, RunStatus.FINISHED)
    assert store.get(run_id).attempts == 2
    assert_curve_is_whole(store, run_id)


def test_a_scheduler_that_does_not_answer_is_said_and_used_once_it_does(
    store: RunStore, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.jobs.cluster, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(core.jobs.cluster, "RECONNECT_SECONDS", 0.5)
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    elsewhere = Jobs(Settings(home=shared_home, scheduler=address), store)
    try:
        wait_until(lambda: elsewhere.failure is not None, 30, "the scheduler to be missed")
        assert not elsewhere.ready
        run_id = store.create(SHORT, workspace="red").id
        with pytest.raises(JobError, match=f"The Dask scheduler at {address} .* does not answer"):
            elsewhere.submit(run_id)
        with LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            scheduler_port=port,
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
        ):
            wait_until(lambda: elsewhere.ready, 30, "the scheduler to be found")
            assert elsewhere.failure is None
            elsewhere.submit(run_id)
            wait_for(store, run_id, RunStatus.FINISHED)
            elsewhere.close()
            assert not elsewhere.ready
    finally:
        elsewhere.close()
    assert store.get(run_id).attempts == 1


def _call_any_worker_large(limit: str) -> int:
    setattr(core.jobs.cluster, limit, 1)
    return os.getpid()


@pytest.fixture
def foreign_workers() -> Iterator[Client]:
    """A scheduler elsewhere with one worker, and who asks it."""
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", memory_limit=0
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def foreign_jobs(store: RunStore, shared_home: Path, foreign_workers: Client) -> Iterator[Jobs]:
    """Jobs on those workers."""
    assert foreign_workers.scheduler is not None
    jobs = Jobs(Settings(home=shared_home, scheduler=foreign_workers.scheduler.address), store)
    yield jobs
    jobs.close()


def test_a_worker_grown_large_makes_way_for_a_fresh_one_before_the_next_run(
    store: RunStore, foreign_workers: Client, foreign_jobs: Jobs
) -> None:
    (large,) = foreign_workers.run(_call_any_worker_large, "RENEW_AT_ONCE_BYTES").values()
    run_id = submitted(store, foreign_jobs, SHORT)
    wait_for(store, run_id, RunStatus.FINISHED)
    (fresh,) = foreign_workers.run(os.getpid).values()
    assert fresh != large
    assert store.get(run_id).attempts == 1, "the run was not yet claimed when its worker made way"


def test_a_worker_grown_large_makes_way_when_it_rests(
    store: RunStore, foreign_workers: Client, foreign_jobs: Jobs
) -> None:
    (large,) = foreign_workers.run(_call_any_worker_large, "RENEW_BYTES").values()
    run_id = submitted(store, foreign_jobs, SHORT)
    wait_for(store, run_id, RunStatus.FINISHED)
    wait_until(
        # A worker may go while it is asked.
        lambda: list(foreign_workers.run(os.getpid, on_error="ignore").values()) not in ([large], []),
        WORKER_SECONDS,
        "a fresh worker, with nothing to do",
    )
    assert store.get(run_id).attempts == 1
