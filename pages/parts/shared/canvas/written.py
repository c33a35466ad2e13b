"""What was drawn where it is read live: strokes from the browser, kept in the session for all pages."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import PictureError
from core.handwriting.mnist_form import to_network_input
from core.handwriting.pen import fitted_ink, parse_strokes
from pages.parts.shared import state


@dataclass(frozen=True)
class Written:
    """What is drawn.

    Attributes
    ----------
    text
        The strokes as JSON, as `core.handwriting.pen` reads them; empty while nothing is drawn.
    problem
        A sentence if what came last was not taken.
    """

    text: str = ""
    problem: str | None = None


def written() -> Written:
    """Return what this session has been sent."""
    kept: Written = st.session_state.get(state.WRITTEN, Written())
    return kept


def keep_written(sent: object) -> None:
    """Remember the strokes that the browser sent; nothing of it is trusted to have the right form."""
    if not isinstance(sent, str):
        return
    before = written()
    if sent == before.text:
        return  # come back to: what was drawn elsewhere meanwhile is newer
    try:
        if sent:
            parse_strokes(sent)
        st.session_state[state.WRITTEN] = Written(sent)
        st.session_state[state.DRAWN_LAST] = state.WRITTEN
    except PictureError as error:
        st.session_state[state.WRITTEN] = Written(before.text, str(error))


def clear_written(text: str) -> None:
    """Take these strokes away, here and in the browser; what was drawn after them stays there."""
    if written().text == text:
        st.session_state[state.WRITTEN] = Written()
    _before, count = written_cleared()
    st.session_state[state.WRITTEN_CLEARED] = (text, count + 1)


def written_cleared() -> tuple[str, int]:
    """Return the strokes that the browser is to take away, and how often it was told to take some."""
    cleared: tuple[str, int] = st.session_state.get(state.WRITTEN_CLEARED, ("", 0))
    return cleared


@lru_cache(maxsize=16)  # of 300 KB; asked for twice at each drawing
def written_ink(text: str) -> NDArray[np.float32]:
    """Return the ink of strokes, float32 (280, 280), 0 = paper, 1 = ink, read-only.

    Raises
    ------
    PictureError
        If they would take too long.
    """
    ink = fitted_ink(parse_strokes(text))
    ink.setflags(write=False)
    return ink


def written_picture(text: str) -> NDArray[np.uint8]:
    """Return strokes as the network sees them, uint8 (28, 28), read-only.

    Raises
    ------
    PictureError
        If they leave no ink, or would take too long.
    """
    picture, problem = _pictured(text)
    if picture is None:
        raise PictureError(problem)
    return picture


@lru_cache(maxsize=256)  # asked for by several parts of a page, and at every update of a network that learns
def _pictured(text: str) -> tuple[NDArray[np.uint8] | None, str]:
    try:
        picture = to_network_input(written_ink(text))
    except PictureError as error:
        return None, str(error)
    picture.setflags(write=False)
    return picture, ""
