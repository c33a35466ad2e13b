"""Keep a run, name it, or clear it away with a way back."""

import time

import streamlit as st

from core.store import Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.language import _
from pages.parts.shared.runs.buttons import action_button, told
from pages.parts.shared.workspace import workspace

# For so long the page offers to undo; the store keeps a deleted run at least as long.
UNDO_SECONDS = 600.0


def show_shelf(run: Run) -> None:
    """Show the star of a run of this browser, and folded its name, and Delete unless a worker has it."""
    if run.workspace != workspace():
        return
    action_button(
        _("Starred") if run.starred else _("Star"),
        "star" if run.starred else "star_outline",
        f"star_{run.id}",
        _star,
        run.id,
        not run.starred,
        help=_("With a star a run is kept: when room is needed, old runs without one are removed first."),
    )
    with st.popover(
        _("More"), icon=":material/more_horiz:", help=_("Give it a name, or delete it."), key=f"more_{run.id}"
    ):
        key = state.new_name(run.id)
        # Of any length: the browser would drop what is too long without a word, the store says why it is.
        st.text_input(
            _("Name of this run"),
            value=run.name or "",
            key=key,
            placeholder=_("What it changed of the run before"),
            help=_("It stands in all lists. Leave it empty, and the run is called by what it changed."),
            on_change=told,
            args=(_rename, run.id, key),
        )
        if run.status is not RunStatus.RUNNING:
            action_button(
                _("Delete"),
                "delete",
                f"delete_{run.id}",
                _delete,
                run.id,
                help=_("Takes the run off all lists. For ten minutes it can be undone."),
            )


def _rename(run_id: str, key: str) -> None:
    handles.store().rename(run_id, st.session_state[key])
    st.session_state[state.PAGE_IS_BEHIND] = True


def show_deleted() -> None:
    """Say which runs were deleted just now, each with a button that brings it back."""
    deleted: dict[str, tuple[int, float]] = st.session_state.get(state.DELETED_RUNS, {})
    for run_id, (number, moment) in list(deleted.items()):
        if time.monotonic() - moment > UNDO_SECONDS:
            del deleted[run_id]
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_("Run #{number} is deleted.", number=number), width="content")
            action_button(_("Undo"), "undo", f"undo_{run_id}", _restore, run_id)


def _star(run_id: str, is_starred: bool) -> None:
    handles.store().star(run_id, is_starred)


def _delete(run_id: str) -> None:
    run = handles.store().delete(run_id)
    st.session_state.setdefault(state.DELETED_RUNS, {})[run_id] = (run.number, time.monotonic())
    if st.session_state.get(state.RUN_ID) == run_id:
        del st.session_state[state.RUN_ID]
    if st.session_state.get(state.CHOSEN_RUN, (None, None))[0] == run_id:
        del st.session_state[state.CHOSEN_RUN]  # else this page would ask for it where there are no others
    st.session_state[state.PAGE_IS_BEHIND] = True


def _restore(run_id: str) -> None:
    st.session_state[state.DELETED_RUNS].pop(run_id, None)
    handles.store().restore(run_id)
    st.session_state[state.RUN_ID] = run_id
