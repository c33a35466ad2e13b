"""The modules and the weights that the browser fetches for the live reading, from the static folder."""

import hashlib
import os
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pages.parts.shared.live_chart import static_files

_HERE = Path(__file__).parent
_ENTRY = "live_reading.js"
# They speak as those of the network diagram do.
_WORDS = _HERE.parents[1] / "shared" / "network_diagram" / "words.js"
MODULES = tuple(sorted(path.name for path in _HERE.glob("*.js")))

# Of the networks that were shown last. The usual one has half a megabyte.
MOST_FILES = 64
MOST_BYTES = 200_000_000
_FOLDER = "weights"
_HOUR = 3600.0


def ensure_modules(folder: Path) -> str:
    """Put the modules into a folder of `folder` unless they are there; return the first one's path in it.

    Raises
    ------
    OSError
        If a file is missing and cannot be written.
    """
    return f"{static_files.ensure_modules(folder, 'live_reading', module_contents())}/{_ENTRY}"


def module_contents() -> dict[str, bytes]:
    """Return all modules of the live reading by name."""
    return {name: (_HERE / name).read_bytes() for name in MODULES} | {_WORDS.name: _WORDS.read_bytes()}


@lru_cache(maxsize=4)  # a third of a millisecond, at each rest of each pen
def name_of(weights: bytes) -> str:
    """Return the path of weights in the static folder: another one for others, so browsers keep them."""
    return f"{_FOLDER}/{hashlib.sha256(weights).hexdigest()[:24]}.bin"


def ensure_weights(folder: Path, weights: bytes) -> str:
    """Put weights into `folder` unless they are there; return their path in it. Those asked for last stay.

    Raises
    ------
    OSError
        If they are missing and cannot be written.
    """
    name = name_of(weights)
    static_files.write_once(folder / name, weights)
    with suppress(OSError):  # a file that only others may write
        # Not each time: a server without our headers tells by it whether a browser's copy is still right.
        if time.time() - (folder / name).stat().st_mtime > _HOUR:
            os.utime(folder / name)
    _make_room(folder / name)
    return name


def _make_room(newest: Path) -> None:
    """Remove what was asked for longest ago until the rest is few and small enough."""
    found: list[tuple[float, int, Path]] = []
    for path in newest.parent.glob("*.bin"):
        with suppress(OSError):  # another process has removed it
            stat = path.stat()
            found.append((stat.st_mtime, stat.st_size, path))
    kept = size = 0
    for _when, length, path in sorted(found, reverse=True):
        kept, size = kept + 1, size + length
        if path != newest and (kept > MOST_FILES or size > MOST_BYTES):
            with suppress(OSError):
                path.unlink()
