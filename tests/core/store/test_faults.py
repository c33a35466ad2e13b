"""What the store does when processes die, rows are damaged and disks are full."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

from core.config import TrainingConfig
from core.errors import RunUnreadable, StorageFull, StoreError, StoreUnavailable
from core.store import CurvePoint, Request, RunStatus, RunStore
from core.store import migration as store_migration
from core.store.database import Database
from core.store.migration import SCRIPTS, migrate
from core.store.tables import SCHEMA_VERSION, VERSION_TABLE, metadata
from tests.support.store_samples import holding

PROJECT = Path(__file__).resolve().parents[3]
CONFIG = TrainingConfig()

# Writes the same ten points over and over until it is killed.
ENDLESS_WRITER = """
import sys
from core.config import TrainingConfig
from core.store import CurvePoint, Progress, RunStore
store = RunStore(sys.argv[1], sys.argv[2])
run = store.create(TrainingConfig(), workspace="red")
claim = store.claim(run.id, "doomed")
print(run.id, flush=True)
round = 0
while True:
    round += 1
    points = [CurvePoint(round * 10 + n, round, 0.5, 0.5, "training") for n in range(10)]
    claim.record(points, Progress(round, 1, 1, None, None))
    if round in (3, 30):
        print(round, flush=True)
"""

# Waits for a line, so that several of these open the same empty folder together.
OPENER = """
import sys
import core.store
print("ready", flush=True)
sys.stdin.readline()
store = core.store.RunStore(sys.argv[1], sys.argv[2])
store.create(core.store.runs.TrainingConfig(), workspace=sys.argv[3])
print(len(store.queue()) > 0, flush=True)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "digitlab.db"


@pytest.fixture
def store(file: Path) -> Iterator[RunStore]:
    store = open_store(file)
    yield store
    store.close()


def open_store(file: Path) -> RunStore:
    return RunStore(f"sqlite:///{file}", str(file.parent / "runs"))


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def point(step: int) -> CurvePoint:
    return CurvePoint(step, step / 10, 0.5, 0.5, "training")


def trained(store: RunStore) -> str:
    run_id = store.create(CONFIG, workspace="red").id
    store.claim(run_id, "anna")
    holding(store, run_id, "anna").record([point(1), point(2)], None)
    holding(store, run_id, "anna").finish(RunStatus.FINISHED, test_accuracy=0.97)
    return run_id


def damage(file: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


def test_the_database_uses_a_write_ahead_log(store: RunStore, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("lines", [1, 3])
def test_a_writer_killed_in_mid_write_leaves_a_readable_database(
    store: RunStore, file: Path, lines: int
) -> None:
    earlier = trained(store)
    with start(ENDLESS_WRITER, f"sqlite:///{file}", str(file.parent / "runs")) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
    killed = said[0]
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again = open_store(file)
    run, curve = again.get(killed), again.curve(killed)
    # A record is one transaction: the points are there exactly as far as the progress says.
    assert run.status is RunStatus.RUNNING
    assert len(curve) == run.epoch * 10
    assert run.epoch >= (30 if lines == 3 else 0)
    assert again.get(earlier).test_accuracy == 0.97
    assert [orphan.id for orphan in again.orphans(0)] == [killed]
    assert again.claim(killed, "next").read().attempts == 2
    holding(again, killed, "next").record([point(1)], None)
    again.close()


def test_processes_may_open_an_empty_folder_together(file: Path) -> None:
    names = ["red", "green", "blue"]
    processes = [start(OPENER, f"sqlite:///{file}", str(file.parent / "runs"), name) for name in names]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0] for process in processes]
    assert answers == ["True\n"] * 3
    store = open_store(file)
    assert sorted(run.workspace for run in store.list_runs()) == sorted(names)
    store.close()


def test_only_the_newest_runs_are_looked_through_for_damage(store: RunStore, file: Path) -> None:
    damaged, healthy = (store.create(CONFIG, workspace="red").id for _ in range(2))
    damage(file, "UPDATE runs SET status = ? WHERE id = ?", "dreaming", damaged)
    assert store.get(healthy).id == healthy
    assert (store.unreadable_count(limit=1), store.unreadable_count(limit=2)) == (0, 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("config", "{not json"),
        ("config", '{"epochs": 100000}'),
        ("config", b"\xff\x00"),
        ("status", "dreaming"),
        ("request", "dance"),
        ("created_at", "yesterday"),
        ("created_at", 1e300),
        ("epoch", -1),
        ("attempts", "many"),
        ("test_loss", "low"),
    ],
)
def test_a_damaged_row_hurts_only_its_own_run(
    store: RunStore, file: Path, column: str, value: object
) -> None:
    healthy, damaged = trained(store), store.create(CONFIG, workspace="red").id
    waiting = store.create(CONFIG, workspace="red").id
    damage(file, f"UPDATE runs SET {column} = ? WHERE id = ?", value, damaged)
    with pytest.raises(RunUnreadable, match=rf"run {damaged} is damaged\. .*\.$"):
        store.get(damaged)
    with pytest.raises(RunUnreadable):
        store.claim(damaged, "anna")
    with pytest.raises(RunUnreadable):
        store.ask(damaged, Request.STOP)
    assert [run.id for run in store.list_runs()] == [waiting, healthy]
    assert store.unreadable_count() == 1
    assert (store.queue_place(damaged), store.queue_place(waiting), len(store.queue())) == (None, 1, 1)
    assert [run.id for run in store.orphans(0)] == [waiting]
    assert len(store.curve(healthy)) == 2


