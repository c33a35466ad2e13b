"""Several digits in one picture: each in a box, all of them as text, the weakest marked, and what is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.figures.html.boxes import ReadDigit, boxed_picture
from core.figures.html.digits import picture_png
from core.handwriting.mnist_form import to_network_input
from core.handwriting.segments import Segment
from core.numbers import percent
from core.prediction.network import Network
from core.prediction.ready_made import read_all
from core.sentences import say
from pages.parts.shared.announce import announce
from pages.parts.shared.judging import Judging
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

EACH = say("There is more than one digit: each is read by itself.")
# A gap as wide as so many heights of a digit parts two numbers.
GAP = 0.8
# More than these do not fit into a heading.
IN_HEADING = 12
# Stands where something is that is no digit.
UNREAD = "?"


@dataclass(frozen=True)
class Number:
    """What a network reads in several digits.

    Attributes
    ----------
    names, shares
        Of each, and how sure it is; `UNREAD` and None for one that it refuses to read.
    lines
        All of them as text.
    """

    names: tuple[str, ...]
    shares: tuple[float | None, ...]
    lines: tuple[str, ...]

    @property
    def weakest(self) -> int | None:
        """The place of the digit that it is least sure of, of those that it reads."""
        read = [(share, place) for place, share in enumerate(self.shares) if share is not None]
        return min(read)[1] if read else None

    @property
    def verdict(self) -> str:
        """What is read, as a heading."""
        if self.weakest is None:
            return _("I can't read this.")
        if len(self.lines) == 1 and len(self.names) <= IN_HEADING:
            return _("It reads {number}", number=self.lines[0])
        return _("It reads {count} digits in {lines} lines", count=len(self.names), lines=len(self.lines))

    @property
    def in_words(self) -> str:
        """Which of them is the least sure, and how many it does not read."""
        sentences = []
        if self.weakest is not None:
            sentences.append(
                _(
                    "It is least sure of the {name} in the dashed box, digit {number} of {count}: {share}.",
                    name=self.names[self.weakest],
                    number=self.weakest + 1,
                    count=len(self.names),
                    share=_certainty(self.shares[self.weakest]),
                )
            )
        if unread := self.shares.count(None):
            sentences.append(
                _("One box looks like no digit that it has learnt: it has a “?”.")
                if unread == 1
                else _("{count} boxes look like no digit that it has learnt: they have a “?”.", count=unread)
            )
        return " ".join(sentences)


def read_number(
    network: Network, judging: Judging, digits: Sequence[Segment], class_names: Sequence[str]
) -> Number:
    """Read each of the digits, at least one, that `core.handwriting.segments.segments` found.

    What the judge takes for none is not read.

    Raises
    ------
    ModelError
        If the network cannot answer.
    """
    pictures = np.stack([to_network_input(digit.ink) for digit in digits])
    judged = list(map(judging.judge, pictures, read_all(network, pictures)))
    names = tuple(UNREAD if one.is_refused else _(class_names[one.first]) for one in judged)
    shares = tuple(None if one.is_refused else one.confidence for one in judged)
    return Number(names, shares, tuple(read_lines(digits, names)))


def show_several(
    number: Number,
    ink: NDArray[np.float32],
    digits: Sequence[Segment],
    picture: bytes | None = None,
    *,
    with_verdict: bool = True,
) -> None:
    """Show what a network has read in each of the digits.

    Parameters
    ----------
    ink
        (height, width); 0 = paper, 1 = ink.
    digits
        Those that `number` was read from.
    picture
        To draw the boxes on, a PNG or JPEG of the same proportions; none: the ink itself.
    with_verdict
        Whether the verdict does not stand elsewhere.
    """
    if with_verdict:
        st.header(number.verdict, anchor=False)
        announce(number.verdict, "verdict")
    st.markdown(escape(f"{_(EACH)} {number.in_words}" if with_verdict else number.in_words))
    height, width = ink.shape
    read = [
        ReadDigit(
            digit.box.left / width,
            digit.box.top / height,
            digit.box.width / width,
            digit.box.height / height,
            name,
            _certainty(share),
            place == number.weakest,
            is_read=share is not None,
        )
        for place, (digit, name, share) in enumerate(zip(digits, number.names, number.shares, strict=True))
    ]
    shown = picture or picture_png(np.round(255 - 255 * ink).astype(np.uint8))
    st.html(boxed_picture(shown, read, _("The picture, a box around each digit")))
    if len(number.lines) > 1 or len(digits) > IN_HEADING:
        st.markdown(_("**As text**"), help=_("Line by line, from left to right; a wide gap is a space."))
        st.code("\n".join(number.lines), language=None)


def read_lines(digits: Sequence[Segment], names: Sequence[str]) -> list[str]:
    """Return what is read as text, a string for each line of writing."""
    usual = float(np.median([digit.box.height for digit in digits]))
    lines = [names[0]]
    for (before, digit), name in zip(pairwise(digits), names[1:], strict=True):
        if digit.row != before.row:
            lines.append(name)
        else:
            is_apart = digit.box.left - before.box.right > GAP * usual
            lines[-1] += f" {name}" if is_apart else name
    return lines


def _certainty(share: float | None) -> str:
    return _("can't read this") if share is None else percent(share, 1, never_whole=True)
