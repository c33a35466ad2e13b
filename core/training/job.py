"""train_run: what a worker executes, from a run's id to its written results."""

import io
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.config import TrainingConfig
from core.data.dataset import Dataset
from core.data.library import DatasetLibrary
from core.data.split import rows_of_run
from core.errors import ClaimLost, DigitLabError, Diverged, ModelError, TrainingError
from core.evaluation.loss import cross_entropy
from core.settings import Settings, get_settings
from core.store import CurvePoint, Progress, Request, Run, RunStatus, RunStore, write_atomically
from core.training.callbacks.checkpoints import Checkpoints, Paused
from core.training.callbacks.health import Health
from core.training.callbacks.learning_rate import LearningRate
from core.training.callbacks.recorder import Recorder
from core.training.callbacks.requests import Control
from core.training.callbacks.stopping import Stopping
from core.training.callbacks.vitals import Vitals, sample
from core.training.checkpoint import Position, load_checkpoint
from core.training.engine.chunks import steps_per_chunk
from core.training.engine.model import ChunkedNetwork, fit_rows
from core.training.engine.programs import PROGRAMS
from core.training.export import to_keras, to_onnx
from core.training.pulse import Pulse

_log = logging.getLogger(__name__)

CHECKPOINT_FILE = "checkpoint.npz"
# The weights of the best epoch so far, where early stopping may go back to them.
BEST_FILE = "best.npz"
# A worker silent for so long is dead: it beats five times a second.
SILENCE_SECONDS = 5.0
# A run that has cost this many workers their life is not given a further one.
MAX_ATTEMPTS = 3

OnProgress = Callable[[Progress, list[CurvePoint]], None]


@dataclass(frozen=True)
class Outcome:
    """How the training of a run ended: finished, stopped or paused."""

    status: RunStatus
    train_seconds: float
    message: str | None = None


def train_run(run_id: str, settings: Settings | None = None, on_progress: OnProgress | None = None) -> None:
    """Train one run and write its results; every failure ends as the run's status and message.

    Parameters
    ----------
    run_id
        A run of the store, queued, or left behind by a worker that died.
    on_progress
        Called with the progress and the new points whenever they are recorded.
    """
    settings = settings or get_settings()
    store = RunStore.from_settings(settings)
    worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        if not _wait_for_silence(store, run_id):
            return
        run = store.claim(run_id, worker).read()
        with Pulse(store, run_id, worker, run.request) as pulse:
            _train_claimed(store, run, worker, pulse, settings, on_progress)
    except ClaimLost as error:
        _log.warning("%s", error)
    finally:
        store.close()


def _wait_for_silence(store: RunStore, run_id: str) -> bool:
    """Wait until no other worker is heard training this run; False if one is, or if it waits for none.

    After a worker was killed its task comes here again at once, before its pulse is old.
    A pulse that goes on is another worker's, of a second app or of the command line: it is
    not waited for, because other runs wait for this worker.
    """
    deadline = time.monotonic() + 1.5 * SILENCE_SECONDS
    while (run := store.get(run_id)).status is RunStatus.RUNNING:
        if any(orphan.id == run_id for orphan in store.orphans(SILENCE_SECONDS)):
            break
        if time.monotonic() > deadline:
            return False
        time.sleep(0.25)
    return run.status.is_alive


def _train_claimed(
    store: RunStore,
    run: Run,
    worker: str,
    pulse: Pulse,
    settings: Settings,
    on_progress: OnProgress | None,
) -> None:
    began = time.monotonic()
    try:
        if run.fruitless_attempts > MAX_ATTEMPTS:
            raise TrainingError(
                f"This run has cost {MAX_ATTEMPTS} workers their life, most likely for lack of memory. "
                "Try a smaller network or a smaller batch size."
            )
        library = DatasetLibrary(settings.datasets, settings.data_dir, settings.download_timeout)
        dataset = library.prepare(run.config.dataset)
        model = PROGRAMS.take(run.config, dataset)
        outcome = _fit(store, run, worker, pulse, model, dataset, on_progress)
        is_paused = outcome.status is RunStatus.PAUSED
        accuracy, loss = (None, None) if is_paused else _write_results(store, run.id, model, dataset)
        PROGRAMS.give_back(run.config, model)
        store.finish(
            run.id,
            worker,
            outcome.status,
            message=outcome.message,
            test_accuracy=accuracy,
            test_loss=loss,
            train_seconds=outcome.train_seconds,
            # Of a worker that was killed only the training up to its last checkpoint is known.
            total_seconds=max((run.total_seconds or 0.0) + time.monotonic() - began, outcome.train_seconds),
        )
        # The checkpoint stays: a paused run goes on from it, and an ended one may be given more epochs.
        return
    except ClaimLost:
        raise
    except KeyboardInterrupt:
        # Only of the command line: on a Dask worker this is not the main thread.
        store.finish(run.id, worker, RunStatus.STOPPED, message="The training was interrupted.")
        raise
    except DigitLabError as error:
        store.finish(run.id, worker, RunStatus.FAILED, message=str(error))
    except Exception as error:
        # The page must say something whatever happened; the log keeps the details.
        _log.exception("run %s failed", run.id)
        store.finish(
            run.id,
            worker,
            RunStatus.FAILED,
            message=f"The training ended with an unexpected error ({type(error).__name__}: {error}).",
        )
    # Not before the end is written: a worker that dies in between goes on from it.
    for name in (CHECKPOINT_FILE, BEST_FILE):
        (store.folder(run.id) / name).unlink(missing_ok=True)


