"""A study on show: its picture as far as it has come, what to see in it, and what to do with it."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st
from plotly import graph_objects as go

from core.config import TrainingConfig, to_query
from core.evaluation.studies import NO_CURVE, find_rate, grid_of, levels_of, power_law
from core.evaluation.study_words import batch_words, data_words, rate_words, shape_words
from core.experiments.one_press import TOP_RATE, base_of, measured, reached
from core.experiments.plans import FixedPlan, read_fixed_plan
from core.figures.charts.studies import draw_batches, draw_data, draw_rate, draw_shapes
from core.numbers import text_of
from core.store import Curve, Experiment, Request, Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.language import _
from pages.parts.shared.launch import training_images
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace
from pages.parts.tune.controls import ICONS, look_seconds, show_controls
from pages.parts.tune.how_far import done_of, finished_after, stopped_after
from pages.parts.tune.studies.words import words_of

_MOST_COMPARED = 20


def show_study(experiment: Experiment) -> None:
    """Show a study; until it has ended it is looked at again and again."""
    st.header(_(words_of(experiment.kind).title))
    clock = look_seconds(experiment)
    guarded_fragment(_show, run_every=clock)(experiment.id, clock)


def _show(experiment_id: str, clock: float | None) -> None:
    if st.session_state.pop(state.PAGE_IS_BEHIND, False):
        st.rerun()  # first: it may have been deleted
    experiment = handles.store().experiment(experiment_id)
    if clock != look_seconds(experiment):
        st.rerun()
    plan = read_fixed_plan(experiment)
    runs = handles.store().experiment_runs(experiment_id)
    with st.container(horizontal=True, vertical_alignment="center", key="search_bar"):
        if experiment.workspace == workspace():
            show_controls(experiment)
        ended = sum(run.status.is_ended for run in runs)
        st.markdown(f"{ICONS[experiment.status]} {escape(_how_far(experiment, ended, plan.size))}")
    if not experiment.status.is_ended:
        st.progress(min(1.0, ended / plan.size))
    # A rate that rises until the run breaks down is no failure of the study.
    if experiment.message and experiment.kind != "learning-rate":
        (show_error if experiment.status is RunStatus.FAILED else show_warning)(experiment.message)
    seen = _seen(experiment, plan, runs)
    st.markdown(escape(_(seen.words)))
    _show_ways(seen, runs)
    st.plotly_chart(seen.figure, key=f"study_{experiment_id}", config={"displayModeBar": False})


class _Seen(NamedTuple):
    """What a study shows: its picture, what to see in it, the settings to train with and their press."""

    figure: go.Figure
    words: str
    best: TrainingConfig | None = None
    press: str = ""


def _seen(experiment: Experiment, plan: FixedPlan, runs: Sequence[Run]) -> _Seen:
    """Return the picture that the study is known for, as far as it has come, and what to take from it."""
    first = plan.trials[0].config
    if experiment.kind == "learning-rate":
        found = find_rate(_curve(runs[0]) if runs else NO_CURVE, TOP_RATE, first.epochs)
        figure, words = draw_rate(found, say=_), rate_words(found)
        if found.suggested is None:
            return _Seen(figure, words)
        config = base_of(plan).model_copy(update={"learning_rate": found.suggested})
        return _Seen(figure, words, config, _("Train with {rate}", rate=text_of(found.suggested)))
    scores = handles.store().scores([run.id for run in runs])
    reach = {run.trial: one for run in runs if (one := reached(run, scores)) is not None}
    # The seeds of one value are no choice.
    values = {plan.trials[trial or 0].config.model_copy(update={"seed": 0}) for trial in reach}
    best = None
    if len(values) > 1:
        best = plan.trials[max(reach, key=lambda trial: reach[trial]) or 0].config
    if experiment.kind == "width-depth":
        grid = grid_of([(trial.config, reach.get(place)) for place, trial in enumerate(plan.trials)])
        return _Seen(draw_shapes(grid, say=_), shape_words(grid), best, _("Use the best"))
    is_of_data = experiment.kind == "data-amount"
    curves = {run.id: _curve(run) for run in runs if is_of_data and run.status is RunStatus.FINISHED}
    levels = levels_of(measured(experiment.kind, runs, scores, curves, training_images(first)))
    if is_of_data:
        return _Seen(draw_data(levels, power_law(levels), say=_), data_words(levels), best, _("Use the best"))
    return _Seen(draw_batches(levels, say=_), batch_words(levels), best, _("Use the best"))


def _curve(run: Run) -> Curve:
    return handles.watcher().look(run.id).curve


def _how_far(experiment: Experiment, ended: int, size: int) -> str:
    match experiment.status:
        case RunStatus.QUEUED:
            return _("Waits for its first run.")
        case RunStatus.PAUSED:
            return _("Paused.")
        case RunStatus.FINISHED if size == 1:
            return _("Finished.")
        case RunStatus.FINISHED:
            return finished_after(ended)
        case RunStatus.STOPPED | RunStatus.FAILED:
            return stopped_after(ended)
    if experiment.request is Request.STOP:
        return _("Stops as soon as its runs have written what they have learnt.")
    return done_of(ended, size)


def _show_ways(seen: _Seen, runs: Sequence[Run]) -> None:
    """Show what to do with what was found: train with it, or look at its runs beside each other."""
    if seen.best is None:
        return
    with st.container(horizontal=True):
        st.page_link(
            "pages/train.py",
            label=seen.press,
            icon=":material/input:",
            query_params=to_query(seen.best) | {"dataset": seen.best.dataset},
            help=_("Fills the Train form with these settings."),
            width="content",
        )
        if len(runs) > 1:
            st.page_link(
                "pages/compare.py",
                label=_("Compare its runs"),
                icon=":material/compare_arrows:",
                query_params={"runs": ",".join(run.id for run in runs[:_MOST_COMPARED])},
                width="content",
            )
