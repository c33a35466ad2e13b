"""What runs on a worker: one job, and then room for the next."""

import importlib
import os

import psutil
from distributed import Worker, get_worker

from core.jobs.cores import sharing_cores
from core.jobs.kinds import KINDS, WORKER_MODULE

# Bytes in memory from which a worker makes way for a fresh one: as soon as it has nothing to do,
# or before the next run where it never rests.
RENEW_BYTES = 1_020_000_000
RENEW_AT_ONCE_BYTES = 1_050_000_000
# After so long without a run a worker is resting. Its last result has been fetched by then.
_REST_SECONDS = 2.0
# A worker tidies up when the word that it is free is on its way: the next run is found meanwhile.
_TIDY_SECONDS = 0.01


def run_on_worker(kind: str, run_id: str) -> None:
    """Do a job of this kind with a run; called on the worker, where TensorFlow may be imported."""
    worker = get_worker()
    _make_way_if_larger(worker, RENEW_AT_ONCE_BYTES)
    with sharing_cores():
        KINDS[kind].load()(run_id)
    worker.loop.add_callback(worker.loop.call_later, _TIDY_SECONDS, _tidy_up)
    worker.loop.add_callback(worker.loop.call_later, _REST_SECONDS, _make_way_if_resting, worker)


def _tidy_up() -> None:
    importlib.import_module(WORKER_MODULE).tidy_up()


def _make_way_if_resting(worker: Worker) -> None:
    if not worker.state.tasks:
        _make_way_if_larger(worker, RENEW_BYTES)


def _make_way_if_larger(worker: Worker, limit: int) -> None:
    """End this worker's process if earlier runs have left more than `limit` in it.

    TensorFlow keeps every program that it has compiled, about 17 MB for each new shape of network.
    Dask's nanny starts another process at once, and a task that was waiting comes again there;
    nobody has claimed its run yet.
    """
    if worker.nanny is None or not _is_larger(limit):
        return
    _tidy_up()  # it may be about to
    if _is_larger(limit):
        os._exit(0)


def _is_larger(limit: int) -> bool:
    return bool(psutil.Process().memory_info().rss > limit)
