"""Cores: who trains alone on a machine has all of them; several share them, each with cores of its own.

Side by side on the same cores, two trainings wait for each other's threads at every product. Ten runs of
128-128 take 11.6 s one after the other, each with two cores, and 8.9 s side by side, each with one: alone a
run keeps 1.7 of two cores busy, so there is less to be won than a half.

Each process that trains puts a note into a folder of its machine and looks there every now and then: so
workers of two apps share too, and those of a cluster on several machines, each machine by itself. A note
tells its process, and that of one that is dead counts for nothing: a killed worker needs nobody to clear up.

How many threads compute stays as it is (`core.training`), whatever cores they have: no sum depends on it.
"""

import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.machine import allowed_cores

_log = logging.getLogger(__name__)

# How often to look who else trains; a look takes some 0.1 ms.
SECONDS_A_LOOK = 0.25

_PROCESSES = Path("/proc")
_TOPOLOGY = Path("/sys/devices/system/cpu")
# Of /proc/PID/stat behind the name in brackets: what a process does, and since when. See proc_pid_stat(5).
_STATE, _STARTED = 0, 19
_DEAD = "ZX"
_NOTE = re.compile(r"\d{4}-(?P<process>\d+)-(?P<started>\d+)")


@contextmanager
def sharing_cores() -> Iterator[None]:
    """Have this process compute on its share of the cores while the block lasts, and on all of them after it.

    Where the system knows nothing of the kind, or does not allow it, nothing happens.
    """
    note = _put_note()
    if note is None:
        yield
        return
    all_cores, over = allowed_cores(), threading.Event()
    share = _settle(note, all_cores, all_cores)
    looking = threading.Thread(target=_look, args=(note, all_cores, share, over), name="cores", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        with suppress(OSError):
            note.unlink(missing_ok=True)
        with suppress(OSError):
            compute_on(all_cores)


def share_of(cores: Collection[int], place: int, count: int) -> frozenset[int]:
    """Return the cores of one of `count` who share them, counted from 0.

    Where there are more who share than cores nobody has one alone: the system is left to share them out.
    """
    if count > len(cores):
        return frozenset(cores)
    ordered = sorted(cores, key=_of_one_kind)
    return frozenset(ordered[place * len(ordered) // count : (place + 1) * len(ordered) // count])


def _look(note: Path, all_cores: frozenset[int], share: frozenset[int], over: threading.Event) -> None:
    while share and not over.wait(SECONDS_A_LOOK):
        share = _settle(note, all_cores, share)


def _settle(note: Path, all_cores: frozenset[int], before: frozenset[int]) -> frozenset[int]:
    """Compute on what is this process' share now; return that, or nothing where it cannot be had."""
    try:
        notes = sorted({*_living_notes(note.parent), note.name})
        share = share_of(all_cores, notes.index(note.name), len(notes))
        if share != before:
            compute_on(share)
    except OSError as error:
        _log.warning("the cores are not shared any more: %s", error)
        with suppress(OSError):
            compute_on(all_cores)
        return frozenset()
    return share


def compute_on(cores: frozenset[int]) -> None:
    """Have all threads of this process run on these cores, those too that start meanwhile.

    On a single one they take turns only as one waits for another: else each that is woken interrupts the
    one that woke it, 27,000 times in 16,000 steps, which a sixth of the time went into. See sched(7).
    """
    policy, nothing = os.SCHED_BATCH if len(cores) == 1 else os.SCHED_OTHER, os.sched_param(0)
    done: set[str] = set()
    # A new thread has the cores of the one that started it, which may have been changed only afterwards.
    while new := {thread.name for thread in (_PROCESSES / "self/task").iterdir()} - done:
        for thread in new:
            with suppress(ProcessLookupError, PermissionError):  # it has ended; its policy is somebody's wish
                os.sched_setaffinity(int(thread), cores)
                os.sched_setscheduler(int(thread), policy, nothing)
        done |= new


def _put_note() -> Path | None:
    """Take the first free number, so that who trains one run after another keeps the same cores.

    None where cores cannot be shared out.
    """
    if sys.platform != "linux":
        return None
    folder = Path(tempfile.gettempdir()) / f"digitlab-cores-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return None  # another user's, who would tell us what he likes
        taken = {int(name.split("-")[0]) for name in _living_notes(folder)}
        number = min({*range(len(taken) + 1)} - taken)
        # Of two who take the same number at the same moment the process tells which is first.
        note = folder / f"{number:04d}-{os.getpid()}-{_started(os.getpid())}"
        note.touch()
    except OSError as error:
        _log.warning("the cores are not shared: %s", error)
        return None
    return note


def _living_notes(folder: Path) -> list[str]:
    """Return the notes of processes that are alive; the others are removed."""
    found = []
    for note in folder.iterdir():
        written = _NOTE.fullmatch(note.name)
        if written is None:
            continue
        if _started(int(written["process"])) == written["started"]:
            found.append(note.name)
        else:
            note.unlink(missing_ok=True)
    return found


def _started(process: int) -> str:
    """Return when a process started, which tells it from a later one of the same number; "" if it is dead."""
    try:
        told = (_PROCESSES / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if told[_STATE] in _DEAD else told[_STARTED]


def _of_one_kind(core: int) -> tuple[int, int]:
    """Return a key that puts the threads of one physical core next to each other."""
    try:
        together = (_TOPOLOGY / f"cpu{core}" / "topology" / "thread_siblings_list").read_text()
        return int(together.replace("-", ",").split(",")[0]), core
    except (OSError, ValueError):
        return core, core
