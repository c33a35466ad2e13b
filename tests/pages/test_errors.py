"""What goes wrong on a page, or in a part of it that runs alone, is a sentence; and it passes by itself."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import CurvePoint, Progress, RunStatus, RunStore, database
from pages.parts.shared import errors, state
from pages.parts.shared.errors import UNEXPECTED
from tests.pages.samples import APP, MINE
from tests.support.store_samples import holding


@pytest.fixture
def run_id(store: RunStore) -> str:
    """A run of this browser with one point on its curve."""
    run = store.create(TrainingConfig(), workspace=MINE)
    store.claim(run.id, "worker")
    point = CurvePoint(1_500, 1.0, 0.25, 0.925, "training")
    holding(store, run.id, "worker").record([point], Progress(2, 675, 1_350, 61_234.0, 75.0))
    return run.id


def texts(elements: Any) -> str:
    return "\n".join(str(element.value) for element in elements)


def change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "digitlab.db")) as connection, connection:
        connection.execute(statement)


@contextmanager
def locked(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let another program hold the database so that nobody can even read it, and nobody wait for it."""
    monkeypatch.setattr(database, "LOCK_TIMEOUT", 0)
    with closing(sqlite3.connect(home / "digitlab.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("alive", [True, False])
def test_a_damaged_point_is_a_sentence_in_the_panel_and_the_page_around_it_stays(
    home: Path, open_page: Callable[[], AppTest], store: RunStore, run_id: str, alive: bool
) -> None:
    if not alive:
        holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    change(home, "UPDATE points SET loss = 'heavy'")
    app = open_page()
    assert "damaged" in texts(app.error)
    assert not app.button(key="train").disabled
    assert not app.exception
    assert not app.metric
    change(home, "UPDATE points SET loss = 0.25")
    app.run()
    assert not app.error
    assert {metric.label: metric.value for metric in app.metric}["Loss"] == "0.2500"


def test_a_fragment_that_fails_once_comes_again_by_its_clock() -> None:
    def script() -> None:
        import streamlit as st

        from core.errors import StoreError
        from pages.parts.shared.errors import guarded_fragment

        def part() -> None:
            if st.session_state.get("trouble"):
                raise StoreError("The database [is](https://example.org) locked. Try again.")
            st.write("All is well.")

        guarded_fragment(part, run_every=2.0)()
        guarded_fragment(part)()

    app = AppTest.from_function(script)
    app.session_state["trouble"] = True
    app.run()
    assert [error.value for error in app.error] == [
        r"The database \[is\](https:" + "\u2060//example.org) locked. Try again."
    ] * 2
    # The part without a clock gets one that tries the page again.
    assert texts(app.caption) == "This page tries again by itself every few seconds."
    app.session_state["trouble"] = False
    app.run()
    assert [one.value for one in app.markdown] == ["All is well."] * 2
    assert not app.caption


def test_what_nobody_foresaw_is_a_sentence_and_in_the_log(unforeseen: list[str]) -> None:
    def script() -> None:
        import streamlit as st

        from pages.parts.shared.errors import guarded_fragment

        @guarded_fragment
        def part() -> None:
            st.write(str(1 / 0))

        @guarded_fragment
        def stops() -> None:
            st.stop()

        part()
        stops()
        st.write("never shown")

    app = AppTest.from_function(script).run()
    assert [error.value for error in app.error] == [UNEXPECTED]
    assert not app.exception
    assert not app.markdown  # Streamlit's own way to end a script is no error
    assert "ZeroDivisionError" in unforeseen.pop()


@pytest.mark.parametrize("page", ["pages/train.py", "pages/evaluate.py", "pages/draw.py"])
def test_a_database_that_is_held_by_another_program_is_told_and_not_taken_for_an_empty_one(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    submitted: list[str],
    store: RunStore,
    run_id: str,
    page: str,
) -> None:
    store.close()
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    with locked(home, monkeypatch):
        app.switch_page(page).run()
        assert "is in use by another program" in texts(app.error)
        assert "tries again by itself" in texts(app.caption)
        assert not app.info
        assert not app.exception
    app.run()
    assert not app.error


def test_a_mistake_in_a_page_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, open_page: Callable[[], AppTest], unforeseen: list[str]
) -> None:
    def broken(self: RunStore, **_: object) -> list[Any]:
        raise KeyError("val_accuracy")

    monkeypatch.setattr(RunStore, "list_runs", broken)
    app = open_page()
    assert UNEXPECTED in [error.value for error in app.error]
    assert "KeyError" in unforeseen.pop()
    assert errors.__name__ not in texts(app.error)
