"""The files of runs: folders, whole files or none, and full disks."""

import errno
import os
from pathlib import Path

import pytest
from upath import UPath

from core.config import TrainingConfig
from core.errors import RunNotFound, StorageFull, StoreError
from core.store import RunStore, write_atomically


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(f"sqlite:///{tmp_path / 'digitlab.db'}", str(tmp_path / "runs"))


def test_each_run_has_a_folder_of_its_own(store: RunStore, tmp_path: Path) -> None:
    first, second = (store.create(TrainingConfig(), workspace="red").id for _ in range(2))
    write_atomically(store.folder(first) / "model.keras", b"weights")
    assert (tmp_path / "runs" / first / "model.keras").read_bytes() == b"weights"
    assert list(store.folder(second).iterdir()) == []


@pytest.mark.parametrize(
    "run_id", ["../outside", "", "..", "0123456789ab/..", "0123456789AB", "0123456789ab\n"]
)
def test_no_id_leads_out_of_the_folder(store: RunStore, tmp_path: Path, run_id: str) -> None:
    with pytest.raises(RunNotFound):
        store.folder(run_id)
    assert not (tmp_path / "runs").exists()


def test_an_object_store_takes_the_place_of_the_folder(tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'digitlab.db'}", "memory://digitlab-test/runs")
    path = store.folder("0123456789ab") / "network.onnx"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert UPath("memory://digitlab-test/runs/0123456789ab/network.onnx").exists()


def test_a_local_url_is_written_atomically_too(tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'digitlab.db'}", (tmp_path / "by-url").as_uri())
    path = store.folder("0123456789ab") / "model.keras"
    write_atomically(path, b"one")
    file = tmp_path / "by-url" / "0123456789ab" / "model.keras"
    first = file.stat().st_ino
    with file.open("rb") as reader:  # keeps the old file, which is replaced and not written over
        write_atomically(path, b"two")
        assert reader.read() == b"one"
    assert file.read_bytes() == b"two"
    assert file.stat().st_ino != first


def test_files_may_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    write_atomically(tmp_path / "written", b"")
    (tmp_path / "usual").touch()
    assert (tmp_path / "written").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_is_replaced_whole_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    write_atomically(path, b"first")
    write_atomically(path, b"second, and longer")
    assert path.read_bytes() == b"second, and longer"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_keeps_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path = tmp_path / "model.keras"
    write_atomically(path, b"earlier")

    def full(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(StorageFull, match=r"No space is left to save .*model\.keras.* Free some space"):
            write_atomically(path, b"later")
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]
    write_atomically(path, b"later")
    assert path.read_bytes() == b"later"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's always full device")
def test_a_real_write_without_space_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.keras"
    write_atomically(path, b"earlier")

    def open_full(*_arguments: object) -> object:
        return os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb")

    monkeypatch.setattr("core.store.files.open", open_full, raising=False)
    with pytest.raises(StorageFull):
        write_atomically(path, b"later")
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"model\.keras cannot be written \(No such file.*DIGITLAB_HOME"
    ) as caught:
        write_atomically(tmp_path / "gone" / "model.keras", b"weights")
    assert not isinstance(caught.value, StorageFull)


def test_a_file_in_place_of_the_folder_is_a_sentence(store: RunStore, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be written"):
        store.folder("0123456789ab")


def test_an_object_store_without_its_library_is_a_sentence(tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'digitlab.db'}", "nosuchstore://bucket/runs")
    with pytest.raises(StoreError, match=r"nosuchstore://bucket/runs.* cannot be written"):
        store.folder("0123456789ab")
