"""Real workers: who may reach them, runs that are paused, a worker that is killed."""

import gc
import os
import ssl
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import numpy as np
import psutil
import pytest
from distributed import Client, LocalCluster, Security

import core.jobs.cluster
import core.jobs.growth
from core.errors import SettingsError
from core.jobs.certificates import security_from_files, temporary_security
from core.jobs.cluster import Workers, connect
from core.jobs.dispatcher import Jobs
from core.settings import Settings
from core.store import Request, RunStatus, RunStore
from tests.conftest import forget_settings
from tests.support.fault_samples import (
    WORKER_SECONDS,
    assert_curve_is_whole,
    config,
    open_store,
    put_images,
    workers_below,
)
from tests.support.serve import wait_until

# Far longer than any test in slow motion: such a run ends because it is stopped or killed.
LONG = config(epochs=200)
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
def workers(shared_home: Path) -> Iterator[Workers]:
    """An embedded worker for the module, and a second when there is work: importing TensorFlow is slow.

    `jobs` closes them.
    """
    # As if a worker were missing at the wrong moment: by its own settings Dask would not have another.
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"}):
        yield connect(Settings(home=shared_home, workers=2))


@pytest.fixture(scope="module")
def jobs(shared_home: Path, store: RunStore, workers: Workers) -> Iterator[Jobs]:
    with pytest.MonkeyPatch.context() as patch:
        # Whatever waits: only one test is for two.
        patch.setattr(core.jobs.growth, "PAYS_SECONDS", float("inf"))
        started = Jobs(Settings(home=shared_home), store, lambda settings: workers)
        yield started
        started.close()
    assert workers_below(os.getpid()) == []


def submitted(store: RunStore, jobs: Jobs, settings: Any, request: Request = Request.NONE) -> str:
    run = store.create(settings, workspace="red", request=request)
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


def can_connect(address: str, security: Security | None) -> bool:
    try:
        Client(address, security=security, timeout=20, set_as_default=False).close()
    except (OSError, TypeError, ssl.SSLError):
        return False
    finally:
        gc.collect()  # as `connect` does
    return True


def listening(process: psutil.Process) -> list[tuple[str, int]]:
    return [(at.laddr.ip, at.laddr.port) for at in process.net_connections() if at.status == "LISTEN"]


def test_only_who_has_the_key_reaches_the_workers(workers: Workers, jobs: Jobs) -> None:
    address = workers.client.scheduler.address
    port = int(address.rsplit(":", 1)[1])
    assert address.startswith("tls://127.0.0.1")
    assert can_connect(address, workers.client.security)
    assert not can_connect(address, temporary_security()), "with a key of one's own"
    assert not can_connect(address, None)
    assert not can_connect(f"tcp://127.0.0.1:{port}", None)


def test_nothing_of_the_workers_is_reached_from_another_machine_or_left_in_a_file(
    workers: Workers, jobs: Jobs
) -> None:
    (worker,) = workers_below(os.getpid())
    for process in (psutil.Process(), worker):
        assert {ip for ip, _ in listening(process)} == {"127.0.0.1"}
    secret = workers.client.security.tls_client_key
    assert "PRIVATE KEY" in secret
    assert not any(secret[40:80] in value for value in (*worker.environ().values(), *worker.cmdline()))


def test_what_an_attempt_in_vain_left_is_gone_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask's objects take a lock as they are collected, which its start of a client holds."""

    class Left:
        def __init__(self) -> None:
            self.itself = self

    left: list[weakref.ref[Left]] = []

    def fail(*_: object, **__: object) -> None:
        assert [one() for one in left] == [None] * len(left)
        left.append(weakref.ref(Left()))
        raise ConnectionRefusedError

    monkeypatch.setattr(core.jobs.cluster, "Client", fail)
    gc.disable()
    try:
        for _time in range(3):
            with pytest.raises(ConnectionRefusedError):
                connect(Settings(scheduler="tcp://127.0.0.1:1"))
    finally:
        gc.enable()


def test_a_scheduler_elsewhere_is_reached_with_the_files_of_its_certificates(
    shared_home: Path, tmp_path: Path
) -> None:
    made = temporary_security()
    names = {"ca": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    files = {name: tmp_path / f"{name}.pem" for name in names}
    for name, path in files.items():
        path.write_text(names[name])
    security = security_from_files(*(str(path) for path in files.values()))
    with LocalCluster(
        n_workers=0,
        security=security,
        protocol="tls://",
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
    ) as cluster:
        settings = Settings(
            home=shared_home,
            scheduler=cluster.scheduler_address,
            **{f"tls_{name}_file": path for name, path in files.items()},
        )
        elsewhere = connect(settings)
        try:
            assert (elsewhere.places(), elsewhere.are_gone) == (0, False)
            cluster.close()
            wait_until(lambda: elsewhere.places() == 0, 30, "the end to be noticed")
        finally:
            elsewhere.close(is_expected=True)
        assert elsewhere.are_gone


def test_a_scheduler_that_wants_certificates_says_which_settings_are_missing(
    shared_home: Path, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.touch()
    settings = Settings(
        home=shared_home,
        scheduler="tls://lab:8786",
        tls_ca_file=ca_file,
        tls_cert_file=tmp_path / "not here.pem",
    )
    with pytest.raises(SettingsError, match=r"but DIGITLAB_TLS_CERT_FILE and DIGITLAB_TLS_KEY_FILE name no"):
        connect(settings)


def test_a_scheduler_without_certificates_is_used_with_a_warning(
    shared_home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.jobs.cluster, "CONNECT_SECONDS", 0.2)
    with pytest.raises(OSError, match="Timed out"):
        connect(Settings(home=shared_home, scheduler="tcp://127.0.0.1:9"))
    assert "whoever reaches its port can run any program" in caplog.text


def test_a_paused_run_gives_its_worker_to_the_next_and_goes_on_when_resumed(
    store: RunStore, jobs: Jobs
) -> None:
    first = submitted(store, jobs, LONG, Request.SLOW)
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


def test_a_worker_killed_in_the_midst_of_a_population_costs_no_run_and_none_is_done_twice(
    store: RunStore, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = submitted(store, jobs, config(epochs=30), Request.SLOW)
    wait_for_epoch(store, run_id, 2)
    # From now on, not while that run itself waited for a worker that had not ended its last one.
    monkeypatch.setattr(core.jobs.growth, "PAYS_SECONDS", 0.0)
    store.ask(run_id, Request.VERY_SLOW)  # until the second worker is there
    (worker,) = workers_below(os.getpid())
    others = [submitted(store, jobs, SHORT) for _ in range(6)]
    # A second worker starts for those that wait.
    wait_for(store, others[0], RunStatus.FINISHED)
    assert store.get(run_id).status is RunStatus.RUNNING
    assert worker in (both := workers_below(os.getpid()))
    assert (len(both), jobs.places()) == (2, 2)
    worker.kill()
    store.ask(run_id, Request.NONE)
    for one in (run_id, *others):
        wait_for(store, one, RunStatus.FINISHED, RunStatus.FAILED)
        run = store.get(one)
        attempts = 2 if one == run_id else 1
        assert (run.status, run.attempts, run.message) == (RunStatus.FINISHED, attempts, None)
        assert_curve_is_whole(store, one)
    assert (jobs.ready, jobs.failure) == (True, None)
    # The new worker serves the next runs as the old one did.
    for one in [submitted(store, jobs, SHORT) for _ in range(2)]:
        wait_for(store, one, RunStatus.FINISHED)
