"""What pictures cost that are small as files and large when decoded: memory and seconds.

Each series is read in a fresh process, as the app reads an upload, and the process' own peak is
taken, so that no moment is missed. What it counts from is the process after its first ordinary
picture: until then it has imported SciPy, once and for all, which is a figure of its own.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from benchmarks.result import Result
from core.errors import DigitLabError, PictureError
from tests.support.hostile_pictures import hostile_pictures
from tests.support.picture_samples import file_of, ink_of, picture_of, seven
from tests.support.serve import ROOT

NAMES = (
    "upload_first_picture_mb",
    "upload_one_by_one_peak_mb",
    "upload_one_by_one_kept_mb",
    "upload_slowest_seconds",
    "upload_ten_at_once_peak_mb",
    "upload_ten_at_once_kept_mb",
    "upload_ten_at_once_seconds",
)

AT_ONCE = 10
ROUNDS_AT_ONCE = 1
MOST_MEGABYTES = 60.0
MOST_SECONDS = 1.5
_ORDINARY = "ordinary.png"


def run() -> Iterator[Result]:
    """Yield what the hostile pictures cost one after another, and ten at once.

    Raises
    ------
    DigitLabError
        If a reading process fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / _ORDINARY).write_bytes(file_of(picture_of(ink_of(seven))))
        for name, content in hostile_pictures():
            (Path(folder) / name).write_bytes(content)
        alone, together = _measured(folder, 1, 1), _measured(folder, AT_ONCE, ROUNDS_AT_ONCE)
    yield Result(NAMES[0], alone["first"], "MB")
    yield Result(NAMES[1], alone["peak"], "MB", MOST_MEGABYTES)
    yield Result(NAMES[2], alone["kept"], "MB")
    yield Result(NAMES[3], alone["slowest"], "s", MOST_SECONDS)
    yield Result(NAMES[4], together["peak"], "MB", MOST_MEGABYTES)
    yield Result(NAMES[5], together["kept"], "MB")
    yield Result(NAMES[6], together["seconds"], "s")


def _measured(folder: str, at_once: int, rounds: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.uploads", folder, str(at_once), str(rounds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DigitLabError(f"The pictures could not be read: {done.stderr[-500:]}")
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _measure(folder: Path, at_once: int, rounds: int) -> dict[str, float]:
    """Read all pictures of `folder`, so many at once and so often, and return megabytes and seconds."""
    from core.handwriting.upload import read_upload
    from core.memory import return_what_is_freed

    return_what_is_freed()  # as app.py does

    def peak() -> float:
        status = Path("/proc/self/status")
        if status.exists():  # where `ru_maxrss` is at least what the process that started this one held
            return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024 / 1e6
        from resource import RUSAGE_SELF, getrusage

        return getrusage(RUSAGE_SELF).ru_maxrss / 1e6

    def resident() -> float:
        return float(psutil.Process().memory_info().rss / 1e6)

    def read(path: Path) -> float:
        began = time.monotonic()
        try:
            read_upload(path.read_bytes(), path.name)
        except PictureError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
        return time.monotonic() - began

    bare = resident()
    read(folder / _ORDINARY)
    base = resident()
    paths = sorted(path for path in folder.iterdir() if path.name != _ORDINARY) * rounds
    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as threads:
        seconds = list(threads.map(read, paths))
    whole = time.monotonic() - began
    return {
        "first": base - bare,
        "peak": peak() - base,
        "kept": resident() - base,
        "slowest": max(seconds),
        "seconds": whole,
    }


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
