"""Train: build a network, press the button, watch the curves."""

import streamlit as st

from core.config import TrainingConfig
from core.errors import ConfigError
from pages.parts.shared import handles, state
from pages.parts.shared.launch import problem_with, start_training
from pages.parts.shared.router import ensure_router
from pages.parts.shared.runs.panel import show_run
from pages.parts.shared.runs.picker import run_title
from pages.parts.shared.tables import show_table
from pages.parts.shared.workspace import workspace
from pages.parts.train.dataset_status import default_dataset, show_dataset_status
from pages.parts.train.form.show import load_form, restore_form, show_form, show_recipes
from pages.parts.train.gallery import show_gallery

RUNS_LISTED = 20


def main() -> None:
    """Show the page: recipes, settings left, the run right."""
    ensure_router()
    _read_link()
    st.title("Train a network to read digits")
    for problem in st.session_state[state.LINK_PROBLEMS]:
        st.warning(problem, icon=":material/link_off:")
    recipes = st.container()
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        config = _settings()
    with recipes:
        show_recipes(config)
        show_gallery(config)
    with right:
        _runs()
        if config is not None:
            _summary(config)


def _read_link() -> None:
    """Fill the form from the URL at the first visit, or as it was when the page was left."""
    if state.LINK_PROBLEMS in st.session_state:
        restore_form(TrainingConfig())
        return
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
        st.error(str(error), icon=":material/error:")
        st.session_state.pop(state.TRAIN_PRESSED, None)
        return None
    if st.query_params.to_dict() != (query := config.to_query()):
        st.query_params.from_dict(query)
    ready = show_dataset_status(config.dataset)
    problem = problem_with(config)
    if problem is not None:
        st.error(problem, icon=":material/error:")
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


def _runs() -> None:
    """Show the chosen run of this browser, the newest at first."""
    problem = st.session_state.pop(state.TRAIN_PROBLEM, None)
    if problem is not None:
        st.error(problem, icon=":material/error:")
    runs = {run.id: run for run in handles.store().list_runs(workspaces=[workspace()], limit=RUNS_LISTED)}
    if not runs:
        st.info(
            "Choose a recipe or build your own network, then press **Train**. "
            "The curves will move here while it learns.",
            icon=":material/model_training:",
        )
        return
    if len(runs) > 1:
        if st.session_state.get(state.RUN_ID) not in runs:
            st.session_state[state.RUN_ID] = next(iter(runs))
        choices = list(runs)
        st.selectbox(
            "Your runs",
            choices,
            index=choices.index(state.held(state.RUN_ID)),
            key=state.RUN_ID,
            format_func=lambda run_id: run_title(runs[run_id]),
        )
    show_run(st.session_state.get(state.RUN_ID, next(iter(runs))) if len(runs) > 1 else next(iter(runs)))


def _summary(config: TrainingConfig) -> None:
    st.subheader(f"The network of these settings: {config.parameters:,} parameters")
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
