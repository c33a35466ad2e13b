"""Databases of earlier versions: what was in them is there afterwards."""

from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from core.store import NewDrawing, RunStore
from core.store.database import Database
from core.store.migration import SCRIPTS
from core.store.tables import metadata
from tests.support.store_samples import CONFIG, OTHER_DATABASE, empty_database

pytestmark = [
    pytest.mark.skipif(bool(OTHER_DATABASE), reason="writes SQLite's own rows"),
    pytest.mark.usefixtures("real_migrations"),
]


def database_of(version: str, folder: Path) -> str:
    """Return the URL of an empty database with the schema of an earlier version."""
    url = empty_database(folder)
    database = Database(url)
    assert database.file is not None
    database.file.parent.mkdir(parents=True)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    with database.transaction(write=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    database.engine.dispose()
    return url


def put_run(url: str, run_id: str, workspace: str, created_at: float, started_at: float | None) -> None:
    database = Database(url)
    with database.transaction(write=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO runs (id, workspace, status, config, created_at, started_at, request, attempts, "
            "epoch, step, steps_per_epoch, curve_version) "
            "VALUES (?, ?, 'finished', ?, ?, ?, 'none', 1, 5, 10, 10, 3)",
            (run_id, workspace, CONFIG.to_json(), created_at, started_at),
        )
        connection.exec_driver_sql("INSERT INTO points VALUES (?, 'training', 1, 0.1, 0.5, 0.9)", (run_id,))
    database.engine.dispose()


def test_runs_of_version_0003_are_numbered_by_age_in_their_workspace(tmp_path: Path) -> None:
    url = database_of("0003", tmp_path)
    put_run(url, "00000000000b", "red", 1_000.0, 1_005.0)
    put_run(url, "00000000000c", "red", 500.0, None)
    put_run(url, "00000000000a", "red", 1_000.0, 1_002.0)  # of the same moment: the id decides
    put_run(url, "00000000000d", "blue", 700.0, None)

    store = RunStore(url, str(tmp_path / "runs"))
    runs = {run.id[-1]: run for run in store.list_runs()}
    assert {name: run.number for name, run in runs.items()} == {"c": 1, "a": 2, "b": 3, "d": 1}
    assert all(run.config == CONFIG and len(store.curve(run.id)) == 1 for run in runs.values())
    assert {(run.starred, run.cost_seconds, run.deleted_at, run.name) for run in runs.values()} == {
        (False, None, None, None)
    }
    # New ones go on from there.
    assert [store.create(CONFIG, workspace=name).number for name in ("red", "blue", "green")] == [4, 2, 1]
    store.close()


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_older_databases_arrive_too(tmp_path: Path, version: str) -> None:
    url = database_of(version, tmp_path)
    put_run(url, "00000000000a", "red", 1_000.0, None)
    store = RunStore(url, str(tmp_path / "runs"))
    assert store.get("00000000000a").number == 1
    assert len(store.curve("00000000000a")) == 1
    store.close()


def test_a_database_of_version_0006_keeps_its_runs_and_takes_drawings(tmp_path: Path) -> None:
    url = database_of("0006", tmp_path)
    put_run(url, "00000000000a", "red", 1_000.0, None)
    store = RunStore(url, str(tmp_path / "runs"))
    assert store.get("00000000000a").config == CONFIG
    assert len(store.curve("00000000000a")) == 1
    assert store.drawings("red") == []
    store.keep_drawing("red", NewDrawing(np.eye(28, dtype=np.uint8), 1), None)
    assert store.drawing_count(["red"]) == 1
    store.close()


def test_runs_of_version_0007_know_their_best_epoch(tmp_path: Path) -> None:
    url = database_of("0007", tmp_path)
    put_run(url, "00000000000a", "red", 1_000.0, None)
    put_run(url, "00000000000b", "blue", 1_001.0, None)
    database = Database(url)
    with database.transaction(write=True) as connection:
        for epoch, accuracy in ((1, 0.9), (2, 0.95), (3, 0.95), (4, None)):
            connection.exec_driver_sql(
                "INSERT INTO points VALUES ('00000000000a', 'validation', ?, ?, 0.5, ?)",
                (10 * epoch, epoch, accuracy),
            )
    database.engine.dispose()
    store = RunStore(url, str(tmp_path / "runs"))
    found = {run.id[-1]: (run.best_accuracy, run.best_epoch) for run in store.list_runs()}
    assert found == {"a": (0.95, 2.0), "b": (None, None)}
    store.close()


def test_the_migrations_make_the_schema_of_the_tables(tmp_path: Path) -> None:
    store = RunStore(database_of("0006", tmp_path), str(tmp_path / "runs"))
    inspector = inspect(store.database.engine)
    for table in metadata.sorted_tables:
        found = {column["name"]: column for column in inspector.get_columns(table.name)}
        assert {name: column["nullable"] for name, column in found.items()} == {
            column.name: bool(column.nullable) for column in table.columns
        }
        assert {index["name"] for index in inspector.get_indexes(table.name)} == {
            index.name for index in table.indexes
        }
    store.close()
