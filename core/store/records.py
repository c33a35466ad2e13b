"""What the store hands out: frozen dataclasses and the words for a run's state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig

CurveKind = Literal["training", "validation"]

# Runs of the command line: every browser lists them.
SHARED_WORKSPACE = "shared"


class RunStatus(StrEnum):
    """Where a run stands: queued → running → finished, stopped or failed; or paused."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_alive(self) -> bool:
        """Whether the run waits for a worker or has one."""
        return self in ALIVE

    @property
    def is_ended(self) -> bool:
        """Whether the run can never go on."""
        return self in ENDED


ALIVE = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})
ENDED = frozenset({RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED})


class Request(StrEnum):
    """What people have asked a run to do; the worker obeys at its next beat.

    A step is one chunk of the training or the rest of one epoch; then the run is paused. Slow motion
    rests after each chunk, to be watched; what else is asked later takes its place.
    """

    NONE = "none"
    STOP = "stop"
    PAUSE = "pause"
    STEP_CHUNK = "step_chunk"
    STEP_EPOCH = "step_epoch"
    SLOW = "slow"
    VERY_SLOW = "very_slow"


SLOW_MOTION = frozenset({Request.SLOW, Request.VERY_SLOW})
# A worker that takes the run over must still obey these.
KEPT_AT_CLAIM = SLOW_MOTION | {Request.STOP, Request.STEP_CHUNK, Request.STEP_EPOCH}


@dataclass(frozen=True)
class RateChange:
    """Another learning rate for a paused run: after how many epochs (1.25), from what to what."""

    epoch: float
    before: float
    after: float


@dataclass(frozen=True)
class Run:
    """One training run as it stands now.

    Attributes
    ----------
    id
        12 hexadecimal digits.
    workspace
        The browser that owns the run.
    created_at, started_at, finished_at
        In UTC, aware.
    epoch, step
        Current epoch, from 1, and the step within it.
    images_per_second, seconds_left
        As the worker last reported them.
    train_seconds, total_seconds
        Seconds of training alone, and from claim to the written files.
    message
        Why a run failed, in a sentence.
    attempts
        How often a worker has claimed the run.
    curve_version
        Grows whenever the curve or the vitals change: an equal number means equal curves.
    curve_rewritten
        The version at which they last changed otherwise than by growing at their end.
    fruitless_attempts
        Claims since a worker last saved a checkpoint or gave the run back.
    rate_changes
        Learning rates that the run was given on the way; `config` has the latest.
    number
        Its number in its workspace, from 1; never given to another run there.
    name
        What its owner calls it.
    starred
        Whether its owner wants to keep it whatever else has to make room.
    cost_seconds
        Estimated seconds of training for all its epochs on this server.
    checkpoint_step
        Global optimizer step of its last checkpoint, None where it has none.
    trouble
        What keeps the run from going on at present, in a sentence.
    deleted_at
        When its owner deleted it; until it is removed for good it can be restored.
    parent, parent_number, fork_epoch
        Where it goes on from an epoch of another run: that run's id and number in its workspace, and
        after how many epochs. The other one may be gone.
    note, tags
        What its owner has written about it.
    experiment, trial
        The id of the experiment that it is a part of, and its place there, from 0.
    imported
        Whether its network was trained elsewhere and brought here to be evaluated.
    best_accuracy, best_epoch
        The greatest accuracy on its validation images so far, and after how many epochs: the first time.
    """

    id: str
    workspace: str
    status: RunStatus
    config: TrainingConfig
    recipe: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    request: Request
    epoch: int
    step: int
    steps_per_epoch: int
    images_per_second: float | None
    seconds_left: float | None
    train_seconds: float | None
    total_seconds: float | None
    test_accuracy: float | None
    test_loss: float | None
    message: str | None
    attempts: int
    curve_version: int = 0
    curve_rewritten: int = 0
    fruitless_attempts: int = 0
    rate_changes: tuple[RateChange, ...] = ()
    number: int = 0
    name: str | None = None
    starred: bool = False
    cost_seconds: float | None = None
    checkpoint_step: int | None = None
    trouble: str | None = None
    deleted_at: datetime | None = None
    parent: str | None = None
    parent_number: int | None = None
    fork_epoch: int | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    experiment: str | None = None
    trial: int | None = None
    imported: bool = False
    best_accuracy: float | None = None
    best_epoch: float | None = None

    @property
    def cost_left(self) -> float:
        """Estimated seconds of training that are left, 0 where nothing has been estimated."""
        left = 1 - self.epochs_done / self.config.epochs
        return (self.cost_seconds or 0.0) * min(1.0, max(0.0, left))

    @property
    def is_resumable(self) -> bool:
        """Whether the run can go on from its checkpoint: paused, or failed with one."""
        return self.status is RunStatus.PAUSED or (
            self.status is RunStatus.FAILED and self.checkpoint_step is not None
        )

    @property
    def whole_epochs(self) -> int:
        """Number of epochs trained to their end."""
        is_whole = bool(self.steps_per_epoch) and self.step >= self.steps_per_epoch
        return self.epoch if is_whole else max(0, self.epoch - 1)

    @property
    def epochs_done(self) -> float:
        """Epochs trained, with the share of the current one: 1.25."""
        return max(0, self.epoch - 1) + self.step / max(1, self.steps_per_epoch)


