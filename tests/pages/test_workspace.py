"""One workspace a browser: found again, shared by its tabs, left on purpose, never given up by mistake."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import RunStore
from pages.parts.shared import state, workspace
from tests.pages.samples import MINE

OTHER = "b" * 24


@pytest.fixture
def session(store: RunStore, submitted: list[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session that has found no cookie and begun the workspace `MINE`."""
    values: dict[str, Any] = {state.WORKSPACE: MINE, state.WORKSPACE_IS_NEW: True}
    monkeypatch.setattr(workspace.st, "session_state", values)
    monkeypatch.setattr(workspace.st, "query_params", {"run": "0" * 12})
    return values


def tell(session: dict[str, Any], found: object) -> None:
    session[state.COOKIE] = {"found": found}
    workspace._found()


def test_a_second_tab_goes_over_to_the_cookie_of_the_first(session: dict[str, Any]) -> None:
    session[state.RUN_ID] = "of the other workspace"
    tell(session, OTHER)
    assert workspace.workspace() == OTHER
    assert state.RUN_ID not in session
    assert workspace.st.query_params == {}


def test_a_tab_that_has_trained_keeps_its_runs(session: dict[str, Any], store: RunStore) -> None:
    store.create(TrainingConfig(), workspace=MINE)
    tell(session, OTHER)
    assert workspace.workspace() == MINE
    assert session[state.WORKSPACES_REFUSED] == [OTHER]


def test_a_tab_whose_browser_has_left_goes_along(session: dict[str, Any], store: RunStore) -> None:
    store.create(TrainingConfig(), workspace=MINE)
    session[state.WORKSPACE_IS_NEW] = False  # it was in the cookie when the tab was opened
    tell(session, OTHER)
    assert workspace.workspace() == OTHER


@pytest.mark.parametrize("found", [None, 7, "", "x", "../" * 8, "B" * 24, MINE])
def test_what_a_browser_tells_is_not_trusted(session: dict[str, Any], found: object) -> None:
    tell(session, found)
    assert workspace.workspace() == MINE
    assert state.WORKSPACES_REFUSED not in session


def test_leaving_asks_once_more_and_begins_anew(open_page: Callable[[], AppTest], store: RunStore) -> None:
    store.create(TrainingConfig(), workspace=MINE)
    app = open_page()
    app.button(key=state.LEAVE).click().run()
    app.button(key=state.LEAVE_NO).click().run()
    assert app.session_state[state.WORKSPACE] == MINE
    app.button(key=state.LEAVE).click().run()
    app.button(key=state.LEAVE_YES).click().run()
    assert not app.exception
    assert app.session_state[state.WORKSPACE] != MINE
    assert app.session_state[state.WORKSPACES_LEFT] == [MINE]
    assert "Press **▶ Train**" in app.info[0].value
    assert len(store.list_runs(workspaces=[MINE])) == 1
