"""Brings a database to the schema of this version, whoever else is doing so."""

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from core.errors import StoreError
from core.sentences import say
from core.store.database import Database
from core.store.tables import SCHEMA_VERSION, VERSION_TABLE

SCRIPTS = Path(__file__).parent / "migrations"

# Alembic's environment is a global of the process.
_one_at_a_time = threading.Lock()
# Any number that all processes of Digit Lab share.
_POSTGRES_LOCK = 7_246_118


def migrate(database: Database) -> None:
    """Create or upgrade the schema; nothing but a look when it is there already.

    Raises
    ------
    StoreError
        If the database cannot be opened, is damaged, was made by a newer version, or by an older
        one and cannot be written.
    """
    database.make_ready()
    with database.transaction() as connection:
        if _version(connection) == SCHEMA_VERSION:
            return
    if database.is_read_only:
        raise StoreError(
            say(
                "The database {name} is of an earlier version of Digit Lab and cannot be written, so "
                "it cannot be brought up to date. Let it be written, or set DIGITLAB_HOME to another "
                "folder.",
                name=database.name,
            )
        )
    with _one_at_a_time, database.transaction(write=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        # Another process may have been first; SQLite's writers and the lock above take turns.
        if _version(connection) != SCHEMA_VERSION:
            _upgrade(connection, database)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return version


def _upgrade(connection: Connection, database: Database) -> None:
    from alembic import command  # 0.3 s, and rarely needed
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            say(
                "The database {name} was made by another version of Digit Lab ({reason}). Start the "
                "newest version, or set DIGITLAB_HOME to another folder.",
                name=database.name,
                reason=error,
            )
        ) from error
