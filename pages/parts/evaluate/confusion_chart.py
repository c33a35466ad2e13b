"""The confusion matrix on a page: a click on a cell chooses it."""

import streamlit as st

from core.data.dataset import Dataset
from core.evaluation.scores import Scores
from core.figures.charts.confusion import confusion_matrix_figure
from pages.parts.evaluate.cell_images import AT_ONCE
from pages.parts.shared import state
from pages.parts.shared.language import _

# The numbers in the cells take the colour of the page's text, also when the theme is
# switched; Plotly's own is a pale grey in the light theme. On a wide screen the
# matrix stays in sight while one scrolls through the images beside it.
_STYLE = """<style>
.st-key-confusion .annotation-text { fill: currentColor !important; }
@media (min-width: 641px) and (min-height: 780px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-confusion) { position: sticky; top: 4rem; }
}
</style>"""


# Plotly takes a finger's touch for the start of a drag: the page does not scroll, and a
# tap selects the cell of the tap before. Kept from Plotly, a touch becomes a mouse click.
_TOUCH = """
const keep = (event) => {
  if (event.target.closest?.(".st-key-confusion .nsewdrag")) event.stopPropagation();
};
export default function () {
  document.addEventListener("touchstart", keep, { capture: true, passive: true });
  return () => document.removeEventListener("touchstart", keep, { capture: true });
}
"""


_let_fingers_click = st.components.v2.component("digitlab_touch", js=_TOUCH)


def show_confusion(dataset: Dataset, scores: Scores) -> None:
    """Show the matrix with its switch to row percent; the chosen cell has a frame."""
    st.html(_STYLE)
    _let_fingers_click(key="confusion_touch", height="content")
    percent = st.toggle(
        _("In percent"),
        key=state.ROW_PERCENT,
        help=_("Off: number of images. On: percent of all images of the true class, rows add up to 100."),
    )
    cell = (st.session_state[state.CELL_TRUE], st.session_state[state.CELL_READ_AS])
    # A chart under a new key has no selected point: the same cell can be clicked again later.
    chart = state.confusion_chart(st.session_state.setdefault(state.CELL_CLICKS, 0))
    st.plotly_chart(
        confusion_matrix_figure(
            scores.confusion, tuple(map(_, dataset.class_names)), percent=percent, selected=cell, say=_
        ),
        key=chart,
        on_select=lambda: _take_click(chart),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=_("Confusion matrix: the true class by row, what the network read by column."),
    )
    st.caption(_("Green: read right. Orange: mistakes. Choose a cell to see its images."))


def open_cell(true: int, read_as: int) -> None:
    """Choose the cell of class `true` read as `read_as`, from its first images on."""
    st.session_state[state.CELL_TRUE] = true
    st.session_state[state.CELL_READ_AS] = read_as
    start_over()


def start_over() -> None:
    """Show the first images of the cell again, not as many as of the one before."""
    st.session_state[state.CELL_LIMIT] = AT_ONCE


def _take_click(chart: str) -> None:
    points = st.session_state[chart].selection.points
    if points:
        true, read_as = points[0]["customdata"]
        open_cell(int(true), int(read_as))
    st.session_state[state.CELL_CLICKS] += 1
