"""The live chart: loss and accuracy while a run trains.

`st.plotly_chart` puts a new chart into the page at every update: it flickers and forgets the zoom.
This component keeps one node in the page and hands new numbers to Plotly, at most 8 KiB an update.
"""

import json
import logging
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.figures.charts.curves import GHOST_DASHES, Ghost, compact, compact_ghost, draw_curves, live_info
from core.figures.palette import TRAINING, VALIDATION
from core.store import Curve
from pages.parts.shared.language import _, language
from pages.parts.shared.live_chart.static_files import StaticFiles, ensure_static, ensure_words
from pages.parts.shared.live_chart.words import chart_words

__all__ = ["HEIGHT", "LARGE", "ensure_static", "keep_place", "live_chart", "show_ghosts", "static_folder"]

HEIGHT = 380
LARGE = 560  # for a wall: what a screen of 768 lines has left below the bar

_LOADER = Path(__file__).with_name("loader.js").read_text(encoding="utf-8")

# Plotly writes its styles into the document's head: they would not reach into a shadow root.
_component = st.components.v2.component("digit_lab_live_chart", js=_LOADER, isolate_styles=False)

_PLACE, _GHOSTS = "live-chart-place", "live-chart-ghosts"
# Streamlit loads what draws components after the words, and what stands below the chart must not jump.
# As in live_chart.js, a place narrower than 640 px stacks the panels.
_KEEP_PLACE = """<style>
[class*="st-key-{place}"] {{ container-type: inline-size }}
[class*="st-key-{place}"] > div {{ min-height: {height}px }}
@container (width < 640px) {{ [class*="st-key-{place}"] > div {{ min-height: {stacked}px }} }}
[class*="st-key-{ghosts}"] {{ position: absolute; width: 0; height: 0; overflow: hidden }}
</style>"""


# Where what was made of a curve is kept: called with what it depends on, and with what makes it.
Made = Callable[[Hashable, Callable[[], bytes]], bytes]


def live_chart(
    curve: Curve,
    *,
    key: str,
    epochs: int,
    logarithmic: bool = False,
    smoothing: float = 0.0,
    height: int = HEIGHT,
    cursor: int | None = None,
    made: Made = lambda _depends_on, make: make(),
    ghosts: Sequence[Ghost] = (),
) -> None:
    """Show `curve`; call it again with the same `key` and the chart is brought up to date in place.

    Call `keep_place` once on the page, too.

    Parameters
    ----------
    curve
        What the run has recorded so far; may be empty.
    key
        One for each run, so that a zoom is not carried over to another run.
    epochs
        Planned number of epochs: where the epoch axis ends.
    logarithmic
        Whether the loss axis is logarithmic.
    smoothing
        Weight of the past in the training line, 0 (as measured) to below 1.
    height
        Pixels where both panels stand side by side; a phone stacks them, 1.6 times as high.
    cursor
        An epoch that is looked back at: a line through both panels.
    made
        Where updates are kept that were made of this curve, for others who look at it.
    ghosts
        For a chart that is redrawn as a whole only; else `show_ghosts` hands them over, once.
    """
    prepared = _prepared(static_folder(), language())
    if prepared is None:
        figure = draw_curves(
            live_info(curve, smoothing=smoothing),
            epochs=epochs,
            logarithmic=logarithmic,
            height=height,
            ghosts=ghosts,
            cursor=cursor,
            say=_,
        )
        st.plotly_chart(figure, key=f"{key}-plain")
        st.caption(_("This chart is redrawn as a whole: the server could not write its folder “static”."))
        return
    files, words = prepared
    failure = _("The chart cannot be drawn: its program did not load. Reload the page.")

    def update() -> bytes:
        content = {
            "key": key,
            "lines": compact(live_info(curve, smoothing=smoothing)),
            "epochs": epochs,
            "logarithmic": logarithmic,
            "height": height,
            "cursor": cursor,
            "colours": {"training": TRAINING, "validation": VALIDATION},
            "library": files.library,
            "module": files.module,
            "words": words,
            "failure": failure,
        }
        # As bytes, because Streamlit's own JSON has a space after every comma: a kilobyte an update.
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()

    data = made(("live chart", epochs, logarithmic, smoothing, height, cursor, files, words), update)
    with st.container(key=f"{_PLACE}-{key}"):
        _component(key=key, data=data)


def show_ghosts(ghosts: Sequence[Ghost], *, key: str) -> None:
    """Draw earlier runs pale behind the chart of this `key`, until called with others.

    In a component of its own that shows nothing itself: they travel to the browser once, not with every
    update. Call it for no ghosts, too, and where the page is not drawn with every update.
    """
    prepared = _prepared(static_folder(), language())
    if prepared is None:
        return
    content = {
        "key": key,
        "ghosts": [compact_ghost(ghost) for ghost in ghosts],
        "dashes": GHOST_DASHES,
        "module": prepared[0].module,
        "failure": "",  # the chart itself says it
    }
    data = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    with st.container(key=f"{_GHOSTS}-{key}"):
        _component(key=f"{key}-ghosts", data=data)


def keep_place(height: int = HEIGHT) -> None:
    """Have the page leave room for live charts of this height before the browser can draw them."""
    st.html(_KEEP_PLACE.format(place=_PLACE, height=height, stacked=round(1.6 * height), ghosts=_GHOSTS))


def static_folder() -> Path:
    """Return the folder from which Streamlit serves files."""
    context = get_script_run_ctx()
    # Streamlit serves the folder beside the script that it was started with.
    script = Path(context.main_script_path) if context else Path("app.py")
    return script.resolve().parent / "static"


@lru_cache(maxsize=16)
def _prepared(folder: Path, _language: str) -> tuple[StaticFiles, str] | None:
    """Return the files and the name of that with the words, None where they cannot be written."""
    try:
        return ensure_static(folder), ensure_words(folder, "live_chart", chart_words())
    except OSError as error:
        logging.getLogger(__name__).warning("The live chart's files cannot be put into %s: %s", folder, error)
        return None
