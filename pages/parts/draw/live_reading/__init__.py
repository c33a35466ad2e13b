"""The live reading: a canvas whose strokes are read in the browser, while they are drawn.

The browser gets the network's weights once and does all by itself; the server hears of a drawing when
the pen has come to rest. Modules of the browser: live_reading.js speaks with Streamlit; view.js puts together
paper.js (takes and shows strokes; cursor.js, by keys), tools.js, answer.js (verdict and bars) and strip.js
(the steps from pen to pixels); drawing.js has the strokes; pen.js, mnist_form.js, resample.js, network.js,
refusal.js and reader.js compute.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.sentences import say
from pages.parts.draw.live_reading.static_files import ensure_modules, name_of
from pages.parts.draw.live_reading.weights import Weights, compressed, compressed_judge, on_their_way
from pages.parts.draw.live_reading.words import reading_words
from pages.parts.shared import state
from pages.parts.shared.canvas.written import keep_written, written, written_cleared
from pages.parts.shared.judging import Judging, least_confidence
from pages.parts.shared.language import _, language
from pages.parts.shared.live_chart import static_folder
from pages.parts.shared.live_chart.static_files import PROGRAM_LOADER, ensure_words
from pages.parts.shared.words import with_article
from pages.parts.shared.workspace import workspace

_component = st.components.v2.component("digit_lab_live_reading", js=PROGRAM_LOADER)
# Streamlit loads what draws components after the words, and what stands below the canvas must not jump.
_PLACE = """<style>.st-key-live_place { min-height: min(max(480px, 60vh), 47vw) }</style>"""
_NOT_LOADED = say("The live canvas did not load here: this is the simple one.")


@dataclass(frozen=True)
class Several:
    """What is told of strokes, as JSON, that are more than one digit: a verdict, and why."""

    text: str
    verdict: str
    why: str


def live_reading(
    onnx: bytes, class_names: Sequence[str], prompt: str, judging: Judging, several: Several | None = None
) -> bool:
    """Show the canvas with all that is read on it; what is drawn is then in `written()`.

    Parameters
    ----------
    onnx
        The network's file.
    class_names
        Of its ten classes, not translated.
    prompt
        What to draw, in the language of whoever looks.
    judging
        By what answers are judged.
    several
        Told instead of an answer while these strokes are on the canvas.

    Returns
    -------
    bool
        False where it cannot be shown, and nothing is.

    Raises
    ------
    ModelError
        If the file is damaged or not a network of Digit Lab.
    """
    sent = st.session_state.get(state.LIVE_READING) or {}
    files = _prepared(static_folder(), language())
    if files is None or sent.get("failed"):
        st.session_state[state.LIVE_FAILED] = True
    if st.session_state.get(state.LIVE_FAILED):
        return False
    weights = _weights(onnx, sent.get("missing"))
    packed = compressed_judge(judging.packed)
    judge = on_their_way(packed, static_folder(), as_message=sent.get("missing") == name_of(packed))
    if weights is None or judge is None or files is None:
        return False
    module, words = files
    needed = {
        "module": module,
        "words": words,
        "failure": _(_NOT_LOADED),
        "tells_failure": True,
        "network": weights.name,
        "judge": judge.name if judging.packed else "",
        # How many bytes of each follow this line.
        "lengths": (len(weights.content), len(judge.content)),
        "temperature": judging.temperature,
        "least_confidence": least_confidence(),
        "is_digits": judging.is_digits,
        "workspace": workspace(),
        "is_drawn": bool(written().text),
        "cleared": written_cleared(),
        "names": [_(name) for name in class_names],
        "named": [with_article(name) for name in class_names],
        "prompt": prompt,
        "several": asdict(several) if several else None,
    }
    with st.container(key="live_place"):
        st.html(_PLACE)
        _component(
            key=state.LIVE_READING,
            # In front of the weights, if they come this way, a line that tells what is needed to show it.
            data=f"{json.dumps(needed)}\n".encode() + weights.content + judge.content,
            on_strokes_change=_keep,
            on_missing_change=lambda: None,
            on_failed_change=lambda: None,
            height="content",
        )
    return True


def _weights(onnx: bytes, missing: str | None) -> Weights | None:
    """Return how the network gets to this browser, which could not fetch the file called `missing`.

    Looked up once a session: in a class each has a network of his own, and all are packed but once.
    """
    known: tuple[bytes, Weights] | None = st.session_state.get(state.LIVE_WEIGHTS)
    if known is not None and known[0] is onnx and (known[1].name != missing or known[1].content):
        return known[1]
    packed = compressed(onnx)
    weights = on_their_way(packed, static_folder(), as_message=missing == name_of(packed))
    if weights is not None:
        st.session_state[state.LIVE_WEIGHTS] = (onnx, weights)
    return weights


def _keep() -> None:
    keep_written(st.session_state[state.LIVE_READING].get("strokes"))


@lru_cache(maxsize=16)
def _prepared(folder: Path, _language: str) -> tuple[str, str] | None:
    """Return the first module and the file with the words; None where they cannot be written."""
    try:
        return ensure_modules(folder), ensure_words(folder, "live_reading", reading_words())
    except OSError as error:
        logging.getLogger(__name__).warning("The canvas' modules cannot be put into %s: %s", folder, error)
        return None
