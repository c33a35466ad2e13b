"""What was drawn, labelled: ten buttons, a key each."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.config import CLASS_COUNT
from core.errors import DigitLabError, PictureError
from core.prediction.network import Network
from core.sentences import say
from core.store import NewDrawing
from pages.parts.draw.my_handwriting.undo import Done, Kind, show_done
from pages.parts.shared import handles, state
from pages.parts.shared.canvas.drawing import NUMBER as NUMBER_CANVAS
from pages.parts.shared.canvas.drawing import ONE_DIGIT, clear
from pages.parts.shared.canvas.written import clear_written, written, written_picture
from pages.parts.shared.errors import show_warning
from pages.parts.shared.judging import Judging, judging_of
from pages.parts.shared.language import _
from pages.parts.shared.workspace import workspace

if TYPE_CHECKING:  # only a server can load it
    from pages.parts.draw.sources import Opened, Subject

# Not Streamlit's own keys, which stand beside the labels: “7 7”. Heard once, however often it is added.
_KEYS = """
const typing = 'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select';
const isTyped = (node) => node.isContentEditable || node.matches?.(typing);
const press = (event) => {
  if (!/^[0-9]$/.test(event.key) || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.composedPath().some(isTyped)) return;
  // After what the canvas has still told of the drawing: of one batch Streamlit runs one fragment only.
  setTimeout(() => document.querySelector(`.st-key-label_${event.key} button`)?.click());
};
export default function () {
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
"""
_hear_keys = st.components.v2.component("digitlab_label_keys", js=_KEYS)
# At hand below whatever is drawn on, above the bar of the pages on a phone. What sticks stays in the box that
# it is in, so the fragment's own is taken away. On a phone lines stand closer: canvas, tools and bars are
# above it, and what was done last makes room for the next digit. Where it would lie on the canvas even so, as
# on a phone held sideways, it comes below the answer.
_STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> [data-testid="stVerticalBlock"] > [data-testid="stLayoutWrapper"] >
  .st-key-labels),
[data-testid="stVerticalBlock"]:has(> [data-testid="stLayoutWrapper"] > .st-key-labels) { display: contents }
[data-testid="stLayoutWrapper"]:has(> .st-key-labels) { position: sticky; bottom: 0; z-index: 5;
  padding: 0.5rem 0; background: light-dark(#FFFFFF, #14191F) }
@media (width >= 1000px) {
  .st-key-labels { flex-direction: row; align-items: center; gap: 1.5rem }
  .st-key-labels > * { width: auto }
}
@media (width < 640px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-labels) { bottom: calc(3.6rem + env(safe-area-inset-bottom)) }
  .st-key-label_row { gap: 0.25rem }
  [data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"],
  [data-testid="stMainBlockContainer"] [data-testid="stHorizontalBlock"] { row-gap: 0.5rem }
  .st-key-label_row > :has([data-testid="stButton"]) { flex: 1 1 0; min-width: 0; width: auto }
  .st-key-label_row button { min-width: 0; width: 100%; padding: 0 }
  .st-key-label_row > :first-child { position: absolute; clip-path: inset(50%) }  /* for ears */
  [class*="st-key-done_"] { max-height: 8rem; overflow: hidden; animation: digit-lab-done 0.3s 6s forwards }
}
@keyframes digit-lab-done { to { max-height: 0; margin-top: -1rem; visibility: hidden } }
@media (height < 44rem) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-labels) { position: static }
}
</style>"""

_ONE_AT_A_TIME = say("There is more than one digit: draw one at a time, then press what it was.")
_NOTHING_DRAWN = say("Nothing is drawn yet: draw a digit first, then press what it was.")


def note_drawn(subject: "Subject", opened: "Opened") -> None:
    """Remember what is to be labelled, and have the page drawn anew if it asks for what is there now.

    If a label was pressed already it is kept: of two parts of a page whose news come in one batch, the last
    stroke's and the press', Streamlit runs the first only.
    """
    picture, strokes = subject.picture, subject.strokes
    st.session_state[state.TO_LABEL] = None if picture is None else (picture, strokes)
    st.session_state[state.NUMBER_DRAWN] = strokes if subject.is_number else None
    keep_pressed(opened.network, lambda: judging_of(opened.run, opened.dataset.name))
    is_drawn = subject.picture is not None
    told = st.session_state.get(state.HANDWRITING_TOLD)
    if (told == _NOTHING_DRAWN and (is_drawn or subject.is_number)) or (told == _ONE_AT_A_TIME and is_drawn):
        # A stroke runs this part of the page only, and the sentence stands in another one.
        st.session_state[state.HANDWRITING_TOLD] = None
        st.rerun(scope="app")


def keep_pressed(network: Network, judging: Callable[[], Judging]) -> None:
    """Keep what is drawn, if a label was pressed, and have the page drawn anew."""
    # Not in the callback: what has been drawn last is known once the canvas' part of the page has been run.
    pressed = st.session_state.pop(state.LABEL_PRESSED, None)
    if pressed is not None:
        _keep(pressed, network, judging)


def show_labels() -> None:
    """Show the ten buttons, what was done last or went wrong, and whether a press clears the canvas."""
    st.html(_STYLE)
    _hear_keys(key=state.LABEL_KEYS, height="content")
    with st.container(key="labels", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="label_row"):
            st.markdown(
                _("It was a…"),
                width="content",
                help=_(
                    "Press what you drew, or its key: the drawing is kept under this digit, in this "
                    "browser's workspace on this server. Pressed again for the same drawing, the digit is "
                    "corrected."
                ),
            )
            for label in range(CLASS_COUNT):
                st.button(str(label), key=state.label_button(label), on_click=_press, args=(label,))
        # Here and not below, where who has just pressed would not see it.
        problem = st.session_state.pop(state.HANDWRITING_PROBLEM, None)
        st.session_state[state.HANDWRITING_TOLD] = problem
        if problem:
            show_warning(problem)
        show_done(state.HANDWRITING_DONE)
    st.toggle(
        _("Clear after each"),
        value=True,
        key=state.CLEAR_AFTER,
        persist_state="session",
        help=_("The canvas is empty for the next digit as soon as one is kept."),
    )


def _press(label: int) -> None:
    st.session_state[state.LABEL_PRESSED] = label


def _keep(label: int, network: Network, judging: Callable[[], Judging]) -> None:
    """Keep what is drawn, and have the page drawn with it."""
    drawn = _drawn()
    if drawn is None:
        is_number = st.session_state.get(state.NUMBER_DRAWN) is not None
        st.session_state[state.HANDWRITING_PROBLEM] = _ONE_AT_A_TIME if is_number else _NOTHING_DRAWN
        st.rerun(scope="app")
    picture, strokes = drawn
    try:
        judgement = judging().judge(picture, network.predict(picture[np.newaxis]).probabilities[0])
        new = NewDrawing(picture, label, strokes or None)
        kept, was_there = handles.store().keep_drawing(workspace(), new, handles.settings())
    except DigitLabError as error:
        st.session_state[state.HANDWRITING_PROBLEM] = str(error)
    else:
        kind: Kind = "corrected" if was_there else "kept"
        st.session_state[state.HANDWRITING_DONE] = Done(
            kind, (kept.id,), label, judgement.first, is_refused=judgement.is_refused
        )
        if st.session_state.get(state.CLEAR_AFTER, True):
            _clear(strokes)
    st.rerun(scope="app")


def _drawn() -> tuple[NDArray[np.uint8], str] | None:
    """Return what is to be labelled with its strokes, None while there is nothing."""
    from pages.parts.draw.sources import DRAW  # only a server can load it

    noted: tuple[NDArray[np.uint8], str] | None = st.session_state.get(state.TO_LABEL)
    if st.session_state.get(state.PICTURE_SOURCE) != DRAW or st.session_state.get(state.LIVE_FAILED):
        return noted
    # The press may be heard before the canvas' part of the page has been run for what came with it.
    text = written().text
    if not text or text == st.session_state.get(state.NUMBER_DRAWN):
        return None
    try:
        return written_picture(text), text
    except PictureError:
        return None


def _clear(strokes: str) -> None:
    """Clear what the picture came from."""
    from pages.parts.draw.sources import CAMERA, NUMBER, UPLOAD  # only a server can load it

    st.session_state[state.TO_LABEL] = None
    source = st.session_state.get(state.PICTURE_SOURCE)
    if strokes:
        clear_written(strokes)
    elif source in (UPLOAD, CAMERA):
        st.session_state.pop(state.READING, None)
    else:
        clear(NUMBER_CANVAS if source == NUMBER else ONE_DIGIT)
