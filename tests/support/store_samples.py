"""A fresh store and small points for the tests of the store."""

import os
from pathlib import Path

from sqlalchemy import create_engine, make_url

from core.config import HiddenLayer, TrainingConfig
from core.store import Claim, CurvePoint, RunStore
from core.store.tables import VERSION_TABLE, metadata

# The tests of behaviour run on this database instead of SQLite: an SQLAlchemy URL, and
# all runs in it are lost. Read before the session takes all DIGITLAB_* variables away.
OTHER_DATABASE = os.environ.get("DIGITLAB_TEST_DATABASE")

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=7, activation="tanh", dropout=0.25),), seed=11)


def empty_database(folder: Path) -> str:
    """Return the URL of a database without any table."""
    if not OTHER_DATABASE:
        return f"sqlite:///{folder / 'home' / 'digitlab.db'}"
    engine = create_engine(make_url(OTHER_DATABASE))
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSION_TABLE}")
    engine.dispose()
    return OTHER_DATABASE


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