@dataclass(frozen=True, slots=True)
class ListedRun:
    """What a table of thousands of runs shows of one; as the fields of `Run` where they have their names.

    Attributes
    ----------
    settings
        In words, in the order of `core.config.differences.COLUMNS`.
    parameters
        Of its network.
    epochs
        How many it is to be trained for.
    """

    id: str
    workspace: str
    number: int
    status: RunStatus
    settings: tuple[str, ...]
    parameters: int
    epochs: int
    created_at: float
    epoch: int
    step: int
    steps_per_epoch: int
    train_seconds: float | None
    test_accuracy: float | None
    test_loss: float | None
    best_accuracy: float | None
    best_epoch: float | None
    name: str | None
    starred: bool
    note: str | None
    tags: tuple[str, ...]
    experiment: str | None
    imported: bool

    @property
    def epochs_done(self) -> float:
        """Epochs trained, with the share of the current one: 1.25."""
        return max(0, self.epoch - 1) + self.step / max(1, self.steps_per_epoch)


@dataclass(frozen=True)
class CurvePoint:
    """One measurement: `step` counts all optimizer steps done, `epoch` is epochs done (1.25).

    A training point is the mean over the steps since the one before; at step 0 it is that of the
    untrained network, on a sample of its training images.
    """

    step: int
    epoch: float
    loss: float
    accuracy: float
    kind: CurveKind


@dataclass(frozen=True)
class Curve:
    """The curves of a run, float64 arrays in the order of steps; NaN where a value was NaN."""

    training_epochs: NDArray[np.float64]
    training_loss: NDArray[np.float64]
    training_accuracy: NDArray[np.float64]
    validation_epochs: NDArray[np.float64]
    validation_loss: NDArray[np.float64]
    validation_accuracy: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of points of both kinds."""
        return len(self.training_epochs) + len(self.validation_epochs)


@dataclass(frozen=True)
class LayerVitals:
    """How the units of one hidden layer fared at one moment of a run, on a sample of its images.

    Attributes
    ----------
    step, epoch
        When: as those of `CurvePoint`.
    layer
        Number of the hidden layer, from 1.
    dead
        Share of the ReLU units that put out 0 for every image; None in layers of other units.
    saturated
        Share of the tanh or sigmoid units at a limit for nearly all images; None in other layers.
    """

    step: int
    epoch: float
    layer: int
    dead: float | None
    saturated: float | None


@dataclass(frozen=True)
class Progress:
    """How far a run is: current epoch from 1, step within it, speed, seconds to go."""

    epoch: int
    step: int
    steps_per_epoch: int
    images_per_second: float | None
    seconds_left: float | None
