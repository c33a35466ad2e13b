"""What the network says about one picture: the verdict, ten bars, and the picture as it sees it."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape as escape_html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.figures.html.digits import picture_png
from core.figures.html.probabilities import ProbabilitiesInfo, probabilities_info, probability_bars
from core.handwriting.mnist_form import to_network_input
from core.prediction.network import Network
from pages.parts.shared.announce import announce
from pages.parts.shared.language import _
from pages.parts.shared.words import escape, with_article

SURE = 80.0  # percent
CLOSE = 0.4  # of the first's probability

_SEEN = (
    '<figure style="margin:0"><img src="data:image/png;base64,{png}" alt="{alt}" '
    'style="display:block;width:140px;height:140px;image-rendering:pixelated;border-radius:4px;'
    'border:1px solid #8A8A8A66"></figure>'
)


def show_answer(network: Network, ink: NDArray[np.float32], class_names: Sequence[str]) -> None:
    """Show what `network` reads in the ink (height, width; 0 = paper, 1 = ink).

    Raises
    ------
    PictureError
        If there is no ink.
    ModelError
        If the network cannot answer.
    """
    seen = to_network_input(ink)
    names = tuple(map(_, class_names))
    info = probabilities_info(network.predict(seen[np.newaxis]).probabilities[0], names)
    words = verdict(info)
    st.header(words, anchor=False)
    announce(words, "verdict")
    st.caption(escape(_("Whatever is drawn, it answers with one of these: {names}.", names=", ".join(names))))
    st.html(probability_bars(info))
    st.markdown(
        _("**What the network sees**"),
        help=_(
            "Your picture as MNIST's digits were made: cut to the ink, longest side 20 pixels, centre of "
            "mass in the middle of 28×28, white on black."
        ),
    )
    alt = escape_html(_("The picture that the network sees"))
    st.html(_SEEN.format(png=b64encode(picture_png(seen)).decode(), alt=alt))


def verdict(info: ProbabilitiesInfo) -> str:
    """Return the answer in words: sure, probable, or between two."""
    first, second = with_article(info.first.name), with_article(info.second.name)
    percent = info.first.text
    if info.first.percent >= SURE:
        return _("It reads {first}: {share} sure", first=first, share=percent)
    if info.second.percent >= CLOSE * info.first.percent:
        return _(
            "It reads {first}, or maybe {second}: {share} and {other}",
            first=first,
            second=second,
            share=percent,
            other=info.second.text,
        )
    return _("Probably {first}: {share} sure", first=first, share=percent)
