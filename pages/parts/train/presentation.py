"""Shown on a wall: large type, no form, a chart that fills the height."""

import streamlit as st

from pages.parts.shared import state
from pages.parts.shared.language import _


def is_presentation() -> bool:
    """Tell whether the page is shown large."""
    in_address = st.query_params.get(state.PRESENT) == "true"  # before the switch has been drawn
    return bool(st.session_state.get(state.PRESENT, in_address))


def show_presentation() -> None:
    """Show the switch; its state is part of the address, and kept while other pages are shown."""
    st.toggle(
        _("Large"),
        key=state.PRESENT,
        bind="query-params",
        persist_state="session",
        help=_("For a class: large type, the settings folded away, the chart as high as the screen."),
    )
