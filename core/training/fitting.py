"""fit_run: trains a claimed run from its last checkpoint to its end, or to where it is paused."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from core.data.dataset import Dataset
from core.data.split import check_validation, rows_of_run, rows_with_drawings
from core.errors import Diverged, ModelError, StoreUnavailable
from core.sentences import say
from core.store import Claim, CurvePoint, LayerVitals, Progress, Request, Run, RunStatus, RunStore
from core.training.callbacks.assembly import assemble
from core.training.callbacks.checkpoints import Paused
from core.training.callbacks.stopping import conclude, train_further
from core.training.callbacks.vitals import SAMPLE_IMAGES, sample
from core.training.checkpoint import Checkpoint, load_checkpoint
from core.training.course import Course, Position
from core.training.engine.chunks import steps_per_chunk
from core.training.engine.model import ChunkedNetwork, fit_rows
from core.training.pulse import Pulse
from core.training.saved_state import SavedState
from core.training.snapshots import Snapshots

_log = logging.getLogger(__name__)

# Of the training images, by which the untrained network is measured: enough to tell its accuracy within
# two per cent, in some milliseconds.
UNTRAINED_IMAGES = 1_000

_WAITS = say("The run goes on as soon as this is over.")
IS_TRAINED = say("The run is trained; that is written down as soon as this is over.")

OnProgress = Callable[[Progress, list[CurvePoint]], None]


@dataclass(frozen=True)
class Outcome:
    """How the training of a run ended: finished, stopped or paused."""

    status: RunStatus
    train_seconds: float
    message: str | None = None


def fit_run(
    store: RunStore,
    run: Run,
    claim: Claim,
    pulse: Pulse,
    saved: SavedState,
    model: ChunkedNetwork,
    dataset: Dataset,
    on_progress: OnProgress | None,
    snapshots: Snapshots,
) -> Outcome:
    """Train `model`, which is left with the weights that are kept.

    Raises
    ------
    ConfigError
        If it may stop early and there are no validation images to say when.
    Diverged
        If the loss has run away.
    ClaimLost, StoreError
        If the run cannot go on.
    """
    config = run.config
    check_validation(config, len(dataset.train_images))
    training_rows, validation_rows = rows_of_run(config, len(dataset.train_images))
    learnt_rows = rows_with_drawings(training_rows, dataset)
    past = _load(saved, model)
    position = past.position
    steps = position.steps_per_chunk if position.chunks else steps_per_chunk(config, len(learnt_rows))
    course = Course(len(learnt_rows), config.batch_size, config.epochs, steps, position)
    saved.persist(lambda: claim.lay_out(course.steps_per_epoch), _WAITS)
    saved.persist(lambda: claim.rewind(course.first_step), _WAITS)
    is_stopped = run.request is Request.STOP and position != Position()
    # A worker may die behind the last checkpoint: then the results are all that is missing.
    is_over = position.epochs >= config.epochs or (past.stopping.ended and not _is_extended(run, past))
    if is_stopped or is_over:
        status = RunStatus.STOPPED if is_stopped else RunStatus.FINISHED
        return Outcome(status, past.seconds, conclude(config, model, past.stopping, past.kept_weights))
    if past.stopping.ended:
        past = train_further(config, model, past, course.epochs_done(position.epochs, position.chunks))

    def write(points: list[CurvePoint], progress: Progress, vitals: list[LayerVitals]) -> None:
        pulse.record(points, progress, vitals)
        if on_progress is not None:
            with suppress(StoreUnavailable):
                pulse.flush()  # whoever listens may look into the store
            on_progress(progress, points)

    losses = saved.persist(lambda: store.curve(run.id), _WAITS).training_loss
    untrained = None
    if not len(losses) and course.first_step == 0:
        rows = sample(training_rows, UNTRAINED_IMAGES)
        untrained = CurvePoint(0, 0.0, *model.measure(rows), "training")
    first = untrained.loss if untrained is not None else float(losses[0]) if len(losses) else None
    callbacks = assemble(
        config,
        course,
        past,
        images=model.training_images(sample(training_rows, SAMPLE_IMAGES)),
        first_loss=first,
        untrained=untrained,
        pulse=pulse,
        write=write,
        save=saved.save,
        snapshots=snapshots,
    )
    try:
        fit_rows(model, config, course, learnt_rows, validation_rows, callbacks=callbacks.in_order)
    except Paused as paused:
        callbacks.keeper.show(wait=True)
        return Outcome(RunStatus.PAUSED, paused.train_seconds)
    saved.persist(pulse.flush, IS_TRAINED)  # what came after the last checkpoint
    if callbacks.health.diagnosis is not None:
        raise Diverged(callbacks.health.diagnosis)
    status = RunStatus.STOPPED if callbacks.control.stopped else RunStatus.FINISHED
    stopping = callbacks.stopping
    message = conclude(config, model, stopping.state(ended=True), stopping.kept_weights)
    callbacks.keeper.show(wait=True)  # the network that is kept may not be the last one
    return Outcome(status, callbacks.recorder.train_seconds, message)


def _load(saved: SavedState, model: ChunkedNetwork) -> Checkpoint:
    """Return the run's last checkpoint, with the model as it was there; a beginning where there is none."""
    if (data := saved.load()) is not None:
        try:
            return load_checkpoint(model, data)
        except ModelError as error:
            _log.warning("%s", error)
    return Checkpoint()


def _is_extended(run: Run, past: Checkpoint) -> bool:
    """Tell whether a run that was at its end in this checkpoint is to be trained further.

    A fork is, from where the other run was at its end. Of others only a run whose end has been written can
    be asked for more epochs. The seconds of training are written with each end, and only grow.
    """
    if run.fork_epoch == past.position.epochs:
        return True
    return run.train_seconds is not None and run.train_seconds >= past.seconds
