"""One of the compared runs as files, and files from elsewhere as runs."""

from collections.abc import Sequence

import streamlit as st

from core.store import Run
from pages.parts.shared import state
from pages.parts.shared.bring_back import show_bring_back
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_name
from pages.parts.shared.take_home import show_take_home
from pages.parts.shared.workspace import workspace


def show_files(chosen: Sequence[Run]) -> None:
    """Show what can be taken home of one of these runs, if there are any, and what can be brought."""
    if chosen:
        guarded_fragment(_take_home)(chosen)
    show_bring_back()


def _take_home(chosen: Sequence[Run]) -> None:
    by_id = {run.id: run for run in chosen}
    names = {run.id: run_name(run, workspace()) for run in chosen}
    if st.session_state.get(state.TAKEN_HOME) not in by_id:
        st.session_state.pop(state.TAKEN_HOME, None)  # it is not compared any more
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox(
            _("Files of run"),
            list(by_id),
            key=state.TAKEN_HOME,
            format_func=names.__getitem__,
            width=220,
        )
        if run_id is not None:
            show_take_home(by_id[run_id])
