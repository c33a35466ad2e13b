"""Look inside: what a network is like while it learns, for a test image or for one's own drawing."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import CATALOG, DatasetInfo
from core.errors import DatasetUnavailable, PictureError
from core.handwriting.mnist_form import to_network_input
from core.handwriting.strokes import drawing_to_ink
from core.inside import compact
from core.inside.unit import has_unit, look_at_unit
from core.inside.watching import Seen
from core.store import Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.canvas.drawing import Drawing
from pages.parts.shared.canvas.written import written, written_picture
from pages.parts.shared.errors import errors_as_sentences, show_warning
from pages.parts.shared.language import _
from pages.parts.shared.network_diagram import DRAWING, Asked, asked, network_diagram
from pages.parts.shared.words import escape

Image = NDArray[np.uint8]


def show_inside_switch() -> bool:
    """Show the switch of this view; return where it stands."""
    return st.toggle(
        _("Look inside"),
        value=True,
        key=state.LOOK_INSIDE,
        help=_("The network itself while it learns: its units and weights, ten test images, your drawing."),
        persist_state="session",
    )


def show_own_digit() -> None:
    """Show the canvas; what is drawn on it is read again by every network that is looked into."""
    from pages.parts.shared.canvas.canvas import show_canvas  # for those who look; only a server can load it

    with st.expander(
        _("Your own digit: draw it, and the network reads it again and again while it learns"),
        key="own_digit",
    ):
        drawing = show_canvas()
        if drawing.problem:
            show_warning(drawing.problem, icon=":material/gesture:")


def show_inside(run: Run, *, epoch: int | None = None) -> None:
    """Show the inside of a run's network as it is now, or at the end of an epoch that is kept.

    To be called again and again while it trains. What goes wrong is a sentence here, and leaves the rest
    of the page alone.
    """
    with errors_as_sentences(comes_again=True):
        try:
            pictures = handles.fixed_pictures(run.config.dataset)
        except DatasetUnavailable as error:
            why = escape(_(str(error)))
            st.caption(_("To look inside, its images are needed. {why}", why=why))
            return
        seen = handles.inside_watcher().look(
            run.id, run.config, pictures, epoch, is_finished=run.status is RunStatus.FINISHED
        )
        if seen is None:
            st.caption(_nothing_yet(run))
            return
        key = state.inside(run.id)
        drawing = last_drawing()
        update = _update(seen, CATALOG[run.config.dataset], asked(key), drawing, _when(seen, run))
        network_diagram(update, key=key)


def last_drawing() -> Image | None:
    """Return the visitor's last drawing as the network sees it, uint8 (28, 28); None without one to read."""
    drawing: Drawing = st.session_state.get(state.DRAWING, Drawing())
    here = None if drawing.png is None else _read(drawing.png)
    there = _written()
    if st.session_state.get(state.DRAWN_LAST) == state.WRITTEN:
        here, there = there, here
    return there if here is None else here


def _written() -> Image | None:
    text = written().text
    try:
        return written_picture(text) if text else None
    except PictureError:
        return None


@lru_cache(maxsize=256)  # asked for at every update
def _read(png: bytes) -> Image | None:
    try:
        return to_network_input(drawing_to_ink(png))
    except PictureError:
        return None  # too little ink, say: the Draw page tells


def _nothing_yet(run: Run) -> str:
    if run.status.is_alive:
        return _("The inside of this network is shown as soon as it has taken its first steps.")
    return _(
        "Of this run no weights were kept: there is nothing inside to look at. Train it again to see it."
    )


def _update(seen: Seen, dataset: DatasetInfo, wanted: Asked, drawing: Image | None, when: str) -> bytes:
    """Return all that is shown, made once for all who see the same."""
    reading = seen.reading
    unit = wanted.unit if wanted.unit is not None and has_unit(reading, *wanted.unit) else None
    labels = reading.pictures.ten_labels.tolist()
    shown: int | str = DRAWING
    if drawing is not None and wanted.image == DRAWING:
        image, what = drawing, _("What it makes of your drawing")
    else:
        place = labels.index(wanted.image) if wanted.image in labels else min(7, len(labels) - 1)
        shown = labels[place]
        row = int(reading.pictures.ten_rows[place])
        image, what = reading.pictures.ten[place], _("What it makes of test image no. {row}", row=row)

    def make() -> bytes:
        parts = compact.Parts()
        diagram = seen.draw(image)
        header: dict[str, Any] = compact.of_diagram(
            reading.config, reading, diagram, tuple(map(_, dataset.class_names)), parts
        )
        for column in header["columns"]:
            column["title"] = _(column["title"])
        header |= {"what": what, "when": when, "shown": str(shown), "version": seen.version}
        header["ten"] = compact.of_ten(reading) | {"at": compact.ten_images(reading.pictures.ten, parts)}
        header["histograms"] = compact.of_histograms(reading)
        if drawing is not None:
            header["drawing"] = {
                "at": parts.add(drawing.tobytes()),
                "probabilities": compact.probabilities(seen.draw(drawing).probabilities),
            }
        if unit is not None:
            header["unit"] = compact.of_unit(reading, look_at_unit(reading, diagram, *unit), parts)
        return compact.pack(header, parts)

    drawn: Hashable = None if drawing is None else drawing.tobytes()
    made: Callable[[Hashable, Callable[[], bytes]], bytes] = seen.made
    return made(("update", shown, unit, drawn, when), make)


def _when(seen: Seen, run: Run) -> str:
    is_untouched = not (seen.step if seen.epoch is None else seen.epoch)
    if is_untouched and not run.config.learns_drawings and handles.store().has_lesson(run.id):
        return _("Before it learns from the drawings: the network that is taught.")
    if seen.epoch == 0:
        return _("Untrained: its weights are chance.")
    if seen.epoch is not None:
        return _("As it was at the end of epoch {epoch}.", epoch=seen.epoch)
    if not seen.step:
        return _("Before its first step: its weights are chance.")
    return _("After {steps} steps.", steps=f"{seen.step:,}")
