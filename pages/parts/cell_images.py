"""The images behind one cell of the confusion matrix, with what the network thought of each."""

import streamlit as st

from core.data.dataset import Dataset
from core.evaluation.mistakes import images_of_cell
from core.evaluation.scores import Evaluation
from core.figures.digits import digit_cards, digit_cards_info
from pages.parts import state

AT_ONCE = 60


def show_cell_images(dataset: Dataset, result: Evaluation, true: int, read_as: int) -> None:
    """Show the test images of class `true` read as `read_as`, surest first, 60 at a time."""
    names = dataset.class_names
    numbers = images_of_cell(result.probabilities, dataset.test_labels, true, read_as)
    st.markdown(f"**{_sentence(names[true], names[read_as], len(numbers), true == read_as)}**")
    if not len(numbers):
        return
    shown = numbers[: st.session_state.get(state.CELL_LIMIT, AT_ONCE)]
    cards = digit_cards_info(
        shown, dataset.test_images[shown], dataset.test_labels[shown], result.probabilities[shown], names
    )
    st.html(digit_cards(cards))
    if len(shown) < len(numbers):
        st.button(f"Show more ({len(numbers) - len(shown):,} left)", key=state.CELL_MORE, on_click=_show_more)


def with_article(name: str) -> str:
    """Return a class name as it stands in a sentence: “a 4”, “an 8”, “Shirt” in quotes."""
    if name.isdecimal():
        return f"an {name}" if name.startswith("8") else f"a {name}"
    return f"“{name}”"


def _sentence(true: str, read_as: str, count: int, right: bool) -> str:
    if right:
        start = f"{count:,} images of {with_article(true)} were read right"
    elif count == 1:
        start = f"1 image of {with_article(true)} was read as {with_article(read_as)}"
    elif count:
        start = f"{count:,} images of {with_article(true)} were read as {with_article(read_as)}"
    else:
        return f"No image of {with_article(true)} was read as {with_article(read_as)}. Choose another cell."
    return start + (", the surest first." if count > 1 else ".")


def _show_more() -> None:
    st.session_state[state.CELL_LIMIT] = st.session_state.get(state.CELL_LIMIT, AT_ONCE) + AT_ONCE
