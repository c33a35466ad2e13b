"""A search on show: how far it is, what it has found, its figures and its runs; alive while it goes on."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import streamlit as st

from core.search.plans import StudyPlan, read_plan
from core.store import Experiment, Request, Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.language import _
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace
from pages.parts.tune.best import show_best
from pages.parts.tune.controls import ICONS, look_seconds, show_controls
from pages.parts.tune.figures import show_figure
from pages.parts.tune.found import found_by
from pages.parts.tune.how_far import done_of, finished_after, stopped_after
from pages.parts.tune.more import show_more
from pages.parts.tune.trials import show_trials

if TYPE_CHECKING:
    from core.search.found import Found


def show_search(experiment: Experiment) -> None:
    """Show a search; until it has ended it is looked at again and again."""
    clock = look_seconds(experiment)
    guarded_fragment(_show, run_every=clock)(experiment.id, clock)


def _show(experiment_id: str, clock: float | None) -> None:
    if st.session_state.pop(state.PAGE_IS_BEHIND, False):
        st.rerun()  # first: it may have been deleted
    experiment = handles.store().experiment(experiment_id)
    if clock != look_seconds(experiment):
        st.rerun()
    plan, found = read_plan(experiment), found_by(experiment)
    with st.container(horizontal=True, vertical_alignment="center", key="search_bar"):
        if experiment.workspace == workspace():
            show_controls(experiment)
            show_more(experiment, plan, found)
        st.markdown(f"{ICONS[experiment.status]} {escape(_how_far(experiment, plan, found))}")
    runs = {run.trial: run for run in handles.store().experiment_runs(experiment.id) if run.trial is not None}
    if not experiment.status.is_ended:
        st.progress(_share_done(plan, len(found.trials), runs.values()))
    if experiment.message:
        (show_error if experiment.status is RunStatus.FAILED else show_warning)(experiment.message)
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
        parts.append(done_of(len(found.trials), plan.size))
    elif experiment.status is RunStatus.RUNNING:
        done = len(found.trials)
        parts.append(_("1 run.") if done == 1 else _("{done} runs.", done=done))
    elif experiment.status is RunStatus.FINISHED:
        parts.append(finished_after(experiment.made))
    elif experiment.status is RunStatus.STOPPED:
        parts.append(stopped_after(experiment.made))
    pruned, failed = found.count("pruned"), found.count("fail")
    if pruned:
        parts.append(_("1 stopped early.") if pruned == 1 else _("{count} stopped early.", count=pruned))
    if failed:
        parts.append(_("1 failed.") if failed == 1 else _("{count} failed.", count=failed))
    return " ".join(parts)


def _share_done(plan: StudyPlan, ended: int, runs: Iterable[Run]) -> float:
    """Return how much of the runs, or of the training that all may have, is over."""
    if plan.minutes is None:
        return min(1.0, ended / plan.size)
    seconds = sum(run.total_seconds or run.train_seconds or 0.0 for run in runs)
    return min(1.0, seconds / (plan.minutes * 60))
