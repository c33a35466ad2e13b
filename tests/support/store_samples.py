"""A fresh store and small points for the tests of the store."""

import os
import secrets
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, make_url

from core.config import HiddenLayer, TrainingConfig
from core.store import Claim, CurvePoint, RunStore
from core.store.remote import open_place
from core.store.tables import SCHEMA_VERSION, VERSION_TABLE, metadata

# The tests of behaviour run on this database instead of SQLite: an SQLAlchemy URL, and
# all runs in it are lost. Read before the session takes all DIGITLAB_* variables away.
OTHER_DATABASE = os.environ.get("DIGITLAB_TEST_DATABASE")
# As well a place for the files of runs, an object store as a rule: anything `DIGITLAB_ARTIFACT_URL` may be.
OTHER_ARTIFACTS = os.environ.get("DIGITLAB_TEST_ARTIFACTS")

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=7, activation="tanh", dropout=0.25),), seed=11)


def empty_database(folder: Path) -> str:
    """Return the URL of a database without any row; one of this session has its tables already."""
    if not OTHER_DATABASE:
        return f"sqlite:///{folder / 'home' / 'digitlab.db'}"
    engine = create_engine(make_url(OTHER_DATABASE))
    with engine.begin() as connection:
        if _is_up_to_date(connection):
            names = ", ".join(table.name for table in metadata.sorted_tables)
            connection.exec_driver_sql(f"TRUNCATE {names}")
        else:
            metadata.drop_all(connection)
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSION_TABLE}")
    engine.dispose()
    return OTHER_DATABASE


def _is_up_to_date(connection: Connection) -> bool:
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
    return bool(found == SCHEMA_VERSION)


def empty_artifacts(folder: Path) -> str:
    """Return a place for the files of runs in which there is nothing yet."""
    if not OTHER_ARTIFACTS:
        return str(folder / "runs")
    return f"{OTHER_ARTIFACTS}/{secrets.token_hex(6)}-of-tests"


def folders(store: RunStore) -> set[str]:
    """Return the names of the folders in which there are files."""
    try:
        return {path.name for path in open_place(store.artifacts).iterdir()}
    except NotADirectoryError:  # the word of some object stores for one without any
        return set()


def training(step: int, loss: float = 0.5, accuracy: float = 0.9) -> CurvePoint:
    """Return a training point at a hundredth of an epoch a step."""
    return CurvePoint(step=step, epoch=step / 100, loss=loss, accuracy=accuracy, kind="training")


def validation(step: int, loss: float = 0.6, accuracy: float = 0.8) -> CurvePoint:
    """Return a validation point at a hundredth of an epoch a step."""
    return CurvePoint(step=step, epoch=step / 100, loss=loss, accuracy=accuracy, kind="validation")


def claimed(store: RunStore, worker: str = "anna", workspace: str = "red") -> str:
    """Return the id of a new run that `worker` has claimed."""
    run = store.create(CONFIG, workspace=workspace)
    store.claim(run.id, worker)
    return run.id


def holding(store: RunStore, run_id: str, worker: str = "anna") -> Claim:
    """Return the claim that a worker has, or had, on a run."""
    return Claim(store.database, run_id, worker)
