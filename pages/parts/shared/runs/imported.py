"""The panel of a network that was brought from elsewhere: it has no curve, and nobody knows its settings."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.numbers import percent
from core.store import Run
from pages.parts.shared import handles
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.language import _
from pages.parts.shared.runs.ending import show_ending, show_ways_on
from pages.parts.shared.runs.progress import status_line
from pages.parts.shared.runs.shelf import show_shelf
from pages.parts.shared.words import escape

_REFRESH_SECONDS = 0.5


def show_imported(run: Run, title: str, status: DeltaGenerator) -> None:
    """Show what is known of it; `title` and `status` as `show_run` takes them."""
    accuracy = "" if run.test_accuracy is None else f" · {percent(run.test_accuracy)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape(title)}{accuracy}**", width="content")
        show_shelf(run)
    units = "-".join(str(layer.units) for layer in run.config.hidden_layers) or _("no hidden layer")
    st.caption(
        escape(
            _(
                "Brought from elsewhere: hidden layers {units}. How it was trained, nobody here knows.",
                units=units,
            )
        )
    )
    guarded_fragment(_live, run_every=_REFRESH_SECONDS if run.status.is_alive else None)(
        run.id, run.status, title, status
    )
    if run.status.is_ended:
        show_ending(run)
        show_ways_on(run)


def _live(run_id: str, drawn: str, title: str, status: DeltaGenerator) -> None:
    """Show how it stands; the whole page comes again where `drawn` is not that any more."""
    watched = handles.watcher().look(run_id)
    if watched.run.status != drawn:
        st.rerun()
    status.html(status_line(watched, title))
