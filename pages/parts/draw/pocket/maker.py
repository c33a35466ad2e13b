"""The file itself, made when somebody asks for it."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import ModelError
from core.pocket.page import pocket_page
from core.prediction.forward import DenseLayer
from core.prediction.onnx_layers import layers_of
from core.prediction.packed import Bits
from pages.parts.draw.live_reading.static_files import module_contents
from pages.parts.draw.live_reading.words import reading_words
from pages.parts.shared.judging import Judging, least_confidence
from pages.parts.shared.language import _, language
from pages.parts.shared.words import with_article

_FIRST = Path(__file__).with_name("pocket.js")


def judge_for(judging: Judging, bits: Bits) -> bytes:
    """Return the judge of pictures that goes along: none where the file is to be small."""
    return judging.packed if bits == 32 else b""


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
        self._judge = judge_for(judging, bits)
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
