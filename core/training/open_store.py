"""The store of a worker, open from one run to the next: to open it takes as long as a tiny run."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.settings import Settings
from core.store import RunStore


class OpenStore:
    """Keeps the store of the last run for the next, as long as nothing goes wrong with it.

    May be used from many threads, which then share it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: tuple[Settings, RunStore] | None = None

    @contextmanager
    def __call__(
        self, settings: Settings, persist: Callable[[Callable[[], RunStore]], RunStore]
    ) -> Iterator[RunStore]:
        """Yield the store that these settings describe; what ends with an error ends with its connections.

        Parameters
        ----------
        persist
            Calls what opens the store, again and again if need be.

        Raises
        ------
        StoreError
            If it cannot be opened.
        """
        store = self._of(settings) or persist(lambda: RunStore.from_settings(settings, must_exist=True))
        try:
            yield store
        except BaseException:
            self._keep(None)
            store.close()
            raise
        self._keep((settings, store))

    def _of(self, settings: Settings) -> RunStore | None:
        with self._guard:
            return self._kept[1] if self._kept is not None and self._kept[0] == settings else None

    def _keep(self, what: tuple[Settings, RunStore] | None) -> None:
        with self._guard:
            before, self._kept = self._kept, what
        if before is not None and (what is None or before[1] is not what[1]):
            before[1].close()


# Of this process: a worker trains one run after another.
OPEN_STORE = OpenStore()
