"""The files of runs: a folder for each, locally or in an object store."""

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from upath import UPath

from core.errors import RunNotFound, StorageFull, StoreError, StoreUnavailable
from core.sentences import say
from core.store.database import FULL_ERRNOS
from core.store.remote import has_folders, is_away, is_remote, open_place, read_whole

# What a run's folder may hold: all that it needs to go on and, once it has ended,
# what it says of the test images and the network in two forms.
CHECKPOINT_FILE = "checkpoint.npz"
PROBABILITIES_FILE = "test_probabilities.npy"
ONNX_FILE = "network.onnx"
KERAS_FILE = "model.keras"
# The drawings that a taught run learns and is measured by: what is drawn or deleted later changes nothing.
LESSON_FILE = "drawings.npz"
# A network from elsewhere, as it was brought and looked through.
BROUGHT_FILE = "brought.keras"
# The weights as they are now, while the run is trained and after.
LIVE_FILE = "live.npz"
# As a checkpoint, at the end of an epoch; 0 is the untrained network.
_SNAPSHOT = re.compile(r"epoch_(\d{4})\.npz")

_RUN_ID = re.compile(r"[0-9a-f]{12}")
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}")


def snapshot_file(epoch: int) -> str:
    """Return the name of the file that keeps the state of a run after so many whole epochs."""
    return f"epoch_{epoch:04d}.npz"


def snapshot_epoch(name: str) -> int | None:
    """Return of which epoch the file of this name is, None if it is no snapshot."""
    found = _SNAPSHOT.fullmatch(name)
    return int(found[1]) if found else None


