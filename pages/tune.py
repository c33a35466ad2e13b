"""Tune: a search for the best settings, run after run; and studies of one setting, in one press."""

import streamlit as st

from core.sentences import say
from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.tune.choice import settle_search
from pages.parts.tune.controls import show_undo
from pages.parts.tune.form import show_plan_form
from pages.parts.tune.layout import lay_out
from pages.parts.tune.search import show_search
from pages.parts.tune.studies.choice import STUDY_PARAMETER, settle_study
from pages.parts.tune.studies.setup import show_studies
from pages.parts.tune.studies.shown import show_study

_SEARCH, _STUDIES = "search", "studies"
_VIEWS = {_SEARCH: say("Search"), _STUDIES: say("One setting at a time")}


def main() -> None:
    """Show the page: what to search for or to study left, what was found right."""
    begin_page(_("Let a search find the settings"), tab=_("Tune: let a search find the settings"))
    if STUDY_PARAMETER in st.query_params and state.TUNE_VIEW not in st.session_state:
        st.session_state[state.TUNE_VIEW] = _STUDIES  # by a link
    view = st.segmented_control(
        _("View"),
        list(_VIEWS),
        default=st.session_state.setdefault(state.TUNE_VIEW, _SEARCH),
        key=state.TUNE_VIEW,
        required=True,
        format_func=lambda word: _(_VIEWS[word]),
        label_visibility="collapsed",
        persist_state="session",
    )
    (_show_search if view == _SEARCH else _show_studies)()


def _show_search() -> None:
    shown = settle_search()
    lay_out(has_search=shown is not None)
    left, right = st.columns([1, 2.2], gap="large")
    with left, st.container(key="tune_settings"):
        show_plan_form()
    with right:
        show_undo()
        if shown is None:
            _invite(
                _(
                    "Choose settings and between which values they may vary, then press **Start the "
                    "search**. It trains one network after the other and shows which settings read best."
                )
            )
        else:
            show_search(shown)


def _show_studies() -> None:
    shown = settle_study()
    lay_out(has_search=shown is not None)
    left, right = st.columns([1, 2.2], gap="large")
    with left, st.container(key="tune_settings"):
        show_studies()
    with right:
        show_undo()
        if shown is None:
            _invite(
                _(
                    "Press one of the four. It trains some networks that differ in that one thing, and draws "
                    "the picture that it is known for while they learn."
                )
            )
        else:
            show_study(shown)


def _invite(words: str) -> None:
    """Say what the page does, where there is nothing to show yet."""
    st.info(words, icon=":material/tune:")


main()
