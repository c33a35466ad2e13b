"""A lock between processes, so that the same dataset is not made twice at a time."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive_lock(path: Path, on_wait: Callable[[], None]) -> Iterator[bool]:
    """Wait until no other process or thread holds the lock file at `path`, then hold it.

    `on_wait` is called first if it has to wait. The system drops the lock of a process
    that dies. Yields False where the file system has no locks (some network folders):
    the caller must then do without.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _lock(descriptor, on_wait)
    finally:
        os.close(descriptor)  # which also unlocks


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, on_wait: Callable[[], None]) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            on_wait()
        else:
            return True
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # gives up after ten seconds
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int, on_wait: Callable[[], None]) -> bool:
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            return False
        return True
