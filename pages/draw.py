"""Draw: a trained network reads what you draw, or a picture of your handwriting."""

from collections.abc import Sequence

import streamlit as st

from core.data.catalog import CATALOG
from core.errors import DigitLabError, PictureError
from core.prediction.network import Network
from core.prediction.picture import BLANK_CANVAS, drawing_to_ink
from core.prediction.upload import read_rgba, upload_to_ink
from pages.parts import state
from pages.parts.answer import show_answer
from pages.parts.canvas import show_canvas
from pages.parts.handles import network
from pages.parts.router import ensure_router
from pages.parts.run_picker import choose_run

DRAW, UPLOAD = "Draw", "Upload a picture"


def main() -> None:
    """Show the page: choose a run, draw or upload left, the answer right."""
    ensure_router()
    st.title("Draw")
    run = choose_run("draw")
    if run is None:
        st.info("No trained network yet. Train one, then draw digits here and see what it makes of them.")
        st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
        return
    try:
        trained = network(run.id)
    except DigitLabError as error:
        st.error(str(error), icon=":material/error:")
        st.page_link("pages/train.py", label="Go to Train", icon=":material/model_training:")
        return
    _read(trained, CATALOG[run.config.dataset].class_names)


@st.fragment
def _read(trained: Network, class_names: Sequence[str]) -> None:
    """Show the picture's source and the answer; a stroke runs this part only."""
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        source = st.segmented_control(
            "Where the picture comes from",
            (DRAW, UPLOAD),
            default=DRAW,
            required=True,
            key=state.PICTURE_SOURCE,
            persist_state="session",
            label_visibility="collapsed",
        )
        try:
            ink = _drawn(class_names) if source == DRAW else _uploaded()
        except PictureError as error:
            ink = str(error)
    with right, st.container(key="answer"):
        if isinstance(ink, str):
            st.info(ink)
            return
        try:
            show_answer(trained, ink, class_names)
        except DigitLabError as error:
            st.error(str(error), icon=":material/error:")
