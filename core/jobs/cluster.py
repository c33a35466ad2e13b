"""Jobs: hands runs to workers (Dask), and picks up those whose worker is gone.

Knows the training by name only: this process never imports TensorFlow.
"""

import atexit
import importlib
import logging
import os
import threading
from typing import Any

import dask
import psutil
from distributed import Client, Future, LocalCluster, Worker, get_worker

from core.errors import DigitLabError, JobError
from core.settings import Settings
from core.store import Run, RunStatus, RunStore

_log = logging.getLogger(__name__)

_TRAINING_MODULE = "core.training.worker"
# How often to look for runs that nobody trains, and how long one must be silent.
_WATCH_SECONDS = 3.0
_ORPHAN_SECONDS = 10.0
# Task attempts after a worker's death; the training itself counts them too.
_RETRIES = 5
# How long a scheduler may take to answer, and how long to wait before asking again.
CONNECT_SECONDS = 10.0
RECONNECT_SECONDS = 15.0
# A worker still importing TensorFlow can only be ended once it is up.
_CLOSE_SECONDS = 30.0
# Bytes in memory from which a worker makes way for a fresh one: as soon as it has nothing to do,
# or before the next run where it never rests.
RENEW_BYTES = 1_020_000_000
RENEW_AT_ONCE_BYTES = 1_050_000_000
# After so long without a run a worker is resting. Its last result has been fetched by then.
_REST_SECONDS = 2.0


def run_on_worker(run_id: str) -> None:
    """Train a run; called on the worker, where TensorFlow may be imported."""
    worker = get_worker()
    _make_way_if_larger(worker, RENEW_AT_ONCE_BYTES)
    training = importlib.import_module(_TRAINING_MODULE)
    training.train_run(run_id)
    training.tidy_up()
    worker.loop.add_callback(worker.loop.call_later, _REST_SECONDS, _make_way_if_resting, worker)


def _make_way_if_resting(worker: Worker) -> None:
    if not worker.state.tasks:
        _make_way_if_larger(worker, RENEW_BYTES)


def _make_way_if_larger(worker: Worker, limit: int) -> None:
    """End this worker's process if earlier runs have left more than `limit` in it.

    TensorFlow keeps every program that it has compiled, about 17 MB for each new shape of network.
    Dask's nanny starts another process at once, and a task that was waiting comes again there;
    nobody has claimed its run yet.
    """
    if worker.nanny is not None and psutil.Process().memory_info().rss > limit:
        os._exit(0)


