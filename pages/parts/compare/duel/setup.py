"""Setting up a duel: A, the one thing in which B differs, how many seeds; and the guess before it begins."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.config import TrainingConfig, bounds_of
from core.config.variation import LAYERS
from core.data.split import check_validation
from core.errors import ConfigError, DigitLabError
from core.evaluation.luck import SEEDS
from core.experiments.duel import (
    MOST_SEEDS,
    Guess,
    duel_plan,
    names_of,
    same_start,
    sides_of,
    value_of,
)
from core.experiments.plans import FixedPlan
from core.numbers import duration
from core.store import Experiment, Run
from pages.parts.compare.duel.opened import open_duel, show_tally
from pages.parts.compare.duel.values import FIELD_OF, TITLE_OF, another_value, offered
from pages.parts.shared import handles, state
from pages.parts.shared.decimals import in_field, read_decimal
from pages.parts.shared.errors import show_error
from pages.parts.shared.field_widgets import show_field
from pages.parts.shared.form_values import default_dataset, form_config
from pages.parts.shared.language import _
from pages.parts.shared.launch import problem_with_experiment, start_experiment, training_images
from pages.parts.shared.runs.labels import run_titles
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace

_QUICK, _FORM = "quick", "form"
_EXAMPLE = ("learning_rate", "0.01")


def quick_config() -> TrainingConfig:
    """Return the settings of a network that is trained within seconds."""
    return TrainingConfig(dataset=default_dataset(), batch_size=128, epochs=2)


def show_setup(runs: Sequence[Run], duels: Sequence[Experiment]) -> None:
    """Let a duel be set up: nothing begins before a guess."""
    if not duels:
        _invite()
    known = _known_sides(runs)
    if st.session_state.get(state.DUEL_A) not in known:
        st.session_state[state.DUEL_A] = next(iter(known))
    with st.container(horizontal=True, key="duel_setup", vertical_alignment="bottom"):
        st.selectbox(
            _("A"),
            list(known),
            index=list(known).index(state.held(state.DUEL_A)),
            key=state.DUEL_A,
            format_func={key: title for key, (title, _config) in known.items()}.__getitem__,
            help=_("Whose settings A has. Choose a run in the table below to have it here."),
            width=300,
        )
        a = known[st.session_state[state.DUEL_A]][1]
        setting = _ask_setting(a)
        value, problems = _ask_value(a, setting)
        st.session_state.setdefault(state.DUEL_SEEDS, SEEDS)
        seeds = st.number_input(
            _("Seeds each"),
            1,
            MOST_SEEDS,
            value=state.held(state.DUEL_SEEDS),
            key=state.DUEL_SEEDS,
            help=_("How often both are trained, each time with another seed. One tells nothing about luck."),
            width=130,
        )
    plan = None
    if not problems:
        plan, problems = _plan(a, setting, value, seeds)
    for problem in problems:
        show_error(problem)
    if plan is not None:
        _tell(plan)
        _ask_guess(plan)
    show_tally(duels)


def _invite() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            _("Two networks that differ in **one** setting train with the same seeds. You guess first."),
            width="content",
        )
        st.button(
            _("Try it: learning rate 0.001 against 0.01"),
            key="duel_example",
            icon=":material/swords:",
            on_click=_set_example,
        )


def _set_example() -> None:
    setting, value = _EXAMPLE
    st.session_state[state.DUEL_A] = _QUICK
    st.session_state[state.DUEL_SETTING] = setting
    st.session_state[state.duel_value(setting)] = value
    st.session_state[state.DUEL_SEEDS] = SEEDS
    st.session_state[state.DUEL_GUESS] = None


def _known_sides(runs: Sequence[Run]) -> dict[str, tuple[str, TrainingConfig]]:
    """Return what A may be, by its key: its title and settings."""
    titles = run_titles(runs, workspace())
    made = form_config()
    known = {run.id: (titles[run.id], run.config) for run in runs if not run.imported}
    if made is not None:
        known[_FORM] = (_("The settings of the Train page"), made)
    known[_QUICK] = (_("A quick network: 128-128, 2 epochs"), quick_config())
    return known


def _ask_setting(a: TrainingConfig) -> str:
    names = offered(a)
    if st.session_state.get(state.DUEL_SETTING) not in names:
        st.session_state[state.DUEL_SETTING] = names[0]
    titles = {name: _(TITLE_OF[name]) for name in names}
    setting: str = st.selectbox(
        _("B differs in"),
        names,
        index=names.index(state.held(state.DUEL_SETTING)),
        key=state.DUEL_SETTING,
        format_func=titles.__getitem__,
        help=_("All other settings are those of A."),
        width=240,
    )
    return setting


def _ask_value(a: TrainingConfig, setting: str) -> tuple[Any, list[str]]:
    """Ask for the value that B has; return it, and what is wrong with it."""
    key = state.duel_value(setting)
    problems: list[str] = []
    other = another_value(a, setting)
    place = st.container(width=240, key="duel_value")
    # Another A may have what B had: then B has to have something else.
    now = value_of(a, setting)
    is_another = st.session_state.get(state.DUEL_SUGGESTED) != (setting, now)
    st.session_state[state.DUEL_SUGGESTED] = (setting, now)
    as_held = now if setting == LAYERS else FIELD_OF[setting].widget_value(now)
    if is_another and st.session_state.get(key) == as_held:
        del st.session_state[key]
    if setting == LAYERS:
        st.session_state.setdefault(key, other)
        lowest, highest = map(int, bounds_of("hidden_layers")[:2])
        title = _(TITLE_OF[setting])
        return place.number_input(title, lowest, highest, value=state.held(key), key=key), problems
    field = FIELD_OF[setting]
    st.session_state.setdefault(key, field.widget_value(other))
    return show_field(field, key, problems, place), problems


def _plan(a: TrainingConfig, setting: str, value: Any, seeds: int) -> tuple[FixedPlan | None, list[str]]:
    try:
        plan = duel_plan(a, setting, value, seeds)
        for side in sides_of(plan):
            check_validation(side, training_images(side))
    except ConfigError as error:
        return None, [str(error)]
    return plan, []


def _tell(plan: FixedPlan) -> None:
    """Say what both sides begin with, and how long it takes."""
    a, b = sides_of(plan)
    start = same_start(a, b)
    if start.weights and start.order:
        common = _("Both begin with the same weights and see the same images in the same order.")
    elif start.order:
        common = _("The first weights cannot be the same here; both see the same images in the same order.")
    else:
        common = _("Both begin with the same weights; they learn from other images, so their order differs.")
    if plan.size == 2:
        st.caption(_("One seed each tells nothing about luck: the guess will not be scored."))
    seconds = handles.store().estimated_experiment_seconds(plan, training_images(a))
    names = " – ".join(_(name) for name in names_of(a, b))
    st.markdown(f"**{escape(names)}**")
    about = _("{runs} runs, about {time} of training.", runs=plan.size, time=duration(seconds))
    st.caption(f"{common} {about}")


def _ask_guess(plan: FixedPlan) -> None:
    """Ask for the guess, and let the duel begin once there is one."""
    a, b = names_of(*sides_of(plan))
    titles = {"a": _(a), "none": _("No difference beyond luck"), "b": _(b)}
    st.session_state.setdefault(state.DUEL_GUESS, None)
    # In a line of its own, where it is broken on a phone: all three are to be seen.
    better = st.segmented_control(
        _("Predict first: who reads more test images right?"),
        list(titles),
        default=state.held(state.DUEL_GUESS),
        key=state.DUEL_GUESS,
        format_func=titles.__getitem__,
        help=_("It cannot be changed once the duel has begun. More counts only where it is beyond luck."),
    )
    with st.container(horizontal=True, key="duel_guess", vertical_alignment="bottom"):
        points, problem = _ask_points() if better in ("a", "b") else (None, None)
        refused = problem_with_experiment(plan, training_images(plan.trials[0].config))
        st.button(
            _("Start the duel"),
            key="duel_start",
            type="primary",
            icon=":material/swords:",
            disabled=better is None or problem is not None or refused is not None,
            on_click=_start,
            args=(plan, better, points),
        )
    for sentence in (problem, refused):
        if sentence:
            show_error(sentence)
    if better is None:
        st.caption(_("Guess first: then the duel can begin."))


def _ask_points() -> tuple[float | None, str | None]:
    """Ask by how many points, which need not be said; return them, or what is wrong."""
    label = _("By how many points? (optional)")
    text = st.text_input(
        label,
        key=state.DUEL_POINTS,
        help=_("Points of percent: from 97.0 % to 97.5 % is half a point, 0.5."),
        width=240,
    )
    if not text:
        return None, None
    number, problem = read_decimal(text, 0.5)
    if number is None:
        return None, in_field(label, str(problem))
    try:
        return Guess(better="a", points=number).points, None
    except ValueError:
        return None, in_field(label, _("Write a number above 0, at most 100."))


def _start(plan: FixedPlan, better: Any, points: float | None) -> None:
    try:
        guess = Guess(better=better, points=points)
        made = start_experiment(plan, images=training_images(plan.trials[0].config), guess=guess.to_json())
    except DigitLabError as error:
        st.session_state[state.DUEL_PROBLEM] = str(error)
        return
    st.session_state[state.DUEL_GUESS] = None
    open_duel(made.id)
