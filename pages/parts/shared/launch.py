"""From a press on Train to a run in the queue, within what this server allows."""

import streamlit as st

from core.config import TrainingConfig
from core.errors import ConfigError, DigitLabError
from core.recipes import matching_recipe
from pages.parts.shared import handles, state
from pages.parts.shared.workspace import workspace


def problem_with(config: TrainingConfig) -> str | None:
    """Say why this server cannot train the configuration, or None."""
    limits = handles.settings()
    try:
        config.check_limits(
            max_parameters=limits.max_parameters,
            max_epochs=limits.max_epochs,
            max_image_passes=limits.max_image_passes,
        )
    except ConfigError as error:
        return str(error)
    store = handles.store()
    if store.alive_count(workspace()) >= limits.max_runs_alive_per_workspace:
        return (
            f"You have {limits.max_runs_alive_per_workspace} runs waiting or running, as many as this server "
            "allows. Stop one, or wait until one has ended."
        )
    if store.alive_count() >= limits.max_runs_alive:
        return f"The server has {limits.max_runs_alive} runs waiting. Try again in a few minutes."
    return None


def start_training(config: TrainingConfig) -> None:
    """Create a run of this browser and hand it to the workers; the page then shows it."""
    recipe = matching_recipe(config)
    try:
        run = handles.store().create(config, workspace=workspace(), recipe=recipe.name if recipe else None)
        handles.jobs().submit(run.id)
    except DigitLabError as error:
        st.session_state[state.TRAIN_PROBLEM] = str(error)
        return
    st.session_state[state.RUN_ID] = run.id
