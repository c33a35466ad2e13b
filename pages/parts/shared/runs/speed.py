"""How fast runs of this visitor go: at full speed, or slowly enough to be watched step by step."""

import streamlit as st

from core.sentences import say
from core.store import Request, Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.errors import in_words
from pages.parts.shared.language import _
from pages.parts.shared.workspace import workspace

_SPEEDS = {Request.NONE: say("Full speed"), Request.SLOW: say("Slow"), Request.VERY_SLOW: say("Very slow")}


def speed() -> Request:
    """Return what a run that is begun now is asked for."""
    return Request(st.session_state.get(state.SPEED) or Request.NONE)


def show_speed(run: Run | None) -> None:
    """Let the speed be chosen; it counts at once for the run on show if that is this browser's."""
    with st.popover(
        _("Speed"), icon=":material/speed:", help=_("Slow motion, to watch it learn."), key="speed"
    ):
        titles = {request: _(title) for request, title in _SPEEDS.items()}
        st.segmented_control(
            _("Speed"),
            list(_SPEEDS),
            default=st.session_state.get(state.SPEED, Request.NONE),
            format_func=titles.__getitem__,
            required=True,
            key=state.SPEED,
            persist_state="session",
            help=_("Slow motion rests after each chunk of steps, for three minutes at most."),
            on_change=_change,
            args=(run.id if run is not None and run.workspace == workspace() else None,),
        )


def _change(run_id: str | None) -> None:
    if run_id is None:
        return
    try:
        run = handles.store().get(run_id)
        # What was asked otherwise meanwhile, as a pause, stays asked.
        if run.status in (RunStatus.RUNNING, RunStatus.QUEUED) and run.request in _SPEEDS:
            handles.store().ask(run_id, speed())
    except Exception as error:
        st.session_state[state.TRAIN_PROBLEM] = in_words(error)
    handles.watcher().expire()
