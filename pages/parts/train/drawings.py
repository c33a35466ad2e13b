"""The labelled drawings that the settings of the form learn: how many there are, and where to make more."""

import streamlit as st

from core.config import TrainingConfig
from core.config.teaching import LEAST_DRAWINGS, MOST_DRAWINGS
from core.store.drawing_choice import whose_drawings
from pages.parts.shared import handles
from pages.parts.shared.language import _
from pages.parts.shared.workspace import workspace


def show_drawings(config: TrainingConfig) -> None:
    """Show how many drawings would be learnt and held back, and the way to the page that makes them."""
    if not config.learns_drawings:
        return
    whose = whose_drawings(config, workspace())
    learnt, held_back = (
        min(MOST_DRAWINGS, handles.store().drawing_count(whose, held_back=which)) for which in (False, True)
    )
    if learnt >= LEAST_DRAWINGS:  # else the sentence on too few tells it
        st.caption(
            _(
                "Drawings: {learnt} to learn, {held_back} held back to measure. A run keeps its own.",
                learnt=f"{learnt:,}",
                held_back=f"{held_back:,}",
            )
        )
    st.page_link("pages/draw.py", label=_("Draw and label digits"), icon=":material/draw:")
