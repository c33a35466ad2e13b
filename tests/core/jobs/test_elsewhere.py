"""Workers elsewhere, over real servers that go away in mid-run: nothing is lost and nothing done twice.

`make test-cluster` runs this. Two workers with TensorFlow start for it, so `make test` leaves it out.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import StoreUnavailable
from core.jobs.dispatcher import Jobs
from core.prediction.network import Network
from core.settings import get_settings
from core.store import Request, RunStatus, RunStore
from tests.support.cluster.installation import Installation, installation
from tests.support.fault_samples import (
    WORKER_SECONDS,
    assert_curve_is_whole,
    config,
    put_images,
    workers_below,
)
from tests.support.serve import wait_until

pytestmark = pytest.mark.skipif(
    "DIGITLAB_TEST_CLUSTER" not in os.environ, reason="starts two workers: make test-cluster"
)

# The rest of a run that is slowed down until something has happened to it.
LONG = config(epochs=60)


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, strokes: dict[str, np.ndarray[Any, Any]]
) -> Iterator[Installation]:
    """All servers, with images for the workers; this process has the variables of an app."""
    home = tmp_path_factory.mktemp("elsewhere")
    put_images(home, strokes)
    with installation(2, {"DIGITLAB_HOME": str(home)}) as started:
        yield started


@pytest.fixture(scope="module")
def store(running: Installation) -> Iterator[RunStore]:
    opened = RunStore.from_settings(get_settings())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def jobs(store: RunStore) -> Iterator[Jobs]:
    started = Jobs(get_settings(), store)
    yield started
    started.close()


@pytest.fixture
def objects(running: Installation) -> Any:
    return running.servers.objects


def begun(store: RunStore, jobs: Jobs, epoch: int = 2) -> str:
    """Return a run in slow motion that has come to an epoch."""
    run = store.create(LONG, workspace="red", request=Request.SLOW)
    jobs.submit(run.id)
    wait_until(lambda: store.get(run.id).epoch >= epoch, WORKER_SECONDS, f"epoch {epoch} of {run.id}")
    return run.id


def assert_ends_well(store: RunStore, run_id: str, attempts: int = 1) -> None:
    """The run ends with results that are what was written, and every epoch once."""
    store.ask(run_id, Request.NONE)
    wait_until(lambda: store.get(run_id).status.is_ended, WORKER_SECONDS, f"{run_id} to end")
    run = store.get(run_id)
    assert (run.status, run.attempts, run.message) == (RunStatus.FINISHED, attempts, None)
    assert run.trouble is None
    assert_curve_is_whole(store, run_id)
    probabilities = Network(store.artifact(run_id, "network.onnx")).predict(np.zeros((1, 28, 28), np.uint8))
    assert probabilities.probabilities.shape == (1, 10)
    for name in ("model.keras", "test_probabilities.npy"):
        assert store.artifact(run_id, name)
    assert {0, run.config.epochs} <= set(store.epochs_kept(run_id))


def test_a_search_loses_a_worker_and_no_run(running: Installation, store: RunStore, jobs: Jobs) -> None:
    """All finish, none twice, none lost: the machine of one worker is gone, its nanny too."""
    made = [store.create(config(epochs=8), workspace="red").id for _ in range(6)]
    jobs.submit(made[0])
    first = running.dask.workers[0]

    def theirs() -> list[str]:
        pids = {worker.pid for worker in workers_below(first.pid)}
        with store.database.transaction() as connection:
            query = "SELECT id, claimed_by FROM runs WHERE status = 'running' AND epoch > 1"
            claims = connection.exec_driver_sql(query).all()
        return [run_id for run_id, worker in claims if int(worker.rsplit("-", 2)[1]) in pids]

    wait_until(lambda: bool(theirs()), WORKER_SECONDS, "a run on the first worker")
    (lost,) = theirs()
    first.kill()
    wait_until(lambda: all(store.get(one).status.is_ended for one in made), WORKER_SECONDS, "all to end")
    runs = [store.get(one) for one in made]
    assert {run.status for run in runs} == {RunStatus.FINISHED}
    assert {run.id: run.attempts for run in runs} == dict.fromkeys(made, 1) | {lost: 2}
    for run in runs:
        assert_curve_is_whole(store, run.id)
    assert jobs.places() == 1


def test_the_object_store_is_gone_in_mid_run(store: RunStore, jobs: Jobs, objects: Any) -> None:
    run_id = begun(store, jobs)
    objects.stop()
    with pytest.raises(StoreUnavailable, match="The object store with the files of runs does not answer"):
        store.weights_at(run_id, 1)
    here = store.get(run_id).epoch
    wait_until(
        lambda: (run := store.get(run_id)).epoch > here + 1 and bool(run.trouble),
        WORKER_SECONDS,
        "the run to go on and to say what is wrong",
    )
    trouble = store.get(run_id).trouble
    assert trouble is not None
    assert "does not answer. The training goes on; " in trouble
    objects.start()
    assert_ends_well(store, run_id)


def test_the_database_is_restarted_in_mid_run(running: Installation, store: RunStore, jobs: Jobs) -> None:
    run_id = begun(store, jobs)
    database = running.servers.database
    database.stop()
    with pytest.raises(
        StoreUnavailable, match=r"digitlab cannot be reached \(Connection refused\)\. Nothing is lost"
    ):
        store.get(run_id)
    # Its weights, which lie in the object store, tell that it goes on.
    stamps = {store.live_stamp(run_id)}

    def goes_on() -> bool:
        stamps.add(store.live_stamp(run_id))
        return len(stamps) > 3

    wait_until(goes_on, WORKER_SECONDS, "the run to go on without its database")
    database.start()
    assert_ends_well(store, run_id)
    # Whoever waited meanwhile is served by the same workers.
    after = store.create(config(epochs=1), workspace="red").id
    jobs.submit(after)
    wait_until(lambda: store.get(after).status is RunStatus.FINISHED, WORKER_SECONDS, "the next run")
    assert not (Path(os.environ["DIGITLAB_HOME"]) / "runs").exists()