def test_a_text_that_is_not_utf8_does_not_hide_the_other_rows(store: RunStore, file: Path) -> None:
    healthy, damaged = trained(store), trained(store)
    damage(file, "UPDATE runs SET config = CAST(x'7bff7d' AS TEXT) WHERE id = ?", damaged)
    assert [run.id for run in store.list_runs()] == [healthy]
    with pytest.raises(RunUnreadable):
        store.get(damaged)


def test_damaged_rows_do_not_push_others_off_the_list(store: RunStore, file: Path) -> None:
    oldest = trained(store)
    for _ in range(5):
        damage(file, "UPDATE runs SET status = '' WHERE id = ?", trained(store))
    assert [run.id for run in store.list_runs(limit=2)] == [oldest]


def test_a_damaged_point_is_a_sentence(store: RunStore, file: Path) -> None:
    run_id = trained(store)
    damage(file, "UPDATE points SET loss = 'low' WHERE run_id = ? AND step = 2", run_id)
    with pytest.raises(RunUnreadable, match=rf"curve of run {run_id} is damaged"):
        store.curve(run_id)
    assert store.get(run_id).status is RunStatus.FINISHED


def test_a_file_that_is_no_database_is_named(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"These are not the pages you are looking for. " * 100)
    with pytest.raises(StoreError, match=r"digitlab\.db is damaged\. Move it away .*\.$"):
        open_store(file)
    file.unlink()
    store = open_store(file)
    assert store.list_runs() == []
    store.close()


def test_damaged_pages_are_named_and_nothing_else_leaves_the_store(store: RunStore, file: Path) -> None:
    for _ in range(20):
        trained(store)
    store.close()
    content = bytearray(file.read_bytes())
    content[4_096:] = b"\xa5" * (len(content) - 4_096)
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"digitlab\.db is damaged\. Move it away"):
        open_store(file).list_runs()


def test_a_folder_in_place_of_the_file_is_a_sentence(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"digitlab\.db cannot be opened or written .* DIGITLAB_HOME"):
        open_store(file)


def test_a_path_with_misleading_words_does_not_change_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "locked disk is full").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be opened or written") as caught:
        open_store(tmp_path / "locked disk is full" / "digitlab.db")
    assert not isinstance(caught.value, StorageFull)


def test_a_file_in_place_of_the_home_is_a_sentence(file: Path) -> None:
    file.parent.write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be opened or written .* DIGITLAB_HOME"):
        open_store(file)


@pytest.mark.parametrize("url", ["", "nonsense", "nosuch://host/name", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_be_used_is_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"DIGITLAB_DATABASE_URL cannot be used .*\.$"):
        RunStore(url, str(tmp_path))


def test_a_password_never_stands_in_a_sentence() -> None:
    database = Database("sqlite:////tmp/x.db")
    database.file = None
    database.url = database.url.set(drivername="postgresql", username="me", password="secret", host="there")
    assert "secret" not in str(database.explain(OSError("no route")))
    assert "there" in str(database.explain(OSError("no route")))


def test_a_database_of_a_newer_version_is_refused(store: RunStore, file: Path) -> None:
    damage(file, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"another version of Digit Lab .* Start the newest version"):
        open_store(file)


def test_a_full_disk_is_a_sentence_and_earlier_runs_stay(store: RunStore, file: Path) -> None:
    earlier = trained(store)
    filling = store.create(CONFIG, workspace="red").id
    store.claim(filling, "anna")
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()

    @event.listens_for(store._database.engine, "connect")
    def _allow_no_growth(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StorageFull, match=r"digitlab\.db is full.*Earlier runs are kept\. Free some space"):
        holding(store, filling, "anna").record([point(step) for step in range(1, 5_000)], None)
    assert len(store.curve(filling)) == 0
    assert store.get(filling).status is RunStatus.RUNNING
    assert store.get(earlier).test_accuracy == 0.97
    assert len(store.curve(earlier)) == 2
    # What needs no more room still works, so the run can be ended.
    assert holding(store, filling, "anna").finish(RunStatus.FAILED, message="full").message == "full"


def test_a_lock_that_stays_is_a_sentence(
    store: RunStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = trained(store)
    store.close()
    monkeypatch.setattr("core.store.database.LOCK_TIMEOUT", 0.01)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"digitlab\.db is in use by another program .*Try again"):
            store.create(CONFIG, workspace="red")
        assert store.get(run_id).test_accuracy == 0.97  # reading goes on beside a writer
        other.execute("ROLLBACK")
    assert store.create(CONFIG, workspace="red").status is RunStatus.QUEUED


@pytest.mark.usefixtures("real_migrations")
def test_migrations_make_exactly_the_schema_of_the_tables(store: RunStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with store._database.engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert context.get_current_revision() == SCHEMA_VERSION
        assert compare_metadata(context, metadata) == []
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == SCHEMA_VERSION


def test_a_database_at_the_newest_schema_is_not_migrated_again(
    store: RunStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("migrated again")

    monkeypatch.setattr(store_migration, "_upgrade", refuse)
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.engine.dispose()
    np.testing.assert_equal(store.list_runs(), [])
