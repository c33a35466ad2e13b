"""Tune: a search for the best settings, run after run."""

import streamlit as st

from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.tune.choice import settle_search
from pages.parts.tune.form import show_plan_form
from pages.parts.tune.layout import lay_out
from pages.parts.tune.search import show_search, show_undo


def main() -> None:
    """Show the page: what to search for left, what was found right."""
    begin_page(_("Let a search find the settings"), tab=_("Tune: let a search find the settings"))
    shown = settle_search()
    lay_out(has_search=shown is not None)
    left, right = st.columns([1, 2.2], gap="large")
    with left, st.container(key="tune_settings"):
        show_plan_form()
    with right:
        show_undo()
        if shown is None:
            _invite()
        else:
            show_search(shown)


def _invite() -> None:
    """Say what a search does, where there is none yet."""
    st.info(
        _(
            "Choose settings and between which values they may vary, then press **Start the search**. "
            "It trains one network after the other and shows which settings read best."
        ),
        icon=":material/tune:",
    )


main()
