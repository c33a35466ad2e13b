"""What all pages look like, where Streamlit's own look is in the way; and the bar of the pages on a phone."""

from collections.abc import Sequence

import streamlit as st

# Streamlit leaves six empty lines above a page, and a phone has none to spare. Its captions are too pale
# in the light theme, and white on the dark theme's blue is (4.1:1 and 3.0:1, where WCAG asks for 4.5). Of the
# list of runs on Draw the label is for ears only: the whole canvas should be in sight below it.
_STYLE = """<style>
:where(:root) { --page-top: 3.75rem }
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem }
.stMain h1 { font-size: 1.25rem; padding: 0 }
.st-key-heading { flex-wrap: nowrap; gap: 0.5rem }
.st-key-heading > :last-child { width: auto !important; flex: none; margin: -0.5rem 0 }
.st-key-picked_run_draw label { position: absolute; clip-path: inset(50%) }
[data-testid="stCaptionContainer"] { opacity: 0.75 !important }
[data-testid="stBaseButton-primary"]:enabled { color: light-dark(#FFFFFF, #14191F) }
[data-testid="stBaseButton-primary"]:is(:hover, :active) { color: #FFFFFF }
@media (pointer: coarse) {
  .stMain [data-testid^="stBaseButton"], .stMain summary, .stMain [data-baseweb="select"] > div,
  [data-testid="stPageLink-NavLink"] { min-height: 2.75rem }
}
</style>"""

# On a phone pages are behind an unlabelled sign: there they stand at the bottom, for the thumb, and the page
# has the line of that sign. What stays in sight while a page is scrolled stays below `--page-top`. A style
# alone Streamlit keeps elsewhere, and takes away for a moment when another page comes: the bar would flash.
_BAR_STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-bottom_bar) { display: none }
@media (width < 640px) {
  :root { --page-top: 0px }
  [data-testid="stHeader"], [data-testid="stSidebar"] { display: none }
  .stMain [data-testid="stMainBlockContainer"] { padding-top: 0.75rem; padding-bottom: 5.5rem }
  [data-testid="stLayoutWrapper"]:has(> .st-key-bottom_bar) { display: block; position: fixed; z-index: 60;
    inset: auto 0 0 0; padding: 0.3rem 0.5rem calc(0.6rem + env(safe-area-inset-bottom));
    background: light-dark(#FFFFFF, #14191F);
    border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
  .st-key-bottom_bar { flex-wrap: nowrap; justify-content: space-around; gap: 0 }
  .st-key-bottom_bar > :first-child { position: absolute }  /* these lines */
  /* Five words side by side are wider than a phone, in German above all: each stands below its sign. */
  .st-key-bottom_bar [data-testid="stPageLink-NavLink"] { flex-direction: column; gap: 0;
    padding: 0.1rem 0.25rem }
  .st-key-bottom_bar [data-testid="stPageLink-NavLink"] p { font-size: 0.75rem; line-height: 1.1 }
  /* The bar has this link too, and what can be tried at once should be in sight. */
  .st-key-no_run_yet [data-testid="stElementContainer"]:has([data-testid="stPageLink"]) { display: none }
}
</style><span></span>"""


def dress() -> None:
    """Dress the page that comes."""
    st.html(_STYLE)


def show_bottom_bar(pages: Sequence[st.Page]) -> None:
    """Show a link to each page, at the bottom of a narrow screen and nowhere else."""
    with st.container(key="bottom_bar", horizontal=True, gap="small"):
        st.html(_BAR_STYLE, width="content")
        for page in pages:
            st.page_link(page, width="content")
