"""Where the picture comes from: the canvas that reads live, others, a file, the camera; and the answer."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import DatasetInfo
from core.errors import DigitLabError, PictureError
from core.handwriting.mnist_form import BLANK_CANVAS, to_network_input
from core.handwriting.segments import Segment, segments
from core.handwriting.strokes import drawing_to_ink
from core.prediction.network import Network
from core.sentences import say
from core.store import Run
from pages.parts.draw.answer import show_answer
from pages.parts.draw.live_reading import Several, live_reading
from pages.parts.draw.several import EACH, Number, read_number, show_several
from pages.parts.draw.upload import NO_PHOTO, NO_PICTURE, show_camera, show_upload
from pages.parts.shared import state
from pages.parts.shared.canvas.canvas import SIDE, show_canvas
from pages.parts.shared.canvas.written import written, written_ink, written_picture
from pages.parts.shared.errors import show_error, show_warning
from pages.parts.shared.judging import Judging, judging_of
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

BLANK_WIDE_CANVAS = say("The canvas is empty: draw a number, its digits side by side.")
DRAW, NUMBER, UPLOAD, CAMERA = say("Draw"), say("A number"), say("Upload a picture"), say("Camera")
SIMPLE = say("Simple canvas")
SOURCES = (DRAW, NUMBER, UPLOAD, CAMERA, SIMPLE)


@dataclass(frozen=True)
class Opened:
    """The network on show: its run, None for the one that comes along; itself, its file, its dataset."""

    run: Run | None
    network: Network
    onnx: bytes
    dataset: DatasetInfo


@dataclass(frozen=True, eq=False)
class Subject:
    """What was drawn or brought, for all that can be done with one digit.

    Attributes
    ----------
    picture
        uint8 (28, 28), as the network sees it; None while there is none to read, or several digits.
    strokes
        The JSON that it was drawn by; empty for one that came otherwise.
    is_number
        Whether there are several digits.
    """

    picture: NDArray[np.uint8] | None = None
    strokes: str = ""
    is_number: bool = False


def show_source(opened: Opened) -> Subject:
    """Let a source be chosen; show it, and what the network reads there."""
    source = st.segmented_control(
        _("Where the picture comes from"),
        SOURCES,
        format_func={source: _(source) for source in SOURCES}.__getitem__,
        default=DRAW,
        required=True,
        key=state.PICTURE_SOURCE,
        persist_state="session",
        label_visibility="collapsed",
        wrap=False,  # on a phone the canvas needs the line
    )
    if source == DRAW and not st.session_state.get(state.LIVE_FAILED):
        subject = _live(opened)
        if subject is not None:
            return subject
    return _beside_the_answer(opened, source)


def _live(opened: Opened) -> Subject | None:
    """Show the canvas that reads by itself; return what the server was told, None if it cannot be shown."""
    try:
        judging = judging_of(opened.run, opened.dataset.name)
        prompt = _(prompt_for(DRAW, opened.dataset))
        drawn = written()
        ink, digits, number = _number_in(opened, judging, drawn.text)
        several = Several(drawn.text, number.verdict, _(EACH)) if number else None
        if not live_reading(opened.onnx, opened.dataset.class_names, prompt, judging, several):
            st.session_state[state.LIVE_FAILED] = True
            return None
        if judging.why_none:
            st.caption(escape(_(judging.why_none)))
        if drawn.problem:
            show_warning(drawn.problem, icon=":material/gesture:")
        if number and ink is not None:
            show_several(number, ink, digits, with_verdict=False)
            return Subject(None, drawn.text, is_number=True)
        return Subject(written_picture(drawn.text), drawn.text) if drawn.text else Subject()
    except PictureError as error:
        show_warning(error, icon=":material/gesture:")
    except DigitLabError as error:
        show_error(error)
    return Subject()


def _number_in(
    opened: Opened, judging: Judging, text: str
) -> tuple[NDArray[np.float32] | None, tuple[Segment, ...], Number | None]:
    """Return the ink of strokes, the digits in it, and what is read if they are no digit together."""
    if not text or not opened.dataset.is_digits:
        return None, (), None
    ink = written_ink(text)
    if not ink.any():
        return None, (), None  # all rubbed out again
    # First whether it is one, which is quicker: a 5 whose bar does not touch it is in two parts, and a 5.
    picture = written_picture(text)
    if not judging.judge(picture, opened.network.predict(picture[np.newaxis]).probabilities[0]).is_refused:
        return ink, (), None
    digits = segments(ink)
    if len(digits) < 2:
        return ink, digits, None
    return ink, digits, read_number(opened.network, judging, digits, opened.dataset.class_names)


def _beside_the_answer(opened: Opened, source: str) -> Subject:
    """Show another source, left, and the answer of the server, right; return what was brought."""
    left, right = st.columns([1.4, 1] if source == NUMBER else [1, 1.6], gap="large")
    try:
        with left:
            if source == DRAW:
                st.caption(_("The live canvas cannot be shown in this browser: this is the simple one."))
            ink, picture = _ink(source)
        with right, st.container(key="answer"):
            if ink is None:
                st.info(escape(_(prompt_for(source, opened.dataset))), icon=":material/draw:")
                return Subject()
            class_names = opened.dataset.class_names
            # Clothes may well be in two parts: a pair of shoes is one answer.
            digits = segments(ink) if opened.dataset.is_digits else ()
            judging = judging_of(opened.run, opened.dataset.name)
            if len(digits) > 1:
                show_several(read_number(opened.network, judging, digits, class_names), ink, digits, picture)
                return Subject(is_number=True)
            show_answer(opened.network, ink, class_names, judging)
            return Subject(to_network_input(ink))
    except PictureError as error:
        show_warning(error, right, icon=":material/image_not_supported:")
    except DigitLabError as error:
        show_error(error, right)
    return Subject()


def _ink(source: str) -> tuple[NDArray[np.float32] | None, bytes | None]:
    """Show where the picture comes from; return its ink and, if it is no drawing, the picture."""
    if source in (UPLOAD, CAMERA):
        upload = show_camera(SIDE) if source == CAMERA else show_upload(SIDE)
        return (None, None) if upload is None else (upload.ink, upload.shown)
    drawing = show_canvas(for_number=source == NUMBER)
    if drawing.problem:
        show_warning(drawing.problem, icon=":material/gesture:")
    return drawing_to_ink(drawing.png) if drawing.png else None, None


def prompt_for(source: str, dataset: DatasetInfo) -> str:
    """Ask for something that the network has learnt."""
    if source in (UPLOAD, CAMERA):
        return NO_PICTURE if source == UPLOAD else NO_PHOTO
    if dataset.is_digits:
        return BLANK_WIDE_CANVAS if source == NUMBER else BLANK_CANVAS
    return say("The canvas is empty: draw one of these: {names}.", names=", ".join(dataset.class_names))
