"""A lock between processes, so that the same dataset is not made twice at a time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import lock_descriptor


@contextmanager
def exclusive_lock(path: Path, on_wait: Callable[[], None]) -> Iterator[bool]:
    """Wait until no other process or thread holds the lock file at `path`, then hold it.

    `on_wait` is called first if it has to wait. The system drops the lock of a process
    that dies. Yields False where the file system has no locks (some network folders):
    the caller must then do without.

    Raises
    ------
    OSError
        If the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _lock(descriptor, on_wait)
    finally:
        os.close(descriptor)  # which also unlocks


def _lock(descriptor: int, on_wait: Callable[[], None]) -> bool:
    try:
        if not lock_descriptor(descriptor, blocking=False):
            on_wait()
            lock_descriptor(descriptor)
    except OSError:
        return False
    return True
