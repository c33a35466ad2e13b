"""Where things stand on the Tune page on every screen."""

import streamlit as st

# Fields stand beside each other where each has room. A table of many settings scrolls by itself.
_STYLE = """<style>
[class*="st-key-fields_tune"] > div { flex: 1 1 5rem !important; min-width: 4rem }
[class*="st-key-fields_tune"] > div:has([data-testid="stCheckbox"]) {
  flex: 0 0 auto !important; min-width: 3.4rem; padding-bottom: 0.5rem }
.st-key-search_trials { overflow-x: auto }
.st-key-search_trials td, .st-key-search_trials th { white-space: nowrap }
.st-key-search_best { gap: 1.5rem }
</style>"""
# In a narrow window a search that is there comes before the form of the next.
_SEARCH_FIRST = """<style>
@media (width < 900px) {
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-tune_settings) {
    flex-direction: column-reverse }
  [data-testid="stHorizontalBlock"]:has(.st-key-tune_settings) > [data-testid="stColumn"] {
    width: 100% !important; flex: 1 1 auto !important; min-width: 100% }
}
</style>"""


def lay_out(*, has_search: bool) -> None:
    """Lay the page out; call once on every run."""
    st.html(_STYLE + (_SEARCH_FIRST if has_search else ""))
