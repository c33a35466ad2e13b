"""The presses that begin a study, and what all its runs share."""

import streamlit as st

from core.config import TrainingConfig
from core.config.cost import in_words
from core.errors import ConfigError, DigitLabError
from core.experiments.one_press import MOST_SEEDS, STUDIES, Study, study_plan
from core.experiments.plans import FixedPlan
from pages.parts.shared import handles, state
from pages.parts.shared.dataset_status import show_dataset_status
from pages.parts.shared.errors import show_error
from pages.parts.shared.language import _
from pages.parts.shared.launch import problem_with_experiment, start_experiment, training_images
from pages.parts.shared.words import escape
from pages.parts.tune.held import keep, restore
from pages.parts.tune.starting_point import show_starting_point
from pages.parts.tune.studies.words import WORDS


def show_studies() -> None:
    """Show the four presses, and below them the settings from which they start."""
    restore({state.STUDY_SEEDS: 1})
    refusal = st.session_state.pop(state.SEARCH_PROBLEM, None)
    if refusal:
        show_error(refusal)
    presses = st.container()
    problems: list[str] = []
    base = show_starting_point(problems)
    seeds = int(
        st.number_input(
            _("Seeds"),
            1,
            MOST_SEEDS,
            value=state.held(state.STUDY_SEEDS),
            key=state.STUDY_SEEDS,
            help=_("Runs of each value. With several the picture shows how much of it may be luck."),
        )
    )
    keep()
    with presses:
        if base is None:
            show_error(problems[0])
            return
        is_there = show_dataset_status(base.dataset, offers_another=False)
        for study in STUDIES:
            _show_press(study, base, seeds, is_there)


def _show_press(study: Study, base: TrainingConfig, seeds: int, is_there: bool) -> None:
    words = WORDS[study]
    plan: FixedPlan | None = None
    try:
        plan = study_plan(study, base, seeds)
        images = training_images(base)
        problem = problem_with_experiment(plan, images)
    except ConfigError as error:
        problem = str(error)
    st.button(
        _(words.title),
        icon=words.icon,
        key=f"study_{study}",
        disabled=problem is not None or not is_there,
        width="stretch",
        on_click=_start,
        args=(plan, base),
    )
    if problem is not None or plan is None:
        st.caption(escape(_(problem or "")))
        return
    seconds = handles.store().estimated_experiment_seconds(plan, training_images(base))
    cost = _("{count} runs, about {time}.", count=plan.size, time=_(in_words(seconds)))
    if plan.size == 1:
        cost = _("About {time}.", time=_(in_words(seconds)))
    st.caption(f"{_(words.about)} {cost}")


def _start(plan: FixedPlan | None, base: TrainingConfig) -> None:
    if plan is None:
        return
    try:
        st.session_state[state.STUDY] = start_experiment(plan, images=training_images(base)).id
        st.session_state.pop(state.SEARCH_DELETED, None)
    except DigitLabError as error:
        st.session_state[state.SEARCH_PROBLEM] = str(error)
