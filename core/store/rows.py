"""Rows of the database to the records of the store, trusting nothing that a row says."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.errors import ExperimentUnreadable
from core.sentences import say
from core.store.cells import (
    as_amount,
    as_count,
    as_plan,
    as_rate_changes,
    as_share,
    as_state,
    as_tags,
    as_text,
    as_time,
    optional,
    told_if_damaged,
)
from core.store.experiment_records import Experiment
from core.store.records import Curve, CurvePoint, LayerVitals, Request, Run, RunStatus

# Pages read the same few configurations twice a second.
_read_config = lru_cache(maxsize=512)(TrainingConfig.from_json)


def run_from_row(row: Any) -> Run:
    """Return the run of one row of `tables.runs`.

    Raises
    ------
    RunUnreadable
        If any value is not what this column holds.
    """
    with told_if_damaged(damaged_run(row.id)):
        return Run(
            id=row.id,
            workspace=as_text(row.workspace),
            status=RunStatus(row.status),
            config=_read_config(as_text(row.config)),
            recipe=optional(as_text, row.recipe),
            created_at=as_time(row.created_at),
            started_at=optional(as_time, row.started_at),
            finished_at=optional(as_time, row.finished_at),
            request=Request(row.request),
            epoch=as_count(row.epoch),
            step=as_count(row.step),
            steps_per_epoch=as_count(row.steps_per_epoch),
            images_per_second=optional(as_amount, row.images_per_second),
            seconds_left=optional(as_amount, row.seconds_left),
            train_seconds=optional(as_amount, row.train_seconds),
            total_seconds=optional(as_amount, row.total_seconds),
            test_accuracy=optional(float, row.test_accuracy),
            test_loss=optional(float, row.test_loss),
            message=optional(as_text, row.message),
            attempts=as_count(row.attempts),
            curve_version=as_count(row.curve_version),
            curve_rewritten=as_count(row.curve_rewritten),
            fruitless_attempts=as_count(row.fruitless_attempts),
            rate_changes=as_rate_changes(row.rate_changes),
            number=as_count(row.number),
            name=optional(as_text, row.name),
            starred=bool(as_count(row.starred)),
            cost_seconds=optional(as_amount, row.cost_seconds),
            checkpoint_step=optional(as_count, row.checkpoint_step),
            trouble=optional(as_text, row.trouble),
            deleted_at=optional(as_time, row.deleted_at),
            parent=optional(as_text, row.parent),
            parent_number=optional(as_count, row.parent_number),
            fork_epoch=optional(as_count, row.fork_epoch),
            note=optional(as_text, row.note),
            tags=as_tags(row.tags),
            experiment=optional(as_text, row.experiment),
            trial=optional(as_count, row.trial),
            imported=bool(as_count(row.imported)),
            best_accuracy=optional(as_share, row.best_accuracy),
            best_epoch=optional(as_amount, row.best_epoch),
        )


def experiment_from_row(row: Any) -> Experiment:
    """Return the experiment of one row of `tables.experiments`.

    Raises
    ------
    ExperimentUnreadable
        If any value is not what this column holds.
    """
    with told_if_damaged(
        say(
            "What the database says about experiment {experiment} is damaged. Others are not affected; "
            "start this one again.",
            experiment=row.id,
        ),
        ExperimentUnreadable,
    ):
        status = RunStatus(row.status)
        state = as_state(row.outcome)
        return Experiment(
            id=as_text(row.id),
            workspace=as_text(row.workspace),
            kind=as_text(row.kind),
            status=status,
            plan=as_plan(row.plan),
            name=optional(as_text, row.name),
            guess=optional(as_text, row.guess),
            message=optional(as_text, row.message),
            created_at=as_time(row.created_at),
            started_at=optional(as_time, row.started_at),
            finished_at=optional(as_time, row.finished_at),
            request=Request(row.request),
            cost_seconds=optional(as_amount, row.cost_seconds),
            # While it goes on this column has what the driver must not forget.
            outcome=state if status.is_ended else {},
            made=as_count(state.get("made", 0)),
        )


def damaged_run(run_id: str) -> str:
    """Return the sentence about a run whose row cannot be read."""
    return say(
        "What the database says about run {run} is damaged. Other runs are not affected; train this one "
        "again.",
        run=run_id,
    )


def curve_from_rows(run_id: str, training: Sequence[Any], validation: Sequence[Any]) -> Curve:
    """Return the curves of rows (epoch, loss, accuracy), each in the order of steps.

    Raises
    ------
    RunUnreadable
        If a value is not a number.
    """
    with told_if_damaged(say("The curve of run {run} is damaged. Other runs are not affected.", run=run_id)):
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
    with told_if_damaged(
        say(
            "What the database says about the hidden units of run {run} is damaged. Other runs are not "
            "affected.",
            run=run_id,
        )
    ):
        return tuple(
            LayerVitals(
                as_count(row.step),
                as_amount(row.epoch),
                as_count(row.layer),
                optional(as_share, row.dead),
                optional(as_share, row.saturated),
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
