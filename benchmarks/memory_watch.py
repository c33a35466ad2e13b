"""The most that a process and its children hold in memory together, over some time."""

import threading
from typing import Self

import psutil


class MemoryWatch:
    """Looks every now and then at what a process and its children hold, in MB.

    Parameters
    ----------
    pid
        Of the process.
    seconds
        Between two looks, each of which takes some 30 ms of the processor.
    """

    def __init__(self, pid: int, seconds: float = 0.5) -> None:
        self._process = psutil.Process(pid)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._seconds = seconds
        self.peak = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def now(self) -> float:
        """Return MB held at this moment; memory that processes share counts for each a part (PSS)."""
        held = 0
        for process in (self._process, *self._process.children(recursive=True)):
            try:
                held += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue  # a worker that made way for a fresh one
        return held / 1e6

    def forget(self) -> None:
        """Begin a new peak."""
        self.peak = 0.0

    def _look(self) -> None:
        while not self._is_over.wait(self._seconds):
            self.peak = max(self.peak, self.now())
