"""Trouble of the store that passes, and what tells it from trouble that stays."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from upath import UPath

from core.errors import StorageFull, StoreError, StoreGone, StoreUnavailable
from core.store import RunStatus, RunStore, read, remove_leftovers, write_atomically
from core.store.database import Database
from tests.support.store_samples import CONFIG, claimed, holding


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "digitlab.db"


@pytest.fixture
def store(file: Path) -> Iterator[RunStore]:
    store = RunStore(f"sqlite:///{file}", str(file.parent / "runs"))
    yield store
    store.close()


def trained(store: RunStore) -> str:
    run_id = claimed(store)
    holding(store, run_id, "anna").finish(RunStatus.FINISHED, test_accuracy=0.97)
    return run_id


def sqlite_error(words: str, code: int) -> OperationalError:
    cause = sqlite3.OperationalError(words)
    cause.sqlite_errorcode = code  # type: ignore[misc]
    return OperationalError("SELECT 1", None, cause)


def of_a_server(kind: type[DBAPIError], words: str) -> DBAPIError:
    return kind("SELECT 1", None, Exception(words))


@pytest.mark.parametrize(
    ("error", "may_pass"),
    [
        (sqlite_error("database is locked", sqlite3.SQLITE_BUSY), True),
        (sqlite_error("disk I/O error", sqlite3.SQLITE_IOERR), True),
        (sqlite_error("database or disk is full", sqlite3.SQLITE_FULL), True),
        (sqlite_error("attempt to write a readonly database", sqlite3.SQLITE_READONLY), True),
        (sqlite_error("locking protocol", sqlite3.SQLITE_PROTOCOL), True),
        (sqlite_error("out of memory", sqlite3.SQLITE_NOMEM), True),
        (OSError(errno.EIO, "Input/output error"), True),
        (PoolTimeout("QueuePool limit reached"), True),
        (of_a_server(OperationalError, "server closed the connection unexpectedly"), True),
        (of_a_server(InterfaceError, "connection already closed"), True),
        (of_a_server(ProgrammingError, 'column "sped" does not exist'), False),
        (sqlite_error("no such column: sped", sqlite3.SQLITE_ERROR), False),
        (sqlite_error("database disk image is malformed", sqlite3.SQLITE_CORRUPT), False),
        (sqlite_error("file is not a database", sqlite3.SQLITE_NOTADB), False),
        (ArgumentError("no dialect"), False),
    ],
    ids=str,
)
def test_one_place_decides_whether_trying_again_may_mend_it(error: Exception, may_pass: bool) -> None:
    explained = Database("sqlite:////tmp/x.db").explain(error)
    assert isinstance(explained, StoreUnavailable) is may_pass
    assert str(explained).endswith(".")


def test_a_file_that_was_deleted_is_a_sentence_until_it_is_back(store: RunStore, file: Path) -> None:
    run_id = trained(store)
    store.create(CONFIG, workspace="red")
    store.close()  # SQLite then puts its log into the one file that is taken away
    away = file.with_suffix(".away")
    file.rename(away)
    for look in (store.list_runs, lambda: store.create(CONFIG, workspace="red"), lambda: store.get(run_id)):
        with pytest.raises(StoreGone, match=r"digitlab\.db is not there any more: .* Put it back"):
            look()
    assert not file.exists()  # nobody has begun an empty one
    with pytest.raises(StoreGone):
        RunStore(f"sqlite:///{file}", str(file.parent / "runs"), must_exist=True)
    away.rename(file)
    assert store.get(run_id).test_accuracy == 0.97
    # As some program may leave it that wants to repair things: another file of that name, and empty.
    file.rename(away)
    file.touch()
    with pytest.raises(StoreGone):
        store.list_runs()
    away.replace(file)
    assert len(store.list_runs()) == 2


def test_a_connection_to_a_file_that_was_replaced_is_not_used_again(store: RunStore, file: Path) -> None:
    trained(store)
    assert store.list_runs()  # leaves an open connection behind
    other = file.parent / "other.db"
    fresh = RunStore(f"sqlite:///{other}", str(file.parent / "runs"))
    fresh.create(CONFIG, workspace="blue")
    fresh.close()
    for name in ("-wal", "-shm"):
        file.with_name(file.name + name).unlink(missing_ok=True)
    other.replace(file)
    assert [run.workspace for run in store.list_runs()] == ["blue"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StorageFull),
        (OSError(errno.EIO, "Input/output error"), StoreUnavailable),
        (PermissionError(errno.EACCES, "Permission denied"), StoreUnavailable),
        (TimeoutError(), StoreUnavailable),
        (RuntimeError("the object store's own"), StoreUnavailable),
        (ImportError("Install s3fs to access S3"), StoreError),
        (ValueError("Protocol not known: s4"), StoreError),
    ],
    ids=str,
)
def test_an_object_store_that_fails_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[StoreError]
) -> None:
    path = UPath("memory://digitlab-test/trouble/network.onnx")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"earlier")

    def fail(*_arguments: object, **_more: object) -> None:
        raise error

    for call, place, method in (
        (lambda: write_atomically(path, b"later"), type(path.fs), "pipe_file"),
        (lambda: read(path), type(path.fs), "cat_file"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, method, fail)
            with pytest.raises(kind, match=r"(network\.onnx|The object store).*\.$") as caught:
                call()
        assert type(caught.value) is kind
    assert read(path) == b"earlier"
    assert read(path.parent / "checkpoint.npz") is None


def test_what_killed_writers_left_is_removed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_arguments: object) -> None:
        raise Killed

    write_atomically(tmp_path / "checkpoint.npz", b"whole")
    (tmp_path / ".of-somebody-else").touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die)
        patch.setattr(Path, "unlink", lambda *_arguments, **_more: None)  # killed: nothing is tidied up
        with pytest.raises(Killed):
            write_atomically(tmp_path / "checkpoint.npz", b"half")
    assert len(list(tmp_path.iterdir())) == 3
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.npz", ".of-somebody-else"}


def test_a_run_with_a_checkpoint_that_failed_is_resumed_and_one_with_a_network_stays_usable(
    store: RunStore,
) -> None:
    fresh = store.claim(store.create(CONFIG, workspace="red").id, "anna")
    fresh.record([], None, checkpoint_step=7)
    assert fresh.fail("A sentence.").is_resumable
    again = store.requeue(fresh.run_id)
    assert (again.status, again.message, again.finished_at) == (RunStatus.QUEUED, None, None)
    diverged = store.claim(fresh.run_id, "anna").fail("It diverged.", has_checkpoint=False)
    assert (diverged.status, diverged.message, diverged.is_resumable) == (
        RunStatus.FAILED,
        "It diverged.",
        False,
    )
    extended = store.extend(trained(store), 9)
    kept = store.claim(extended.id, "anna").fail("A sentence.")
    assert (kept.status, kept.test_accuracy, kept.message) == (RunStatus.STOPPED, 0.97, "A sentence.")
    assert store.silence(kept.id) < 60
