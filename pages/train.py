"""Train: build a network, press the button, watch the curves."""

import streamlit as st

from core.config import TrainingConfig
from pages.parts.shared import state
from pages.parts.shared.errors import show_error
from pages.parts.shared.launch import room_for, start_training
from pages.parts.shared.router import begin_page
from pages.parts.shared.tables import show_table
from pages.parts.shared.words import escape
from pages.parts.train.dataset_status import show_dataset_source, show_dataset_status
from pages.parts.train.form.show import show_form
from pages.parts.train.gallery import show_gallery
from pages.parts.train.link import read_link, show_link_problems, write_link
from pages.parts.train.own_runs import show_own_runs
from pages.parts.train.recipes import show_recipes


def main() -> None:
    """Show the page: recipes, settings left, the run right."""
    begin_page("Train a network to read digits", tab="Train a network")
    read_link()
    warnings, recipes = st.container(), st.container()
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        config = _settings()
    with warnings:
        show_link_problems()
    with recipes:
        show_recipes(config)
        show_gallery(config)
    with right:
        show_own_runs()
        if config is not None:
            _summary(config)


def _settings() -> TrainingConfig | None:
    """Show the form and the Train button; return the configuration, None while the form makes none."""
    config = show_form()
    write_link(config)
    is_ready = show_dataset_status(st.session_state[state.DATASET])
    room = None if config is None else room_for(config)
    if room is not None and not room.allowed:
        show_error(room.sentence)
    can_train = is_ready and room is not None and room.allowed
    st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        key="train",
        disabled=not can_train,
        help=_what_is_in_the_way(config, is_ready),
        on_click=_press,
    )
    if room is not None and room.allowed:
        st.caption(escape(room.sentence))
    if st.session_state.pop(state.TRAIN_PRESSED, False) and config is not None and can_train:
        start_training(config)
        st.rerun()  # what the server allows has changed
    return config


def _what_is_in_the_way(config: TrainingConfig | None, is_ready: bool) -> str | None:
    if config is None:
        return "A setting above cannot be used: the sentence in red says which, and what to write."
    return None if is_ready else "The images are not here yet: see above what is being waited for."


def _press() -> None:
    """Note a press on Train until the form has been read.

    A callback's own arguments are the settings of the page before: a value that the
    browser sent together with the press would be on show and not be trained.
    """
    st.session_state[state.TRAIN_PRESSED] = True


def _summary(config: TrainingConfig) -> None:
    st.header(f"The network of these settings: {config.parameters:,} parameters")
    rows = config.layer_summaries()
    show_table(
        {
            "Layer": [row.name for row in rows],
            "Output shape": [" × ".join(map(str, row.output_shape)) for row in rows],
            "Parameters": [f"{row.parameters:,}" for row in rows],
        },
        numbers=("Output shape", "Parameters"),
    )
    show_dataset_source(config.dataset)


main()
