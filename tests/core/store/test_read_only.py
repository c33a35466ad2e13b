"""A home that cannot be written: what is there can be looked at, and what cannot be done is said."""

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import StoreError
from core.store import RunStatus, RunStore, write_atomically
from tests.support.store_samples import CONFIG, claimed, holding, training

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="takes rights away as on Unix")

NOBODY = 65_534


def open_store(home: Path) -> RunStore:
    return RunStore(f"sqlite:///{home / 'digitlab.db'}", str(home / "runs"))


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with an ended run; not below `tmp_path`, which only one user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="digitlab-read-only-"))
    store = open_store(folder)
    run_id = claimed(store)
    holding(store, run_id, "anna").record([training(1), training(2)], None)
    write_atomically(store.folder(run_id) / "network.onnx", b"weights")
    holding(store, run_id, "anna").finish(RunStatus.FINISHED, test_accuracy=0.9)
    store.close()
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


def without_rights(home: Path, look: Callable[[], str]) -> str:
    """Return what `look` says in a process that may read the home and write nothing of it."""
    for path in [home, *home.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            said = look()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writer, said.encode()[:60_000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def test_runs_are_shown_where_nothing_may_be_written(home: Path) -> None:
    def look() -> str:
        store = open_store(home)
        (run,) = store.list_runs()
        weights = (store.folder(run.id) / "network.onnx").read_bytes()
        room = store.queue(), store.unreadable_count()
        return f"{run.status} {run.test_accuracy} {len(store.curve(run.id))} {weights!r} {room}"

    assert without_rights(home, look) == "finished 0.9 2 b'weights' ([], 0)"


def test_what_cannot_be_written_is_a_sentence(home: Path) -> None:
    def look() -> str:
        store, sentences = open_store(home), []
        (run,) = store.list_runs()
        for write in (
            lambda: store.create(CONFIG, workspace="red"),
            lambda: store.star(run.id, True),
            lambda: store.extend(run.id, 10),
        ):
            try:
                write()
            except StoreError as error:
                sentences.append(str(error))
        return "\n".join(sentences)

    sentences = without_rights(home, look).splitlines()
    assert len(sentences) == 3
    for sentence in sentences:
        assert "digitlab.db cannot be opened or written" in sentence
        assert "Check that the folder" in sentence


def test_a_home_that_can_be_written_again_is_written(home: Path) -> None:
    def look() -> str:
        store = open_store(home)
        for path in [home, *home.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        run = store.create(CONFIG, workspace="red")
        return f"{run.number} {[run.number for run in store.list_runs()]}"

    if os.geteuid() == 0:
        for path in [home, *home.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
    assert without_rights(home, look) == "2 [2, 1]"


def test_an_older_database_that_cannot_be_written_says_so(home: Path) -> None:
    store = open_store(home)
    with store.database.transaction(write=True) as connection:
        connection.exec_driver_sql("UPDATE digitlab_schema SET version_num = '0003'")
    store.close()
    said = without_rights(home, lambda: str(open_store(home)))
    assert said.startswith("Store")
    assert "of an earlier version" in said
    assert "cannot be written" in said
