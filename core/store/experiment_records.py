"""Experiments as the store hands them out: one entry of the queue that makes many runs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.config import TrainingConfig
from core.store.records import Request, Run, RunStatus


class Plan(Protocol):
    """What the store has to know of a plan: `core.experiments.plans` has them."""

    @property
    def kind(self) -> str:
        """Which sort of experiment it is."""

    @property
    def size(self) -> int:
        """How many runs it makes at most."""

    def cost(self, of_run: Callable[[TrainingConfig], float]) -> float:
        """Return about how many seconds all its runs take; `of_run` raises for one that no run may be."""

    def to_json(self) -> str:
        """Return it as text."""


@dataclass(frozen=True)
class Experiment:
    """An experiment as it stands now.

    Attributes
    ----------
    id
        12 hexadecimal digits.
    kind
        Such as "seeds" or "study".
    status
        As that of a run: it waits until its first run is made; it is paused or over for good.
    plan
        JSON: what is to be trained; `core.experiments.plans.read_plan` reads it.
    guess
        What its owner expects, committed to before it began.
    outcome
        What came of it, once it has ended; empty before.
    made
        How many runs have been made so far. They may be gone by now.
    message
        What is to be said about it, in a sentence.
    created_at, started_at, finished_at
        In UTC, aware.
    request
        STOP from the moment it was asked to stop until its runs have.
    cost_seconds
        Estimated seconds of training of all its runs.
    """

    id: str
    workspace: str
    kind: str
    status: RunStatus
    plan: str
    name: str | None
    guess: str | None
    message: str | None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    request: Request = Request.NONE
    cost_seconds: float | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    made: int = 0


@dataclass(frozen=True)
class Trial:
    """A run of an experiment, in short: what decides how the experiment goes on.

    Attributes
    ----------
    is_deleted
        Whether its owner has deleted it: it counts as failed.
    curve_version
        That of the run: it grows with its curve.
    """

    number: int
    run_id: str
    run_number: int
    status: RunStatus
    request: Request
    is_deleted: bool
    curve_version: int

    @property
    def is_alive(self) -> bool:
        """Whether it waits for a worker or has one."""
        return self.status.is_alive and not self.is_deleted

    @property
    def is_open(self) -> bool:
        """Whether it may still end."""
        return not (self.status.is_ended or self.is_deleted)


@dataclass(frozen=True)
class Score:
    """How well an epoch of a run did on its validation images: after how many epochs, how many were right."""

    epoch: float
    accuracy: float


def kept_score(run: Run, scores: Sequence[Score]) -> float | None:
    """Return the validation accuracy of the network that a run keeps, None where it was never measured.

    That is its best whole epoch's where the run goes back to it, else the last one's.
    """
    known = [score.accuracy for score in scores if math.isfinite(score.accuracy)]
    if not known:
        return None
    return max(known) if run.config.keeps_the_best else known[-1]
