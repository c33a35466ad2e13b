"""The cache: whole entries or none, read-only, and damage is noticed."""

import errno
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.cache import DatasetCache
from core.data.dataset import Dataset
from core.data.lock import exclusive_lock
from core.errors import DatasetCorrupt, DatasetUnavailable, StorageFull
from tests.support.dataset_samples import ARRAYS, PATIENCE, drawn_info, make_arrays

ROOT = Path(__file__).resolve().parents[3]
INFO = drawn_info()


def fail() -> None:
    raise AssertionError("nobody else is at work, so there is nothing to wait for")


def store(cache: DatasetCache) -> Dataset:
    with cache.working_folder(INFO, fail) as work:
        cache.write(INFO, make_arrays(), work)
    return cache.read(INFO)


def visible(folder: Path) -> list[str]:
    """What is in the folder, but for the lock files."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_an_entry_comes_back_read_only_from_the_disk(tmp_path: Path) -> None:
    cache = DatasetCache(tmp_path / "made" / "on the way")
    dataset = store(cache)
    for name, expected in make_arrays().items():
        array = getattr(dataset, name)
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == np.uint8
        assert isinstance(array, np.memmap)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert dataset.class_names == INFO.class_names
    assert visible(cache.folder) == ["pen-strokes"]
    assert visible(cache.folder / "pen-strokes") == sorted(f"{name}.npy" for name in ARRAYS)


def save(array: Any) -> Callable[[Path], None]:
    return lambda path: np.save(path, array, allow_pickle=True)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("name", ["train_images", "test_labels"])
@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        lengthen,
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\x93NUMPY\x01\x00\x10\x00{'descr': ((((("),
        lambda path: path.write_bytes(bytes(path.stat().st_size)),  # as after a power cut
        save(np.zeros((59, 28, 28), np.uint8)),
        save(np.zeros((60, 28, 28), np.float32)),
        save(np.asfortranarray(make_arrays()["train_images"])),
        save(np.array([{}] * 20, object)),
        save(np.full(20, 10, np.uint8)),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str, damage: Callable[[Path], None]) -> None:
    cache = DatasetCache(tmp_path)
    store(cache)
    path = tmp_path / "pen-strokes" / f"{name}.npy"
    damage(path)
    with pytest.raises(DatasetCorrupt, match=re.escape(str(path))):
        cache.read(INFO)


def test_marks_tell_one_entry_from_another(tmp_path: Path) -> None:
    cache = DatasetCache(tmp_path)
    assert cache.marks(INFO.name) is None
    store(cache)
    whole = cache.marks(INFO.name)
    assert whole == cache.marks(INFO.name)
    truncate(tmp_path / "pen-strokes" / "test_images.npy")
    assert cache.marks(INFO.name) not in (None, whole)
    (tmp_path / "pen-strokes" / "test_images.npy").unlink()
    assert cache.marks(INFO.name) == ()


def test_writing_replaces_what_was_there_and_leaves_open_maps_alone(tmp_path: Path) -> None:
    cache = DatasetCache(tmp_path)
    earlier = store(cache)
    (tmp_path / "pen-strokes" / "test_labels.npy").unlink()
    store(cache)
    assert visible(tmp_path) == ["pen-strokes"]
    np.testing.assert_array_equal(earlier.train_images, make_arrays()["train_images"])


def test_whoever_is_second_keeps_the_entry_of_the_first(tmp_path: Path) -> None:
    cache = DatasetCache(tmp_path)
    store(cache)
    first = cache.marks(INFO.name)
    store(cache)
    assert cache.marks(INFO.name) == first
    assert visible(tmp_path) == ["pen-strokes"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    calls = []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 3:  # two of four files fit
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    cache = DatasetCache(tmp_path)
    with pytest.raises(
        StorageFull, match=re.escape(f"Pen strokes could not be kept: the disk of {tmp_path}")
    ):
        store(cache)
    assert len(calls) == 3
    assert visible(tmp_path) == []
    assert cache.marks(INFO.name) is None


def test_a_full_disk_keeps_the_earlier_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = DatasetCache(tmp_path)
    store(cache)

    def fsync(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageFull):
        store(cache)
    np.testing.assert_array_equal(cache.read(INFO).test_images, make_arrays()["test_images"])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    with pytest.raises(DatasetUnavailable, match=r"could not be kept in .* DIGITLAB_HOME"):
        store(DatasetCache(tmp_path / "home" / "datasets"))


def test_what_a_killed_process_left_behind_is_removed(tmp_path: Path) -> None:
    leftover = tmp_path / ".pen-strokes-killed"
    leftover.mkdir()
    (leftover / "train_images.npy").write_bytes(b"half")
    (tmp_path / ".mnist-at-work").mkdir()  # of another dataset: somebody may be at work there
    store(DatasetCache(tmp_path))
    assert visible(tmp_path) == [".mnist-at-work", "pen-strokes"]


def test_the_lock_lets_one_in_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        with exclusive_lock(tmp_path / "lock", waiting.set) as alone:
            assert alone
            order.append("second")

    thread = threading.Thread(target=second)
    with exclusive_lock(tmp_path / "lock", fail) as alone:
        assert alone
        thread.start()
        assert waiting.wait(PATIENCE)
        order.append("first")
    thread.join(PATIENCE)
    assert order == ["first", "second"]


HOLDER = """
import sys
from pathlib import Path
from core.data.lock import exclusive_lock
with exclusive_lock(Path(sys.argv[1]), lambda: None):
    print("holds it", flush=True)
    sys.stdin.readline()
"""


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    path, waits = tmp_path / "lock", threading.Event()
    command = [sys.executable, "-c", HOLDER, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holds it\n"

        def kill() -> None:
            waits.set()
            holder.kill()

        with exclusive_lock(path, kill) as alone:
            assert alone
            assert waits.is_set(), "the lock of another process was not noticed"
