"""Rows of the database to the records of the store, trusting nothing that a row says."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.errors import ConfigError, RunUnreadable
from core.store.records import Curve, CurvePoint, LayerVitals, RateChange, Request, Run, RunStatus

# Pages read the same few configurations twice a second.
_read_config = lru_cache(maxsize=512)(TrainingConfig.from_json)


def run_from_row(row: Any) -> Run:
    """Return the run of one row of `tables.runs`.

    Raises
    ------
    RunUnreadable
        If any value is not what this column holds.
    """
    try:
        return Run(
            id=row.id,
            workspace=_text(row.workspace),
            status=RunStatus(row.status),
            config=_read_config(_text(row.config)),
            recipe=None if row.recipe is None else _text(row.recipe),
            created_at=_time(row.created_at),
            started_at=None if row.started_at is None else _time(row.started_at),
            finished_at=None if row.finished_at is None else _time(row.finished_at),
            request=Request(row.request),
            epoch=_count(row.epoch),
            step=_count(row.step),
            steps_per_epoch=_count(row.steps_per_epoch),
            images_per_second=_number(row.images_per_second),
            seconds_left=_number(row.seconds_left),
            train_seconds=_number(row.train_seconds),
            total_seconds=_number(row.total_seconds),
            test_accuracy=_number(row.test_accuracy),
            test_loss=_number(row.test_loss),
            message=None if row.message is None else _text(row.message),
            attempts=_count(row.attempts),
            curve_version=_count(row.curve_version),
            curve_rewritten=_count(row.curve_rewritten),
            fruitless_attempts=_count(row.fruitless_attempts),
            rate_changes=_rate_changes(row.rate_changes),
            number=_count(row.number),
            name=None if row.name is None else _text(row.name),
            starred=bool(_count(row.starred)),
            cost_seconds=_number(row.cost_seconds),
            checkpoint_step=None if row.checkpoint_step is None else _count(row.checkpoint_step),
            trouble=None if row.trouble is None else _text(row.trouble),
            deleted_at=None if row.deleted_at is None else _time(row.deleted_at),
        )
    except (ConfigError, ValueError, TypeError, OverflowError, OSError) as error:
        raise RunUnreadable(
            f"What the database says about run {row.id} is damaged. Other runs are not affected; "
            "train this one again."
        ) from error


def curve_from_rows(run_id: str, training: Sequence[Any], validation: Sequence[Any]) -> Curve:
    """Return the curves of rows (epoch, loss, accuracy), each in the order of steps.

    Raises
    ------
    RunUnreadable
        If a value is not a number.
    """
    try:
        return Curve(*_columns(training), *_columns(validation))
    except (ValueError, TypeError) as error:
        raise RunUnreadable(
            f"The curve of run {run_id} is damaged in the database. Other runs are not affected."
        ) from error


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
    try:
        return tuple(
            LayerVitals(
                _count(row.step), float(row.epoch), _count(row.layer), _share(row.dead), _share(row.saturated)
            )
            for row in rows
        )
    except (ValueError, TypeError) as error:
        raise RunUnreadable(
            f"What the database says about the hidden units of run {run_id} is damaged. "
            "Other runs are not affected."
        ) from error


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
    noted = [] if value is None else json.loads(_text(value))
    return tuple(RateChange(*map(float, numbers)) for numbers in noted)


def _share(value: Any) -> float | None:
    share = _number(value)
    if share is not None and not 0 <= share <= 1:
        raise ValueError(f"{value!r} is not a share")
    return share


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
