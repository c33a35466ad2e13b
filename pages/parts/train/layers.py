"""The layers of the network that the form describes."""

import streamlit as st

from core.config import TrainingConfig
from pages.parts.shared.language import _, grouped
from pages.parts.shared.tables import show_table


def show_layers(config: TrainingConfig) -> None:
    """Show each layer: how many numbers it gives out, and how many weights it has."""
    st.header(_("Your next network: {count} weights", count=f"{config.parameters:,}"))
    numbers_out, weights = _("Numbers out"), _("Weights")
    rows = config.layer_summaries()
    show_table(
        {
            _("Layer"): [_(row.name) for row in rows],
            numbers_out: [" × ".join(map(str, row.output_shape)) for row in rows],
            weights: [grouped(row.parameters) for row in rows],
        },
        numbers=(numbers_out, weights),
    )
