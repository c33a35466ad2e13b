"""What a process has exactly one of, however often and from however many threads it is asked for."""

import functools
import sys
import threading
from collections.abc import Callable, Hashable
from types import ModuleType
from typing import Any, Generic, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

# A module without a file: a server that watches the files of a project forgets their modules when one
# changes, and would make a second cluster of workers beside the first.
_KEEPER = "digitlab_kept_once"
_guard = threading.Lock()


class _Entry(Generic[_T]):
    """A place for one value, and the lock of whoever makes it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: list[_T] = []


def once(make: Callable[_P, _T]) -> Callable[_P, _T]:
    """Have `make` called once in this process for the same arguments; what it returns is kept for good.

    Others who ask meanwhile wait for it. What raises is not kept: the next one to ask tries again.
    Arguments must be hashable. Unlike Streamlit's caches, nothing a browser sends empties this.
    """
    name = f"{make.__module__}.{make.__qualname__}"

    @functools.wraps(make)
    def get(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        entry = _entry((name, args, tuple(sorted(kwargs.items()))))
        with entry.lock:
            if not entry.values:
                entry.values.append(make(*args, **kwargs))
            value: _T = entry.values[0]
        return value

    return get


def kept(get: Callable[..., _T]) -> list[_T]:
    """Return what a function that is called once has made so far; makes nothing."""
    name = f"{get.__module__}.{get.__qualname__}"
    with _guard:
        return [value for key, entry in _entries().items() if key[0] == name for value in entry.values]


def forget_all() -> None:
    """Forget what was made, without closing it; for tests, which have many homes in one process."""
    with _guard:
        _entries().clear()


def _entry(key: tuple[Hashable, ...]) -> _Entry[Any]:
    with _guard:
        return _entries().setdefault(key, _Entry())


def _entries() -> dict[tuple[Hashable, ...], _Entry[Any]]:
    keeper = sys.modules.setdefault(_KEEPER, ModuleType(_KEEPER))
    found: dict[tuple[Hashable, ...], _Entry[Any]] = keeper.__dict__.setdefault("entries", {})
    return found
