"""A worker's pulse: tells the store how its run fares, and hears what people ask."""

import logging
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from core.errors import ClaimLost, StoreError
from core.store import CurvePoint, LayerVitals, Progress, Request, RunStore

_log = logging.getLogger(__name__)

SECONDS_A_BEAT = 0.2


class Pulse:
    """A thread that beats while a run is trained, as a context manager.

    A thread of its own, because the first compiled step takes seconds and a large
    network's chunk may too: neither must look like a dead worker. Each beat takes along
    what was recorded since the last, so that the training waits for no write of the curve.
    """

    def __init__(self, store: RunStore, run_id: str, worker: str, request: Request = Request.NONE) -> None:
        self._store, self._run_id, self._worker = store, run_id, worker
        self._thread = threading.Thread(target=self._live, name=f"pulse {run_id}", daemon=True)
        self._is_over = False
        self._is_awaited = threading.Event()
        self._telling = threading.Lock()  # keeps two writes in their order
        self._handing_over = threading.Lock()  # held for moments, so that the training never waits
        self._points: list[CurvePoint] = []
        self._vitals: list[LayerVitals] = []
        self._progress: Progress | None = None
        self._has_recorded = False
        self._request = request  # as the claim found it: nobody should wait for the first beat
        self._claim_lost = False

    @property
    def request(self) -> Request:
        """Return what people last asked of this run; raise `ClaimLost` if it is another's now."""
        if self._claim_lost:
            raise ClaimLost(f"Run {self._run_id} has been taken over by another worker.")
        return self._request

    def record(
        self, points: Sequence[CurvePoint], progress: Progress, vitals: Sequence[LayerVitals] = ()
    ) -> None:
        """Have these written with the next beat; the first of all at once, as people wait for it."""
        with self._handing_over:
            self._points += points
            self._vitals += vitals
            self._progress = progress
        if not self._has_recorded:
            self._has_recorded = True
            self._is_awaited.set()

    def flush(self) -> None:
        """Write what has been recorded and is not written yet.

        Raises
        ------
        ClaimLost
            If the run is another worker's now.
        StoreError
            If it cannot be written; it is kept for the next beat.
        """
        with self._telling:
            if self._progress is not None:
                self._tell()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self._is_awaited.set()
        self._thread.join()

    def _live(self) -> None:
        while True:
            self._is_awaited.wait(SECONDS_A_BEAT)
            self._is_awaited.clear()
            if self._is_over:
                return
            try:
                with self._telling:
                    self._tell()
            except ClaimLost:
                self._claim_lost = True
                return
            except StoreError as error:
                # A busy or full disk for a moment: the next beat may do better.
                _log.warning("%s", error)

    def _tell(self) -> None:
        with self._handing_over:
            points, self._points = self._points, []
            vitals, self._vitals = self._vitals, []
            progress, self._progress = self._progress, None
        try:
            self._request = self._store.record(self._run_id, self._worker, points, progress, vitals)
        except StoreError:
            with self._handing_over:
                self._points[:0], self._vitals[:0] = points, vitals
                self._progress = self._progress or progress
            raise
