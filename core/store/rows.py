"""Rows of the database to the records of the store, trusting nothing that a row says."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.errors import ConfigError, ExperimentUnreadable, RunUnreadable, StoreError
from core.sentences import say
from core.store.experiment_records import Experiment
from core.store.records import Curve, CurvePoint, LayerVitals, RateChange, Request, Run, RunStatus

_Read = TypeVar("_Read")

# Pages read the same few configurations twice a second.
_read_config = lru_cache(maxsize=512)(TrainingConfig.from_json)


# All that reading a value of another kind can raise; a program's own mistakes are none of these.
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    ConfigError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
# Far more than any run has noted: what is longer is damage, and not worth reading.
_MAX_NOTES_TEXT = 1_000_000
# A plan of some thousand runs, and what came of them.
_MAX_PLAN_TEXT = 50_000_000


@contextmanager
def _told_if_damaged(sentence: str, kind: type[StoreError] = RunUnreadable) -> Iterator[None]:
    """Turn whatever a damaged value raises into a sentence: the one place that decides on that.

    Raises
    ------
    StoreError
        Of this `kind`.
    """
    try:
        yield
    except _DAMAGE as error:
        raise kind(sentence) from error


def run_from_row(row: Any) -> Run:
    """Return the run of one row of `tables.runs`.

    Raises
    ------
    RunUnreadable
        If any value is not what this column holds.
    """
    with _told_if_damaged(
        say(
            "What the database says about run {run} is damaged. Other runs are not affected; train this one "
            "again.",
            run=row.id,
        )
    ):
        return Run(
            id=row.id,
            workspace=_text(row.workspace),
            status=RunStatus(row.status),
            config=_read_config(_text(row.config)),
            recipe=_optional(_text, row.recipe),
            created_at=_time(row.created_at),
            started_at=_optional(_time, row.started_at),
            finished_at=_optional(_time, row.finished_at),
            request=Request(row.request),
            epoch=_count(row.epoch),
            step=_count(row.step),
            steps_per_epoch=_count(row.steps_per_epoch),
            images_per_second=_optional(_amount, row.images_per_second),
            seconds_left=_optional(_amount, row.seconds_left),
            train_seconds=_optional(_amount, row.train_seconds),
            total_seconds=_optional(_amount, row.total_seconds),
            test_accuracy=_optional(float, row.test_accuracy),
            test_loss=_optional(float, row.test_loss),
            message=_optional(_text, row.message),
            attempts=_count(row.attempts),
            curve_version=_count(row.curve_version),
            curve_rewritten=_count(row.curve_rewritten),
            fruitless_attempts=_count(row.fruitless_attempts),
            rate_changes=_rate_changes(row.rate_changes),
            number=_count(row.number),
            name=_optional(_text, row.name),
            starred=bool(_count(row.starred)),
            cost_seconds=_optional(_amount, row.cost_seconds),
            checkpoint_step=_optional(_count, row.checkpoint_step),
            trouble=_optional(_text, row.trouble),
            deleted_at=_optional(_time, row.deleted_at),
            parent=_optional(_text, row.parent),
            parent_number=_optional(_count, row.parent_number),
            fork_epoch=_optional(_count, row.fork_epoch),
            note=_optional(_text, row.note),
            tags=_tags(row.tags),
            experiment=_optional(_text, row.experiment),
            trial=_optional(_count, row.trial),
            imported=bool(_count(row.imported)),
            best_accuracy=_optional(_share, row.best_accuracy),
            best_epoch=_optional(_amount, row.best_epoch),
        )


def experiment_from_row(row: Any) -> Experiment:
    """Return the experiment of one row of `tables.experiments`.

    Raises
    ------
    ExperimentUnreadable
        If any value is not what this column holds.
    """
    with _told_if_damaged(
        say(
            "What the database says about experiment {experiment} is damaged. Others are not affected; "
            "start this one again.",
            experiment=row.id,
        ),
        ExperimentUnreadable,
    ):
        status = RunStatus(row.status)
        state = _state(row.outcome)
        return Experiment(
            id=_text(row.id),
            workspace=_text(row.workspace),
            kind=_text(row.kind),
            status=status,
            plan=_bounded(row.plan),
            name=_optional(_text, row.name),
            guess=_optional(_text, row.guess),
            message=_optional(_text, row.message),
            created_at=_time(row.created_at),
            started_at=_optional(_time, row.started_at),
            finished_at=_optional(_time, row.finished_at),
            request=Request(row.request),
            cost_seconds=_optional(_amount, row.cost_seconds),
            # While it goes on this column has what the driver must not forget.
            outcome=state if status.is_ended else {},
            made=_count(state.get("made", 0)),
        )


def curve_from_rows(run_id: str, training: Sequence[Any], validation: Sequence[Any]) -> Curve:
    """Return the curves of rows (epoch, loss, accuracy), each in the order of steps.

    Raises
    ------
    RunUnreadable
        If a value is not a number.
    """
    with _told_if_damaged(say("The curve of run {run} is damaged. Other runs are not affected.", run=run_id)):
        return Curve(*_columns(training), *_columns(validation))


def row_from_point(run_id: str, point: CurvePoint) -> dict[str, Any]:
    """Return the row of one point; NaN becomes NULL, NumPy numbers become Python's."""
    return {
        "run_id": run_id,
        "kind": point.kind,
        "step": int(point.step),
        "epoch": float(point.epoch),
        "loss": storable(point.loss),
        "accuracy": storable(point.accuracy),
    }


