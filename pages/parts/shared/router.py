"""Every page is shown through app.py, whatever address a server is visited at first."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def ensure_router() -> None:
    """Start over through app.py if Streamlit has run a page's file by itself.

    Streamlit 1.67 looks for a folder `pages` until `st.navigation` is called for
    the first time in a server's life. If a server's first visit is a link to
    /evaluate, it would run pages/evaluate.py without app.py, and go on so for all visitors.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
