"""The drawings one sees: right or wrong, each with a way to delete it; and which is read as which."""

import numpy as np
import streamlit as st

from core.data.catalog import DatasetInfo
from core.figures.charts.confusion import confusion_matrix_figure
from pages.parts.draw.my_handwriting.reading import Reading
from pages.parts.draw.my_handwriting.undo import delete
from pages.parts.shared import state
from pages.parts.shared.judging import Judging
from pages.parts.shared.language import _

AT_ONCE = 24
_CARD = 104  # pixels: three beside each other on a phone
_STYLE = """<style>
.st-key-my_drawings img { image-rendering: pixelated; width: 84px; height: 84px; }
.st-key-my_confusion .annotation-text { fill: currentColor !important; }
</style>"""


def show_gallery(dataset: DatasetInfo, reading: Reading, judging: Judging, *, is_own: bool) -> None:
    """Show the newest drawings first, and the confusion matrix where it is asked for."""
    if not len(reading.drawings):
        return
    st.html(_STYLE)
    only_wrong, matrix = _switches()
    read_as, labels = reading.read_as, reading.drawings.labels
    rows = np.flatnonzero(read_as != labels) if only_wrong else np.arange(len(labels))
    if matrix:
        _show_matrix(dataset, reading)
    if only_wrong and not rows.size:
        st.success(_("Not one of them is read wrong."))
    limit = st.session_state.setdefault(state.DRAWINGS_LIMIT, AT_ONCE)
    with st.container(horizontal=True, gap="small", key="my_drawings"):
        for row in rows[::-1][:limit]:
            _card(reading, int(row), judging, is_own=is_own)
    with st.container(horizontal=True):
        if rows.size > limit:
            st.button(_("Show more"), icon=":material/expand_more:", key="more_drawings", on_click=_more)
        if is_own:
            st.button(
                _("Delete all"),
                icon=":material/delete_sweep:",
                key="delete_drawings",
                on_click=delete,
                args=(None,),
                help=_(
                    "All of your drawings, also those that are not on show. For ten minutes it can be undone."
                ),
            )


def _switches() -> tuple[bool, bool]:
    with st.container(horizontal=True):
        only_wrong = st.toggle(_("Only what is read wrong"), key=state.ONLY_WRONG_DRAWINGS)
        matrix = st.toggle(_("Which digit is read as which"), key=state.DRAWINGS_MATRIX)
    return only_wrong, matrix


def _show_matrix(dataset: DatasetInfo, reading: Reading) -> None:
    with st.container(key="my_confusion", width=520):
        st.plotly_chart(
            confusion_matrix_figure(reading.scores.confusion, tuple(map(_, dataset.class_names)), say=_),
            key="my_confusion_chart",
            config={"displayModeBar": False},
            alt=_("Confusion matrix: the true class by row, what the network read by column."),
        )


def _card(reading: Reading, row: int, judging: Judging, *, is_own: bool) -> None:
    drawings = reading.drawings
    label, read_as = int(drawings.labels[row]), int(reading.read_as[row])
    words = f"✓ {label}"
    if label != read_as:
        # Judged one by one, those on show only: of thousands it would take a second at each press.
        if judging.judge(drawings.images[row], reading.probabilities[row]).is_refused:
            words = _("✗ {label}, could not be read", label=label)
        else:
            words = _("✗ {label}, read as {other}", label=label, other=read_as)
    with st.container(width=_CARD, gap="xxsmall", horizontal_alignment="center"):
        st.image(drawings.images[row], output_format="PNG", alt=words)
        st.caption(words)
        if is_own:
            one = drawings.ids[row]
            st.button(
                _("Delete"),
                key=state.delete_drawing(one),
                type="tertiary",
                on_click=delete,
                args=((one,),),
                help=_("For ten minutes it can be undone."),
            )


def _more() -> None:
    st.session_state[state.DRAWINGS_LIMIT] += 2 * AT_ONCE
