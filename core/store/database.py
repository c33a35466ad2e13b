"""The way into the database: one engine, one transaction helper, errors as sentences.

SQLAlchemy's and the driver's errors end here; what leaves is a `StoreError` with a sentence
that says which database and what to do; what is wrong has a sentence of its own, which
workers tell alone. Here alone is decided whether trying again may mend it: it is
`StoreUnavailable` then.
"""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy.orm  # noqa: F401, see below
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import StorageFull, StoreError, StoreGone, StoreUnavailable
from core.sentences import say
from core.store import postgres
from core.store.sqlite import connect_read_only, is_refusal_to_write, turn_on_write_ahead_log

# Optuna imports `sqlalchemy.orm` at its first study. As that begins it tells SQLAlchemy how to look at any
# object, and what another thread asks of a database at that moment fails: so it is here before any thread is.

# Seconds to wait for another process's writing before giving up.
LOCK_TIMEOUT = 15
# Below this many free bytes SQLite's "disk I/O error" means a full disk.
_NEARLY_NOTHING = 1_000_000
FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT}) if hasattr(errno, "EDQUOT") else {errno.ENOSPC}
# Any number that all processes of Digit Lab share, and no other lock of theirs.
_POSTGRES_ALONE = 7_246_119
# SQLite's result codes (sqlite.org/rescode.html) that speak of the moment: BUSY, LOCKED, NOMEM,
# READONLY, IOERR, FULL, CANTOPEN, PROTOCOL. Not ERROR, which is a statement that cannot be run.
_SQLITE_PASSING = frozenset({5, 6, 7, 8, 10, 13, 14, 15})


