"""The one clock by which times are told and compared: the database's.

The machines of app and workers may differ by minutes, and one may be set back an hour
between a run's last sign of life and the look at it. So no time of theirs is written:
what is written and compared is `now()`, which the database fills in.
"""

from typing import Any

from sqlalchemy import ColumnElement, Double, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

# A moment further ahead than this was told before the clock was set back.
_AHEAD_SECONDS = 5.0


class now(FunctionElement[float]):  # noqa: N801, SQL's functions are written small
    """Seconds since 1970 in UTC by the database's clock."""

    type = Double()
    inherit_cache = True


@compiles(now, "sqlite")
def _on_sqlite(_element: now, _compiler: Any, **_options: Any) -> str:
    # `unixepoch('subsec')` needs a newer SQLite than some systems have.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now)
def _elsewhere(_element: now, _compiler: Any, **_options: Any) -> str:
    # Not `now()`, which stands still within a transaction that has waited for a lock.
    return "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"


def is_older(moment: ColumnElement[float], seconds: float) -> ColumnElement[bool]:
    """Return whether a moment is that long ago; one far ahead is of before the clock was set back."""
    return or_(moment <= now() - seconds, moment > now() + _AHEAD_SECONDS)
