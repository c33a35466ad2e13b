"""Freed memory goes back to the system."""

import ctypes
import platform

IS_GLIBC = platform.libc_ver()[0] == "glibc"

# Of <malloc.h>: which setting, by number.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_TRIM_THRESHOLD = 1 << 20
_MMAP_THRESHOLD = 256 << 10


def return_what_is_freed() -> None:
    """Have glibc give large blocks back to the system as soon as they are free; nothing elsewhere.

    By itself it raises the size from which blocks are mapped one by one as soon as a large one is freed.
    From then on pictures lie in the pools of threads, of which each keeps up to 64 MB, and malloc_trim(3)
    does not take the end of a pool: after twenty pictures in ten threads 127 MB were kept, with
    this 3 MB. For the app's process; a worker, which needs the same blocks at every step, does the contrary.
    See mallopt(3) and `mtrim` in glibc's malloc.c.
    """
    if IS_GLIBC:
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _MMAP_THRESHOLD)
        library.mallopt(_M_TRIM_THRESHOLD, _TRIM_THRESHOLD)


def trim() -> None:
    """Give back the memory that is free now, in some milliseconds: malloc_trim(3); nothing elsewhere."""
    if IS_GLIBC:
        ctypes.CDLL(None).malloc_trim(0)
