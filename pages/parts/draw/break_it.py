"""Break it: few pixels that turn a picture into another digit, and a picture of pixels to change oneself."""

from base64 import b64encode
from functools import partial
from html import escape as escape_html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.figures.html.digits import picture_png
from core.figures.html.probabilities import probabilities_info, probability_bars
from core.numbers import percent
from core.prediction.calibration import calibrated
from core.prediction.network import Network
from core.prediction.refusal import judge
from core.prediction.smallest_edit import MOST_PIXELS, SECONDS, Edit, smallest_edit
from pages.parts.draw.answer import verdict
from pages.parts.draw.pixel_editor import Step, pixel_editor, start_with, steps_of, with_steps
from pages.parts.draw.worked_out import layers_of, worked_out
from pages.parts.shared import state
from pages.parts.shared.announce import announce
from pages.parts.shared.errors import show_warning
from pages.parts.shared.language import _
from pages.parts.shared.words import escape, with_article

Picture = NDArray[np.uint8]
ANY = -1

_BEFORE = (
    '<img src="data:image/png;base64,{png}" alt="{alt}" style="display:block;width:100%;max-width:420px;'
    'aspect-ratio:1;image-rendering:pixelated;border-radius:4px">'
)


def show_break_it(
    onnx: bytes, network: Network, picture: Picture, names: tuple[str, ...], temperature: float
) -> None:
    """Show the choice of a digit, the picture before and after, and what the network says of it now.

    Parameters
    ----------
    onnx, network
        The file of the network on show, and what reads with it.
    picture
        uint8 (28, 28).
    names
        Of its ten classes, translated.
    temperature
        By which its answers are made honest, see `core.prediction.calibration`.
    """
    read = int(network.predict(picture[np.newaxis]).probabilities[0].argmax())
    _ask(onnx, network, picture, names, read)
    steps = steps_of(picture)
    pictures = with_steps(picture, steps)
    probabilities = calibrated(network.predict(pictures).probabilities, temperature)
    changed = int((pictures[-1] != picture).sum())
    # Without the judge of pictures: this is about the network. They are made honest already.
    before, after = (
        verdict(judge(picture, row), names, is_digits=True)[0]
        for row in (probabilities[0], probabilities[-1])
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(_("**Before.** {verdict}", verdict=escape(before)))
        alt = escape_html(_("The picture that the network sees"))
        st.html(_BEFORE.format(png=b64encode(picture_png(picture)).decode(), alt=alt))
        if steps:
            _list_steps(steps, probabilities, names)
    with right:
        told = _("{count} pixels changed. {verdict}", count=changed, verdict=after)
        if changed == 1:
            told = _("1 pixel changed. {verdict}", verdict=after)
        elif not changed:
            told = _("Nothing is changed yet: press pixels, or have the fewest found.")
        st.markdown(_("**After.** {words}", words=escape(told)))
        pixel_editor(picture, steps)
        st.html(probability_bars(probabilities_info(probabilities[-1], names)))
        announce(told, "edited")


def _ask(onnx: bytes, network: Network, picture: Picture, names: tuple[str, ...], read: int) -> None:
    """Show which digit it is to become and the button that looks for the pixels."""
    others = [digit for digit in range(len(names)) if digit != read]
    target = st.segmented_control(
        _("Turn it into"),
        [*others, ANY],
        format_func=lambda digit: _("any other") if digit == ANY else names[digit],
        default=others[0],
        required=True,
        key=state.break_target(read),
        help=_(
            "The network's weights tell which pixels to change. What it then reads need not look like that "
            "digit to you: it looks at pixels, not at shapes."
        ),
    )
    pressed = st.button(
        _("Find the fewest pixels"),
        icon=":material/wand_stars:",
        key="find_fewest_pixels",
        help=_(
            "Looks for at most {seconds} s. None of the pixels found can be left out. Whether fewer others "
            "would do nobody can tell without trying all.",
            seconds=f"{SECONDS:.0f}",
        ),
    )
    if not pressed:
        return
    wanted = None if target == ANY else int(target)
    found: Edit | None = worked_out(
        network, picture, ("edit", wanted), partial(smallest_edit, layers_of(onnx), picture, wanted)
    )
    if found is None:
        name = _("another digit") if wanted is None else with_article(names[wanted])
        show_warning(
            _(
                "In {seconds} s no {most} pixels or fewer were found that make {digit} of it. Try another "
                "digit.",
                most=MOST_PIXELS,
                seconds=f"{SECONDS:.0f}",
                digit=name,
            )
        )
        return
    changes = [(change.row * picture.shape[1] + change.column, change.after) for change in found.changes]
    start_with(picture, [Step(pixel, value) for pixel, value in changes])


def _list_steps(steps: list[Step], probabilities: NDArray[np.float64], names: tuple[str, ...]) -> None:
    """List the steps in order, each with what the network reads after it."""
    lines = []
    for step, row in zip(steps, probabilities[1:], strict=True):
        best = int(row.argmax())
        words = _(
            "row {row}, column {column}: {value} of 255; {digit}, {share}",
            row=step.pixel // 28 + 1,
            column=step.pixel % 28 + 1,
            value=step.value,
            digit=with_article(names[best]),
            share=percent(float(row[best]), 1, never_whole=True),
        )
        lines.append(f"<li>{escape_html(words)}</li>")
    title = escape_html(_("The changes one after another, and what is read after each"))
    st.html(f"<details><summary>{title}</summary><ol>{''.join(lines)}</ol></details>")
