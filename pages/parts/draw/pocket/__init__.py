"""The network in the pocket: one button gives one HTML file, which reads digits without any server."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.errors import ModelError
from core.pocket.page import expected_bytes, pocket_page
from core.prediction.forward import DenseLayer
from core.prediction.onnx_layers import layers_of
from core.prediction.packed import Bits
from pages.parts.draw.live_reading.static_files import module_contents
from pages.parts.draw.live_reading.weights import MOST_WEIGHTS
from pages.parts.draw.live_reading.words import reading_words
from pages.parts.shared import state
from pages.parts.shared.judging import Judging, least_confidence
from pages.parts.shared.language import _, language
from pages.parts.shared.words import escape, with_article

FILE_NAME = "digit-lab-pocket.html"
_FIRST = Path(__file__).with_name("pocket.js")
# A file of twelve megabytes, which takes a second to make.
_MOST_SMALL_WEIGHTS = 10_000_000
_CHOICES: tuple[Bits, ...] = (32, 8)


def show_pocket(
    onnx: bytes, judging: Judging, network_name: str, class_names: Sequence[str], prompt: str
) -> None:
    """Show the button that makes the file, and the choice of how exactly its weights are kept.

    Parameters
    ----------
    onnx
        The network's file.
    judging
        By what its answers are judged.
    network_name
        What it is called on this page, plain text, in the language of whoever looks.
    class_names
        Of its ten classes, not translated.
    prompt
        What to draw, in the language of whoever looks.
    """
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
        bits = st.radio(
            _("Its weights"),
            choices,
            format_func={bits: _choice(weights, bits, judging) for bits in choices}.__getitem__,
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
            data=PocketMaker(onnx, bits, judging, network_name, class_names, prompt),
            file_name=FILE_NAME,
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )


def _judge(judging: Judging, bits: Bits) -> bytes:
    """Return the judge of pictures that goes along: none where the file is to be small."""
    return judging.packed if bits == 32 else b""


def _choice(weights: int, bits: Bits, judging: Judging) -> str:
    size = expected_bytes(weights, bits, _judge(judging, bits))
    told = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} KB"
    if bits == 8:
        return escape(_("rounded to 8 bits, about {size}", size=told))
    return escape(_("exact, about {size}", size=told))


class PocketMaker:
    """Makes the file when it is called, which is when the button is pressed: in another thread, which has
    no page and no language, so all words are found before.
    """

    def __init__(
        self,
        onnx: bytes,
        bits: Bits,
        judging: Judging,
        name: str,
        class_names: Sequence[str],
        prompt: str,
    ) -> None:
        self._onnx = onnx
        self._bits = bits
        self._judge = _judge(judging, bits)
        self._told = {
            "words": reading_words(),
            "names": [_(each) for each in class_names],
            "named": [with_article(each) for each in class_names],
            "prompt": prompt,
            "temperature": judging.temperature,
            "least": least_confidence(),
            "isDigits": judging.is_digits,
        }
        self._title = _("Digit Lab: {name}", name=name)
        self._note = _("This file works without a connection. Nothing that is drawn leaves it.")
        self._failure = _("This browser cannot run the program in this file. Open it in a newer one.")
        self._language = language()

    def __call__(self) -> bytes:
        layers = layers_of(self._onnx)
        try:
            return self._page(layers, self._bits)
        except ModelError:
            # Of a training that ran away: what has no numbers cannot be rounded, and the file says so.
            return self._page(layers, 32)

    def _page(self, layers: Sequence[DenseLayer], bits: Bits) -> bytes:
        modules = {name: content.decode() for name, content in module_contents().items()}
        return pocket_page(
            layers,
            bits,
            self._judge,
            modules=modules | {_FIRST.name: _FIRST.read_text(encoding="utf-8")},
            first=_FIRST.name,
            told=self._told,
            title=self._title,
            note=self._note,
            failure=self._failure,
            language=self._language,
        )
