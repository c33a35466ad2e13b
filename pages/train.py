"""Train: build a network, press the button, watch the curves."""

import streamlit as st

from core.config import TrainingConfig
from core.store import Request, Room, Run
from pages.parts.shared import state
from pages.parts.shared.dataset_status import show_dataset_source, show_dataset_status
from pages.parts.shared.errors import show_error
from pages.parts.shared.language import _
from pages.parts.shared.launch import room_for, start_training
from pages.parts.shared.router import begin_page
from pages.parts.shared.runs.speed import speed
from pages.parts.train.bar import pressed, show_bar
from pages.parts.train.cost import show_cost
from pages.parts.train.drawings import show_drawings
from pages.parts.train.first_visit import show_first_visit
from pages.parts.train.form.show import show_form
from pages.parts.train.gallery import show_gallery
from pages.parts.train.layers import show_layers
from pages.parts.train.layout import lay_out
from pages.parts.train.link import read_link, show_link_problems, write_link
from pages.parts.train.other_tabs import tell_other_tabs
from pages.parts.train.own_runs import find_runs, show_own_runs
from pages.parts.train.presentation import is_presentation
from pages.parts.train.recipes import show_recipes


def main() -> None:
    """Show the page: the bar, below it the settings left and the run right."""
    begin_page(_("Train a network to read digits"), tab=_("Train a network"))
    read_link()
    runs = find_runs()
    lay_out(is_first_visit=runs.shown is None, is_presentation=is_presentation())
    bar, warnings = st.container(horizontal=True, key="bar"), st.container()
    left, right = st.columns([1, 2.2], gap="large")
    with left, st.container(key="settings"):
        config, room, is_ready, problem = _settings(runs.shown)
    with warnings:
        show_link_problems()
    with bar:
        status = show_bar(runs.shown, config, room, is_ready=is_ready)
    what = pressed()
    if what is not None and config is not None and room is not None and room.allowed and is_ready:
        start_training(config, Request.STEP_CHUNK if what == state.FIRST_STEP else speed())
        st.rerun()  # what the server allows has changed
    with right:
        if runs.shown is None:
            show_first_visit(config, room, problem)
        show_own_runs(runs, status)
        if config is not None:
            show_layers(config)
            show_dataset_source(config.dataset)
    tell_other_tabs(runs.newest_own)


def _settings(shown: Run | None) -> tuple[TrainingConfig | None, Room | None, bool, str | None]:
    """Show what to start with and the form.

    Returns
    -------
    config, room, is_ready, problem
        What the form makes and whether this server takes it, None while it makes nothing; whether the
        images are there; why the form makes nothing.
    """
    cost, recipes = st.container(key="cost"), st.container()
    config, problem = show_form()
    write_link(config, shown.id if shown else None)
    is_ready = show_dataset_status(st.session_state[state.DATASET])
    room = None if config is None else room_for(config)
    with cost:
        if room is not None and not room.allowed:
            show_error(room.sentence)
        elif config is not None and room is not None:
            show_cost(config, room)
        if config is not None:
            show_drawings(config)
    with recipes:
        show_recipes(config)
        show_gallery(config)
    return config, room, is_ready, problem


main()
