"""Draw: a trained network reads what you draw, or a picture of your handwriting."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import CATALOG, DatasetInfo
from core.errors import DigitLabError, PictureError
from core.handwriting.mnist_form import BLANK_CANVAS
from core.handwriting.strokes import drawing_to_ink
from core.prediction.network import Network
from core.sentences import say
from pages.parts.draw.answer import show_answer
from pages.parts.draw.learn import show_learning
from pages.parts.draw.upload import NO_PICTURE, show_upload
from pages.parts.shared import state
from pages.parts.shared.canvas.canvas import SIDE, show_canvas
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.handles import network, ready_made_network
from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.shared.runs.picker import chosen_run, open_run
from pages.parts.shared.words import escape

DRAW, UPLOAD = say("Draw"), say("Upload a picture")


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
        show_learning(chosen_run())


@guarded_fragment
def _read(trained: Network, dataset: DatasetInfo) -> None:
    """Show the picture's source and the answer; a stroke runs this part only."""
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        source = st.segmented_control(
            _("Where the picture comes from"),
            (DRAW, UPLOAD),
            format_func={source: _(source) for source in (DRAW, UPLOAD)}.__getitem__,
            default=DRAW,
            required=True,
            key=state.PICTURE_SOURCE,
            persist_state="session",
            label_visibility="collapsed",
        )
    try:
        with left:
            ink = _drawn() if source == DRAW else show_upload(SIDE)
        with right, st.container(key="answer"):
            if ink is None:
                st.info(escape(_(_prompt(dataset) if source == DRAW else NO_PICTURE)), icon=":material/draw:")
            else:
                show_answer(trained, ink, dataset.class_names)
    except PictureError as error:
        show_warning(error, right, icon=":material/image_not_supported:")
    except DigitLabError as error:
        show_error(error, right)


def _drawn() -> NDArray[np.float32] | None:
    """Show the canvas; return the drawing's ink, None while the canvas is blank."""
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
