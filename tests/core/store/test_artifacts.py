"""Files of results: what is read is what was written, or a sentence."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError, RunNotFound, StorageFull, StoreError
from core.store import RunStore, artifacts, write_atomically
from tests.support.network_samples import onnx_file
from tests.support.store_samples import CONFIG, OTHER_ARTIFACTS, empty_artifacts, empty_database

NAME = "network.onnx"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield store
    store.close()


@pytest.fixture
def run_id(store: RunStore) -> str:
    return store.create(CONFIG, workspace="red").id


def test_what_was_kept_is_read(store: RunStore, run_id: str) -> None:
    store.keep(run_id, NAME, b"first")
    assert store.artifact(run_id, NAME) == b"first"
    store.keep(run_id, NAME, b"trained further")
    store.keep(run_id, "model.keras", b"another file")
    assert store.artifact(run_id, NAME) == b"trained further"
    assert store.artifact(run_id, "model.keras") == b"another file"


def test_whatever_byte_of_a_network_is_changed_it_is_refused(store: RunStore, run_id: str) -> None:
    whole = onnx_file()
    store.keep(run_id, NAME, whole)
    file = store.folder(run_id) / NAME
    random = np.random.default_rng(8)
    for place in random.choice(len(whole), 20 if OTHER_ARTIFACTS else 200, replace=False):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << random.integers(8)
        file.write_bytes(damaged)
        with pytest.raises(ModelError, match=r"network\.onnx of this run is damaged.*train this one again"):
            store.artifact(run_id, NAME)
    file.write_bytes(whole)
    assert store.artifact(run_id, NAME) == whole


def test_a_file_without_a_noted_checksum_is_read_as_before(store: RunStore, run_id: str) -> None:
    write_atomically(store.folder(run_id) / NAME, b"of an older version")
    assert store.artifact(run_id, NAME) == b"of an older version"
    store.keep(run_id, NAME, b"trained further")
    assert store.artifact(run_id, NAME) == b"trained further"


def test_a_missing_file_is_told(store: RunStore, run_id: str) -> None:
    with pytest.raises(ModelError, match=r"not there any more\. Choose another run"):
        store.artifact(run_id, NAME)
    with pytest.raises(RunNotFound):
        store.artifact("../../secret", NAME)


@pytest.mark.skipif(bool(OTHER_ARTIFACTS), reason="an object store knows no folders")
def test_an_unreadable_file_is_told(store: RunStore, run_id: str) -> None:
    (store.folder(run_id) / NAME).mkdir()
    with pytest.raises(StoreError, match=r"cannot be read .* choose another run"):
        store.artifact(run_id, NAME)


@pytest.mark.parametrize("times", [1, 3])
def test_a_writer_that_dies_leaves_the_earlier_file_or_the_new_one(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    store.keep(run_id, NAME, b"earlier")

    def full(path: Path, data: bytes) -> None:
        raise StorageFull("No space is left.")

    with monkeypatch.context() as patch:
        patch.setattr(artifacts, "write_atomically", full)
        for number in range(times):
            with pytest.raises(StorageFull):
                store.keep(run_id, NAME, b"further %d" % number)
            assert store.artifact(run_id, NAME) == b"earlier"
    # Written, and dead before it could say so.
    write_atomically(store.folder(run_id) / NAME, b"further %d" % (times - 1))
    assert store.artifact(run_id, NAME) == b"further %d" % (times - 1)
    store.keep(run_id, NAME, b"at last")
    write_atomically(store.folder(run_id) / NAME, b"earlier")
    with pytest.raises(ModelError, match="damaged"):
        store.artifact(run_id, NAME)


def test_a_file_replaced_between_two_looks_is_no_damage(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep(run_id, NAME, b"earlier")
    real = store._noted
    looks: list[list[str]] = []

    def noted(run_id: str, name: str) -> list[str]:
        looks.append(real(run_id, name))
        if len(looks) == 1:
            with monkeypatch.context() as patch:
                patch.setattr(store, "_noted", real)
                store.keep(run_id, name, b"trained further")
        return looks[-1]

    monkeypatch.setattr(store, "_noted", noted)
    assert store.artifact(run_id, NAME) == b"trained further"
