"""train_run: what a worker executes, from a run's id to its written results."""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from core.config import TrainingConfig
from core.data.dataset import Drawings
from core.data.library import DatasetLibrary
from core.errors import (
    ClaimLost,
    DigitLabError,
    Diverged,
    ModelError,
    StoreError,
    StoreGone,
    StoreUnavailable,
    TrainingError,
)
from core.sentences import say
from core.settings import Settings, get_settings
from core.store import Claim, Request, Run, RunStatus, RunStore
from core.training.brought import evaluate_brought
from core.training.engine.programs import PROGRAMS
from core.training.fitting import IS_TRAINED, OnProgress, fit_run
from core.training.open_store import OPEN_STORE
from core.training.persistence import Persistence
from core.training.pulse import Pulse
from core.training.results import write_results
from core.training.saved_state import SavedState
from core.training.snapshots import Snapshots

_log = logging.getLogger(__name__)

# A worker silent for so long is dead: it beats five times a second.
SILENCE_SECONDS = 5.0
# Of these so many must be seen by whoever takes over: where the database was away meanwhile, nobody could be
# heard, and a worker that lives tries again every two seconds.
_WATCHED_SECONDS = 2.5
# A run that has cost this many workers their life is not given a further one.
MAX_ATTEMPTS = 3


def train_run(
    run_id: str,
    settings: Settings | None = None,
    on_progress: OnProgress | None = None,
    is_interrupted: Callable[[], bool] = lambda: False,
) -> None:
    """Train one run and write its results; every failure ends as the run's status and message.

    What the store does not take at present is tried again, so that a moment's trouble costs nothing.

    Parameters
    ----------
    run_id
        A run of the store, queued, or left behind by a worker that died.
    on_progress
        Called with the progress and the new points whenever they are recorded.
    is_interrupted
        Asked at every chunk; True stops the run there, as if people had asked it to stop.

    Raises
    ------
    RunNotFound, StoreError
        If there is no such run, or the store cannot be used and trying again is in vain.
    """
    settings = settings or get_settings()
    worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    persist = Persistence(is_interrupted)
    meanwhile = f"Run {run_id} waits for it."  # for the log: nothing tells the page yet
    with OPEN_STORE(settings, lambda opening: persist(opening, meanwhile)) as store:
        try:
            if not persist(lambda: _wait_for_silence(store, run_id), meanwhile):
                return
            claim = persist(lambda: store.claim(run_id, worker), meanwhile)
            run = persist(claim.read, meanwhile)
            with Pulse(claim, run.request, is_interrupted) as pulse:
                saved = SavedState(
                    store, run, pulse, Persistence(lambda: pulse.request is Request.STOP, pulse.say)
                )
                _train_claimed(store, run, claim, pulse, saved, settings, on_progress)
        except ClaimLost as error:
            _log.warning("%s", error)
        except StoreUnavailable as error:
            _log.error("Run %s ended without a word in the database: %s", run_id, error)


def _wait_for_silence(store: RunStore, run_id: str) -> bool:
    """Wait until no other worker is heard training this run; False if one is, or if it waits for none.

    After a worker was killed its task comes here again at once, before its pulse is old.
    A pulse that goes on is another worker's, of a second app or of the command line: it is
    not waited for, because other runs wait for this worker.
    """
    began = time.monotonic()
    while (run := store.get(run_id)).status is RunStatus.RUNNING:
        is_silent = any(orphan.id == run_id for orphan in store.orphans(SILENCE_SECONDS))
        if is_silent and time.monotonic() - began >= min(SILENCE_SECONDS, _WATCHED_SECONDS):
            break
        if time.monotonic() - began > 1.5 * SILENCE_SECONDS:
            return False
        time.sleep(0.25)
    return run.status.is_alive


