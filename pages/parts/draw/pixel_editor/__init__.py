"""The pixel editor: 28×28 pixels to press, by mouse, finger or keyboard; steps are taken back one by one.

The browser has the steps and sends all of them after each; the server says what it begins with.
"""

import base64
import hashlib
import json
import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.parts.draw.pixel_editor.words import editor_words
from pages.parts.shared import state
from pages.parts.shared.language import _, language
from pages.parts.shared.live_chart import static_folder
from pages.parts.shared.live_chart.static_files import PROGRAM_LOADER, ensure_modules, ensure_words

_HERE = Path(__file__).parent
# It speaks as the network diagram does.
_WORDS = _HERE.parents[1] / "shared" / "network_diagram" / "words.js"
MODULES = (_HERE / "editor.js", _HERE / "style.js", _WORDS)
_component = st.components.v2.component("digit_lab_pixel_editor", js=PROGRAM_LOADER)

MOST_STEPS = 400
_SENT = re.compile(r"(?P<start>[0-9a-f]{16}-[0-9]{1,9})\|(?P<steps>[0-9. ]{0,4000})")
_STEP = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")


class Step(NamedTuple):
    """A pixel, row by row from 0 to 783, and its new value, 0 paper to 255 ink."""

    pixel: int
    value: int


@dataclass(frozen=True)
class _Start:
    """What the editor of a picture begins with, and its name, by which the browser tells it from another."""

    name: str
    steps: tuple[Step, ...]


def pixel_editor(picture: NDArray[np.uint8], steps: list[Step]) -> None:
    """Show a picture, uint8 (28, 28), with these steps taken; what is pressed is then in `steps_of`."""
    files = _prepared(static_folder(), language())
    if files is None:
        st.caption(_("Pixels cannot be changed here: the server could not write its folder “static”."))
        return
    module, words = files
    needed = {
        "module": module,
        "words": words,
        "failure": _("Pixels cannot be changed here: the program did not load. Reload the page."),
        "picture": base64.b64encode(picture.tobytes()).decode(),
        "start": _start(picture).name,
        "steps": _written(steps),
        "most": MOST_STEPS,
    }
    _component(
        key=state.PIXEL_EDITOR,
        data=f"{json.dumps(needed)}\n".encode(),
        on_edits_change=lambda: None,
        height="content",
    )


def steps_of(picture: NDArray[np.uint8]) -> list[Step]:
    """Return the steps taken in a picture; what a browser sends is not trusted to have the right form."""
    start = _start(picture)
    sent = (st.session_state.get(state.PIXEL_EDITOR) or {}).get("edits")
    found = _SENT.fullmatch(sent) if isinstance(sent, str) else None
    steps = None if found is None or found["start"] != start.name else _read(found["steps"], picture.size)
    return list(start.steps) if steps is None else steps


def start_with(picture: NDArray[np.uint8], steps: list[Step]) -> None:
    """Let the editor of a picture begin anew, with these steps."""
    digest, number = _start(picture).name.split("-")
    st.session_state[state.EDIT_START] = _Start(f"{digest}-{int(number) + 1}", tuple(steps))


def with_steps(picture: NDArray[np.uint8], steps: list[Step]) -> NDArray[np.uint8]:
    """Return the picture before the first step and after each, uint8 (steps + 1, 28, 28)."""
    pictures = np.repeat(picture[np.newaxis], len(steps) + 1, axis=0)
    for number, step in enumerate(steps, start=1):
        pictures[number:].reshape(len(pictures) - number, -1)[:, step.pixel] = step.value
    return pictures


def _start(picture: NDArray[np.uint8]) -> _Start:
    """Return what this picture's editor begins with: another picture begins without steps."""
    digest = hashlib.sha256(picture.tobytes()).hexdigest()[:16]
    start = st.session_state.get(state.EDIT_START)
    return start if start is not None and start.name.startswith(digest) else _Start(f"{digest}-0", ())


def _written(steps: list[Step]) -> str:
    return " ".join(f"{step.pixel}.{step.value}" for step in steps)


def _read(text: str, size: int) -> list[Step] | None:
    """Return steps from what `_written` gives, None where any is not possible."""
    words = text.split()
    found = [_STEP.fullmatch(word) for word in words[: MOST_STEPS + 1]]
    steps = [Step(int(one[1]), int(one[2])) for one in found if one is not None]
    fits = len(steps) == len(words) <= MOST_STEPS
    return steps if fits and all(step.pixel < size and step.value <= 255 for step in steps) else None


@lru_cache(maxsize=16)
def _prepared(folder: Path, _language: str) -> tuple[str, str] | None:
    """Return the first module and the file with the words; None where they cannot be written."""
    try:
        place = ensure_modules(folder, "pixel_editor", {path.name: path.read_bytes() for path in MODULES})
        return f"{place}/{MODULES[0].name}", ensure_words(folder, "pixel_editor", editor_words())
    except OSError as error:
        logging.getLogger(__name__).warning("The editor's modules cannot be put into %s: %s", folder, error)
        return None
