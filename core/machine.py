"""What this process may use of its machine: cores and memory, as far as a container allows."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil

# What a worker holds: TensorFlow, the training images, the programs that it has compiled.
WORKER_BYTES = 1_000_000_000
MOST_WORKERS = 64
# Of the memory; the rest is for the app, for what runs need besides and for the system.
_SHARE_OF_WORKERS = 0.5

# See cgroups(7): where groups are told and where they are mounted.
GROUPS = Path("/proc/self/cgroup")
MOUNTED = Path("/sys/fs/cgroup")


def worker_count() -> int:
    """Return how many workers this machine has room for: one a core, and memory for each; at least 1."""
    by_memory = int(_SHARE_OF_WORKERS * memory_bytes() / WORKER_BYTES)
    return max(1, min(core_count(), by_memory, MOST_WORKERS))


def core_count() -> int:
    """Return how many cores this process may keep busy, at least 1."""
    cores = len(allowed_cores()) or os.cpu_count() or 1
    for folder in _folders("cpu"):
        told = _read(folder / "cpu.max")
        told = told or f"{_read(folder / 'cpu.cfs_quota_us')} {_read(folder / 'cpu.cfs_period_us')}"
        quota, _, period = told.partition(" ")
        if _number(quota) and _number(period):
            cores = min(cores, _number(quota) // _number(period))
    return max(1, cores)


def allowed_cores() -> frozenset[int]:
    """Return the numbers of the cores on which the calling thread may run; none where no system tells."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def memory_bytes() -> int:
    """Return how much memory this process and its children may take."""
    limits = (
        _number(_read(folder / name))
        for folder in _folders("memory")
        for name in ("memory.max", "memory.limit_in_bytes")
    )
    return min([int(psutil.virtual_memory().total), *filter(None, limits)])


def _folders(controller: str) -> Iterator[Path]:
    """Yield where the limits of this process' groups stand, from its own up to the root, in both versions."""
    for line in _read(GROUPS).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        root = MOUNTED / controller if controllers else MOUNTED
        # In a container the path may be one of the host, and the root is the container's own group.
        own = root / path.lstrip("/")
        yield from (own, *(above for above in own.parents if above.is_relative_to(root)))


def _read(file: Path) -> str:
    """Return what a file of the system says, nothing where there is none."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _number(text: str) -> int:
    """Return a limit, 0 for none: “max” in version 2, -1 in version 1."""
    return int(text) if text.isdecimal() else 0
