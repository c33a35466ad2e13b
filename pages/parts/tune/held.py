"""What the two forms of the Tune page hold, while the other one or another page is shown."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts.shared import state


def restore(usual: Mapping[str, Any]) -> None:
    """Give the widgets of both forms what they held last, at first what is `usual`; before they are drawn."""
    for key, value in {**usual, **st.session_state.get(state.TUNE_HELD, {})}.items():
        st.session_state.setdefault(key, value)


def keep() -> None:
    """Keep what the widgets of both forms hold; once those of one are drawn."""
    st.session_state[state.TUNE_HELD] = {
        key: value for key, value in st.session_state.items() if state.is_of_tune(str(key))
    }
