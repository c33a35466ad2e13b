"""Single values of the database's rows: each is what its column holds, or the row is damaged."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from core.errors import ConfigError, ExperimentUnreadable, RunUnreadable, StoreError
from core.store.records import RateChange

_Read = TypeVar("_Read")

# All that reading a value of another kind can raise; a program's own mistakes are none of these.
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    ConfigError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
# Far more than any run has noted: what is longer is damage, and not worth reading.
_LONGEST_NOTES = 1_000_000
# A plan of some thousand runs, and what came of them.
_MAX_PLAN_TEXT = 50_000_000


@contextmanager
def told_if_damaged(sentence: str, kind: type[StoreError] = RunUnreadable) -> Iterator[None]:
    """Turn whatever a damaged value raises into a sentence: the one place that decides on that.

    Raises
    ------
    StoreError
        Of this `kind`.
    """
    try:
        yield
    except _DAMAGE as error:
        raise kind(sentence) from error


def readable(
    rows: Iterable[Any],
    read: Callable[[Any], _Read],
    damage: tuple[type[Exception], ...] = (RunUnreadable, ExperimentUnreadable),
) -> Iterator[_Read]:
    """Yield what `read` makes of each row, without those for which it raises `damage`.

    One damaged row hides itself and nothing else; `RunStore.unreadable_count` tells how many runs are hidden.
    """
    for row in rows:
        try:
            yield read(row)
        except damage:
            continue


def as_text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def as_time(value: Any) -> datetime:
    """Return a moment, in UTC."""
    return datetime.fromtimestamp(float(value), UTC)


def as_count(value: Any) -> int:
    """Return a whole number from 0 on."""
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value


def as_rate_changes(value: Any) -> tuple[RateChange, ...]:
    """Return learning rates that a run was given on the way."""
    text = "[]" if value is None else as_text(value)
    if len(text) > _LONGEST_NOTES:
        raise ValueError(f"{len(text)} characters are no notes of learning rates")
    return tuple(RateChange(*map(as_amount, numbers)) for numbers in json.loads(text))


def as_tags(value: Any) -> tuple[str, ...]:
    """Return the tags of a run."""
    text = "[]" if value is None else as_text(value)
    if len(text) > _LONGEST_NOTES:
        raise ValueError(f"{len(text)} characters are no tags")
    return tuple(map(as_text, json.loads(text)))


def as_plan(value: Any) -> str:
    """Return the text of an experiment's plan."""
    text = as_text(value)
    if len(text) > _MAX_PLAN_TEXT:
        raise ValueError(f"{len(text)} characters are no plan")
    return text


def as_state(value: Any) -> dict[str, Any]:
    """Return what came of an experiment so far."""
    found = json.loads("{}" if value is None else as_plan(value))
    if not isinstance(found, dict):
        raise TypeError(f"{found!r} is no outcome")
    return found


def as_share(value: Any) -> float:
    """Return a number from 0 to 1."""
    share = float(value)
    if not 0 <= share <= 1:
        raise ValueError(f"{value!r} is not a share")
    return share


def as_amount(value: Any) -> float:
    """Return a finite number from 0 on."""
    amount = float(value)
    if not 0 <= amount < math.inf:
        raise ValueError(f"{value!r} is not an amount")
    return amount


def optional(read: Callable[[Any], _Read], value: Any) -> _Read | None:
    """Return None for NULL, else what `read` makes of a value."""
    return None if value is None else read(value)
