"""A search that has ended takes more runs, where there are more to try."""

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import DigitLabError
from core.search.plans import MORE_MINUTES, MORE_RUNS, StudyPlan
from core.store import Experiment, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.language import _
from pages.parts.shared.launch import training_images

if TYPE_CHECKING:
    from core.search.found import Found


def show_more(experiment: Experiment, plan: StudyPlan, found: "Found") -> None:
    """Show the press that has an ended search go on; nothing where it goes on already, or could not."""
    if experiment.status not in (RunStatus.FINISHED, RunStatus.STOPPED):
        return
    more = plan.with_more(found.tried, handles.store().experiment_seconds(experiment.id))
    if more is None:
        return
    if more.minutes != plan.minutes:
        label = _("{count} more minutes", count=f"{MORE_MINUTES:g}")
    elif more.runs != plan.runs:
        label = _("{count} more runs", count=min(more.size - found.tried, MORE_RUNS))
    else:
        label = _("Go on")
    st.button(
        label,
        icon=":material/add:",
        key="more_of_search",
        on_click=_go_on,
        args=(experiment.id, more),
        help=_("The search goes on from what it has found."),
    )


def _go_on(experiment_id: str, more: StudyPlan) -> None:
    try:
        handles.store().extend_experiment(
            experiment_id,
            more,
            limits=handles.settings(),
            training_images=training_images(more.base),
        )
        handles.driver().wake()
    except DigitLabError as error:
        st.session_state[state.SEARCH_PROBLEM] = str(error)
    # Whether it moves decides whether it is looked at every second.
    st.session_state[state.PAGE_IS_BEHIND] = True