class Jobs:
    """The training workers of this process: an embedded cluster, or a scheduler elsewhere.

    Starts in the background; runs submitted before the workers are up wait.

    Parameters
    ----------
    settings
        `scheduler` and `workers` decide which workers.
    store
        Where runs are looked up that no worker is training.
    """

    def __init__(self, settings: Settings, store: RunStore) -> None:
        self._settings = settings
        self._store = store
        self._guard = threading.Lock()  # of the futures
        self._futures: dict[str, Future | None] = {}
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None
        self._failure: str | None = None
        self._closing = threading.Event()
        self._wake = threading.Event()
        # Dask closes its clusters when Python ends; what fails in this thread then is no news.
        atexit.register(self._closing.set)
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether the workers can be given runs."""
        return self._client is not None

    @property
    def failure(self) -> str | None:
        """Why there are no workers at present, in a sentence, or None."""
        return self._failure

    def submit(self, run_id: str) -> None:
        """Have a run trained as soon as a worker is free; returns at once.

        Raises
        ------
        JobError
            If there are no workers at present. The run is trained all the same once there are,
            because it is then found in the store.
        """
        if self._failure is not None:
            raise JobError(self._failure)
        with self._guard:
            known = self._futures.get(run_id)
            if known is None or known.done():
                self._futures[run_id] = None  # paused, then resumed: that task is over
        self._wake.set()

    def close(self) -> None:
        """Stop the workers of an embedded cluster and leave one elsewhere."""
        self._closing.set()
        self._wake.set()
        self._thread.join(timeout=_CLOSE_SECONDS)
        atexit.unregister(self._closing.set)

    def _work(self) -> None:
        while not self._closing.is_set():
            if self._client is None and not self._try_to_connect():
                self._closing.wait(RECONNECT_SECONDS)
                continue
            try:
                self._look_after_runs()
            except DigitLabError as error:
                _log.warning("%s", error)
            except Exception:
                # This thread serves everybody: one bad moment must not end it.
                _log.exception("looking after the runs failed; trying again")
            self._wake.wait(_WATCH_SECONDS)
            self._wake.clear()
        self._disconnect()

    def _look_after_runs(self) -> None:
        assert self._client is not None
        if self._client.status == "closed":
            # Given up by Dask after its own attempts: the scheduler has been away for long.
            self._disconnect()
            return
        self._submit_new(self._client)
        self._adopt_orphans()
        self._forget_done()

    def _try_to_connect(self) -> bool:
        try:
            self._client = self._connect()
        except Exception as error:
            if not self._closing.is_set():
                _log.error("there are no training workers: %s: %s", type(error).__name__, error)
                self._failure = self._explain(error)
            self._disconnect()
            return False
        self._failure = None
        return True

    def _explain(self, error: Exception) -> str:
        if self._settings.scheduler:
            return (
                f"The Dask scheduler at {self._settings.scheduler} (DIGITLAB_SCHEDULER) does not answer, so "
                "nothing can be trained now. Start it or correct the address; waiting runs then begin "
                "by themselves."
            )
        return (
            f"The training workers could not be started ({type(error).__name__}: {error}). "
            "Digit Lab keeps trying; look at the server's log if it stays so."
        )

    def _disconnect(self) -> None:
        """Let go of the workers, in the order that Dask needs: first who asks, then who works."""
        client, cluster = self._client, self._cluster
        self._client = self._cluster = None
        with self._guard:
            # Their futures go with the client; whoever submits or adopts them later begins anew.
            self._futures.clear()
        for closing in (client, cluster):
            try:
                if closing is not None:
                    closing.close()
            except Exception as error:
                if not self._closing.is_set():
                    _log.warning("%s did not close cleanly: %s", type(closing).__name__, error)

    def _connect(self) -> Client:
        if self._settings.scheduler:
            return Client(self._settings.scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        # For good, because Dask looks here whenever a worker has gone: were that process still starting
        # anew so much later, say because the fresh one has died too, Dask would give up its nanny.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1000 days"})
        with dask.config.set(
            {
                # TensorFlow is imported and warmed up as a worker starts, not when the first run asks for it.
                "distributed.worker.preload": [_TRAINING_MODULE],
                # Results are files: memory is TensorFlow's, which Dask cannot spill.
                "distributed.worker.memory.target": False,
                "distributed.worker.memory.spill": False,
                "distributed.worker.memory.pause": False,
                "distributed.worker.memory.terminate": False,
                "distributed.scheduler.allowed-failures": _RETRIES,
                # Nobody looks at Dask's own pages, and they would be open to the whole machine.
                "distributed.scheduler.http.routes": [],
                # A worker that computes does not answer for seconds; that is no failure.
                "distributed.comm.timeouts.tcp": "120s",
            }
        ):
            self._cluster = LocalCluster(
                n_workers=self._settings.workers,
                threads_per_worker=1,
                processes=True,
                # Any free port: the usual one may be another app's, which Dask warns about.
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                memory_limit=0,
                silence_logs=logging.ERROR,
            )
            return Client(self._cluster, set_as_default=False)

    def _submit_new(self, client: Client) -> None:
        with self._guard:
            new = [run_id for run_id, future in self._futures.items() if future is None]
        for run_id in new:
            # Not a pure function of the id: a run given back may be submitted again.
            future = client.submit(run_on_worker, run_id, pure=False)
            future.add_done_callback(lambda _: self._wake.set())
            with self._guard:
                self._futures[run_id] = future

    def _adopt_orphans(self) -> None:
        """Submit runs that an earlier app process or a dead worker left behind."""
        for run in self._store.orphans(_ORPHAN_SECONDS):
            with self._guard:
                if run.id in self._futures:
                    continue
            _log.info("run %s has no worker; it goes on here", run.id)
            self.submit(run.id)

    def _forget_done(self) -> None:
        with self._guard:
            done = {run_id: future for run_id, future in self._futures.items() if future and future.done()}
            for run_id in done:
                del self._futures[run_id]
        for run_id, future in done.items():
            try:
                run = self._store.get(run_id)
                if future.status == "error":
                    self._give_up(run, future.exception())
                elif run.status is RunStatus.QUEUED:
                    self.submit(run_id)  # resumed while the task that had paused it was about to end
            except DigitLabError as error:
                _log.warning("%s", error)  # the others must be looked at all the same

    def _give_up(self, run: Run, error: Any) -> None:
        """Mark a run that its workers could not even begin or end as failed."""
        if not run.status.is_alive:
            return
        worker = "jobs"
        self._store.claim(run.id, worker)
        self._store.finish(
            run.id,
            worker,
            RunStatus.FAILED,
            message=f"No worker could train this run ({type(error).__name__}: {error}). Train it again.",
        )
