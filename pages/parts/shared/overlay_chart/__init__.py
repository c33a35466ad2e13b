"""The overlay chart: loss and accuracy of several runs in one node of the page, and a table that tells them.

As the live chart does, it keeps its node and its zoom. Lines that stand still travel to the browser once;
those of runs that still train are handed over by a component of their own, as often as they change.
"""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.figures.charts.overlay import KINDS, Axis, Kind, OverlayLine, compact_overlay, draw_overlay
from pages.parts.shared.language import _, language
from pages.parts.shared.live_chart import static_folder
from pages.parts.shared.live_chart.static_files import (
    PROGRAM_LOADER,
    ensure_library,
    ensure_modules,
    ensure_words,
    page_module,
)
from pages.parts.shared.overlay_chart.words import overlay_words

HEIGHT = 300  # on a screen of 768 lines the runs to choose from are in sight below it
_HERE = Path(__file__).parent
_MODULES = ("overlay.js", "readout.js", "style.js")
# Plotly writes its styles into the document's head: they would not reach into a shadow root.
_component = st.components.v2.component("digit_lab_overlay_chart", js=PROGRAM_LOADER, isolate_styles=False)

_PLACE, _MOVING = "overlay-place", "overlay-moving"
_KEEP_PLACE = """<style>
[class*="st-key-{place}"] > div {{ min-height: {height}px }}
[class*="st-key-{moving}"] {{ position: absolute; width: 0; height: 0; overflow: hidden }}
</style>"""


@dataclass(frozen=True)
class OverlayLook:
    """How an overlay is drawn.

    Attributes
    ----------
    axis
        What stands below: epochs, optimizer steps or seconds of training.
    kinds
        Which curves, in the order of drawing.
    logarithmic, logarithmic_axis
        Whether the axis of loss is logarithmic, and whether that below.
    height
        Pixels where both panels stand side by side; a phone stacks them, 1.6 times as high.
    """

    axis: Axis = "epoch"
    kinds: tuple[Kind, ...] = KINDS
    logarithmic: bool = False
    logarithmic_axis: bool = False
    height: int = HEIGHT


def overlay_chart(
    lines: Sequence[OverlayLine], look: OverlayLook, *, key: str, moving: Collection[str] = ()
) -> None:
    """Show lines; with the same `key` again the chart is brought up to date in place.

    Parameters
    ----------
    lines
        In the order in which they are told.
    moving
        The ids of those that `move_lines` hands over.
    """
    st.html(_KEEP_PLACE.format(place=_PLACE, height=look.height, moving=_MOVING))
    needed = _prepared(static_folder(), language())
    if needed is None:
        figure = draw_overlay(
            lines,
            axis=look.axis,
            kinds=look.kinds,
            logarithmic=look.logarithmic,
            logarithmic_axis=look.logarithmic_axis,
            height=look.height,
            say=_,
        )
        st.plotly_chart(figure, key=f"{key}-plain")
        st.caption(_("This chart is redrawn as a whole: the server could not write its folder “static”."))
        return
    content = {
        "key": key,
        "order": [line.id for line in lines],
        "lines": [compact_overlay(line) for line in lines if line.id not in moving],
        "axis": look.axis,
        "kinds": look.kinds,
        "logarithmic": look.logarithmic,
        "logarithmicAxis": look.logarithmic_axis,
        "height": look.height,
    }
    with st.container(key=f"{_PLACE}-{key}"):
        _component(key=key, data=_packed(needed, content))


def move_lines(lines: Sequence[OverlayLine], *, key: str) -> None:
    """Draw the lines that still move in the chart of this `key`, until called with others.

    Call it for none, too: in a component of its own, which shows nothing itself.
    """
    needed = _prepared(static_folder(), language())
    if needed is None:
        return
    content = {"key": key, "moving": [compact_overlay(line) for line in lines]}
    with st.container(key=f"{_MOVING}-{key}"):
        _component(key=f"{key}-moving", data=_packed(needed, content))


def fetch_overlay_ahead(*, key: str) -> None:
    """Have the browser fetch what the chart is drawn with once it has nothing else to do.

    For a view beside that of the chart: the drawing library is megabytes.
    """
    needed = _prepared(static_folder(), language())
    if needed is not None:
        with st.container(key=f"{_MOVING}-{key}"):
            st.html(_KEEP_PLACE.format(place=_PLACE, height=HEIGHT, moving=_MOVING))
            _component(key=f"{key}-ahead", data=_packed(needed, {"key": key, "ahead": True}))


def _packed(needed: str, content: Mapping[str, object]) -> bytes:
    """Return an update as the loader wants it: a line that tells what is needed to show it, and the rest."""
    return f"{needed}\n{json.dumps(content, separators=(',', ':'), allow_nan=False)}".encode()


@lru_cache(maxsize=16)
def _prepared(folder: Path, _language: str) -> str | None:
    """Return the files and what to say without them, as JSON; None where they cannot be written."""
    failure = _("The chart cannot be drawn: its program did not load. Reload the page.")
    name, content = page_module()
    modules = {name: content} | {module: (_HERE / module).read_bytes() for module in _MODULES}
    try:
        place = ensure_modules(folder, "overlay_chart", modules)
        words = ensure_words(folder, "overlay_chart", overlay_words())
        return json.dumps(
            {
                "module": f"{place}/{_MODULES[0]}",
                "words": words,
                "library": ensure_library(folder),
                "failure": failure,
            }
        )
    except OSError as error:
        logging.getLogger(__name__).warning("The overlay's files cannot be put into %s: %s", folder, error)
        return None
