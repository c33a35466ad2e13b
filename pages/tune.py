"""Tune: a search for the best settings, run after run; and studies of one setting, in one press."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from core.sentences import say
from core.store import Experiment
from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.tune.choice import SEARCHES, STUDIES_BEGUN, Choice, asked_for
from pages.parts.tune.controls import show_undo
from pages.parts.tune.form import show_plan_form
from pages.parts.tune.layout import lay_out
from pages.parts.tune.search import show_search
from pages.parts.tune.studies.setup import show_studies
from pages.parts.tune.studies.shown import show_study


class View(NamedTuple):
    """One half of the page: what the switch calls it, what is chosen, its form, what shows one."""

    title: str
    choice: Choice
    show_form: Callable[[], None]
    show: Callable[[Experiment], None]
    invitation: str


_VIEWS: Mapping[str, View] = {
    "search": View(
        say("Search"),
        SEARCHES,
        show_plan_form,
        show_search,
        say(
            "Choose settings and between which values they may vary, then press **Start the search**. "
            "It trains one network after the other and shows which settings read best."
        ),
    ),
    "study": View(
        say("One setting at a time"),
        STUDIES_BEGUN,
        show_studies,
        show_study,
        say(
            "Press one of the four. It trains some networks that differ in that one thing, and draws the "
            "picture that it is known for while they learn."
        ),
    ),
}


def main() -> None:
    """Show the page: what to search for or to study left, what was found right."""
    begin_page(_("Let a search find the settings"), tab=_("Tune: let a search find the settings"))
    st.session_state.pop(state.PAGE_IS_BEHIND, None)  # as a whole it is not
    if (asked := asked_for()) is not None:
        st.session_state[state.TUNE_VIEW] = asked  # by a link, or back in the browser
    st.session_state.setdefault(state.TUNE_VIEW, next(iter(_VIEWS)))
    state.insist_on(state.TUNE_VIEW)
    word = st.segmented_control(
        _("View"),
        list(_VIEWS),
        default=state.held(state.TUNE_VIEW),
        key=state.TUNE_VIEW,
        required=True,
        format_func=lambda word: _(_VIEWS[word].title),
        label_visibility="collapsed",
        persist_state="session",
    )
    view = _VIEWS[word]
    shown = view.choice.settle()
    lay_out(has_search=shown is not None)
    left, right = st.columns([1, 2.2], gap="large")
    with left, st.container(key="tune_settings"):
        view.show_form()
    with right:
        show_undo()
        if shown is None:
            st.info(_(view.invitation), icon=":material/tune:")
        else:
            view.choice.show_picker(shown)
            view.show(shown)


main()
