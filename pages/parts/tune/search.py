"""A search on show: how far it is, what it has found, its figures and its runs; alive while it goes on."""

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import DigitLabError
from core.search.plans import StudyPlan, read_plan
from core.store import Experiment, Request, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.language import _
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace
from pages.parts.tune.best import show_best
from pages.parts.tune.choice import show_picker
from pages.parts.tune.figures import show_figure
from pages.parts.tune.found import found_by
from pages.parts.tune.trials import show_trials

if TYPE_CHECKING:
    from core.search.found import Found

_LOOK_SECONDS = 1.0
_WORDS = {
    RunStatus.QUEUED: ":material/hourglass_empty:",
    RunStatus.RUNNING: ":material/search:",
    RunStatus.PAUSED: ":material/pause:",
    RunStatus.FINISHED: ":material/check_circle:",
    RunStatus.STOPPED: ":material/stop_circle:",
    RunStatus.FAILED: ":material/error:",
}


def show_search(experiment: Experiment) -> None:
    """Show a search; while it goes on it is looked at every second."""
    show_picker(experiment)
    is_moving = experiment.status.is_alive
    guarded_fragment(_show, run_every=_LOOK_SECONDS if is_moving else None)(experiment.id, is_moving)


def show_undo() -> None:
    """Offer to have a search back that was deleted a moment ago."""
    deleted = st.session_state.get(state.SEARCH_DELETED)
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("The search is off the list; its runs stay."))
        st.button(_("Undo"), icon=":material/undo:", key="undo_search", on_click=_restore, args=(deleted,))


def _show(experiment_id: str, was_moving: bool) -> None:
    experiment = handles.store().experiment(experiment_id)
    if st.session_state.pop(state.PAGE_IS_BEHIND, False) or was_moving != experiment.status.is_alive:
        st.rerun()
    plan, found = read_plan(experiment), found_by(experiment)
    with st.container(horizontal=True, vertical_alignment="center", key="search_bar"):
        if experiment.workspace == workspace():
            _show_controls(experiment)
        st.markdown(f"{_WORDS[experiment.status]} {escape(_how_far(experiment, plan, found))}")
    if not experiment.status.is_ended:
        st.progress(_share_done(experiment, plan, len(found.trials)))
    if experiment.message:
        (show_error if experiment.status is RunStatus.FAILED else show_warning)(experiment.message)
    runs = {run.trial: run for run in handles.store().experiment_runs(experiment.id) if run.trial is not None}
    show_best(experiment, found, runs)
    show_figure(found)
    show_trials(found, runs)


def _how_far(experiment: Experiment, plan: StudyPlan, found: "Found") -> str:
    parts = []
    if experiment.status is RunStatus.QUEUED:
        parts.append(_("Waits for its first run."))
    elif experiment.request is Request.STOP:
        parts.append(_("Stops as soon as its runs have written what they have learnt."))
    elif experiment.status is RunStatus.PAUSED:
        parts.append(_("Paused."))
    elif experiment.status is RunStatus.RUNNING and plan.minutes is None:
        parts.append(_("{done} of {count} runs.", done=len(found.trials), count=plan.size))
    elif experiment.status is RunStatus.RUNNING:
        parts.append(_("{done} runs.", done=len(found.trials)))
    elif experiment.status is RunStatus.FINISHED:
        parts.append(_("Finished: {count} runs.", count=experiment.made))
    elif experiment.status is RunStatus.STOPPED:
        parts.append(_("Stopped after {count} runs.", count=experiment.made))
    pruned, failed = found.count("pruned"), found.count("fail")
    if pruned:
        parts.append(_("{count} stopped early.", count=pruned))
    if failed:
        parts.append(_("{count} failed.", count=failed))
    return " ".join(parts)


def _share_done(experiment: Experiment, plan: StudyPlan, ended: int) -> float:
    """Return how much of the runs, or of the training that all may have, is over."""
    if plan.minutes is None:
        return min(1.0, ended / plan.size)
    runs = handles.store().experiment_runs(experiment.id)
    seconds = sum(run.total_seconds or run.train_seconds or 0.0 for run in runs)
    return min(1.0, seconds / (plan.minutes * 60))


def _show_controls(experiment: Experiment) -> None:
    if experiment.status.is_ended:
        st.button(
            _("Delete"),
            icon=":material/delete:",
            key="delete_search",
            on_click=_delete,
            args=(experiment.id,),
            help=_("Takes the search off the list. Its runs stay."),
        )
        return
    is_stopping = experiment.request is Request.STOP
    if experiment.status is RunStatus.PAUSED:
        _control(_("Go on"), ":material/play_arrow:", "resume_search", experiment, Request.NONE, is_stopping)
    else:
        _control(_("Pause"), ":material/pause:", "pause_search", experiment, Request.PAUSE, is_stopping)
    _control(_("Stop"), ":material/stop:", "stop_search", experiment, Request.STOP, is_stopping)


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
    handles.store().delete_experiment(experiment_id)
    st.session_state[state.SEARCH_DELETED] = experiment_id
    st.session_state[state.SEARCH] = None


def _restore(experiment_id: str) -> None:
    st.session_state.pop(state.SEARCH_DELETED, None)
    try:
        st.session_state[state.SEARCH] = handles.store().restore_experiment(experiment_id).id
    except DigitLabError as error:
        st.session_state[state.SEARCH_PROBLEM] = str(error)