def _fit(
    store: RunStore,
    run: Run,
    worker: str,
    pulse: Pulse,
    model: ChunkedNetwork,
    dataset: Dataset,
    on_progress: OnProgress | None,
) -> Outcome:
    config = run.config
    training_rows, validation_rows = rows_of_run(config, len(dataset.train_images))
    steps_per_epoch = -(-len(training_rows) // config.batch_size)
    start = _resume(store, run, worker, model, steps_per_epoch)
    if start.epochs >= config.epochs:
        return Outcome(RunStatus.FINISHED, start.seconds)
    if run.request is Request.STOP and start != Position():
        return Outcome(RunStatus.STOPPED, start.seconds)
    steps = start.steps_per_chunk if start.chunks else steps_per_chunk(config, len(training_rows))
    is_forgiven = run.fruitless_attempts <= 1

    def write(points: list[CurvePoint], progress: Progress) -> None:
        pulse.record(points, progress, vitals.take())
        if on_progress is not None:
            pulse.flush()  # whoever listens may look into the store
            on_progress(progress, points)

    def save(data: bytes) -> None:
        nonlocal is_forgiven
        pulse.flush()  # a resumed run goes on behind the points of its checkpoint
        write_atomically(store.folder(run.id) / CHECKPOINT_FILE, data)
        if not is_forgiven:
            store.forgive(run.id, worker)
            is_forgiven = True

    health = Health(config)
    recorder = Recorder(
        write, images_per_epoch=len(training_rows), steps_per_chunk=steps, config=config, start=start
    )
    schedule = LearningRate(config, steps_per_epoch=steps_per_epoch, steps_per_chunk=steps)
    vitals = Vitals(
        config,
        model.training_images(sample(training_rows)),
        steps_per_epoch=steps_per_epoch,
        steps_per_chunk=steps,
        start=start,
    )
    stopping = _stopping(store, run.id, config, start.epochs)
    checkpoints = Checkpoints(save, recorder, start)
    control = Control(pulse, checkpoints, recorder)
    try:
        fit_rows(
            model,
            config,
            training_rows,
            validation_rows,
            steps=steps,
            first_epoch=start.epochs,
            first_chunk=start.chunks,
            # Checkpoints after what may end the run: no further epoch is begun after a crash then.
            callbacks=[health, schedule, vitals, recorder, *stopping.callbacks, checkpoints, control],
        )
    except Paused:
        return Outcome(RunStatus.PAUSED, recorder.train_seconds)
    pulse.flush()  # what came after the last checkpoint
    if health.diagnosis is not None:
        raise Diverged(health.diagnosis)
    status = RunStatus.STOPPED if control.stopped else RunStatus.FINISHED
    return Outcome(status, recorder.train_seconds, stopping.conclude())


def _stopping(store: RunStore, run_id: str, config: TrainingConfig, epochs_done: int) -> Stopping:
    """Return what may end the run early; what it has seen so far is in the curve."""
    path = store.folder(run_id) / BEST_FILE
    return Stopping(
        config,
        store.curve(run_id),
        epochs_done,
        save=lambda data: write_atomically(path, data),
        load=path.read_bytes,
    )


def _resume(store: RunStore, run: Run, worker: str, model: ChunkedNetwork, steps_per_epoch: int) -> Position:
    """Return how far the run has come, with the model as it was there."""
    start = Position()
    path = store.folder(run.id) / CHECKPOINT_FILE
    if path.exists():
        try:
            start = load_checkpoint(model, path.read_bytes())
        except ModelError as error:
            _log.warning("%s", error)
    if run.rate_changes:
        model.optimizer.learning_rate = run.config.learning_rate
    steps_done = min(start.chunks * start.steps_per_chunk, steps_per_epoch)
    store.rewind(run.id, worker, start.epochs * steps_per_epoch + steps_done)
    return start


def _write_results(
    store: RunStore, run_id: str, model: ChunkedNetwork, dataset: Dataset
) -> tuple[float, float]:
    """Write what pages need of a trained network; return its test accuracy and loss."""
    probabilities = model.probabilities(dataset.test_images)
    buffer = io.BytesIO()
    np.save(buffer, probabilities)
    store.keep(run_id, "test_probabilities.npy", buffer.getvalue())
    store.keep(run_id, "network.onnx", to_onnx(model))
    store.keep(run_id, "model.keras", to_keras(model))
    accuracy = float(np.mean(probabilities.argmax(axis=1) == dataset.test_labels))
    return accuracy, cross_entropy(probabilities, dataset.test_labels)


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
