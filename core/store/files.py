"""The files of runs: a folder for each, locally or in an object store."""

import os
import re
import secrets
from pathlib import Path

from upath import UPath

from core.errors import RunNotFound, StorageFull, StoreError
from core.store.database import FULL_ERRNOS

# What a run's folder may hold: all that it needs to go on, the weights of its best epoch so far,
# and, once it has ended, what it says of the test images and the network in two forms.
CHECKPOINT_FILE = "checkpoint.npz"
BEST_FILE = "best.npz"
PROBABILITIES_FILE = "test_probabilities.npy"
ONNX_FILE = "network.onnx"
KERAS_FILE = "model.keras"

_RUN_ID = re.compile(r"[0-9a-f]{12}")
_LOCAL_PROTOCOLS = frozenset({"", "file", "local"})


def check_run_id(run_id: str) -> str:
    """Return `run_id`; raise `RunNotFound` unless it is 12 hexadecimal digits.

    Ids come from the URL and become part of a path.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise RunNotFound(f"There is no run “{run_id[:40]}”. Choose one from the list of runs.")
    return run_id


def run_folder(artifacts: str, run_id: str) -> UPath:
    """Return the folder of one run below `artifacts`, created.

    Raises
    ------
    RunNotFound
        If `run_id` cannot be the id of a run.
    StorageFull, StoreError
        If the folder cannot be made.
    """
    check_run_id(run_id)
    try:
        folder = UPath(artifacts) / run_id
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError, ImportError) as error:
        raise _explain(error, f"{artifacts}/{run_id}") from error
    return folder


def write_atomically(path: Path | UPath, data: bytes) -> None:
    """Write `data` to `path` so that a reader, or a crash, meets the old file or the new one whole.

    Raises
    ------
    StorageFull
        If no space is left; an earlier file of that name is kept.
    StoreError
        If it cannot be written for another reason.
    """
    try:
        local = _local(path)
        if local is None:
            path.write_bytes(data)  # an object store shows a file only when it is whole
        else:
            _replace(local, data)
    except (OSError, ValueError, ImportError) as error:
        raise _explain(error, str(path)) from error


def _local(path: Path | UPath) -> Path | None:
    if isinstance(path, Path):
        return path
    return Path(path.path) if path.protocol in _LOCAL_PROTOCOLS else None


def _replace(path: Path, data: bytes) -> None:
    # Not `tempfile`: its files are for one user's eyes, and the app may run as another than the worker.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            # Else a power cut could leave the new name with nothing in it.
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _explain(error: Exception, place: str) -> StoreError:
    if isinstance(error, OSError) and error.errno in FULL_ERRNOS:
        return StorageFull(
            f"No space is left to save {place}. Earlier runs are kept. Free some space, then try again."
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return StoreError(
        f"{place} cannot be written ({reason}). Check that the folder exists and may be written, "
        "or set DIGITLAB_HOME to another one."
    )
