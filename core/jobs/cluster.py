"""The training workers: an embedded Dask cluster, or a scheduler elsewhere, behind one interface."""

import gc
import logging
import multiprocessing
from collections.abc import Callable
from typing import Final, Protocol

import dask
from distributed import Client, Future, LocalCluster, Security

from core.errors import SettingsError
from core.jobs.certificates import security_from_files, temporary_security
from core.jobs.kinds import WORKER_MODULE
from core.jobs.task import run_on_worker
from core.sentences import say
from core.settings import Settings

_log = logging.getLogger(__name__)

# How long a scheduler may take to answer.
CONNECT_SECONDS = 10.0
# What Dask calls the processes that it starts.
_PROCESS_NAME = "Dask Worker process"
# Whatever becomes of workers, a run's own attempts in the store decide when to give it up.
_ANY_NUMBER = 1_000_000
# How the embedded scheduler and its workers are set up.
_EMBEDDED: Final = {
    # Results are files: memory is TensorFlow's, which Dask cannot spill.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.scheduler.allowed-failures": _ANY_NUMBER,
    # Nobody looks at Dask's own pages, and they would be open to the whole machine.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A worker that computes does not answer for seconds; that is no failure.
    "distributed.comm.timeouts.tcp": "120s",
}


class Task(Protocol):
    """What Dask is doing for one run: the part of its `Future` that is used here."""

    @property
    def status(self) -> str:
        """One of pending, finished, error, cancelled, lost."""

    def done(self) -> bool:
        """Whether it is over, well or not."""

    def exception(self, timeout: float) -> BaseException | None:
        """Return what it ended with, if `status` is error."""


class Workers:
    """A connection to training workers.

    Attributes
    ----------
    client
        Dask's way to their scheduler.
    cluster
        The scheduler and its workers, where they belong to this process.
    most
        How many there may be of those; the first one is up, the others start when they are asked for.
    """

    def __init__(self, client: Client, cluster: LocalCluster | None = None, most: int = 0) -> None:
        self.client = client
        self._cluster = cluster
        self._most = most

    @property
    def are_gone(self) -> bool:
        """Whether Dask has given the scheduler up, after its own attempts to reach it again."""
        return bool(self.client.status == "closed")

    def places(self) -> int:
        """Return how many jobs the workers that are up can do at a time."""
        # While Dask looks for a scheduler that has gone away, asking it would only wait.
        if self.client.status != "running":
            return 0
        try:
            return sum(self.client.nthreads().values())
        except OSError:
            return 0  # it went away this moment

    def most(self, up: int) -> int:
        """Return how many jobs they can do at a time once all have started that may; `up` of them can now."""
        return max(up, self._most) if self.client.status == "running" else 0

    def scale(self, count: int) -> None:
        """Have so many workers, as far as they belong to this process; returns at once.

        Whoever is let go ends when it has nothing to do.
        """
        if self._cluster is not None:
            self._cluster.scale(max(1, min(count, self._most)))

    def start(self, kind: str, run_id: str, when_done: Callable[[], None]) -> Task:
        """Have a job done; `when_done` is called, from another thread, when it is over."""
        # Not a pure function of the id: a run may come again.
        task: Future = self.client.submit(run_on_worker, kind, run_id, pure=False)
        task.add_done_callback(lambda _: when_done())
        found: Task = task
        return found

    def close(self, is_expected: bool) -> None:
        """Let go of the workers, in the order that Dask needs: first who asks, then who works."""
        for closing in (self.client, self._cluster):
            try:
                if closing is not None:
                    closing.close()
            except Exception as error:
                if not is_expected:
                    _log.warning("%s did not close cleanly: %s", type(closing).__name__, error)


def connect(settings: Settings) -> Workers:
    """Start the embedded cluster, or reach the scheduler that DIGITLAB_SCHEDULER names.

    Raises
    ------
    SettingsError
        If the scheduler wants certificates that are not named.
    Exception
        Whatever Dask raises if it cannot.
    """
    # What earlier attempts left goes now. As they are collected, Dask's objects take the lock under which it
    # starts a thread: were that in the midst of the start below, both would wait for ever.
    gc.collect()
    return _elsewhere(settings, settings.scheduler) if settings.scheduler else _embedded(settings)


def _elsewhere(settings: Settings, address: str) -> Workers:
    return Workers(
        Client(
            address,
            security=_security_for(settings, address),
            timeout=CONNECT_SECONDS,
            set_as_default=False,
        )
    )


def _security_for(settings: Settings, address: str) -> Security | None:
    """Return what a scheduler at this address asks for."""
    if not address.startswith("tls://"):
        _log.warning(
            "The scheduler at %s (DIGITLAB_SCHEDULER) asks nobody for a certificate: whoever reaches its "
            "port can run any program on its workers. Close the port to others, or use tls:// addresses.",
            address,
        )
        return None
    files = {
        "DIGITLAB_TLS_CA_FILE": settings.tls_ca_file,
        "DIGITLAB_TLS_CERT_FILE": settings.tls_cert_file,
        "DIGITLAB_TLS_KEY_FILE": settings.tls_key_file,
    }
    missing = [name for name, path in files.items() if path is None or not path.is_file()]
    if missing:
        names = " and ".join(missing)
        if len(missing) == 1:
            raise SettingsError(
                say(
                    "The scheduler at {address} (DIGITLAB_SCHEDULER) asks for certificates, but {names} "
                    "names no file that is there. Give the files in PEM form, or correct the address.",
                    address=address,
                    names=names,
                )
            )
        raise SettingsError(
            say(
                "The scheduler at {address} (DIGITLAB_SCHEDULER) asks for certificates, but {names} name "
                "no file that is there. Give the files in PEM form, or correct the address.",
                address=address,
                names=names,
            )
        )
    return security_from_files(*(str(path) for path in files.values()))


def kill_embedded_workers() -> None:
    """End the worker processes of this process at once."""
    for child in multiprocessing.active_children():
        if child.name.startswith(_PROCESS_NAME):
            child.kill()


def _embedded(settings: Settings) -> Workers:
    # For good, because Dask looks here whenever a worker has gone: were that process still starting
    # anew so much later, say because the fresh one has died too, Dask would give up its nanny.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "1000 days"})
    security = temporary_security()
    with dask.config.set(_EMBEDDED):
        cluster = LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            security=security,
            # Any free port: the usual one may be another app's, which Dask warns about.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,
            silence_logs=logging.ERROR,
            # Once more, for workers that start later.
            config=_EMBEDDED,
            # TensorFlow is imported and warmed up as a worker starts, not when the first run asks for it.
            preload=[WORKER_MODULE],
        )
        try:
            client = Client(cluster, security=security, set_as_default=False)
        except BaseException:
            cluster.close()
            raise
    return Workers(client, cluster, settings.workers)
