"""A worker's pulse: tells the store that it lives and hears what people ask."""

import logging
import threading
from types import TracebackType
from typing import Self

from core.errors import ClaimLost, StoreError
from core.store import Request, RunStore

_log = logging.getLogger(__name__)

SECONDS_A_BEAT = 0.25


class Pulse:
    """A thread that beats while a run is trained, as a context manager.

    A thread of its own, because the first compiled step takes seconds and a large
    network's chunk may too: neither must look like a dead worker.
    """

    def __init__(self, store: RunStore, run_id: str, worker: str, request: Request = Request.NONE) -> None:
        self._store, self._run_id, self._worker = store, run_id, worker
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse {run_id}", daemon=True)
        self._request = request  # as the claim found it: nobody should wait for the first beat
        self._claim_lost = False

    @property
    def request(self) -> Request:
        """Return what people last asked of this run; raise `ClaimLost` if it is another's now."""
        if self._claim_lost:
            raise ClaimLost(f"Run {self._run_id} has been taken over by another worker.")
        return self._request

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(SECONDS_A_BEAT):
            try:
                self._request = self._store.beat(self._run_id, self._worker)
            except ClaimLost:
                self._claim_lost = True
                return
            except StoreError as error:
                # A busy or full disk for a moment: the next beat may do better.
                _log.warning("%s", error)
