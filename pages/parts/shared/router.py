"""How every page begins: through app.py, with a title of its own in the browser's tab and on the page."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.parts.shared.language.choice import show_language_switch

PRODUCT = "Digit Lab"


def begin_page(title: str, *, tab: str) -> None:
    """Begin a page with its heading `title`; the browser's tab and its history say `tab`."""
    ensure_router()
    st.set_page_config(page_title=f"{tab} – {PRODUCT}")
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.title(title)
        show_language_switch()


def ensure_router() -> None:
    """Start over through app.py if Streamlit has run a page's file by itself.

    Streamlit 1.67 looks for a folder `pages` until `st.navigation` is called for
    the first time in a server's life. If a server's first visit is a link to
    /evaluate, it would run pages/evaluate.py without app.py, and go on so for all visitors.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
