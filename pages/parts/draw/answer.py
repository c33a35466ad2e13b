"""What the network says about one picture: the verdict, ten bars, and the picture as it sees it."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape as escape_html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.figures.html.digits import picture_png
from core.figures.html.probabilities import probabilities_info, probability_bars
from core.handwriting.mnist_form import to_network_input
from core.numbers import percent
from core.prediction.network import Network
from core.prediction.refusal import Judgement
from pages.parts.shared.announce import announce
from pages.parts.shared.judging import Judging
from pages.parts.shared.language import _
from pages.parts.shared.words import escape, with_article

SURE = 0.8
ALMOST = 0.995  # would be told as 100 %
CLOSE = 0.4  # of the first's probability

_SEEN = (
    '<figure style="margin:0"><img src="data:image/png;base64,{png}" alt="{alt}" '
    'style="display:block;width:140px;height:140px;image-rendering:pixelated;border-radius:4px;'
    'border:1px solid #8A8A8A66"></figure>'
)


def show_answer(
    network: Network, ink: NDArray[np.float32], class_names: Sequence[str], judging: Judging
) -> None:
    """Show what `network` reads in the ink (height, width; 0 = paper, 1 = ink), if it can.

    Raises
    ------
    PictureError
        If there is no ink.
    ModelError
        If the network cannot answer.
    """
    seen = to_network_input(ink)
    names = tuple(map(_, class_names))
    judgement = judging.judge(seen, network.predict(seen[np.newaxis]).probabilities[0])
    headline, reason = verdict(judgement, names, is_digits=judging.is_digits)
    st.header(headline, anchor=False)
    announce(f"{headline} {reason}".strip(), "verdict")
    if judgement.is_refused:
        st.markdown(escape(reason))
        st.caption(escape(_("What it would say if it had to answer:")))
    else:
        st.caption(escape(_("It knows nothing but these: {names}.", names=", ".join(names))))
    st.html(probability_bars(probabilities_info(judgement.probabilities, names)))
    if judging.why_none:
        st.caption(escape(_(judging.why_none)))
    st.markdown(
        _("**What the network sees**"),
        help=_(
            "Your picture as MNIST's digits were made: cut to the ink, longest side 20 pixels, centre of "
            "mass in the middle of 28×28, white on black."
        ),
    )
    alt = escape_html(_("The picture that the network sees"))
    st.html(_SEEN.format(png=b64encode(picture_png(seen)).decode(), alt=alt))


def verdict(judgement: Judgement, names: Sequence[str], *, is_digits: bool) -> tuple[str, str]:
    """Return the answer in words, sure, probable or between two; or that there is none, and why."""
    first, second = (with_article(names[place]) for place in (judgement.first, judgement.second))
    if judgement.reason == "unfamiliar":
        why = (
            _("It looks like no digit that I have learnt.")
            if is_digits
            else _("I have learnt nothing like it.")
        )
        return _("I can't read this."), why
    if judgement.reason == "unsure":
        return _("I can't read this."), _("It could be {first} or {second}.", first=first, second=second)
    share, other = (
        sure(float(judgement.probabilities[place])) for place in (judgement.first, judgement.second)
    )
    if judgement.confidence >= SURE:
        return _("It reads {first}: {share} sure", first=first, share=share), ""
    if judgement.probabilities[judgement.second] >= CLOSE * judgement.confidence:
        words = _(
            "It reads {first}, or maybe {second}: {share} and {other}",
            first=first,
            second=second,
            share=share,
            other=other,
        )
        return words, ""
    return _("Probably {first}: {share} sure", first=first, share=share), ""


def sure(probability: float) -> str:
    """Write how sure a network is, in whole percent; it is never entirely."""
    if probability >= ALMOST:
        return _("over {share}", share="99 %")
    return percent(probability, 0)
