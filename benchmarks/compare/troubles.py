"""PostgreSQL gone for a minute, and the S3 server gone for a minute, each in the middle of a run.

Real servers, stopped and started again as an administrator would; a real worker, and the real MNIST.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator

from benchmarks.app import temporary_home
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.errors import DigitLabError
from core.jobs.dispatcher import Jobs
from core.settings import get_settings
from core.store import Request, Run, RunStatus, RunStore
from tests.support.cluster.installation import installation
from tests.support.cluster.server import CannotStart
from tests.support.serve import wait_until

NAMES = tuple(
    f"without_{what}_{figure}"
    for what in ("database", "object_store")
    for figure in ("epochs", "caught_up_s", "epochs_lost", "attempts")
)
GONE_SECONDS = 60.0
_BEFORE_SECONDS = 10.0
_PATIENCE = 300.0
# Longer than all that happens to it; then it is stopped.
CONFIG = TrainingConfig(
    hidden_layers=(HiddenLayer(units=512), HiddenLayer(units=512)), batch_size=40, epochs=200
)


def run(wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield for each server that is gone what the run does meanwhile and what it costs.

    That is: epochs trained in the minute, with the speed before as the reference; seconds until all of them
    are in the database; epochs that are missing in the end; how many workers the run had.
    """
    with temporary_home(needs_mnist=True) as (_, variables):
        own = {name: value for name, value in variables.items() if name.startswith("DIGITLAB_")}
        try:
            with installation(1, own) as installed:
                store = RunStore.from_settings(get_settings())
                jobs = Jobs(get_settings(), store)
                try:
                    servers = installed.servers
                    yield from _without(
                        store, jobs, "database", servers.database.stop, servers.database.start
                    )
                    yield from _without(
                        store, jobs, "object_store", servers.objects.stop, servers.objects.start
                    )
                finally:
                    jobs.close()
                    store.close()
        except CannotStart as error:
            raise DigitLabError(str(error)) from error


def _without(
    store: RunStore, jobs: Jobs, what: str, stop: Callable[[], None], start: Callable[[], None]
) -> Iterator[Result]:
    run_id = store.create(CONFIG, workspace="troubles").id
    jobs.submit(run_id)
    wait_until(lambda: store.get(run_id).epoch >= 2, _PATIENCE, "the run to begin")
    speed = _speed(store, run_id)
    before = store.get(run_id).epochs_done
    stop()
    threading.Event().wait(GONE_SECONDS)
    start()
    back = time.monotonic()
    should_be = before + 0.9 * speed * GONE_SECONDS
    wait_until(lambda: store.get(run_id).epochs_done > before + 1, _PATIENCE, "the run to be heard")
    first = store.get(run_id).epochs_done
    wait_until(lambda: _recorded(store, run_id) >= first - 1, _PATIENCE, "its points to arrive")
    caught_up = time.monotonic() - back
    trained = first - before - speed * caught_up
    yield Result(f"without_{what}_epochs", trained, "epochs", speed * GONE_SECONDS)
    yield Result(f"without_{what}_caught_up_s", caught_up, "s")
    if first < should_be / 2:
        raise DigitLabError(f"Without the {what} the run stood still.")
    store.ask(run_id, Request.STOP)
    wait_until(lambda: store.get(run_id).status.is_ended, _PATIENCE, "the run to end")
    ended = store.get(run_id)
    yield Result(f"without_{what}_epochs_lost", _missing(store, ended), "epochs", 0)
    yield Result(f"without_{what}_attempts", ended.attempts, "", 1)


def _speed(store: RunStore, run_id: str) -> float:
    """Return how many epochs a run does in a second."""
    began, then = store.get(run_id).epochs_done, time.monotonic()
    threading.Event().wait(_BEFORE_SECONDS)
    return (store.get(run_id).epochs_done - began) / (time.monotonic() - then)


def _recorded(store: RunStore, run_id: str) -> float:
    epochs = store.curve(run_id).training_epochs
    return float(epochs[-1]) if len(epochs) else 0.0


def _missing(store: RunStore, ended: Run) -> int:
    """Return how many epochs have no validation point, or no training point within them."""
    if ended.status is not RunStatus.STOPPED:
        raise DigitLabError(f"The run has {ended.status}: {ended.message}")
    curve, whole = store.curve(ended.id), range(1, ended.whole_epochs + 1)
    validated = set(curve.validation_epochs.tolist())
    trained = {int(-(-epoch // 1)) for epoch in curve.training_epochs.tolist()}
    return sum(1 for epoch in whole if epoch not in validated or epoch not in trained)
