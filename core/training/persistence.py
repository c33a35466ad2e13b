"""Persistence: what a moment's trouble keeps from succeeding is done again, until it succeeds."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import StoreError, StoreGone, StoreUnavailable

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

# Seconds between two attempts: the first, and the longest of those that double from there.
FIRST_WAIT = 0.25
LONGEST_WAIT = 2.0
# Who asks a run to stop waits so long for its results, and then has it without them.
PATIENCE_AFTER_STOP = 30.0
# A database that has been deleted may be put back within this time.
PATIENCE_WITHOUT_DATABASE = 600.0


class Persistence:
    """Does a thing again and again as long as the store is only unavailable for the moment.

    It waits without end: a full disk may have room tomorrow. It gives up when the run is asked to
    stop, or its database has been gone for too long. What trying again cannot mend is raised at once.

    Parameters
    ----------
    is_told_to_stop
        Whether somebody wants the run to end; may raise what ends the waiting.
    say
        Called with a sentence for the page when something has to be waited for, and with None
        when that is over.
    """

    def __init__(
        self,
        is_told_to_stop: Callable[[], bool] = lambda: False,
        say: Callable[[str | None], None] = lambda sentence: None,
    ) -> None:
        self._is_told_to_stop = is_told_to_stop
        self._say = say

    def __call__(self, action: Callable[[], Result], meanwhile: str) -> Result:
        """Return what `action` returns, as soon as it does.

        Parameters
        ----------
        meanwhile
            What becomes of the run as long as it fails, in a sentence for the page.

        Raises
        ------
        StoreUnavailable
            If the waiting was given up.
        """
        began: float | None = None
        wait = FIRST_WAIT
        while True:
            try:
                result = action()
            except StoreUnavailable as error:
                if began is None:
                    began = time.monotonic()
                    _log.warning("%s %s", error, meanwhile)
                if is_hopeless(error, time.monotonic() - began, self._is_told_to_stop()):
                    raise
                self._say(f"{cause_of(error)} {meanwhile}")
                time.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                if began is not None:
                    self._say(None)
                    _log.warning("That trouble is over.")
                return result


def is_hopeless(error: StoreUnavailable, seconds: float, is_told_to_stop: bool = False) -> bool:
    """Tell whether to give up what has failed for so long."""
    if isinstance(error, StoreGone) and seconds > PATIENCE_WITHOUT_DATABASE:
        return True
    return is_told_to_stop and seconds > PATIENCE_AFTER_STOP


def cause_of(error: StoreError) -> str:
    """Return the sentence of `error` that says what is wrong, without the advice for who may try again."""
    return f"{str(error).partition('. ')[0].removesuffix('.')}."
