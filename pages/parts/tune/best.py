"""The best that a search has found, or its front; and the way from there: into the form, to its mistakes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from core.config import TrainingConfig, to_query
from core.config.differences import differences, in_words
from core.numbers import duration, percent
from core.store import Experiment, Run
from pages.parts.shared import state
from pages.parts.shared.language import _, grouped
from pages.parts.shared.words import escape

if TYPE_CHECKING:
    from core.search.found import Found, Tried

_NAMED = 6


def show_best(experiment: Experiment, found: "Found", runs: Mapping[int, Run]) -> None:
    """Show the best run by its validation accuracy, of a front the one that is chosen."""
    best = sorted(
        (trial for trial in found.trials if trial.number in found.best),
        key=lambda trial: (-(trial.accuracy or 0.0), trial.number),
    )
    if not best:
        st.caption(_("The best run stands here once one has been trained to its end."))
        return
    one = _choose(experiment.id, best, found) if len(best) > 1 else best[0]
    # The settings are known also where the run has been deleted, or had to make room.
    run, config = runs.get(one.number), found.plan.at(one.params)
    with st.container(horizontal=True, vertical_alignment="center", key="search_best"):
        st.metric(_("Best validation accuracy"), percent(one.accuracy or 0.0), width="content")
        if one.second is not None:
            title = _("Parameters") if found.plan.goal == "parameters" else _("Training time")
            figure = _second(one, found) if found.plan.goal == "seconds" else grouped(one.second)
            st.metric(title, figure, width="content")
        # Whoever chose by the test images would have nothing left to measure with.
        if experiment.status.is_ended and run is not None and run.test_accuracy is not None:
            st.metric(
                _("Test accuracy"),
                percent(run.test_accuracy),
                width="content",
                help=_("Of images that had no say in the choice. Expect a little less."),
            )
        _show_ways(config, run)
    changes = differences(config, found.plan.base)
    words = _(in_words(changes, _NAMED)) if changes else _("the settings it started from")
    if run is None:
        st.caption(
            escape(
                _("Trial {number}: {changes}. The run itself is gone.", number=one.number + 1, changes=words)
            )
        )
    else:
        st.caption(escape(_("Run #{number}: {changes}", number=run.number, changes=words)))


def _choose(experiment_id: str, best: "list[Tried]", found: "Found") -> "Tried":
    """Let one of a front, or of several that are equally good, be chosen; until then the best of now."""
    by_number = {trial.number: trial for trial in best}
    labels = {}
    for number, trial in by_number.items():
        second = "" if trial.second is None else f" · {_second(trial, found)}"
        labels[number] = (
            _("trial {number}", number=number + 1) + f" · {percent(trial.accuracy or 0.0)}{second}"
        )
    wanted = st.session_state.get(state.SEARCH_TRIALS_CHOSEN, {}).get(experiment_id)
    st.session_state[state.SEARCH_TRIAL] = wanted if wanted in by_number else best[0].number
    chosen = st.selectbox(
        _("Best runs"),
        list(labels),
        key=state.SEARCH_TRIAL,
        format_func=lambda number: labels.get(number, str(number)),
        on_change=_keep_choice,
        args=(experiment_id,),
        help=_("No other run is better than one of these in every respect."),
    )
    return by_number[chosen]


def _keep_choice(experiment_id: str) -> None:
    chosen = st.session_state.get(state.SEARCH_TRIALS_CHOSEN, {})
    st.session_state[state.SEARCH_TRIALS_CHOSEN] = chosen | {
        experiment_id: st.session_state[state.SEARCH_TRIAL]
    }


def _second(trial: "Tried", found: "Found") -> str:
    assert trial.second is not None
    if found.plan.goal == "parameters":
        return _("{count} parameters", count=grouped(trial.second))
    return duration(trial.second)


def _show_ways(config: TrainingConfig, run: Run | None) -> None:
    # A link, as somebody could send it. With the dataset, so that it is never empty.
    st.page_link(
        "pages/train.py",
        label=_("Use the best"),
        icon=":material/input:",
        query_params=to_query(config) | {"dataset": config.dataset},
        help=_("Fills the Train form with these settings."),
        width="content",
    )
    if run is None:
        return
    st.page_link(
        "pages/evaluate.py",
        label=_("See its mistakes"),
        icon=":material/grid_on:",
        query_params={"run": run.id},
        width="content",
    )
