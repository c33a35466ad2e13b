"""What PostgreSQL alone needs: connections that notice when their server is gone, and waiting that ends."""

from typing import Any

from sqlalchemy import URL, Engine, event

# Of libpq, in seconds and, where it says so, milliseconds. Without them a server whose machine is gone is
# waited for two minutes as one connects, and two hours where a connection is open.
_PARAMETERS = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "digitlab",
}
_DRIVERS = ("psycopg", "psycopg2")
# What SQLSTATE tells, https://www.postgresql.org/docs/current/errcodes-appendix.html.
_DISK_FULL, _LOCK_NOT_AVAILABLE, _TOO_MANY_CONNECTIONS = "53100", "55P03", "53300"
_NO_TABLE, _NO_SCHEMA = "42P01", "3F000"
# Classes of them: connection exception, operator intervention.
_AWAY = ("08", "57P")


def connect_arguments(url: URL) -> dict[str, Any]:
    """Return what a connection is opened with, as far as the URL says nothing else."""
    if url.get_backend_name() != "postgresql" or url.get_driver_name() not in _DRIVERS:
        return {}
    return {name: value for name, value in _PARAMETERS.items() if name not in url.query}


def limit_waiting(engine: Engine, seconds: float) -> None:
    """Let no statement wait longer for another program's lock, as SQLite's busy_timeout does."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {int(seconds * 1000)}")
        connection.commit()


def is_full(cause: object) -> bool:
    """Tell whether the server's disk is full."""
    return _sqlstate(cause) == _DISK_FULL


def is_locked(cause: object) -> bool:
    """Tell whether another program held what was wanted for too long."""
    return _sqlstate(cause) == _LOCK_NOT_AVAILABLE


def is_emptied(cause: object) -> bool:
    """Tell whether the tables are not there any more."""
    return _sqlstate(cause) in (_NO_TABLE, _NO_SCHEMA)


def is_away(cause: object) -> bool:
    """Tell whether the server cannot be reached, or is starting or ending."""
    state = _sqlstate(cause)
    # Who has no connection has been told no state.
    return state is None or state.startswith(_AWAY) or state == _TOO_MANY_CONNECTIONS


def reason_of(told: str) -> str:
    """Return what is wrong of what libpq tells, which begins with what was tried and where."""
    return told.rpartition(" failed: ")[2].removeprefix("FATAL:").strip()


def _sqlstate(cause: object) -> str | None:
    state: str | None = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return state
