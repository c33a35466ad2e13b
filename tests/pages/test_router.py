"""What app.py does on every visit, whatever the page itself shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.errors import StoreError
from pages.parts.shared import handles, workspace
from tests.pages.samples import APP


def damaged() -> None:
    raise StoreError("The database is damaged.")


def unforeseen() -> None:
    raise RuntimeError("nobody thought of this")


@contextmanager
def a_callers_error_passes() -> Iterator[None]:
    yield


@pytest.mark.parametrize("end", [damaged, st.stop], ids=["sentence", "stopped"])
def test_workers_start_and_the_cookie_is_set_whatever_a_page_shows(
    end: Callable[[], None], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(handles, "library", end)
    monkeypatch.setattr(handles, "start_workers", lambda: done.append("workers"))
    monkeypatch.setattr(workspace, "remember_workspace", lambda: done.append("cookie"))
    AppTest.from_file(APP, default_timeout=60).run()
    assert done == ["workers", "cookie"]


def test_they_do_so_too_where_errors_are_not_caught(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr("pages.parts.shared.errors.errors_as_sentences", a_callers_error_passes)
    monkeypatch.setattr(handles, "library", unforeseen)
    monkeypatch.setattr(handles, "start_workers", lambda: done.append("workers"))
    monkeypatch.setattr(workspace, "remember_workspace", lambda: done.append("cookie"))
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert app.exception
    assert done == ["workers", "cookie"]
