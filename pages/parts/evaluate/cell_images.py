"""The images behind one cell of the confusion matrix, with what the network thought of each."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.evaluation.mistakes import images_of_cell
from core.figures.html.digits import digit_cards, digit_cards_info
from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.words import escape, with_article

AT_ONCE = 30


def show_cell_images(dataset: Dataset, probabilities: NDArray[np.float32]) -> None:
    """Show the test images of the chosen cell, surest first, 30 at a time.

    `probabilities` (n, 10) are of all test images.
    """
    names = dataset.class_names
    true, read_as = st.session_state[state.CELL_TRUE], st.session_state[state.CELL_READ_AS]
    numbers = images_of_cell(probabilities, dataset.test_labels, true, read_as)
    st.markdown(f"**{escape(_sentence(names[true], names[read_as], len(numbers), true == read_as))}**")
    if not len(numbers):
        return
    shown = numbers[: st.session_state.get(state.CELL_LIMIT, AT_ONCE)]
    cards = digit_cards_info(
        shown,
        dataset.test_images[shown],
        dataset.test_labels[shown],
        probabilities[shown],
        tuple(map(_, names)),
    )
    st.html(digit_cards(cards, say=_))
    if len(shown) < len(numbers):
        label = _("Show more ({count} left)", count=f"{len(numbers) - len(shown):,}")
        st.button(label, key=state.CELL_MORE, on_click=_show_more)


def _sentence(true: str, read_as: str, count: int, right: bool) -> str:
    words = {"true": with_article(true), "read": with_article(read_as), "count": f"{count:,}"}
    if right and count > 1:
        return _("{count} images of {true} were read right, the surest first.", **words)
    if right:
        return _("{count} images of {true} were read right.", **words)
    if count > 1:
        return _("{count} images of {true} were read as {read}, the surest first.", **words)
    if count:
        return _("1 image of {true} was read as {read}.", **words)
    return _("No image of {true} was read as {read}. Choose another cell.", **words)


def _show_more() -> None:
    st.session_state[state.CELL_LIMIT] = st.session_state.get(state.CELL_LIMIT, AT_ONCE) + AT_ONCE
