"""The layers of the network that the form describes."""

import streamlit as st

from core.config import TrainingConfig
from pages.parts.shared.tables import show_table


def show_layers(config: TrainingConfig) -> None:
    """Show each layer: how many numbers it gives out, and how many weights it has."""
    st.header(f"Your next network: {config.parameters:,} weights")
    rows = config.layer_summaries()
    show_table(
        {
            "Layer": [row.name for row in rows],
            "Numbers out": [" × ".join(map(str, row.output_shape)) for row in rows],
            "Weights": [f"{row.parameters:,}" for row in rows],
        },
        numbers=("Numbers out", "Weights"),
    )
