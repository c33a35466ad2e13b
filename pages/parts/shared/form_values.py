"""What the settings form is to show next: any page may say so, the form itself fills its widgets."""

import streamlit as st

from core.config import DatasetName, TrainingConfig
from pages.parts.shared import handles, state

FIRST_CHOICE: DatasetName = "mnist"
# Needs no network, so it is always to be had.
FALLBACK_DATASET: DatasetName = "pen-strokes"


def load_form(config: TrainingConfig) -> None:
    """Have the form show a configuration once it is drawn; for callbacks, and before it is drawn."""
    st.session_state[state.FORM_WANTED] = config.as_it_counts()


def form_config() -> TrainingConfig | None:
    """Return the configuration that the form made last, None before its first visit."""
    made = st.session_state.get(state.FORM_CONFIG)
    return made if isinstance(made, TrainingConfig) else None


def default_dataset() -> DatasetName:
    """Return the dataset a new form starts with: MNIST, unless that is known to be out of reach."""
    reachable = handles.library().state(FIRST_CHOICE).status != "unavailable"
    return FIRST_CHOICE if reachable else FALLBACK_DATASET
