"""What is drawn on the canvas: kept in the session, so that it outlives a visit to another page."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.handwriting.strokes import MAX_DRAWING_BYTES
from core.sentences import say
from pages.parts.shared import state

# Some forty strokes across the whole canvas; a digit has 2 to 10 KB.
MAX_STROKES_BYTES = 256 * 1024
# A PNG as the canvas sends it, four letters for three bytes, with room to spare.
MAX_DATA_URL = 2 * MAX_DRAWING_BYTES
TOO_LONG = say(
    "This drawing has become too long, so the last stroke was taken back. "
    "Clear the canvas and draw one digit with a few strokes."
)


@dataclass(frozen=True)
class Drawing:
    """What is on the canvas.

    Attributes
    ----------
    strokes
        As the canvas describes them, oldest first; given back to it to go on drawing.
    png
        The canvas as a picture; None while it is blank.
    problem
        A sentence if what came last was not taken.
    """

    strokes: list[dict[str, Any]] = field(default_factory=list)
    png: bytes | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Keys:
    """Where the session keeps a canvas: the widget, what is on it, and what it began with."""

    canvas: str
    drawing: str
    start: str


ONE_DIGIT = Keys(state.CANVAS, state.DRAWING, state.CANVAS_START)
NUMBER = Keys(state.WIDE_CANVAS, state.WIDE_DRAWING, state.WIDE_CANVAS_START)


def keep(keys: Keys = ONE_DIGIT) -> None:
    """Remember what the browser sent after a stroke; nothing of it is trusted to have the right form."""
    match st.session_state[keys.canvas].get("drawing"):
        case {"raw": {"objects": list(strokes)}, "data": data} if all(
            isinstance(one, dict) for one in strokes
        ):
            if keys is ONE_DIGIT:
                st.session_state[state.DRAWN_LAST] = state.DRAWING
            if _length(strokes) <= MAX_STROKES_BYTES:
                st.session_state[keys.drawing] = Drawing(strokes, _decoded(data) if strokes else None)
                return
            before: Drawing = st.session_state.get(keys.drawing, Drawing())
            st.session_state[keys.drawing] = Drawing(before.strokes, before.png, TOO_LONG)
            start_with(before.strokes, keys)


def undo(keys: Keys = ONE_DIGIT) -> None:
    """Take back the last stroke."""
    drawing: Drawing = st.session_state[keys.drawing]
    strokes = drawing.strokes[:-1]
    # The browser sends the picture without the stroke as soon as it has redrawn it.
    st.session_state[keys.drawing] = Drawing(strokes, drawing.png if strokes else None)
    start_with(strokes, keys)


def clear(keys: Keys = ONE_DIGIT) -> None:
    """Take all strokes away."""
    st.session_state[keys.drawing] = Drawing()
    start_with([], keys)


def start_with(strokes: list[dict[str, Any]], keys: Keys = ONE_DIGIT) -> None:
    """Let the canvas begin with these strokes, whatever is on it now."""
    before = st.session_state.get(keys.start, {"revision": 0})
    # Counted, since the canvas redraws only when its start is another than before.
    st.session_state[keys.start] = {"objects": strokes, "revision": before["revision"] + 1}


def _length(strokes: list[dict[str, Any]]) -> float:
    try:
        return len(json.dumps(strokes))
    except (TypeError, ValueError, RecursionError):  # nothing that a browser's JSON can be
        return float("inf")


def _decoded(data_url: object) -> bytes | None:
    if not isinstance(data_url, str) or len(data_url) > MAX_DATA_URL:
        return None
    try:
        return base64.b64decode(data_url.rpartition(",")[2], validate=True)
    except binascii.Error:
        return None
