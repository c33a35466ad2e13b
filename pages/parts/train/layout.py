"""Where things stand on the Train page on every screen: the styles that Streamlit has no words for."""

import streamlit as st

# The bar stays below the navigation. Its buttons stand first and never move.
# The network stands beside the curves where each gets 24rem, as on a laptop, and else above them.
# Fields stand beside each other where each gets its 5.6rem, whatever the window, and else below each other.
# On a phone the bar's buttons fit into one line in every language: without words, and without arrows.
# A window below 900px, which is what 200 % of a laptop's comes to, shows the run first, then the settings.
_STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-bar) {
  position: sticky; top: var(--page-top); z-index: 50 }
.st-key-bar { min-height: 3.9rem; padding: 0.4rem 0; gap: 0.4rem; align-items: center;
  background: light-dark(#FFFFFF, #14191F);
  border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
.st-key-bar [data-testid="stElementContainer"]:has(.run-status) { flex: 1 1 15rem; min-width: 0 }
.run-status { line-height: 1.3; font-size: 0.9rem }
.run-status p { margin: 0; font-size: inherit; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis }
.run-status progress { display: block; width: 100%; height: 0.45rem; margin-top: 0.2rem;
  accent-color: #0072B2 }
[class*="st-key-fields_"] > div { flex: 1 1 5.6rem !important; min-width: 5.6rem }
.st-key-recipes { gap: 0.35rem }
.st-key-recipes button { padding: 0.15rem 0.6rem; font-size: 0.875rem }
.st-key-outcome { min-height: 11rem }
.st-key-time { min-height: 4.6rem }
.st-key-views { gap: 1.5rem; align-items: flex-start }
.st-key-views > div { flex: 1 1 24rem !important; min-width: min(24rem, 100%) }
.st-key-cost { min-height: 2.8rem }
@media (width < 900px) {
  .st-key-views > div:has(.st-key-view_inside) { order: 1 }
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-settings) {
    flex-direction: column-reverse }
  [data-testid="stHorizontalBlock"]:has(.st-key-settings) > [data-testid="stColumn"] {
    width: 100% !important; flex: 1 1 auto !important; min-width: 100% }
}
@media (width < 640px) {
  .st-key-present { display: none }
  .st-key-bar [data-testid="stElementContainer"]:has(.run-status) { flex-basis: 8rem }
  .st-key-bar button:not(.st-key-train button) [data-testid="stMarkdownContainer"] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  .st-key-bar [data-testid="stPopoverButton"] > div > [aria-hidden] { display: none }
  .st-key-recipes { flex-wrap: nowrap; overflow-x: auto; padding-bottom: 0.3rem }
  .st-key-recipes button { white-space: nowrap }
}
</style>"""
# What to press first has a ring that comes and goes, for those who do not mind what moves; no longer than the
# five seconds that WCAG 2.2.2 allows, and a page that is left open need not be drawn for ever.
_FIRST_PRESS = """<style>
.st-key-train button:enabled { outline: 3px solid #E69F00; outline-offset: 2px }
@media (prefers-reduced-motion: no-preference) {
  .st-key-train button:enabled { animation: digit-lab-press 1.2s ease-in-out 4 alternate }
  @keyframes digit-lab-press { to { outline-color: transparent } }
}
</style>"""


# For a wall: everything is larger, and the form is away.
_PRESENTATION = """<style>
html { font-size: 20px }
[data-testid="stColumn"]:has(.st-key-settings) { display: none }
[data-testid="stMainBlockContainer"] { padding-left: 2rem; padding-right: 2rem }
</style>"""


def lay_out(*, is_first_visit: bool, is_presentation: bool) -> None:
    """Have the browser lay the page out; at a first visit the button to press is marked."""
    st.html(_STYLE + (_FIRST_PRESS if is_first_visit else "") + (_PRESENTATION if is_presentation else ""))
