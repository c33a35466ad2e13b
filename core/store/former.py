"""The worker's side as it was called before `Claim`; goes once nobody calls it."""

from collections.abc import Sequence
from typing import Any

from core.store.claims import Claim
from core.store.database import Database
from core.store.records import CurvePoint, LayerVitals, Progress, Request, Run, RunStatus


class FormerClaims:
    """Each method is the one of `Claim` with its name."""

    _database: Database

    def beat(self, run_id: str, worker: str) -> Request:
        """See `Claim.record`."""
        return Claim(self._database, run_id, worker).record([], None)

    def record(
        self,
        run_id: str,
        worker: str,
        points: Sequence[CurvePoint],
        progress: Progress | None,
        vitals: Sequence[LayerVitals] = (),
    ) -> Request:
        """See `Claim.record`."""
        return Claim(self._database, run_id, worker).record(points, progress, vitals)

    def rewind(self, run_id: str, worker: str, step: int) -> None:
        """See `Claim.rewind`."""
        Claim(self._database, run_id, worker).rewind(step)

    def finish(self, run_id: str, worker: str, status: RunStatus, **results: Any) -> Run:
        """See `Claim.finish`."""
        return Claim(self._database, run_id, worker).finish(status, **results)
