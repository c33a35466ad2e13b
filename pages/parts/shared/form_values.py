"""What the settings form is to show next: any page may say so, the form itself fills its widgets."""

import streamlit as st

from core.config import TrainingConfig
from pages.parts.shared import state


def load_form(config: TrainingConfig) -> None:
    """Have the form show a configuration once it is drawn; for callbacks, and before it is drawn."""
    st.session_state[state.FORM_WANTED] = config.as_it_counts()


def form_config() -> TrainingConfig | None:
    """Return the configuration that the form made last, None before its first visit."""
    made = st.session_state.get(state.FORM_CONFIG)
    return made if isinstance(made, TrainingConfig) else None
