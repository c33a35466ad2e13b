"""Links to give to others: of the settings of the form, and of the run on show."""

import streamlit as st

from core.config import TrainingConfig, to_query
from core.store import Run
from pages.parts.shared.copy_link import copy_link_button
from pages.parts.shared.language import _


def show_share(config: TrainingConfig | None, run: Run | None) -> None:
    """Show what can be copied: whoever gets a run's link sees it and can do nothing to it."""
    with st.popover(_("Share"), icon=":material/link:", help=_("Links to copy."), key="share"):
        if config is not None:
            copy_link_button(_("Copy the link of these settings"), to_query(config), "copy_settings")
        if run is not None:
            copy_link_button(_("Copy the link of this run"), {"run": run.id}, "copy_run")
            st.caption(
                _("Others see its curve and where it is wrong, and can draw for it. Only you steer it.")
            )
