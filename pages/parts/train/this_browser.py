"""Whose runs these are, and how to leave them behind on a computer that others use too."""

import streamlit as st

from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.workspace import leave_workspace


def show_this_browser() -> None:
    """Show what belongs to this browser, with a way to begin anew that asks once more."""
    with st.popover(_("This browser's runs"), icon=":material/devices:"):
        st.markdown(
            _(
                "Runs belong to the browser in which they were trained: whoever opens Digit Lab in it sees "
                "them. On a computer that others use too, leave them behind when you are done. They stay on "
                "the server until they are old, but only a link to each of them opens it again."
            )
        )
        if not st.session_state.get(state.LEAVING, False):
            st.button(
                _("Leave them and start anew"), icon=":material/logout:", key=state.LEAVE, on_click=_ask
            )
            return
        st.markdown(_("**Leave all runs of this browser?** They will be on none of its lists."))
        with st.container(horizontal=True):
            st.button(_("Yes, leave them"), type="primary", key=state.LEAVE_YES, on_click=_leave)
            st.button(_("No, stay"), key=state.LEAVE_NO, on_click=_stay)


def _ask() -> None:
    st.session_state[state.LEAVING] = True


def _stay() -> None:
    st.session_state[state.LEAVING] = False


def _leave() -> None:
    _stay()
    leave_workspace()
