"""The confusion matrix on a page: a click on a cell chooses it."""

import streamlit as st

from core.data.dataset import Dataset
from core.evaluation.scores import Scores
from core.figures.charts.confusion import confusion_matrix_figure
from pages.parts.evaluate.cell_images import AT_ONCE
from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.matrix import show_matrix

# On a wide screen the matrix stays in sight while one scrolls through the images beside it.
_STYLE = """<style>
@media (min-width: 641px) and (min-height: 780px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-confusion) { position: sticky; top: 4rem; }
}
</style>"""


def show_confusion(dataset: Dataset, scores: Scores) -> None:
    """Show the matrix with its switch to row percent; the chosen cell has a frame."""
    st.html(_STYLE)
    percent = st.toggle(
        _("In percent"),
        key=state.ROW_PERCENT,
        help=_("Off: number of images. On: percent of all images of the true class, rows add up to 100."),
    )
    cell = (st.session_state[state.CELL_TRUE], st.session_state[state.CELL_READ_AS])
    show_matrix(
        confusion_matrix_figure(
            scores.confusion, tuple(map(_, dataset.class_names)), percent=percent, selected=cell, say=_
        ),
        name="confusion",
        alt=_("Confusion matrix: the true class by row, what the network read by column."),
        choose=open_cell,
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
