"""Why a network reads what it reads: which pixels speak for a digit and which against it."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.figures.html.speaking_pixels import SpeakingInfo, speaking_info, speaking_pixels
from core.numbers import percent
from core.prediction.calibration import calibrated
from core.prediction.explain import PATCH, gradient_times_input, occlusion, with_patch
from core.prediction.forward import Numbers
from core.prediction.gradients import Layers
from core.prediction.network import Network
from core.sentences import say
from pages.parts.draw.break_it import show_break_it
from pages.parts.draw.worked_out import layers_of, worked_out
from pages.parts.shared import state
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.language import _
from pages.parts.shared.words import escape, with_article

Picture = NDArray[np.uint8]
COVER, SLOPES = say("Cover a patch"), say("Slope × ink")
_MAPS: dict[str, Callable[[Layers, Picture], Numbers]] = {COVER: occlusion, SLOPES: gradient_times_input}


def show_why(
    onnx: bytes,
    network: Network,
    picture: Picture | None,
    class_names: Sequence[str],
    temperature: Callable[[], float],
) -> None:
    """Show two folded parts, why and break it; nothing is worked out until one is open.

    Parameters
    ----------
    onnx, network
        The file of the network on show, and what reads with it.
    picture
        uint8 (28, 28) as the network sees it; None while there is none, and nothing is shown.
    class_names
        Of its ten classes, not translated.
    temperature
        Finds by what its answers are made honest, as they are above the canvas; see
        `core.prediction.calibration`.
    """
    if picture is None:
        return
    names = tuple(map(_, class_names))
    for part, key, title, icon in (
        (_why, state.WHY, _("Why does it read that?"), ":material/search:"),
        (show_break_it, state.BREAK_IT, _("Break it: the fewest pixels"), ":material/grid_on:"),
    ):
        box = st.expander(title, key=key, icon=icon, on_change="rerun")
        if box.open:
            with box:
                guarded_fragment(part)(onnx, network, picture, names, temperature())


def _why(onnx: bytes, network: Network, picture: Picture, names: tuple[str, ...], temperature: float) -> None:
    """Show the pixels for and against the digit chosen, the one that is read to begin with."""
    read = int(network.predict(picture[np.newaxis]).probabilities[0].argmax())
    digit = st.segmented_control(
        _("What speaks for and against"),
        range(len(names)),
        format_func=names.__getitem__,
        default=read,
        required=True,
        key=state.why_digit(read),
    )
    method = st.segmented_control(
        _("How to find out"),
        tuple(_MAPS),
        format_func={name: _(name) for name in _MAPS}.__getitem__,
        default=COVER,
        required=True,
        key=state.WHY_METHOD,
        persist_state="session",
        help=_(
            "**Cover a patch**: {side}×{side} pixels become paper, one place after another; where the digit "
            "then loses, what was covered spoke for it. **Slope × ink**: for each pixel alone, how much a "
            "little more ink there would raise the digit, times the ink that is there (gradient × input).",
            side=PATCH,
        ),
    )
    layers = layers_of(onnx)
    maps = worked_out(network, picture, method, lambda: _MAPS[method](layers, picture))
    info = speaking_info(maps[digit], picture)
    words = [_in_words(info, with_article(names[digit]))]
    if method == COVER and info.speaks_for:
        place = np.unravel_index(int(maps[digit].argmax()), picture.shape)
        row, column = (int(each) for each in place)
        covered = np.stack([picture, with_patch(picture, row, column)])
        shares = calibrated(network.predict(covered).probabilities, temperature)[:, digit]
        words.append(_without_the_patch(row, column, names[digit], *shares.tolist()))
    st.markdown(escape(" ".join(words)))
    st.html(
        speaking_pixels(
            info,
            alt=_("Your picture with the pixels marked. {words}", words=words[0]),
            supports=_("speaks for {digit}", digit=with_article(names[digit])),
            opposes=_("speaks against {digit}", digit=with_article(names[digit])),
            caption=_("Where it speaks: the share of all, above 0 for the digit, below 0 against it"),
            named=_,
        )
    )


def _in_words(info: SpeakingInfo, digit: str) -> str:
    supports, opposes = (", ".join(map(_, places)) for places in (info.speaks_for, info.speaks_against))
    if supports and opposes:
        return _(
            "What speaks most for {digit}: {supports}. What speaks against it: {opposes}.",
            digit=digit,
            supports=supports,
            opposes=opposes,
        )
    if supports:
        return _(
            "What speaks most for {digit}: {supports}. Hardly anything speaks against it.",
            digit=digit,
            supports=supports,
        )
    if opposes:
        return _(
            "What speaks most against {digit}: {opposes}. Hardly anything speaks for it.",
            digit=digit,
            opposes=opposes,
        )
    return _("None of the ink speaks for or against {digit}.", digit=digit)


def _without_the_patch(row: int, column: int, name: str, share: float, share_without: float) -> str:
    """Say how probable the digit is, and how probable without the patch that speaks most for it."""
    before, after = (percent(each, 1, never_whole=True) for each in (share, share_without))
    if before == after:
        return _(
            "No patch of {side}×{side} pixels matters much by itself: the rest of the ink is enough.",
            side=PATCH,
        )
    return _(
        "Without the {side}×{side} pixels around row {row}, column {column}, {digit} falls from {before} to "
        "{after}.",
        side=PATCH,
        row=row + 1,
        column=column + 1,
        digit=with_article(name),
        before=before,
        after=after,
    )
