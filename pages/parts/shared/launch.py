"""From a press on Train to a run in the queue, within what this server allows."""

import streamlit as st

from core.config import TrainingConfig
from core.errors import DigitLabError
from core.recipes import matching_recipe
from pages.parts.shared import handles, state
from pages.parts.shared.workspace import workspace


def problem_with(config: TrainingConfig) -> str | None:
    """Say why this server cannot train the configuration, or None."""
    try:
        room = handles.store().room_for(config, workspace=workspace(), limits=handles.settings())
    except DigitLabError as error:
        return str(error)
    return None if room.allowed else room.sentence


def start_training(config: TrainingConfig) -> None:
    """Create a run of this browser and hand it to the workers; the page then shows it."""
    recipe = matching_recipe(config)
    try:
        run = handles.store().create(
            config,
            workspace=workspace(),
            recipe=recipe.name if recipe else None,
            limits=handles.settings(),
        )
        handles.jobs().submit(run.id)
    except DigitLabError as error:
        st.session_state[state.TRAIN_PROBLEM] = str(error)
        return
    st.session_state[state.RUN_ID] = run.id
