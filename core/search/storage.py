"""Where Optuna keeps its studies: in tables of its own beside the store's, in the same database.

A study can be made anew from nothing but this and the store: who looks after a search may change.
"""

import logging
import threading
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Literal

import optuna
from optuna.exceptions import ExperimentalWarning, OptunaError
from optuna.storages import RDBStorage
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from core.search.plans import StudyPlan
from core.store.database import LOCK_TIMEOUT, Database, configure_sqlite
from core.store.postgres import connect_arguments

# Its remarks on each trial are for people at a prompt.
optuna.logging.set_verbosity(optuna.logging.ERROR)
logging.getLogger("optuna").propagate = False
warnings.filterwarnings("ignore", category=ExperimentalWarning)

# What Optuna notes of a trial that came to no end because its search was stopped.
CUT = "cut"
_PREFIX = "digitlab-"
# Two threads that open it together would both make the tables.
_one_at_a_time = threading.Lock()


def storage_of(database: Database, *, to_read: bool = False) -> RDBStorage:
    """Return Optuna's storage in a database; its tables are made if there are none.

    Parameters
    ----------
    to_read
        Whether nothing is written: pages that look keep nobody from writing.

    Raises
    ------
    StoreError
    """
    with _one_at_a_time, as_store_errors(database):
        return _open(database, to_read)


@lru_cache(maxsize=8)
def _open(database: Database, to_read: bool) -> RDBStorage:
    url = database.url.render_as_string(hide_password=False)
    url = url.replace("{", "{{").replace("}", "}}")  # Optuna takes what is in braces for a name of its own
    if database.file is None:
        options = {"pool_pre_ping": True, "connect_args": connect_arguments(database.url)}
        # Another app on this server may be making the tables.
        with database.transaction(write=True, alone=True):
            return RDBStorage(url, engine_kwargs=options)
    storage = RDBStorage(url, engine_kwargs={"connect_args": {"timeout": LOCK_TIMEOUT}})
    # Optuna reads first and writes then in one transaction: another writer in between would make it fail.
    storage.engine.dispose()
    configure_sqlite(storage.engine, "BEGIN" if to_read else "BEGIN IMMEDIATE")
    return storage


@contextmanager
def as_store_errors(database: Database) -> Iterator[None]:
    """Turn what Optuna and its database raise into errors of our own tree.

    Raises
    ------
    StoreError
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise database.explain(error) from error
    except OptunaError as error:
        cause = error.__cause__
        raise database.explain(cause if isinstance(cause, SQLAlchemyError) else error) from error


def directions_of(plan: StudyPlan) -> list[Literal["maximize", "minimize"]]:
    """Return which way each goal of a search is better: accuracy high, the other one low."""
    return ["maximize", "minimize"] if plan.is_two_fold else ["maximize"]


def open_study(database: Database, experiment_id: str, plan: StudyPlan) -> optuna.Study:
    """Return the study of a search, made if there is none yet; called within `as_store_errors`.

    Raises
    ------
    StoreError
    """
    return optuna.create_study(
        storage=storage_of(database),
        study_name=f"{_PREFIX}{experiment_id}",
        directions=directions_of(plan),
        load_if_exists=True,
    )


def load_study(database: Database, experiment_id: str) -> optuna.Study | None:
    """Return the study of a search to look at, None if it has none yet.

    Raises
    ------
    StoreError
    """
    with as_store_errors(database):
        try:
            return optuna.load_study(
                study_name=f"{_PREFIX}{experiment_id}", storage=storage_of(database, to_read=True)
            )
        except KeyError:
            return None


def trials_told(database: Database, experiment_id: str) -> int:
    """Return of how many trials Optuna knows what came of them: what is shown of a study changes with it.

    Raises
    ------
    StoreError
    """
    with as_store_errors(database):
        storage = storage_of(database, to_read=True)
        try:
            study_id = storage.get_study_id_from_name(f"{_PREFIX}{experiment_id}")
        except KeyError:
            return 0
        ended = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
        return int(storage.get_n_trials(study_id, ended))


def forget_studies(database: Database, known: Callable[[], Collection[str]]) -> list[str]:
    """Remove the studies of experiments whose ids are not known any more; return whose they were.

    Parameters
    ----------
    known
        Returns all ids: asked once the studies are known, for another app may begin a search meanwhile.

    Raises
    ------
    StoreError
    """
    with as_store_errors(database):
        storage = storage_of(database)
        names = [study.study_name for study in storage.get_all_studies()]
        kept = known()
        gone = [name for name in names if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in kept]
        for name in gone:
            storage.delete_study(storage.get_study_id_from_name(name))
    return [name.removeprefix(_PREFIX) for name in gone]
