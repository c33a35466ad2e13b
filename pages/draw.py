"""Draw: a trained network reads what you draw, or a picture of your handwriting."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import CATALOG, DatasetInfo
from core.errors import DigitLabError, PictureError
from core.handwriting.mnist_form import BLANK_CANVAS
from core.handwriting.segments import segments
from core.handwriting.strokes import drawing_to_ink
from core.prediction.network import Network
from core.sentences import say
from pages.parts.draw.answer import show_answer
from pages.parts.draw.several import show_several
from pages.parts.draw.upload import NO_PHOTO, NO_PICTURE, show_camera, show_upload
from pages.parts.shared import state
from pages.parts.shared.canvas.canvas import SIDE, show_canvas
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.handles import network, ready_made_network
from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.shared.runs.picker import open_run
from pages.parts.shared.words import escape

BLANK_WIDE_CANVAS = say("The canvas is empty: draw a number, its digits side by side.")
DRAW, NUMBER, UPLOAD, CAMERA = say("Draw"), say("A number"), say("Upload a picture"), say("Camera")
SOURCES = (DRAW, NUMBER, UPLOAD, CAMERA)


def main() -> None:
    """Show the page: choose a run, draw or upload left, the answer right."""
    begin_page(_("Draw"), tab=_("Draw: let a network read your digits"))
    opened = open_run(
        "draw",
        lambda run: network(run.id, run.finished_at),
        invitation=_("No network of yours yet. Draw digits for this ready-made one."),
        load_ready_made=ready_made_network,
    )
    if opened is not None:
        dataset, trained = opened
        _read(trained, CATALOG[dataset])


@guarded_fragment
def _read(trained: Network, dataset: DatasetInfo) -> None:
    """Show the picture's source and the answer; a stroke runs this part only."""
    wide = st.session_state.get(state.PICTURE_SOURCE) == NUMBER
    left, right = st.columns([1.4, 1] if wide else [1, 1.6], gap="large")
    with left:
        source = st.segmented_control(
            _("Where the picture comes from"),
            SOURCES,
            format_func={source: _(source) for source in SOURCES}.__getitem__,
            default=DRAW,
            required=True,
            key=state.PICTURE_SOURCE,
            persist_state="session",
            label_visibility="collapsed",
        )
    try:
        with left:
            ink, picture = _source(source)
        with right, st.container(key="answer"):
            if ink is None:
                st.info(escape(_(_prompt(source, dataset))), icon=":material/draw:")
                return
            # Clothes may well be in two parts: a pair of shoes is one answer.
            digits = segments(ink) if dataset.is_digits else ()
            if len(digits) > 1:
                show_several(trained, ink, digits, dataset.class_names, picture)
            else:
                show_answer(trained, ink, dataset.class_names)
    except PictureError as error:
        show_warning(error, right, icon=":material/image_not_supported:")
    except DigitLabError as error:
        show_error(error, right)


def _source(source: str) -> tuple[NDArray[np.float32] | None, bytes | None]:
    """Show where the picture comes from; return its ink and, if it is no drawing, the picture."""
    if source in (DRAW, NUMBER):
        drawing = show_canvas(for_number=source == NUMBER)
        if drawing.problem:
            show_warning(drawing.problem, icon=":material/gesture:")
        return drawing_to_ink(drawing.png) if drawing.png else None, None
    upload = show_camera(SIDE) if source == CAMERA else show_upload(SIDE)
    return (None, None) if upload is None else (upload.ink, upload.shown)


def _prompt(source: str, dataset: DatasetInfo) -> str:
    """Ask for something that the network has learnt."""
    if source in (UPLOAD, CAMERA):
        return NO_PICTURE if source == UPLOAD else NO_PHOTO
    if dataset.is_digits:
        return BLANK_CANVAS if source == DRAW else BLANK_WIDE_CANVAS
    return say("The canvas is empty: draw one of these: {names}.", names=", ".join(dataset.class_names))


main()
