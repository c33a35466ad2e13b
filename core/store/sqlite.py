"""What is SQLite's own: how its file is made ready, and looked at where it cannot be written."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def turn_on_write_ahead_log(file: Path, timeout: float) -> None:
    """Have readers and a writer work at the same time; makes the file if there is none.

    Raises
    ------
    sqlite3.Error
        If the file cannot be written, is no database, or stays busy for `timeout` seconds.
    """
    # SQLite does not wait its turn for this one statement, so processes that start
    # together on an empty folder collide; who comes second finds it done.
    deadline = time.monotonic() + timeout
    while True:
        try:
            with closing(sqlite3.connect(file, timeout=timeout)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.Error as error:
            is_busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def is_refusal_to_write(error: sqlite3.Error) -> bool:
    """Tell whether a file may be readable all the same: its folder, or it itself, cannot be written."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def connect_read_only(file: Path) -> sqlite3.Connection:
    """Open a file to look only.

    Raises
    ------
    sqlite3.Error
        If there is no such file, or it cannot be read.
    """
    address = f"file:{quote(str(file))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # Beside a write-ahead log SQLite wants to make a file for the locks, unless it is told that
        # nobody writes: somebody who does is not on this machine, or would have made that file.
        connection.close()
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True, check_same_thread=False)
    return connection
