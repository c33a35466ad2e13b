"""Runs and curves without a database, for the tests of what is made of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from core.config import TrainingConfig
from core.store import Curve, Request, Run, RunStatus

_MADE_AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
_USUAL = Run(
    id="0" * 12,
    workspace="red",
    status=RunStatus.FINISHED,
    config=TrainingConfig(),
    recipe=None,
    created_at=_MADE_AT,
    started_at=_MADE_AT,
    finished_at=_MADE_AT,
    request=Request.NONE,
    epoch=5,
    step=100,
    steps_per_epoch=100,
    images_per_second=2_000.0,
    seconds_left=0.0,
    train_seconds=10.0,
    total_seconds=12.0,
    test_accuracy=0.97,
    test_loss=0.1,
    message=None,
    attempts=1,
    number=1,
)


def a_run(number: int = 1, *, config: dict[str, Any] | None = None, **changes: Any) -> Run:
    """Return a finished run of this number, its id made of it, with settings and fields as given."""
    settings = TrainingConfig.model_validate(config or {})
    return replace(_USUAL, id=f"{number:012x}", number=number, config=settings, **changes)


def a_curve(epochs: int = 5, points: int = 10, loss: float = 0.5, accuracy: float = 0.9) -> Curve:
    """Return a falling curve with so many training points an epoch and one of validation."""
    at = np.arange(1, epochs * points + 1) / points
    done = np.arange(1, epochs + 1, dtype=float)
    return Curve(
        at,
        loss / at,
        np.minimum(1.0, accuracy + at / 1_000),
        done,
        1.1 * loss / done,
        np.full(epochs, accuracy),
    )
