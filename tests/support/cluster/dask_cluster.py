"""A Dask scheduler that asks for certificates, and workers of it, each a program of its own."""

import sys
from collections.abc import Mapping
from pathlib import Path

from core.jobs.certificates import write_certificates
from tests.support.cluster.server import Server
from tests.support.serve import free_port

_OPTIONS = (
    "--no-dashboard",
    "--dashboard-address",
    "127.0.0.1:0",
    "--protocol",
    "tls",
    "--host",
    "127.0.0.1",
)
# Dask's own pages ask nobody for a certificate.
_NO_PAGES = {f"DASK_DISTRIBUTED__{role}__HTTP__ROUTES": "[]" for role in ("SCHEDULER", "WORKER")}
_DASK = (sys.executable, "-m", "dask")


class DaskCluster:
    """A scheduler on this machine and its workers, started as an administrator starts them.

    Parameters
    ----------
    folder
        For certificates and logs.
    environment
        What the workers are told of database and object store.
    workers
        How many.

    Attributes
    ----------
    environment
        The variables with which the app reaches the scheduler.
    workers
        Each a nanny with the process that trains below it.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], workers: int = 2) -> None:
        files = write_certificates(folder / "certificates")
        names = ("--tls-ca-file", "--tls-cert", "--tls-key")
        secured = [part for pair in zip(names, map(str, files.values()), strict=True) for part in pair]
        port = free_port()
        address = f"tls://127.0.0.1:{port}"
        self.environment = {
            "DIGITLAB_SCHEDULER": address,
            **{name: str(path) for name, path in files.items()},
        }
        log = folder / "scheduler.log"
        self._scheduler = Server(
            [*_DASK, "scheduler", *_OPTIONS, "--port", str(port), *secured],
            log,
            lambda: "Scheduler at:" in log.read_text(),
            # However many workers a run costs, the store decides when to give it up.
            environment={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1000000", **_NO_PAGES},
        )
        options = (*_OPTIONS, "--nthreads", "1", "--memory-limit", "0", "--local-directory", str(folder))
        self.workers = [
            Server(
                [*_DASK, "worker", address, *options, "--preload", "core.training.worker", *secured],
                folder / f"worker-{number}.log",
                lambda: True,
                environment={**environment, **_NO_PAGES},
            )
            for number in range(workers)
        ]

    def start(self) -> None:
        """Start the scheduler, and the workers, which are ready some seconds later."""
        self._scheduler.start()
        for worker in self.workers:
            worker.launch()

    def stop(self) -> None:
        """Stop all: first who works."""
        for worker in self.workers:
            worker.ask_to_end()
        for server in (*self.workers, self._scheduler):
            server.stop()