def check_run_id(run_id: str) -> str:
    """Return `run_id`; raise `RunNotFound` unless it is 12 hexadecimal digits.

    Ids come from the URL and become part of a path.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise no_run(run_id[:40])
    return run_id


def no_run(run_id: str) -> RunNotFound:
    """Return the error for a run that is not there, or not any more: in the end nobody knows which."""
    return RunNotFound(
        say(
            "There is no run “{run}”: it has been deleted, or it never was here. Choose one from the list of "
            "runs.",
            run=run_id,
        )
    )


def run_folder(artifacts: str, run_id: str) -> UPath:
    """Return the folder of one run below `artifacts`, created.

    Raises
    ------
    RunNotFound
        If `run_id` cannot be the id of a run.
    StoreUnavailable, StoreError
        If the folder cannot be made, at present or at all.
    """
    check_run_id(run_id)
    try:
        folder = open_place(artifacts, run_id)
        if has_folders(folder):
            folder.mkdir(parents=True, exist_ok=True)
    except Exception as error:  # each object store has classes of its own
        raise explain(error, f"{artifacts}/{run_id}") from error
    return folder


@dataclass
class RunFiles:
    """The folder of one run as it was listed.

    Attributes
    ----------
    path
        The folder.
    sizes
        Bytes of each file, by its name.
    """

    path: UPath
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(self.sizes.values())

    def temporary_files(self, seconds: float) -> list[UPath]:
        """Return those that `write_atomically` left behind that long ago, when its process was killed."""
        names = [name for name in self.sizes if _TEMPORARY.fullmatch(name)]
        return [self.path / name for name in names if _age(self.path / name) > seconds]

    def is_untouched(self, seconds: float) -> bool:
        """Whether nothing in the folder has changed for so long."""
        places = [self.path / name for name in self.sizes] or [self.path]
        return all(_age(place) > seconds for place in places)

    def remove(self, path: UPath) -> int:
        """Remove the folder, or one file of it, and return how many bytes that were."""
        _remove(path)
        return self.size if path == self.path else self.sizes[path.name]


def runs_files(artifacts: str) -> dict[str, RunFiles]:
    """Return all folders of runs below `artifacts` with what is in them, by the id of the run.

    Raises
    ------
    StoreError
        If they cannot be listed.
    """
    top: UPath | None = None
    try:
        top = open_place(artifacts)
        found = top.fs.find(top.path, withdirs=True, detail=True)
    except Exception as error:
        raise explain(error, top or artifacts) from error
    folders: dict[str, RunFiles] = {}
    # A folder comes before what is in it.
    for name, info in sorted(found.items()):
        above, _, last = name.rstrip("/").rpartition("/")
        parent = above.rpartition("/")[2]
        if info["type"] == "directory" and _RUN_ID.fullmatch(last):
            folders.setdefault(last, RunFiles(top / last))
        elif info["type"] == "file" and _RUN_ID.fullmatch(parent):
            # Object stores know no folders.
            folders.setdefault(parent, RunFiles(top / parent)).sizes[last] = int(info["size"] or 0)
    return folders


def remove(artifacts: str, run_id: str) -> None:
    """Remove the folder of a run with all that is in it.

    Raises
    ------
    StoreError
        If that cannot be done.
    """
    _remove(open_place(artifacts, check_run_id(run_id)))


def _remove(path: UPath) -> None:
    try:
        if path.exists():
            path.fs.rm(path.path, recursive=True)
    except Exception as error:
        raise explain(error, path) from error


def delete(path: UPath) -> None:
    """Delete one file; do nothing if there is none.

    Raises
    ------
    StoreUnavailable, StoreError
        If that cannot be done, at present or at all.
    """
    try:
        path.unlink(missing_ok=True)
    except Exception as error:
        raise explain(error, path) from error


def _age(path: UPath) -> float:
    """Return for how many seconds a file has not changed; 0 if that cannot be told."""
    try:
        modified: datetime = path.fs.modified(path.path)
    except Exception:  # of what is only called a folder no object store knows a time
        return 0.0
    return (datetime.now(UTC) - modified.astimezone(UTC)).total_seconds()


def write_atomically(path: Path | UPath, data: bytes, *, is_lasting: bool = True) -> None:
    """Write `data` to `path` so that a reader, or a crash, meets the old file or the new one whole.

    Parameters
    ----------
    is_lasting
        Whether it outlives a power cut too, which takes a while on some disks.

    Raises
    ------
    StorageFull
        If no space is left; an earlier file of that name is kept.
    StoreUnavailable, StoreError
        If it cannot be written for another reason, at present or at all.
    """
    try:
        if isinstance(path, UPath) and is_remote(path):
            path.fs.pipe_file(path.path, data)  # an object store shows a file only when it is whole
        else:
            _replace(_local(path), data, is_lasting)
    except Exception as error:  # each object store has classes of its own
        raise explain(error, path) from error


def read(path: Path | UPath) -> bytes | None:
    """Return the content of `path`, None if there is no such file.

    Raises
    ------
    StoreUnavailable, StoreError
        If it is there and cannot be read, at present or at all.
    """
    try:
        return read_whole(path)
    except FileNotFoundError:
        return None
    except Exception as error:
        raise explain(error, path, is_read=True) from error


def remove_leftovers(folder: Path | UPath) -> None:
    """Delete what killed writers have left in a folder of a run that nobody else writes to now."""
    if isinstance(folder, UPath) and is_remote(folder):
        return  # an object store keeps nothing of a file that was not written whole
    for path in _local(folder).glob(".*"):
        if _TEMPORARY.fullmatch(path.name):
            with suppress(OSError):  # of another user, or gone meanwhile: it costs space and nothing else
                path.unlink()


def _local(path: Path | UPath) -> Path:
    return path if isinstance(path, Path) else Path(path.path)


def _replace(path: Path, data: bytes, is_lasting: bool) -> None:
    # Not `tempfile`: its files are for one user's eyes, and the app may run as another than the worker.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")  # as `_TEMPORARY` says
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            if is_lasting:
                file.flush()
                # Else a power cut could leave the new name with nothing in it.
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def explain(error: Exception, place: Path | UPath | str, *, is_read: bool = False) -> StoreError:
    """Return the error of our own tree, with a finished sentence, for one of a folder or an object store.

    Parameters
    ----------
    place
        What could not be written, or read: a path where that is known, which says what it is in.
    """
    if isinstance(error, OSError) and error.errno in FULL_ERRNOS:
        return StorageFull(
            say(
                "{cause} Earlier runs are kept. Free some space, then try again.",
                cause=say("No space is left to save {place}.", place=place),
            )
        )
    # A wrong address and a library that is not installed stay as they are; all else may pass.
    kind = StoreError if isinstance(error, ValueError | ImportError) else StoreUnavailable
    if isinstance(place, UPath) and is_remote(place):
        return kind(
            say(
                "{cause} Nothing that was kept is lost. Try again in a moment; if it stays so, tell whoever "
                "runs this server to look at DIGITLAB_ARTIFACT_URL and the keys for it.",
                cause=_of_object_store(place, error, is_read),
            )
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    reason = reason or type(error).__name__
    if is_read:
        return kind(
            say(
                "{path} cannot be read ({reason}). Try again, or choose another run.",
                path=place,
                reason=reason,
            )
        )
    return kind(
        say(
            "{cause} Check that the folder exists and may be written, or set DIGITLAB_HOME to another one.",
            cause=say("{place} cannot be written ({reason}).", place=place, reason=reason),
        )
    )


def _of_object_store(place: UPath, error: Exception, is_read: bool) -> str:
    if is_away(error):  # whatever was asked of it; its address, which the error tells, is not for visitors
        return say("The object store with the files of runs does not answer.")
    reason = str(error) or type(error).__name__
    if is_read:
        return say("{place} cannot be read from the object store ({reason}).", place=place, reason=reason)
    return say("{place} cannot be written to the object store ({reason}).", place=place, reason=reason)