def _train_claimed(
    store: RunStore,
    run: Run,
    claim: Claim,
    pulse: Pulse,
    saved: SavedState,
    settings: Settings,
    on_progress: OnProgress | None,
) -> None:
    began = time.monotonic()
    try:
        if run.fruitless_attempts > MAX_ATTEMPTS and run.imported:
            raise ModelError(say("No worker could open this file. Save the network again, then bring it."))
        if run.fruitless_attempts > MAX_ATTEMPTS:
            raise TrainingError(
                say(
                    "This run has cost {count} workers their life, most likely for lack of memory. Try a "
                    "smaller network or a smaller batch size.",
                    count=MAX_ATTEMPTS,
                )
            )
        library = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout)
        dataset = saved.persist(
            lambda: library.prepare(run.config.dataset), say("The run begins as soon as this is over.")
        )
        if run.imported:
            figures = evaluate_brought(store, run, dataset, settings.max_parameters, saved.persist)
            _finish_brought(claim, saved, figures, began)
            return
        lesson = saved.persist(lambda: store.lesson(run.id), say("The run begins as soon as this is over."))
        if lesson is None and run.config.learns_drawings:
            raise ModelError(say("The drawings that this run learns are gone. Train a new one."))
        if lesson is not None:
            drawings = Drawings(lesson.learnt_images, lesson.learnt_labels, lesson.share)
            dataset = replace(dataset, drawings=drawings)
        model = PROGRAMS.take(run.config, dataset)
        with Snapshots(store, run, pulse, settings) as snapshots:
            outcome = fit_run(store, run, claim, pulse, saved, model, dataset, on_progress, snapshots)
        accuracy, loss = None, None
        if outcome.status is not RunStatus.PAUSED:
            accuracy, loss = write_results(store, run.id, model, dataset, saved.persist)
            snapshots.settle()
        PROGRAMS.give_back(run.config, model)
        saved.persist(pulse.flush, IS_TRAINED)  # that there is a checkpoint
        # Of a worker that was killed only the training up to its last checkpoint is known.
        total = max((run.total_seconds or 0.0) + time.monotonic() - began, outcome.train_seconds)
        saved.persist(
            lambda: claim.finish(
                outcome.status,
                message=outcome.message,
                test_accuracy=accuracy,
                test_loss=loss,
                train_seconds=outcome.train_seconds,
                total_seconds=total,
            ),
            IS_TRAINED,
        )
        # The checkpoint stays: a paused run goes on from it, and an ended one may be given more epochs.
    except (ClaimLost, StoreGone):
        raise  # there is nobody to tell
    except KeyboardInterrupt:
        # Only of the command line: on a Dask worker this is not the main thread.
        with suppress(StoreError):
            _end_at_once(claim, pulse)
        raise
    except Diverged as error:
        _fail(run, claim, pulse, saved, str(error), is_resumable=False)
    except DigitLabError as error:
        _fail(run, claim, pulse, saved, str(error))
    except Exception as error:
        # The page must say something whatever happened; the log keeps the details.
        _log.exception("run %s failed", run.id)
        message = say(
            "The training ended with an unexpected error ({kind}: {problem}).",
            kind=type(error).__name__,
            problem=error,
        )
        _fail(run, claim, pulse, saved, message)


def _finish_brought(claim: Claim, saved: SavedState, figures: tuple[float, float], began: float) -> None:
    accuracy, loss = figures
    seconds = time.monotonic() - began
    saved.persist(
        lambda: claim.finish(
            RunStatus.FINISHED, test_accuracy=accuracy, test_loss=loss, total_seconds=seconds
        ),
        IS_TRAINED,
    )


def _fail(
    run: Run,
    claim: Claim,
    pulse: Pulse,
    saved: SavedState,
    message: str,
    *,
    is_resumable: bool = True,
) -> None:
    """Give the run back with this message. What it has kept stays, but for one that diverged.

    From its checkpoint it would only diverge again. Where it was trained further, its network is
    that from before, and the checkpoint the only way to other epochs.
    """
    has_network = run.test_accuracy is not None
    if has_network:
        message = say(
            "The further epochs ended early: {message} The network from before them is kept, to evaluate and "
            "to draw for.",
            message=message,
        )
    keep = is_resumable or has_network
    with suppress(StoreError):
        pulse.flush()
    saved.persist(lambda: claim.fail(message, has_checkpoint=keep), say("The run has failed."))
    if not keep:  # not before the end is written: a worker that dies in between goes on from it
        saved.forget()


def _end_at_once(claim: Claim, pulse: Pulse) -> None:
    """Give back a run whose process is asked to end now: paused, if it can go on from a checkpoint."""
    with suppress(StoreError):
        pulse.flush()
    if claim.read().checkpoint_step is not None:
        claim.finish(RunStatus.PAUSED)
    else:
        claim.finish(RunStatus.STOPPED, message=say("The training was interrupted."))


def describe(run: Run) -> dict[str, object]:
    """Return what the command line prints of an ended run, ready for JSON."""
    config: TrainingConfig = run.config
    return {
        "run_id": run.id,
        "recipe": run.recipe,
        "dataset": config.dataset,
        "seed": config.seed,
        "parameters": config.parameters,
        "epochs": config.epochs,
        "test_accuracy": run.test_accuracy,
        "test_loss": run.test_loss,
        "train_seconds": run.train_seconds,
        "total_seconds": run.total_seconds,
    }