def vitals_from_rows(run_id: str, rows: Sequence[Any]) -> tuple[LayerVitals, ...]:
    """Return what was measured of the hidden units, in the order of `rows`.

    Raises
    ------
    RunUnreadable
        If a share is none.
    """
    with _told_if_damaged(
        say(
            "What the database says about the hidden units of run {run} is damaged. Other runs are not "
            "affected.",
            run=run_id,
        )
    ):
        return tuple(
            LayerVitals(
                _count(row.step),
                _amount(row.epoch),
                _count(row.layer),
                _optional(_share, row.dead),
                _optional(_share, row.saturated),
            )
            for row in rows
        )


def row_from_vitals(run_id: str, vitals: LayerVitals) -> dict[str, Any]:
    """Return the row of one layer's measurement; NumPy numbers become Python's."""
    return {
        "run_id": run_id,
        "step": int(vitals.step),
        "layer": int(vitals.layer),
        "epoch": float(vitals.epoch),
        "dead": storable(vitals.dead),
        "saturated": storable(vitals.saturated),
    }


def storable(value: float | None) -> float | None:
    """Return `value` as every database keeps it: NaN as NULL."""
    return None if value is None or math.isnan(value) else float(value)


def storable_amount(value: float | None) -> float | None:
    """Return a time or a speed to be stored; None where none could be told, as with a division by 0."""
    return None if value is None or not math.isfinite(value) else max(0.0, float(value))


def _columns(rows: Sequence[Any]) -> tuple[NDArray[np.float64], ...]:
    # NULL, which arrives as None, becomes NaN.
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return tuple(np.array(column, dtype=np.float64) for column in columns)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _time(value: Any) -> datetime:
    return datetime.fromtimestamp(float(value), UTC)


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value


def _rate_changes(value: Any) -> tuple[RateChange, ...]:
    text = "[]" if value is None else _text(value)
    if len(text) > _MAX_NOTES_TEXT:
        raise ValueError(f"{len(text)} characters are no notes of learning rates")
    return tuple(RateChange(*map(_amount, numbers)) for numbers in json.loads(text))


def _tags(value: Any) -> tuple[str, ...]:
    text = "[]" if value is None else _text(value)
    if len(text) > _MAX_NOTES_TEXT:
        raise ValueError(f"{len(text)} characters are no tags")
    return tuple(map(_text, json.loads(text)))


def _bounded(value: Any) -> str:
    text = _text(value)
    if len(text) > _MAX_PLAN_TEXT:
        raise ValueError(f"{len(text)} characters are no plan")
    return text


def _state(value: Any) -> dict[str, Any]:
    found = json.loads("{}" if value is None else _bounded(value))
    if not isinstance(found, dict):
        raise TypeError(f"{found!r} is no outcome")
    return found


def _share(value: Any) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        raise ValueError(f"{value!r} is not a share")
    return share


def _amount(value: Any) -> float:
    amount = float(value)
    if not 0 <= amount < math.inf:
        raise ValueError(f"{value!r} is not an amount")
    return amount


def _optional(read: Callable[[Any], _Read], value: Any) -> _Read | None:
    return None if value is None else read(value)
