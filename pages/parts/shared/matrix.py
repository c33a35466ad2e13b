"""A matrix of cells on a page, each of which can be clicked, by a finger too."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from pages.parts.shared import state

_PLACE = "matrix"
# The numbers in the cells take the colour of the page's text, also when the theme is
# switched; Plotly's own is a pale grey in the light theme.
_STYLE = f"""<style>
[class*="st-key-{_PLACE}-"] .annotation-text {{ fill: currentColor !important; }}
</style>"""

# Plotly takes a finger's touch for the start of a drag: the page does not scroll, and a
# tap selects the cell of the tap before. Kept from Plotly, a touch becomes a mouse click.
_TOUCH = f"""
const keep = (event) => {{
  if (event.target.closest?.('[class*="st-key-{_PLACE}-"] .nsewdrag')) event.stopPropagation();
}};
export default function () {{
  document.addEventListener("touchstart", keep, {{ capture: true, passive: true }});
  return () => document.removeEventListener("touchstart", keep, {{ capture: true }});
}}
"""


_let_fingers_click = st.components.v2.component("digitlab_touch", js=_TOUCH)


def show_matrix(figure: go.Figure, *, name: str, alt: str, choose: Callable[[int, int], None]) -> None:
    """Show a figure of `core.figures.charts.cells`; a click calls `choose` with the cell's row and column.

    `name` makes it one of its own on the page; `alt` is for those who do not see it.
    """
    st.html(_STYLE)
    _let_fingers_click(key=f"{name}_touch", height="content")
    # A chart under a new key has no selected point: the same cell can be clicked again later.
    clicks = state.matrix_clicks(name)
    chart = state.matrix_chart(name, st.session_state.setdefault(clicks, 0))

    def take_click() -> None:
        points = st.session_state[chart].selection.points
        if points:
            row, column = points[0]["customdata"]
            choose(int(row), int(column))
        st.session_state[clicks] += 1

    with st.container(key=f"{_PLACE}-{name}"):
        st.plotly_chart(
            figure,
            key=chart,
            on_select=take_click,
            selection_mode="points",
            config={"displayModeBar": False},
            alt=alt,
        )
