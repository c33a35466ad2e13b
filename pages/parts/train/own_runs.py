"""The runs of this browser on the Train page: which one is on show."""

import streamlit as st

from core.errors import RunNotFound, RunUnreadable
from core.store import Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.errors import show_error, show_warning
from pages.parts.shared.runs.labels import run_title
from pages.parts.shared.runs.panel import show_run
from pages.parts.shared.runs.picker import show_unreadable
from pages.parts.shared.runs.shelf import show_deleted
from pages.parts.shared.workspace import workspace
from pages.parts.train.this_browser import show_this_browser

_LISTED = 20
# Still to go on or to be stopped: listed however old they are.
_UNFINISHED = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED)


def show_own_runs() -> None:
    """Show the chosen run: that of the link, the one picked from the list, else the newest."""
    problem = st.session_state.pop(state.TRAIN_PROBLEM, None)
    if problem is not None:
        show_error(problem)
    show_deleted()
    runs = _listed()
    chosen = _chosen(runs)
    if chosen is None:
        st.info(
            "Choose a recipe or build your own network, then press **Train**. "
            "The curves will move here while it learns.",
            icon=":material/model_training:",
        )
    elif len(runs) > 1:
        choices, mine = list(runs), workspace()
        st.session_state[state.RUN_PICKED] = chosen
        st.selectbox(
            "Your runs",
            choices,
            index=choices.index(state.held(state.RUN_PICKED)),
            key=state.RUN_PICKED,
            format_func=lambda run_id: run_title(runs[run_id], mine),
            on_change=_pick,
        )
    show_unreadable()
    if chosen is not None:
        show_run(chosen)
        show_this_browser()


def _listed() -> dict[str, Run]:
    """Return, newest first, the newest runs of this browser, all that are not done, and the link's."""
    store = handles.store()
    mine = [workspace()]
    runs = store.list_runs(workspaces=mine, limit=_LISTED, always=_UNFINISHED)
    wanted = st.session_state.get(state.RUN_ID)
    if wanted is not None and wanted not in {run.id for run in runs}:
        try:
            runs.append(store.get(wanted))
        except (RunNotFound, RunUnreadable) as error:
            st.session_state.pop(state.RUN_ID, None)
            show_warning(error)
    runs.sort(key=lambda run: (run.created_at, run.id), reverse=True)
    return {run.id: run for run in runs}


def _chosen(runs: dict[str, Run]) -> str | None:
    wanted = st.session_state.get(state.RUN_ID)
    return wanted if wanted in runs else next(iter(runs), None)


def _pick() -> None:
    st.session_state[state.RUN_ID] = st.session_state[state.RUN_PICKED]
