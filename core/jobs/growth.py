"""How many workers the embedded cluster should have: one, and more while there is work for them.

And how much they can take on at a time: each run needs memory besides its worker's own.
"""

import time
from collections.abc import Sequence

from core.machine import WORKER_BYTES, memory_bytes

# The start of a worker computes for four seconds, which those that train feel, and holds 1 GB from then on:
# it pays from so many seconds on that would otherwise be waited for.
PAYS_SECONDS = 10.0
# After so long without any run the further workers are let go.
IDLE_SECONDS = 600.0
# A worker that has not come up after so long, or is missing for so long, is asked for anew: Dask does not try
# again where the first start has failed, say for lack of memory.
MISSING_SECONDS = 120.0
# Of the memory, for the app and the system.
_SPARED_BYTES = 1_000_000_000


def has_memory_for(running: Sequence[int], more: int, workers: int) -> bool:
    """Tell whether this machine has memory for one more run of `more` bytes beside those that train.

    For one that trains alone it always has: what a single run may take is a limit of its own.
    """
    left = memory_bytes() - _SPARED_BYTES - workers * WORKER_BYTES
    return not running or sum(running) + more <= left


def workers_wanted(
    running: Sequence[float], waiting: Sequence[float], up: int, most: int, *, has_more: bool = False
) -> int:
    """Return how many workers there should be.

    Parameters
    ----------
    running, waiting
        Estimated seconds that are left of each run that trains, and of each that finds no free place.
    up, most
        Workers that there are, and that there may be.
    has_more
        Whether further runs are known to follow these.
    """
    # The first one starts with the app, and alone: whoever comes first waits for no other.
    if not waiting or not up or up >= most:
        return up
    side_by_side = sum(running) + sum(waiting) - max(*running, *waiting, 0.0)
    until_one_is_free = min(running, default=0.0)
    pays = has_more or max(side_by_side, until_one_is_free) >= PAYS_SECONDS
    return min(most, up + len(waiting)) if pays else up


class Growth:
    """Follows the work of one embedded cluster.

    Attributes
    ----------
    asked
        How many workers it should have at present.
    """

    def __init__(self) -> None:
        self.asked = 1
        self._busy_at = self._whole_at = time.monotonic()

    def look(
        self, running: Sequence[float], waiting: Sequence[float], up: int, most: int, *, has_more: bool
    ) -> bool:
        """Take note of the work there is, as `workers_wanted` is told; return whether `asked` has changed."""
        before, now = self.asked, time.monotonic()
        is_idle, is_whole = not (running or waiting), up >= self.asked
        self._busy_at = self._busy_at if is_idle else now
        self._whole_at = now if is_whole else self._whole_at
        if is_idle and now - self._busy_at >= IDLE_SECONDS:
            self.asked = 1
        elif not is_whole and now - self._whole_at >= MISSING_SECONDS:
            self.asked, self._whole_at = max(1, up), now
        elif (wanted := workers_wanted(running, waiting, up, most, has_more=has_more)) > up:
            self.asked = max(self.asked, wanted)
        return self.asked != before
