"""The table of runs where its program cannot be sent to the browser: to be read, and to choose in."""

from collections.abc import Sequence

import streamlit as st

from core.numbers import duration, percent
from core.store import Run
from pages.parts.compare.choice import MOST_COMPARED, choose
from pages.parts.shared import handles, state
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_titles, status_words
from pages.parts.shared.tables import show_table
from pages.parts.shared.workspace import visible_workspaces, workspace


def show_plain_table(chosen: Sequence[Run]) -> None:
    """Show the runs of this browser and those that are chosen, however old they are and whosever."""
    runs = handles.store().list_runs(workspaces=visible_workspaces())
    listed = {run.id for run in runs}
    runs = [run for run in chosen if run.id not in listed] + runs
    titles = run_titles(runs, workspace())
    st.session_state[state.COMPARED_PICKED] = [run.id for run in chosen]
    st.multiselect(
        _("Compared"),
        list(titles),
        key=state.COMPARED_PICKED,
        format_func=titles.__getitem__,
        max_selections=MOST_COMPARED,
        on_change=lambda: choose(st.session_state[state.COMPARED_PICKED]),
    )
    show_table(
        {
            _("Run"): [titles[run.id] for run in runs],
            _("Test accuracy"): [percent(run.test_accuracy) for run in runs],
            _("Training"): [duration(run.train_seconds) for run in runs],
            _("Status"): [status_words(run) for run in runs],
        },
        numbers=(_("Test accuracy"), _("Training")),
    )
