"""What was recorded of a run as it trained: its curves, and how its hidden units fared."""

from sqlalchemy import bindparam, select

from core.store.database import Database
from core.store.files import check_run_id
from core.store.records import Curve, LayerVitals
from core.store.rows import curve_from_rows, vitals_from_rows
from core.store.tables import points, vitals

_CURVE = (
    select(points.c.epoch, points.c.loss, points.c.accuracy)
    .where(points.c.run_id == bindparam("run_id"), points.c.kind == bindparam("kind"))
    .order_by(points.c.step)
)
_VITALS = select(vitals).where(vitals.c.run_id == bindparam("run_id")).order_by(vitals.c.step, vitals.c.layer)


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
            training, validation = (
                connection.execute(_CURVE, {"run_id": run_id, "kind": kind}).all()
                for kind in ("training", "validation")
            )
        return curve_from_rows(run_id, training, validation)

    def vitals(self, run_id: str) -> tuple[LayerVitals, ...]:
        """Return how the hidden units fared, in the order of steps and then of layers.

        Raises
        ------
        RunUnreadable
            If a row does not hold shares.
        """
        check_run_id(run_id)
        with self._database.transaction() as connection:
            rows = connection.execute(_VITALS, {"run_id": run_id}).all()
        return vitals_from_rows(run_id, rows)
