"""A worker's pulse: tells the store how its run fares, and hears what people ask."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from core.errors import DigitLabError, StoreUnavailable, TrainingError
from core.sentences import say
from core.store import Claim, CurvePoint, LayerVitals, Progress, Request
from core.training import persistence

_log = logging.getLogger(__name__)

SECONDS_A_BEAT = 0.2
# Whoever must know that all is written waits so long; then the store is in trouble.
SECONDS_TO_WRITE = 5.0
# As many training points are kept for a store that cannot be written: a minute and a half of a small
# network's. Of more, every second one is forgotten.
MOST_KEPT = 6_000


class Pulse:
    """A thread that beats while a run is trained, as a context manager.

    A thread of its own, because the first compiled step takes seconds and a large
    network's chunk may too: neither must look like a dead worker. Each beat takes along
    what was recorded since the last, so that the training waits for no write of the curve.
    What a failing store does not take is kept and taken along when it is well again.

    Parameters
    ----------
    request
        What people had asked when the run was claimed: nobody should wait for the first beat.
    is_interrupted
        Whether somebody at this very process wants the run to stop, whatever the store says.
    """

    def __init__(
        self,
        claim: Claim,
        request: Request = Request.NONE,
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._claim = claim
        self._thread = threading.Thread(target=self._live, name=f"pulse {claim.run_id}", daemon=True)
        self._is_over = False
        self._is_awaited = threading.Event()
        self._changed = threading.Condition()  # guards all below; held for moments only
        self._points: list[CurvePoint] = []
        self._vitals: list[LayerVitals] = []
        self._progress: Progress | None = None
        self._checkpoint_step: int | None = None
        self._troubles: dict[str, str] = {}
        self._recorded = self._written = 0  # calls of `record` and `saved`; how many the store has
        self.steps_per_epoch = 0  # as last recorded
        self._writing_since: float | None = None
        self._failure: StoreUnavailable | None = None
        self._end: DigitLabError | None = None
        self._request = request
        self._is_interrupted = is_interrupted

    @property
    def request(self) -> Request:
        """Return what people last asked of this run.

        Raises
        ------
        StoreError
            If the run cannot go on: it is another worker's now or was deleted (`ClaimLost`), or its
            database is gone for good (`StoreGone`).
        """
        if self._end is not None:
            raise self._end
        return Request.STOP if self._is_interrupted() else self._request

    @property
    def is_cut_off(self) -> bool:
        """Whether the store takes nothing at present."""
        return self._failure is not None or self._is_stuck()

    def record(
        self, points: Sequence[CurvePoint], progress: Progress, vitals: Sequence[LayerVitals] = ()
    ) -> None:
        """Have these written with the next beat; the first of all at once, as people wait for it."""
        with self._changed:
            self._points += points
            self._vitals += vitals
            self._progress = progress
            self._recorded += 1
            self.steps_per_epoch = progress.steps_per_epoch
            is_first = self._recorded == 1
            if len(self._points) > MOST_KEPT:
                self._points = _every_second(self._points)
                steps = set(sorted({layer.step for layer in self._vitals})[::-2])
                self._vitals = [layer for layer in self._vitals if layer.step in steps]
        if is_first:
            self._is_awaited.set()

    def saved(self, step: int) -> None:
        """Have the store know with the next beat that there is a checkpoint of this global step."""
        with self._changed:
            self._checkpoint_step = step
            self._recorded += 1

    def say(self, trouble: str | None, about: str = "the run") -> None:
        """Have the page say, with the next beat, what is wrong with something; None: nothing any more."""
        with self._changed:
            self._troubles.pop(about, None)
            if trouble is not None:
                self._troubles[about] = trouble

    def flush(self) -> None:
        """Wait until what has been recorded is written; not, where the store is known to be in trouble.

        Raises
        ------
        ClaimLost, StoreError
            If the run cannot go on.
        StoreUnavailable
            If it cannot be written at present; it is kept for later beats.
        """
        with self._changed:
            wanted = self._recorded
            if self._written < wanted and not self.is_cut_off:
                self._is_awaited.set()
                self._changed.wait_for(
                    lambda: self._written >= wanted or self._failure or self._end, SECONDS_TO_WRITE
                )
            if self._end is not None:
                raise self._end
            if self._written < wanted:
                raise self._failure or StoreUnavailable(
                    say("{cause} Try again later.", cause=say("The database does not answer."))
                )

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
        wait, failing_since = SECONDS_A_BEAT, 0.0
        while True:
            self._is_awaited.wait(wait)
            self._is_awaited.clear()
            if self._is_over:
                return
            try:
                self._tell()
            except StoreUnavailable as error:
                wait = min(2 * wait, max(persistence.LONGEST_WAIT, SECONDS_A_BEAT))
                if self._failure is None:
                    failing_since = time.monotonic()
                    _log.warning("%s The training goes on meanwhile.", error)
                if persistence.is_hopeless(error, time.monotonic() - failing_since):
                    self._set(end=error)
                    return
                self._set(failure=error)
            except DigitLabError as error:
                self._set(end=error)
                return
            except Exception as error:
                # Without a pulse nobody could stop the run, and another worker would take it over.
                _log.exception("the pulse of run %s failed", self._claim.run_id)
                sentence = say(
                    "The run cannot be recorded ({kind}: {problem}).",
                    kind=type(error).__name__,
                    problem=error,
                )
                self._set(end=TrainingError(sentence))
                return
            else:
                wait = SECONDS_A_BEAT
                if self._failure is not None:
                    _log.warning("The store takes what is recorded again.")
                self._set()

    def _tell(self) -> None:
        with self._changed:
            points, self._points = self._points, []
            vitals, self._vitals = self._vitals, []
            progress, self._progress = self._progress, None
            step, self._checkpoint_step = self._checkpoint_step, None
            recorded, self._writing_since = self._recorded, time.monotonic()
            trouble = " ".join(dict.fromkeys(self._troubles.values())) or None
        try:
            self._request = self._claim.record(
                points, progress, vitals, trouble=trouble, checkpoint_step=step
            )
            self._written = recorded
        except DigitLabError:
            with self._changed:
                self._points[:0], self._vitals[:0] = points, vitals
                self._progress = self._progress or progress
                self._checkpoint_step = self._checkpoint_step or step
            raise
        finally:
            self._writing_since = None

    def _set(self, failure: StoreUnavailable | None = None, end: DigitLabError | None = None) -> None:
        with self._changed:
            self._failure, self._end = failure, end
            self._changed.notify_all()

    def _is_stuck(self) -> bool:
        since = self._writing_since
        return since is not None and time.monotonic() - since > SECONDS_TO_WRITE


def _every_second(points: list[CurvePoint]) -> list[CurvePoint]:
    """Return all validation points and, from the last on, every second training point."""
    training = [point for point in points if point.kind == "training"]
    kept = {id(point) for point in training[::-2]}
    return [point for point in points if point.kind != "training" or id(point) in kept]
