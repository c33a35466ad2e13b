"""The button that gives the file, and how exactly its weights are kept."""

import streamlit as st

from core.pocket.page import expected_bytes
from core.prediction.packed import Bits
from pages.parts.draw.live_reading.weights import MOST_WEIGHTS
from pages.parts.draw.pocket.maker import PocketMaker, judge_for
from pages.parts.draw.sources import DRAW, Opened, prompt_for
from pages.parts.shared import state
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.judging import Judging, judging_of
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_title
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace

FILE_NAME = "digit-lab-pocket.html"
# A file of twelve megabytes, which takes a second to make.
_MOST_SMALL_WEIGHTS = 10_000_000
_CHOICES: tuple[Bits, ...] = (32, 8)


@guarded_fragment
def show_pocket(opened: Opened) -> None:
    """Show the button that makes the file, and the choice of how exactly its weights are kept."""
    onnx, judging = opened.onnx, judging_of(opened.run, opened.dataset.name)
    weights = len(onnx) // 4  # nearly all of the file are they
    with st.expander(_("The network in your pocket"), icon=":material/smartphone:"):
        if weights > _MOST_SMALL_WEIGHTS:
            st.write(
                _("This network is too large for that: it has more than {most} million weights.", most=10)
            )
            return
        st.write(
            _(
                "One file with canvas, bars and this network. It opens in any browser, on a phone too, and "
                "needs no connection: send it to yourself."
            )
        )
        choices = [bits for bits in _CHOICES if bits == 8 or weights <= MOST_WEIGHTS]
        if st.session_state.get(state.POCKET_BITS, 8) not in choices:
            del st.session_state[state.POCKET_BITS]  # chosen for a smaller network
        bits = st.radio(
            _("Its weights"),
            choices,
            format_func={32: _("exact"), 8: _("rounded to 8 bits")}.__getitem__,
            captions=[_size(weights, bits, judging) for bits in choices],
            key=state.POCKET_BITS,
            horizontal=True,
            help=_(
                "A weight has 32 bits. With 8 bits it is rounded to one of 255 values: the file is a quarter "
                "as large and reads nearly the same. But it answers to everything: what notices scribbles "
                "is left out."
            ),
        )
        st.download_button(
            _("Download the file"),
            data=PocketMaker(
                onnx,
                bits,
                judging,
                run_title(opened.run, workspace()) if opened.run else _("the ready-made network"),
                opened.dataset.class_names,
                _(prompt_for(DRAW, opened.dataset)),
            ),
            file_name=FILE_NAME,
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )


def _size(weights: int, bits: Bits, judging: Judging) -> str:
    size = expected_bytes(weights, bits, judge_for(judging, bits))
    if size >= 1e6:
        return escape(_("about {size} MB", size=f"{size / 1e6:.1f}"))
    return escape(_("about {size} KB", size=f"{size / 1e3:.0f}"))
