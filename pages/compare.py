"""Compare: several runs side by side, and what made the difference."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from core.sentences import say
from core.store import Run
from pages.parts.compare.against import show_against
from pages.parts.compare.choice import settle_choice
from pages.parts.compare.differences import show_what_differs
from pages.parts.compare.duel import show_duel
from pages.parts.compare.files import show_files
from pages.parts.compare.overlay import show_overlay
from pages.parts.compare.run_table import show_run_table, show_undo
from pages.parts.shared import handles, state
from pages.parts.shared.copy_link import copy_link_button
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.language import _
from pages.parts.shared.overlay_chart import fetch_overlay_ahead
from pages.parts.shared.router import begin_page
from pages.parts.shared.workspace import visible_workspaces


class View(NamedTuple):
    """One way to look at the chosen runs: what the switch calls it, and what shows it."""

    title: str
    show: Callable[[Sequence[Run]], None]


# By their words in the address, in the order of the switch; the first is the usual one.
_VIEWS: Mapping[str, View] = {
    "curves": View(say("Curves"), show_overlay),
    "differs": View(say("What differs"), show_what_differs),
    "against": View(say("A against B"), show_against),
    "duel": View(say("Duel"), show_duel),
}


def main() -> None:
    """Show the page: how to look at the runs, the view, and the table in which they are chosen."""
    begin_page(_("Compare"), tab=_("Compare: what made the difference"))
    chosen = settle_choice(tuple(_VIEWS))
    if not chosen and not handles.store().list_runs(workspaces=visible_workspaces(), limit=1):
        show_undo()
        if "duel" not in st.query_params:
            _invite()
        guarded_fragment(show_duel)(chosen)  # one needs no runs to begin with
        show_files(())
        return
    state.insist_on(state.COMPARE_VIEW)  # the duel sets it
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.segmented_control(
            _("View"),
            list(_VIEWS),
            key=state.COMPARE_VIEW,
            format_func=lambda word: _(_VIEWS[word].title),
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        with st.container(width="content"):
            copy_link_button(_("Copy link"), None, "copy_comparison")
    _show_view(st.session_state[state.COMPARE_VIEW], chosen)
    show_run_table(chosen)
    show_files(chosen)
    if st.session_state[state.COMPARE_VIEW] != "curves":
        fetch_overlay_ahead(key=state.OVERLAY)


@guarded_fragment
def _show_view(word: str, chosen: Sequence[Run]) -> None:
    if st.session_state[state.COMPARE_VIEW] != word:
        st.rerun()  # a press in this view has chosen another
    _VIEWS[word].show(chosen)


def _invite() -> None:
    """Say what this page is for where there is nothing to compare yet."""
    st.info(
        _(
            "Nothing to compare yet. Train two networks that differ in one setting, and see here "
            "what it changed."
        ),
        icon=":material/compare_arrows:",
    )
    st.page_link("pages/train.py", label=_("Train a network"), icon=":material/model_training:")


main()
