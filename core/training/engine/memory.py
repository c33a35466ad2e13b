"""How the memory is kept that training takes and frees at every step: by the C library and by XLA."""

import ctypes
import gc
import os

from core.memory import IS_GLIBC, trim

# Of <malloc.h>: which setting, by number.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3

_NOTHING_SHARED = "--xla_multiheap_size_constraint_per_heap=1"
_MEGABYTE = 1 << 20
# A thread's pool of memory grows in heaps of 64 MB (HEAP_MAX_SIZE of glibc). One that is empty goes
# back to the system unless the heap before it has less than TOP_PAD left, so 64 MB keeps them all.
TOP_PAD = 64 * _MEGABYTE
TRIM_THRESHOLD = 256 * _MEGABYTE
# The highest that glibc takes; larger buffers are mapped one by one.
MMAP_THRESHOLD = 32 * _MEGABYTE


def keep_buffers_apart() -> None:
    """Have XLA give each value of a compiled step memory of its own; call before TensorFlow is imported.

    XLA computes an order of the kernels and lets values share memory that are not needed at the same
    time in that order. Then it runs kernels side by side that do not need each other's values, but one
    that writes into shared memory must wait for those that read it: half a batch's gradient waited for
    the other half's. The flag bounds the bytes of a heap within which values share; none but a
    heap's first may exceed it, so with 1 each value is a heap of its own. See
    `multiheap_size_constraint_per_heap` in XLA's buffer_assignment.cc.
    """
    os.environ["XLA_FLAGS"] = f"{_NOTHING_SHARED} {os.environ.get('XLA_FLAGS', '')}".strip()


def keep_freed_memory() -> None:
    """Have glibc keep freed memory instead of giving it back to the system at once.

    Every matrix product takes and frees working space. Where that lies at the end of a heap,
    each step gave megabytes back and faulted them in again: an epoch took up to twice as long,
    depending on nothing but where the heap happened to end. Dask moreover starts its workers with
    a trim threshold of 64 KB. Elsewhere than on glibc this does nothing.
    See mallopt(3) and `heap_trim` in glibc's malloc/arena.c.
    """
    if not IS_GLIBC:
        return
    library = ctypes.CDLL(None)
    library.mallopt(_M_TRIM_THRESHOLD, TRIM_THRESHOLD)
    library.mallopt(_M_TOP_PAD, TOP_PAD)
    library.mallopt(_M_MMAP_THRESHOLD, MMAP_THRESHOLD)


def tidy_up() -> None:
    """Give back what a run has left, about 100 MB; takes some 50 ms, so do it between runs.

    Not by Keras' `clear_session`: it also forgets what the kept networks run on, and to make that
    anew costs more memory than it frees.
    """
    gc.collect()
    trim()
