"""The gallery of what goes wrong: runs that fail on purpose, one click each."""

import streamlit as st

from core.config import TrainingConfig
from core.recipes import FAILURES, matching_recipe
from pages.parts.shared.language import _
from pages.parts.train.recipes import load_recipe


def show_gallery(current: TrainingConfig | None) -> None:
    """Show a button and a sentence for each failure; a click fills in the settings."""
    loaded = matching_recipe(current) if current else None
    with st.expander(_("Break it on purpose: five failures"), key="gallery"):
        st.caption(
            _(
                "A click fills in the settings; press Train, and the page says what happens while it "
                "happens, and what helps."
            )
        )
        for failure in FAILURES.values():
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button(
                    _(failure.title),
                    key=f"failure_{failure.name}",
                    type="primary" if failure is loaded else "secondary",
                    width=150,
                    on_click=load_recipe,
                    args=(failure,),
                )
                st.markdown(_(failure.lesson))
