"""Datasets as .npy files in one folder each: whole or not there at all.

An entry is written into a temporary folder beside its place and renamed, so that a
crash, a full disk or a second process never leaves a half-made one. Only the cheap
checks are made when an entry is read: the contents were checked when it was written.
"""

import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.arrays import map_npy
from core.data.catalog import DatasetInfo
from core.data.dataset import ARRAY_NAMES, Arrays, Dataset
from core.data.lock import exclusive_lock
from core.errors import ArrayDamaged, DatasetCorrupt, DatasetUnavailable, DigitLabError, StorageFull
from core.sentences import say

_log = logging.getLogger(__name__)

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

# By array: inode, size and time of change. Equal marks mean the very files seen before.
Marks = tuple[tuple[int, int, int], ...]


class DatasetCache:
    """The folder that all processes of one installation keep their datasets in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def marks(self, name: str) -> Marks | None:
        """Tell cheaply which files the entry has now; None if there is no entry."""
        place = self.folder / name
        try:
            if not place.is_dir():
                return None
            found = [(place / f"{array}.npy").stat() for array in ARRAY_NAMES]
        except OSError:
            return ()  # an entry with something missing
        return tuple((file.st_ino, file.st_size, file.st_mtime_ns) for file in found)

    def read(self, info: DatasetInfo) -> Dataset:
        """Map an entry from disk, read-only; raise `DatasetCorrupt` naming a damaged file."""
        arrays = {
            array: _map_array(info, self.folder / info.name / f"{array}.npy", shape)
            for array, shape in info.shapes.items()
        }
        return Dataset(name=info.name, class_names=info.class_names, drawings=None, **arrays)

    def write(self, info: DatasetInfo, arrays: Arrays, work: Path) -> None:
        """Store checked arrays as the entry of `info`, in place of a damaged one.

        Parameters
        ----------
        work
            The temporary folder of `working_folder`.
        """
        fresh = work / "fresh"
        fresh.mkdir()
        for array in ARRAY_NAMES:
            with (fresh / f"{array}.npy").open("wb") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(arrays[array]), allow_pickle=False)
                file.flush()
                # Renaming must not get to the disk before the data does.
                os.fsync(file.fileno())
        place = self.folder / info.name
        if self._is_whole(info):
            return  # where files cannot be locked, another process may have been first: take its entry
        if place.exists():
            place.rename(work / "damaged")
        try:
            fresh.rename(place)
        except OSError:
            if not self._is_whole(info):
                raise

    def _is_whole(self, info: DatasetInfo) -> bool:
        try:
            self.read(info)
        except DatasetCorrupt:
            return False
        return True

    @contextmanager
    def working_folder(self, info: DatasetInfo, on_wait: Callable[[], None]) -> Iterator[Path]:
        """Give a temporary folder beside the entry, gone at the end, and keep others waiting.

        Parameters
        ----------
        on_wait
            Called if another process or thread is at work on this entry.

        Raises
        ------
        StorageFull, DatasetUnavailable
            If anything in the `with` block could not be written.
        """
        prefix = f".{info.name}-"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with exclusive_lock(self.folder / f".{info.name}.lock", on_wait) as is_alone:
                if is_alone:  # then these are of processes that were killed
                    for leftover in self.folder.glob(f"{prefix}*"):
                        shutil.rmtree(leftover, ignore_errors=True)
                work = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
                try:
                    yield work
                finally:
                    shutil.rmtree(work, ignore_errors=True)
        except OSError as error:
            raise _storage_error(info, self.folder, error) from error


def _storage_error(info: DatasetInfo, folder: Path, error: OSError) -> DigitLabError:
    _log.warning("could not keep %s in %s: %s", info.name, folder, error)
    if error.errno in _DISK_FULL:
        needed = 2 * sum(prod(shape) for shape in info.shapes.values()) // 1_000_000 + 1
        return StorageFull(
            say(
                "{cause} Free about {megabytes} MB and try again.",
                cause=say(
                    "{title} could not be kept: the disk of {folder} is full.",
                    title=info.title,
                    folder=folder,
                ),
                megabytes=needed,
            )
        )
    return DatasetUnavailable(
        say(
            "{title} could not be kept in {folder} ({reason}). Make that folder writable or set "
            "DIGITLAB_HOME to another one, then try again.",
            title=info.title,
            folder=folder,
            reason=error.strerror or error,
        )
    )


def _map_array(info: DatasetInfo, path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    try:
        array = map_npy(path)
    except ArrayDamaged as error:
        raise _damaged(info, path, str(error)) from error
    if array.dtype != np.uint8 or array.shape != shape or not array.flags.c_contiguous:
        raise _damaged(
            info,
            path,
            say(
                "it holds {kind} {shape}, not uint8 {wanted}",
                kind=array.dtype,
                shape=array.shape,
                wanted=shape,
            ),
        )
    length = array.offset + prod(shape)
    if path.stat().st_size != length:
        raise _damaged(info, path, say("it is not {length} bytes long", length=f"{length:,}"))
    if path.name.endswith("labels.npy") and array.max(initial=0) >= len(info.class_names):
        raise _damaged(info, path, say("it has the label {label}; the highest is 9", label=array.max()))
    return array


def _damaged(info: DatasetInfo, path: Path, problem: str) -> DatasetCorrupt:
    return DatasetCorrupt(
        say(
            "The stored copy of {title} is damaged and not used: {path}: {problem}. Get {title} "
            "again on the Train page.",
            title=info.title,
            path=path,
            problem=problem,
        )
    )
