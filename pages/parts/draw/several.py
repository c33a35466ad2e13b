"""Several digits in one picture: each in a box, all of them as text, and the one it is least sure of."""

from collections.abc import Sequence
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
from pages.parts.shared.announce import announce
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

# A gap as wide as so many heights of a digit parts two numbers.
GAP = 0.8
# More than these do not fit into a heading.
IN_HEADING = 12


def show_several(
    network: Network,
    ink: NDArray[np.float32],
    digits: Sequence[Segment],
    class_names: Sequence[str],
    picture: bytes | None = None,
) -> None:
    """Show what `network` reads in each of the digits.

    Parameters
    ----------
    ink
        (height, width); 0 = paper, 1 = ink.
    digits
        What `core.handwriting.segments.segments` found in it, at least one.
    picture
        To draw the boxes on, a PNG or JPEG of the same proportions; none: the ink itself.

    Raises
    ------
    ModelError
        If the network cannot answer.
    """
    probabilities = read_all(network, np.stack([to_network_input(digit.ink) for digit in digits]))
    surest = probabilities.max(axis=1)
    weakest = int(surest.argmin())
    names = [_(class_names[index]) for index in probabilities.argmax(axis=1)]
    lines = read_lines(digits, names)
    words = _heading(lines, len(digits))
    st.header(words, anchor=False)
    announce(words, "verdict")
    certainties = [percent(float(share), 1, never_whole=True) for share in surest]
    st.markdown(
        escape(
            _(
                "There is more than one digit: each is read by itself. It is least sure of the {name} in the "
                "dashed box, number {number} from the start: {share}.",
                name=names[weakest],
                number=weakest + 1,
                share=certainties[weakest],
            )
        )
    )
    height, width = ink.shape
    read = [
        ReadDigit(
            digit.box.left / width,
            digit.box.top / height,
            digit.box.width / width,
            digit.box.height / height,
            name,
            certainty,
            number == weakest,
        )
        for number, (digit, name, certainty) in enumerate(zip(digits, names, certainties, strict=True))
    ]
    shown = picture or picture_png(np.round(255 - 255 * ink).astype(np.uint8))
    st.html(boxed_picture(shown, read, _("The picture, a box around each digit")))
    if len(lines) > 1 or len(digits) > IN_HEADING:
        st.markdown(_("**As text**"), help=_("Line by line, from left to right; a wide gap is a space."))
        st.code("\n".join(lines), language=None)


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


def _heading(lines: list[str], count: int) -> str:
    if len(lines) == 1 and count <= IN_HEADING:
        return _("It reads {number}", number=lines[0])
    return _("It reads {count} digits in {lines} lines", count=count, lines=len(lines))
