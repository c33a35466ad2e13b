"""Draw: a trained network reads what you draw, or a picture of your handwriting."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import CATALOG, DatasetInfo
from core.errors import DigitLabError, PictureError
from core.handwriting.mnist_form import BLANK_CANVAS, to_network_input
from core.handwriting.strokes import drawing_to_ink
from core.prediction.network import Network
from core.sentences import say
from core.store import Run
from pages.parts.draw.answer import show_answer
from pages.parts.draw.live_reading import live_reading
from pages.parts.draw.my_handwriting import show_my_handwriting
from pages.parts.draw.my_handwriting.labels import note_drawn
from pages.parts.draw.upload import NO_PICTURE, show_upload
from pages.parts.shared import state
from pages.parts.shared.canvas.canvas import SIDE, show_canvas
from pages.parts.shared.canvas.written import written, written_picture
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.handles import network, network_file, ready_made_file, ready_made_network, store
from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.shared.runs.picker import open_run
from pages.parts.shared.words import escape

DRAW, UPLOAD, SIMPLE = say("Draw"), say("Upload a picture"), say("Simple canvas")
SOURCES = (DRAW, UPLOAD, SIMPLE)


@dataclass(frozen=True)
class Opened:
    """The network on show: its run, None for the one that comes along; itself; and its file."""

    run: Run | None
    network: Network
    onnx: bytes


def main() -> None:
    """Show the page: choose a run, draw or upload, the answer beside it, and what can be made of it below."""
    begin_page(_("Draw"), tab=_("Draw: let a network read your digits"))
    opened = open_run(
        "draw",
        lambda run: Opened(run, network(run.id, run.finished_at), network_file(run.id, run.finished_at)),
        invitation=_("No network of yours yet. Draw digits for this ready-made one."),
        load_ready_made=lambda: Opened(None, ready_made_network(), ready_made_file()),
    )
    if opened is not None:
        dataset, shown = opened
        _read(shown, CATALOG[dataset])
        is_taught = shown.run is not None and store().is_taught(shown.run.id)
        show_my_handwriting(shown.run, shown.network, CATALOG[dataset], only_held_back=is_taught)


@guarded_fragment
def _read(shown: Opened, dataset: DatasetInfo) -> None:
    """Show the picture's source, the answer and what can be made of it; a stroke runs this part only."""
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
    picture, strokes = _live(shown, dataset) if source == DRAW else None, written().text
    if source != DRAW or st.session_state.get(state.LIVE_FAILED):
        picture, strokes = _beside_the_answer(shown, dataset, source), ""
    _show_sections(shown, dataset, picture, strokes)


def _show_sections(
    shown: Opened, dataset: DatasetInfo, picture: NDArray[np.uint8] | None, strokes: str
) -> None:
    """Show what else can be done with a drawing: one line for each section.

    `picture` is uint8 (28, 28), None while there is none to read; `strokes` the JSON that it was drawn by,
    empty for one that came otherwise.
    """
    note_drawn(picture, strokes)


def _live(shown: Opened, dataset: DatasetInfo) -> NDArray[np.uint8] | None:
    """Show the canvas that reads by itself; return the picture that the server was told of last."""
    try:
        if not live_reading(shown.onnx, dataset.class_names, _(_prompt(dataset))):
            st.session_state[state.LIVE_FAILED] = True
            return None
        drawn = written()
        if drawn.problem:
            show_warning(drawn.problem, icon=":material/gesture:")
        return written_picture(drawn.text) if drawn.text else None
    except PictureError as error:
        show_warning(error, icon=":material/gesture:")
    except DigitLabError as error:
        show_error(error)
    return None


def _beside_the_answer(shown: Opened, dataset: DatasetInfo, source: str) -> NDArray[np.uint8] | None:
    """Show another source of pictures, left, and the answer of the server, right; return the picture."""
    left, right = st.columns([1, 1.6], gap="large")
    try:
        with left:
            if source == DRAW:
                st.caption(_("The live canvas cannot be shown in this browser: this is the simple one."))
            ink = show_upload(SIDE) if source == UPLOAD else _drawn()
        with right, st.container(key="answer"):
            if ink is None:
                prompt = NO_PICTURE if source == UPLOAD else _prompt(dataset)
                st.info(escape(_(prompt)), icon=":material/draw:")
                return None
            show_answer(shown.network, ink, dataset.class_names)
            return to_network_input(ink)
    except PictureError as error:
        show_warning(error, right, icon=":material/image_not_supported:")
    except DigitLabError as error:
        show_error(error, right)
    return None


def _drawn() -> NDArray[np.float32] | None:
    """Show the simple canvas; return the drawing's ink, None while the canvas is blank."""
    drawing = show_canvas()
    if drawing.problem:
        show_warning(drawing.problem, icon=":material/gesture:")
    return drawing_to_ink(drawing.png) if drawing.png else None


def _prompt(dataset: DatasetInfo) -> str:
    """Ask to draw something that the network has learnt."""
    if dataset.is_digits:
        return BLANK_CANVAS
    return say("The canvas is empty: draw one of these: {names}.", names=", ".join(dataset.class_names))


main()
