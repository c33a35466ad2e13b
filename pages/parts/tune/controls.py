"""What can be done with an experiment: pause, go on, stop; off the list once it has ended, and back again."""

import time

import streamlit as st

from core.errors import DigitLabError
from core.experiments.one_press import STUDIES
from core.store import Experiment, Request, RunStatus
from core.store.shelf import UNDO_SECONDS
from pages.parts.shared import handles, state
from pages.parts.shared.language import _

ICONS = {
    RunStatus.QUEUED: ":material/hourglass_empty:",
    RunStatus.RUNNING: ":material/search:",
    RunStatus.PAUSED: ":material/pause:",
    RunStatus.FINISHED: ":material/check_circle:",
    RunStatus.STOPPED: ":material/stop_circle:",
    RunStatus.FAILED: ":material/error:",
}

# One that rests may go on by a press in another tab.
_LOOK_SECONDS, _LOOK_SECONDS_AT_REST = 1.0, 5.0


def look_seconds(experiment: Experiment) -> float | None:
    """Return how long to wait before an experiment is looked at again, None where it has ended."""
    if experiment.status.is_ended:
        return None
    return _LOOK_SECONDS if experiment.status.is_alive else _LOOK_SECONDS_AT_REST


def show_controls(experiment: Experiment) -> None:
    """Show what its owner can do with an experiment now."""
    if experiment.status.is_ended:
        st.button(
            _("Delete"),
            icon=":material/delete:",
            key="delete_search",
            on_click=_delete,
            args=(experiment.id,),
            help=_("Takes it off the list. Its runs stay."),
        )
        return
    is_stopping = experiment.request is Request.STOP
    if experiment.status is RunStatus.PAUSED:
        _control(_("Go on"), ":material/play_arrow:", "resume_search", experiment, Request.NONE, is_stopping)
    else:
        _control(_("Pause"), ":material/pause:", "pause_search", experiment, Request.PAUSE, is_stopping)
    _control(_("Stop"), ":material/stop:", "stop_search", experiment, Request.STOP, is_stopping)


def show_undo() -> None:
    """Offer to have an experiment back that was deleted a moment ago."""
    deleted, moment = st.session_state.get(state.SEARCH_DELETED, (None, 0.0))
    if deleted is None or time.monotonic() - moment > UNDO_SECONDS:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("It is off the list; its runs stay."))
        st.button(_("Undo"), icon=":material/undo:", key="undo_search", on_click=_restore, args=(deleted,))


def _control(
    label: str, icon: str, key: str, experiment: Experiment, request: Request, is_stopping: bool
) -> None:
    st.button(
        label,
        icon=icon,
        key=key,
        disabled=is_stopping,
        on_click=_request,
        args=(experiment.id, request),
    )


def _request(experiment_id: str, request: Request) -> None:
    try:
        handles.store().request_experiment(experiment_id, request, limits=handles.settings())
        handles.driver().wake()
    except DigitLabError as error:
        st.session_state[state.SEARCH_PROBLEM] = str(error)
    # Whether it moves decides whether it is looked at every second.
    st.session_state[state.PAGE_IS_BEHIND] = True


def _delete(experiment_id: str) -> None:
    # The part of the page in which this stands has nothing to show any more.
    st.session_state[state.PAGE_IS_BEHIND] = True
    try:
        handles.store().delete_experiment(experiment_id)
    except DigitLabError as error:
        st.session_state[state.SEARCH_PROBLEM] = str(error)
        return
    st.session_state[state.SEARCH_DELETED] = (experiment_id, time.monotonic())
    for shown in (state.SEARCH, state.STUDY):
        if st.session_state.get(shown) == experiment_id:
            st.session_state[shown] = None


def _restore(experiment_id: str) -> None:
    st.session_state.pop(state.SEARCH_DELETED, None)
    try:
        restored = handles.store().restore_experiment(experiment_id)
        st.session_state[state.STUDY if restored.kind in STUDIES else state.SEARCH] = restored.id
    except DigitLabError as error:
        st.session_state[state.SEARCH_PROBLEM] = str(error)
