"""The schema of an empty database, made once by the migrations and then written down again and again.

All migrations together take 25 ms, and there are a thousand stores in the tests.
"""

from sqlalchemy import Connection, inspect, text

from core.store import migration
from core.store.database import Database
from core.store.tables import VERSION_TABLE

real_upgrade = migration._upgrade


class CopiedSchema:
    """What the migrations make of an empty SQLite database; all others they have to bring up to date."""

    def __init__(self) -> None:
        self._statements: list[str] = []

    def upgrade(self, connection: Connection, database: Database) -> None:
        """Do what `core.store.migration` does."""
        if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
            real_upgrade(connection, database)
        elif self._statements:
            for statement in self._statements:
                connection.exec_driver_sql(statement)
        else:
            real_upgrade(connection, database)
            self._statements = _statements_of(connection)


def _statements_of(connection: Connection) -> list[str]:
    """Return what makes the same tables, which hold nothing but their version."""
    made = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"))
    statements = [statement for (statement,) in made if "sqlite_sequence" not in statement]
    for name in inspect(connection).get_table_names():
        rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
        if name == VERSION_TABLE:
            ((version,),) = rows
            statements.append(f"INSERT INTO {VERSION_TABLE} VALUES ('{version}')")
        else:
            assert rows == [], f"the migrations write into {name}, which has to be copied too"
    return statements
