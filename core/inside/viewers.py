"""How many look into networks at a time: in a full room each looks less often, and training goes on."""

import threading
import time
from collections.abc import Callable

# So many may look at the full pace. An update takes about 10 ms of a processor for each of them.
AT_FULL_PACE = 8
# Who has not looked for so long has gone.
_GONE_SECONDS = 10.0


class Viewers:
    """Who has looked within the last seconds; for any number of threads.

    Parameters
    ----------
    clock
        Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._looked: dict[str, float] = {}

    def note(self, viewer: str) -> None:
        """Note that this one looks now."""
        now = self._clock()
        with self._guard:
            self._looked[viewer] = now
            self._looked = {one: at for one, at in self._looked.items() if now - at < _GONE_SECONDS}

    def pace(self) -> int:
        """Return how many times as long as usual a viewer waits between two looks."""
        now = self._clock()
        with self._guard:
            looking = sum(now - at < _GONE_SECONDS for at in self._looked.values())
        return 1 + max(0, looking - 1) // AT_FULL_PACE