class Database:
    """One database, whatever SQLAlchemy URL it has; for any number of threads.

    Raises
    ------
    StoreError
        If the URL cannot be used or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url: URL = make_url(url)
            self.file: Path | None = self._find_file()
            self.engine: Engine = create_engine(
                self.url,
                # A server may close idle connections, a file does not.
                pool_pre_ping=self.file is None,
                max_overflow=25,
                connect_args=postgres.connect_arguments(self.url),
            )
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise StoreError(
                say(
                    "The database address in DIGITLAB_DATABASE_URL cannot be used ({kind}: {problem}). "
                    "Correct it, install its driver, or unset it to use a file in DIGITLAB_HOME.",
                    kind=error.__class__.__name__,
                    problem=_first_line(error),
                )
            ) from error
        if self.file is not None:
            configure_sqlite(self.engine)
        if self.engine.dialect.name == "postgresql":
            postgres.limit_waiting(self.engine, LOCK_TIMEOUT)
        self._divide()
        self._known_file: tuple[int, int] | None = None  # device and inode, once it has been used
        self.is_read_only = False

    def make_ready(self) -> None:
        """Make folder and file if there are none; one that cannot be written is looked at only.

        Raises
        ------
        StoreError
            If the file can be neither written nor read.
        """
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            turn_on_write_ahead_log(self.file, LOCK_TIMEOUT)
        except (OSError, sqlite3.Error) as error:
            if not (isinstance(error, sqlite3.Error) and is_refusal_to_write(error)):
                raise self.explain(error) from error
            try:
                connect_read_only(self.file).close()
            except sqlite3.Error:
                raise self.explain(error) from error
            self._reopen(is_read_only=True)
        else:
            if self.is_read_only:
                self._reopen(is_read_only=False)

    def _reopen(self, *, is_read_only: bool) -> None:
        assert self.file is not None
        self.engine.dispose()
        how = {"creator": partial(connect_read_only, self.file)} if is_read_only else {}
        self.engine = create_engine(self.url, max_overflow=25, **how)
        configure_sqlite(self.engine)
        self._divide()
        self.is_read_only = is_read_only

    def _divide(self) -> None:
        """Tell who reads from who writes."""
        self._reader = self._writer = self.engine
        if self.file is not None:
            self._writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        elif self.engine.dialect.name == "postgresql":
            # All that is read together is of one moment, as in a file. Not for who writes: whoever has waited
            # for a lock must see what was written meanwhile.
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    def _find_file(self) -> Path | None:
        if self.url.get_backend_name() != "sqlite":
            return None
        name = self.url.database
        if not name or name.startswith((":memory:", "file:")):
            raise ValueError(say("SQLite needs the path of a file, which the workers open too"))
        return Path(name).absolute()

    @property
    def name(self) -> str:
        """What to call this database in a sentence; of a server neither user nor password."""
        if self.file is not None:
            return str(self.file)
        return f"{self.url.host or self.url.get_backend_name()}/{self.url.database or ''}"

    @contextmanager
    def transaction(self, *, write: bool = False, alone: bool = False) -> Iterator[Connection]:
        """Yield a connection; commit at the end, roll back on any error.

        Parameters
        ----------
        write
            Whether it writes: SQLite then waits its turn at the beginning, not half-way.
        alone
            Whether no other such transaction may run meanwhile, because it counts before it writes.

        Raises
        ------
        StoreUnavailable
            If the database cannot be used at present: `StorageFull`, `StoreGone`, or it is locked for
            too long or cannot be reached.
        StoreError
            If it is damaged.
        """
        try:
            if self._known_file is not None:
                self.check_file()
            if write and self.is_read_only:
                self.make_ready()  # it may be writable by now
            with (self._writer if write else self._reader).begin() as connection:
                # SQLite has one writer at a time in any case.
                if alone and connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_ALONE})
                yield connection
            if self._known_file is None:
                self.check_file()
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise self.explain(error) from error

    def check_file(self) -> None:
        """Raise `StoreGone` if the database was a file and is one no more; do nothing for a server.

        SQLite itself does not notice: open connections go on in a file that has no name any more,
        and new ones begin another, empty one. A file that was put back is opened anew.
        """
        if self.file is None:
            return
        try:
            status = self.file.stat()
        except FileNotFoundError as error:
            raise self._gone() from error
        except OSError as error:
            raise self.explain(error) from error
        found = (status.st_dev, status.st_ino)
        if self._known_file not in (None, found):
            self.engine.dispose()
        self._known_file = found

    def _gone(self) -> StoreGone:
        return StoreGone(
            say(
                "{cause} Put it back, or start Digit Lab anew: it then begins with an empty one.",
                cause=say(
                    "The database {name} is not there any more: it was deleted, moved or replaced while "
                    "Digit Lab was running.",
                    name=self.name,
                ),
            )
        )

    def explain(self, error: Exception) -> StoreError:
        """Return the error of our own tree, with a finished sentence, for `error`."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        # Of an OSError only its number counts: its text holds a path, which may say anything.
        words = "" if isinstance(cause, OSError) else str(cause).lower()
        if self._is_full(cause, words):
            return StorageFull(
                say(
                    "{cause} Earlier runs are kept. Free some space, then try again.",
                    cause=say(
                        "The disk with the database {name} is full, so this could not be saved.",
                        name=self.name,
                    ),
                )
            )
        # SQLite made an empty file where the database had been; or a server has another one of that name.
        if "no such table" in words or postgres.is_emptied(cause):
            return self._gone()
        if "locked" in words or "busy" in words or postgres.is_locked(cause):
            return StoreUnavailable(
                say(
                    "{cause} Try again; close programs that hold it open.",
                    cause=say(
                        "The database {name} is in use by another program and did not become free within "
                        "{seconds} seconds.",
                        name=self.name,
                        seconds=LOCK_TIMEOUT,
                    ),
                )
            )
        if "malformed" in words or "not a database" in words:
            return StoreError(
                say(
                    "{cause} Move it away or restore a copy of it; Digit Lab then starts with a new, empty "
                    "one.",
                    cause=say("The database file {name} is damaged.", name=self.name),
                )
            )
        if "unable to open" in words or "readonly" in words or isinstance(cause, OSError):
            return StoreUnavailable(
                say(
                    "{cause} Check that the folder exists and may be written, or set DIGITLAB_HOME to "
                    "another folder.",
                    cause=say(
                        "The database {name} cannot be opened or written ({reason}).",
                        name=self.name,
                        reason=_first_line(cause),
                    ),
                )
            )
        may_pass = _may_pass(error, cause)
        if self.file is None and may_pass and isinstance(error, DBAPIError) and postgres.is_away(cause):
            return StoreUnavailable(
                say(
                    "{cause} Nothing is lost: what is being trained goes on, and its curve is written when "
                    "the database is back. Try again in a moment.",
                    cause=say(
                        "The database {name} cannot be reached ({reason}).",
                        name=self.name,
                        reason=postgres.reason_of(_first_line(cause)),
                    ),
                )
            )
        kind = StoreUnavailable if may_pass else StoreError
        return kind(
            say(
                "{cause} Try again; if it stays so, see the log of the app.",
                cause=say(
                    "The database {name} could not do what was asked ({reason}).",
                    name=self.name,
                    reason=_first_line(cause),
                ),
            )
        )

    def _is_full(self, cause: object, words: str) -> bool:
        if isinstance(cause, OSError) and cause.errno in FULL_ERRNOS:
            return True
        if postgres.is_full(cause):
            return True
        if "disk is full" in words or "no space left" in words:
            return True
        # SQLite cannot grow its index of the log on a full disk, and calls that an I/O error.
        if self.file is not None and ("disk i/o error" in words or "unable to open" in words):
            try:
                return shutil.disk_usage(self.file.parent).free < _NEARLY_NOTHING
            except OSError:
                return False
        return False


def _may_pass(error: Exception, cause: object) -> bool:
    """Tell whether the same may succeed later: no connection, no room, no turn; not a wrong statement."""
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def configure_sqlite(engine: Engine, begin: str = "BEGIN") -> None:
    """Let SQLAlchemy begin transactions, so that writers queue up instead of failing half-way.

    With `BEGIN IMMEDIATE` all do: for an engine of which nobody says beforehand who writes.
    """

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        # A damaged text must not keep the healthy rows beside it from being read.
        connection.text_factory = _decode
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT * 1000}")
        cursor.execute("PRAGMA foreign_keys = ON")
        # With the write-ahead log, NORMAL never damages the file; a power cut may undo the last
        # moments, which a run makes good from its checkpoint.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", begin))


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
