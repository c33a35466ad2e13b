"""Train: build a network, press the button, watch the curves."""

import streamlit as st

from core.config import TrainingConfig
from core.errors import ConfigError
from pages.parts.shared import state
from pages.parts.shared.errors import show_error, show_warning
from pages.parts.shared.launch import problem_with, start_training
from pages.parts.shared.router import begin_page
from pages.parts.shared.tables import show_table
from pages.parts.train.dataset_status import default_dataset, show_dataset_status
from pages.parts.train.form.show import load_form, restore_form, show_form, show_recipes
from pages.parts.train.gallery import show_gallery
from pages.parts.train.own_runs import show_own_runs, take_linked_run


def main() -> None:
    """Show the page: recipes, settings left, the run right."""
    begin_page("Train a network to read digits", tab="Train a network")
    take_linked_run()
    _read_link()
    for problem in st.session_state[state.LINK_PROBLEMS]:
        show_warning(problem, icon=":material/link_off:")
    recipes = st.container()
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        config = _settings()
    with recipes:
        show_recipes(config)
        show_gallery(config)
    with right:
        show_own_runs()
        if config is not None:
            _summary(config)


def _read_link() -> None:
    """Fill the form from the URL at the first visit, or as it was when the page was left."""
    wanted = st.session_state.pop(state.WANTED_SETTINGS, None)
    if wanted is not None:
        load_form(wanted)
    elif state.LINK_PROBLEMS in st.session_state:
        restore_form(TrainingConfig())
    else:
        _load_from_address()


def _load_from_address() -> None:
    query = st.query_params.to_dict()
    config, problems = TrainingConfig.from_query(query)
    st.session_state[state.LINK_PROBLEMS] = problems
    if "dataset" not in query:
        config = config.model_copy(update={"dataset": default_dataset()})
    load_form(config)


def _settings() -> TrainingConfig | None:
    try:
        config = show_form()
    except ConfigError as error:
        show_error(error)
        st.session_state.pop(state.TRAIN_PRESSED, None)
        return None
    if st.query_params.to_dict() != (query := config.to_query()):
        st.query_params.from_dict(query)
    ready = show_dataset_status(config.dataset)
    problem = problem_with(config)
    if problem is not None:
        show_error(problem)
    disabled = not ready or problem is not None
    st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        key="train",
        disabled=disabled,
        help=None if ready else "The images are not here yet: see above what is being waited for.",
        on_click=_press,
    )
    if st.session_state.pop(state.TRAIN_PRESSED, False) and not disabled:
        start_training(config)
        st.rerun()  # what the server allows has changed
    return config


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


main()
