"""What was recorded of a run as it trained: its curves, and how its hidden units fared."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, select

from core.store.database import Database
from core.store.files import check_run_id
from core.store.queries import read_run
from core.store.records import Curve, LayerVitals, Run
from core.store.rows import curve_from_rows, vitals_from_rows
from core.store.tables import points, vitals

_POINTS_AFTER = (
    select(points.c.epoch, points.c.loss, points.c.accuracy, points.c.step)
    .where(
        points.c.run_id == bindparam("run_id"),
        points.c.kind == bindparam("kind"),
        points.c.step > bindparam("step"),
    )
    .order_by(points.c.step)
)
_VITALS_AFTER = (
    select(vitals)
    .where(vitals.c.run_id == bindparam("run_id"), vitals.c.step > bindparam("step"))
    .order_by(vitals.c.step, vitals.c.layer)
)
_NOTHING = Curve(*(np.array([], dtype=np.float64) for _ in fields(Curve)))


@dataclass(frozen=True)
class Recorded:
    """What a run has recorded up to one version of its curve; arrays are read-only.

    Attributes
    ----------
    version
        The run's `curve_version`.
    last_steps
        Global steps of the last training point, validation point and vitals; -1 before the first.
    """

    version: int = -1
    curve: Curve = _NOTHING
    vitals: tuple[LayerVitals, ...] = ()
    last_steps: tuple[int, ...] = (-1, -1, -1)


class RunCurves:
    """The part of `RunStore` that reads what workers have recorded."""

    _database: Database

    def curve(self, run_id: str) -> Curve:
        """Return the curves so far, empty before the first point.

        Raises
        ------
        RunUnreadable
            If a point is not a number.
        """
        check_run_id(run_id)
        with self._database.transaction() as connection:
            training, validation = (_points(connection, run_id, kind) for kind in ("training", "validation"))
        return _curve(run_id, training, validation)

    def vitals(self, run_id: str) -> tuple[LayerVitals, ...]:
        """Return how the hidden units fared, in the order of steps and then of layers.

        Raises
        ------
        RunUnreadable
            If a row does not hold shares.
        """
        check_run_id(run_id)
        with self._database.transaction() as connection:
            rows = connection.execute(_VITALS_AFTER, {"run_id": run_id, "step": -1}).all()
        return vitals_from_rows(run_id, rows)

    def watch(self, run_id: str, known: Recorded | None = None) -> tuple[Run, Recorded]:
        """Return a run and what it has recorded, reading only what is new beside what is `known` of it.

        One transaction, and one statement where nothing is new. A curve that has changed
        otherwise than by growing is read as a whole.

        Raises
        ------
        RunNotFound
        RunUnreadable
            If the run, a point or the vitals are damaged.
        """
        check_run_id(run_id)
        with self._database.transaction() as connection:
            run = read_run(connection, run_id)
            if known is not None and known.version == run.curve_version:
                return run, known
            if known is None or known.version < run.curve_rewritten:
                known = Recorded()
            training, validation = (
                _points(connection, run_id, kind, after)
                for kind, after in zip(("training", "validation"), known.last_steps, strict=False)
            )
            layers = connection.execute(_VITALS_AFTER, {"run_id": run_id, "step": known.last_steps[2]}).all()
        added = _curve(run_id, training, validation)
        last_steps = tuple(
            int(rows[-1].step) if rows else before
            for rows, before in zip((training, validation, layers), known.last_steps, strict=True)
        )
        return run, Recorded(
            run.curve_version,
            _joined(known.curve, added),
            known.vitals + vitals_from_rows(run_id, layers),
            last_steps,
        )


def _points(connection: Connection, run_id: str, kind: str, after: int = -1) -> Sequence[Any]:
    return connection.execute(_POINTS_AFTER, {"run_id": run_id, "kind": kind, "step": after}).all()


def _curve(run_id: str, training: Sequence[Any], validation: Sequence[Any]) -> Curve:
    return curve_from_rows(run_id, *([row[:3] for row in rows] for rows in (training, validation)))


def _joined(before: Curve, added: Curve) -> Curve:
    columns = []
    for field in fields(Curve):
        column = np.concatenate([getattr(before, field.name), getattr(added, field.name)])
        column.flags.writeable = False  # many sessions look at the same one
        columns.append(column)
    return Curve(*columns)
