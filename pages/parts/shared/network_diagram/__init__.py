"""The network diagram: what is inside a network, brought up to date in one node of the page.

What it shows is made by `core.inside`; what a visitor presses in it comes back as `Asked`. Its modules
are plain JavaScript: diagram.js puts together network.js (the units and lines), around.js (test images,
weights as pictures, bars, histograms, a table) and unit.js (one unit looked into).
"""

import json
import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from pages.parts.shared.language import _, language
from pages.parts.shared.live_chart import static_folder
from pages.parts.shared.live_chart.static_files import PROGRAM_LOADER, ensure_words
from pages.parts.shared.network_diagram.static_files import ensure_modules
from pages.parts.shared.network_diagram.words import diagram_words

_component = st.components.v2.component("digit_lab_network_diagram", js=PROGRAM_LOADER)

DRAWING = "drawing"
_LABEL = re.compile("[0-9]")
_UNIT = re.compile(r"([0-9]{1,2})\.([0-9]{1,5})")


@dataclass(frozen=True)
class Asked:
    """What a visitor has pressed in a diagram.

    Attributes
    ----------
    image
        A label, 0 to 9, or `DRAWING`; None where nothing was pressed.
    unit
        Layer and unit, from 0; whether the network has it is for the caller to see.
    """

    image: int | str | None = None
    unit: tuple[int, int] | None = None


def asked(key: str) -> Asked:
    """Return what was pressed in the diagram of this key; nothing of it is trusted to have the right form."""
    pressed = st.session_state.get(key) or {}
    image, unit = pressed.get("image"), pressed.get("unit")
    found = _UNIT.fullmatch(unit) if isinstance(unit, str) else None
    return Asked(
        _image(image) if isinstance(image, str) else None,
        (int(found[1]), int(found[2])) if found else None,
    )


def _image(pressed: str) -> int | str | None:
    if pressed == DRAWING:
        return DRAWING
    return int(pressed) if _LABEL.fullmatch(pressed) else None


def network_diagram(update: bytes, *, key: str) -> None:
    """Show an update, packed by `core.inside.compact`; the same `key` brings the same node up to date."""
    files = _prepared(static_folder(), language())
    if files is None:
        st.caption(_("The network cannot be drawn: the server could not write its folder “static”."))
        return
    _component(
        key=key,
        # In front of the update, a line that tells what is needed to show it.
        data=f"{files}\n".encode() + update,
        on_image_change=lambda: None,
        on_unit_change=lambda: None,
    )


@lru_cache(maxsize=16)
def _prepared(folder: Path, _language: str) -> str | None:
    """Return the files and what to say without them, as JSON; None where they cannot be written."""
    failure = _("The network cannot be drawn: its program did not load. Reload the page.")
    try:
        module, words = ensure_modules(folder), ensure_words(folder, "network_diagram", diagram_words())
        return json.dumps({"module": module, "words": words, "failure": failure})
    except OSError as error:
        logging.getLogger(__name__).warning("The diagram's modules cannot be put into %s: %s", folder, error)
        return None
