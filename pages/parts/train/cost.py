"""What the settings of the form would cost, before anybody presses."""

import streamlit as st

from core.config import TrainingConfig
from core.store import Room
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

_BYTES_A_WEIGHT = 4


def show_cost(config: TrainingConfig, room: Room) -> None:
    """Show how many weights the network has, how many bytes its file, and how long it takes."""
    weights = _("{count} weights, {size}.", count=f"{config.parameters:,}", size=_size(config))
    st.caption(escape(f"{weights} {_(room.sentence)}"))


def _size(config: TrainingConfig) -> str:
    """Return what the exported network takes: float32, whose few bytes of description are left out."""
    size = _BYTES_A_WEIGHT * config.parameters
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} KB"
