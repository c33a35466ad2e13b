"""Object stores: how they are reached, and what is said when they are not."""

import os
import threading
from pathlib import Path

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from fsspec import get_filesystem_class
from fsspec.config import conf
from upath import UPath

from core.errors import StoreError, StoreUnavailable
from core.settings import Settings
from core.store import RunStatus, RunStore, read, write_atomically
from core.store.files import LIVE_FILE, explain
from core.store.remote import open_place
from core.store.retention import sweep
from tests.support.store_samples import (
    OTHER_ARTIFACTS,
    claimed,
    empty_artifacts,
    empty_database,
    holding,
)

on_s3 = pytest.mark.skipif(
    not (OTHER_ARTIFACTS or "").startswith("s3://"), reason="needs an S3 server: make test-cluster"
)
PLACE = "s3://lab/runs"
AWAY = "The object store with the files of runs does not answer."


def test_a_store_that_is_away_is_told_soon_unless_somebody_has_said_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = open_place(PLACE, "0123456789ab", "network.onnx")
    assert str(here) == f"{PLACE}/0123456789ab/network.onnx"
    assert here.storage_options["config_kwargs"]["connect_timeout"] == 5
    monkeypatch.setitem(conf, "s3", {"config_kwargs": {"connect_timeout": 60}})
    assert "config_kwargs" not in open_place(PLACE).storage_options
    # What other processes write is seen at once, whatever was set.
    assert open_place(PLACE).storage_options["use_listings_cache"] is False
    assert open_place("/srv/runs").storage_options == {}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EndpointConnectionError(endpoint_url="http://10.0.0.7:9000/lab/runs"), AWAY),
        (ConnectTimeoutError(endpoint_url="http://10.0.0.7:9000/lab/runs"), AWAY),
        (ConnectionResetError(104, "Connection reset by peer"), AWAY),
        (TimeoutError(), AWAY),
        (PermissionError("Forbidden"), "Forbidden"),
        (FileNotFoundError("The specified bucket does not exist"), "The specified bucket does not exist"),
        (RuntimeError(), "RuntimeError"),
    ],
    ids=repr,
)
def test_an_object_store_that_fails_is_told_as_one(error: Exception, reason: str) -> None:
    file = UPath(f"{PLACE}/0123456789ab/model.keras")
    for is_read, deed in ((True, "read from"), (False, "written to")):
        told = explain(error, file, is_read=is_read)
        assert type(told) is StoreUnavailable
        cause = f"{file} cannot be {deed} the object store ({reason})."
        if reason is AWAY:
            cause = AWAY
        assert str(told).startswith(f"{cause} Nothing that was kept is lost. Try again in a moment")
        assert "10.0.0.7" not in str(told)
        assert "DIGITLAB_HOME" not in str(told)  # no folder of this machine helps


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))


@on_s3
def test_a_bucket_that_is_not_there_is_a_sentence_and_is_not_made(tmp_path: Path) -> None:
    store = RunStore(empty_database(tmp_path), "s3://digitlab-nobodys/runs")
    run_id = claimed(store)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"cannot be written to the object store \(.*bucket"):
            store.keep(run_id, "model.keras", b"weights")
    with pytest.raises(StoreUnavailable, match=r"cannot be written to the object store \(.*bucket"):
        sweep(store, Settings())


@on_s3
def test_keys_that_are_not_known_are_a_sentence(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = claimed(store)
    store.keep(run_id, "model.keras", b"weights")
    get_filesystem_class("s3").clear_instance_cache()
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        for look in (
            lambda: store.artifact(run_id, "model.keras"),
            lambda: store.live_weights(run_id),
            lambda: store.keep(run_id, "model.keras", b"others"),
        ):
            with pytest.raises(
                StoreUnavailable, match=r"object store \(.*\)\. Nothing that was kept is lost"
            ):
                look()
    get_filesystem_class("s3").clear_instance_cache()
    assert store.artifact(run_id, "model.keras") == b"weights"


@on_s3
def test_an_address_where_nobody_listens_is_a_sentence(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = claimed(store)
    folder = store.folder(run_id)
    get_filesystem_class("s3").clear_instance_cache()
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
        for look in (
            lambda: store.epochs_kept(run_id),
            lambda: store.live_stamp(run_id),
            lambda: read(open_place(store.artifacts, run_id, "checkpoint.npz")),
            lambda: sweep(store, Settings()),
            lambda: write_atomically(open_place(store.artifacts, run_id, "model.keras"), b""),
        ):
            with pytest.raises(StoreUnavailable, match=AWAY):
                look()
    get_filesystem_class("s3").clear_instance_cache()
    assert read(folder / "checkpoint.npz") is None


@on_s3
def test_what_another_process_writes_is_seen_at_once(store: RunStore) -> None:
    run_id = claimed(store)
    assert store.epochs_kept(run_id) == []
    assert store.live_stamp(run_id) is None
    # Not by this process' own way, which would tell its caches.
    other = UPath(f"{store.artifacts}/{run_id}", skip_instance_cache=True)
    stamps = set()
    for number in range(3):
        (other / f"epoch_{number:04d}.npz").write_bytes(b"network")
        (other / LIVE_FILE).write_bytes(b"weights %d" % number)
        assert store.epochs_kept(run_id) == list(range(number + 1))
        stamps.add(store.live_stamp(run_id))
    assert len(stamps) == 3
    holding(store, run_id).finish(RunStatus.FINISHED)
    removed = sweep(store, Settings(max_workspace_bytes=1_000_000))
    assert (removed.size, store.epochs_kept(run_id)) == (0, [0, 1, 2])


@on_s3
def test_a_large_file_is_whole_or_as_before(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """In several parts: a writer that dies between two of them has changed nothing."""
    run_id = claimed(store)
    path = open_place(store.artifacts, run_id, "model.keras")
    content = os.urandom(1_000_000) * 110  # above what is sent in one piece
    write_atomically(path, content)
    assert read(path) == content
    real = path.fs._call_s3

    async def fail(method: str, *arguments: object, **more: object) -> object:
        if method == "upload_part" and more["PartNumber"] == 2:
            raise ConnectionResetError
        return await real(method, *arguments, **more)

    monkeypatch.setattr(path.fs, "_call_s3", fail)
    with pytest.raises(StoreError, match=AWAY):
        write_atomically(path, bytes(len(content)))
    monkeypatch.undo()
    assert read(path) == content


@on_s3
def test_who_reads_while_another_writes_has_one_of_both_whole(store: RunStore) -> None:
    run_id = claimed(store)
    path = open_place(store.artifacts, run_id, LIVE_FILE)
    contents = [bytes(300_000), b"\xff" * 1_000]
    write_atomically(path, contents[0])
    over = threading.Event()

    def write() -> None:
        for number in range(1, 41):
            write_atomically(path, contents[number % 2])
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    found = set()
    while not over.is_set():
        found.add(read(path))
    writer.join()
    assert found <= {*contents}
    assert len(found) == 2
