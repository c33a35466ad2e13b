"""The form of a search: what varies, how it is searched, how long; and the press that starts it."""

import streamlit as st

from core.config.cost import in_words
from core.errors import ConfigError, DigitLabError
from core.search.plans import GOALS, MOST_RUNS, PRUNERS, SAMPLERS, StudyPlan
from core.search.space import grid_size
from core.sentences import say
from core.store.shelf import LONGEST_NAME
from pages.parts.shared import handles, state
from pages.parts.shared.dataset_status import show_dataset_status
from pages.parts.shared.decimals import decimal_field
from pages.parts.shared.errors import show_error
from pages.parts.shared.language import _, grouped
from pages.parts.shared.launch import problem_with_experiment, start_experiment, training_images
from pages.parts.shared.words import escape
from pages.parts.tune.held import keep, restore
from pages.parts.tune.ranges import show_ranges
from pages.parts.tune.starting_point import show_starting_point

_SAMPLERS = {"tpe": say("TPE"), "random": say("Random"), "grid": say("Grid")}
_PRUNERS = {"none": say("Off"), "median": say("Median"), "hyperband": say("Hyperband")}
_GOALS = {
    "accuracy": say("Validation accuracy"),
    "parameters": say("Accuracy and few parameters"),
    "seconds": say("Accuracy and little time"),
}
_RUNS, _MINUTES = "runs", "minutes"
_BUDGETS = {_RUNS: say("Runs"), _MINUTES: say("Minutes")}
_USUAL = {
    state.TUNE_SAMPLER: "tpe",
    state.TUNE_PRUNER: "none",
    state.TUNE_GOAL: "accuracy",
    state.TUNE_BUDGET: _RUNS,
    state.TUNE_RUNS: 20,
    state.TUNE_MINUTES: "5",
}


def show_plan_form() -> None:
    """Show the form, its press above it."""
    restore(_USUAL)
    press = st.container(key="tune_press")
    plan, problems = _show_fields()
    with press:
        _show_press(plan, problems)
    keep()


def _show_fields() -> tuple[StudyPlan | None, list[str]]:
    problems: list[str] = []
    is_grid = st.session_state[state.TUNE_SAMPLER] == "grid"
    ranges = show_ranges(problems, is_grid=is_grid)
    runs, minutes = _show_budget(problems)
    base = show_starting_point(problems)
    sampler = _show_switch(
        _("Search by"),
        SAMPLERS,
        state.TUNE_SAMPLER,
        _SAMPLERS,
        _(
            "TPE looks where earlier runs were good. Random tries anything, and is hard to beat with few "
            "runs. Grid tries every combination."
        ),
    )
    goals = {word: _(title) for word, title in _GOALS.items()}
    goal = st.selectbox(
        _("Look for"),
        GOALS,
        index=GOALS.index(state.held(state.TUNE_GOAL)),
        key=state.TUNE_GOAL,
        format_func=goals.__getitem__,
        help=_("With two goals there is no single best run, but a front: more of the one costs the other."),
    )
    if goal == "accuracy":
        pruner = _show_switch(
            _("Stop early what lags behind"),
            PRUNERS,
            state.TUNE_PRUNER,
            _PRUNERS,
            _(
                "Median: a run worse than half of the others at the same epoch is stopped. Hyperband gives "
                "many runs few epochs and the best of them all."
            ),
        )
    else:
        pruner = "none"
    st.caption(_("Runs are compared by their validation images, never by the test images."))
    if problems or base is None:
        return None, problems
    try:
        plan = StudyPlan.build(
            {
                "base": base,
                "ranges": ranges,
                "sampler": sampler,
                "pruner": pruner,
                "goal": goal,
                "runs": runs,
                "minutes": minutes,
                "seed": base.seed,
            }
        )
    except ConfigError as error:
        return None, [str(error)]
    return plan, []


def _show_switch(label: str, options: tuple[str, ...], key: str, titles: dict[str, str], help: str) -> str:
    shown = {word: _(title) for word, title in titles.items()}
    chosen = st.segmented_control(
        label,
        options,
        default=state.held(key),
        key=key,
        required=True,
        format_func=lambda word: shown.get(word, word),
        help=help,
    )
    return str(chosen)


def _show_budget(problems: list[str]) -> tuple[int, float | None]:
    """Show how long to search; return the most runs and, where that decides, minutes."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="fields_tune_budget"):
        shown = {word: _(title) for word, title in _BUDGETS.items()}
        budget = st.selectbox(
            _("Budget in"),
            list(shown),
            index=list(shown).index(state.held(state.TUNE_BUDGET)),
            key=state.TUNE_BUDGET,
            format_func=lambda word: shown.get(word, word),
        )
        if budget == _RUNS:
            key = state.TUNE_RUNS
            runs = st.number_input(
                _("At most"), 1, MOST_RUNS, value=state.held(key), key=key, help=_("Runs of this search.")
            )
            return int(runs), None
        minutes, problem = decimal_field(
            _("At most"),
            state.TUNE_MINUTES,
            example=5,
            check=lambda _value: None,
            help=_("Of training, all runs together. Then no further run begins."),
        )
    if problem:
        problems.append(problem)
    return MOST_RUNS, minutes


def _show_press(plan: StudyPlan | None, problems: list[str]) -> None:
    """Show the press, and below it what the search takes or why it cannot begin."""
    problem = problems[0] if problems else None
    seconds, is_there = 0.0, True
    if plan is not None:
        images = training_images(plan.base)
        problem = problem_with_experiment(plan, images)
        seconds = handles.store().estimated_experiment_seconds(plan, images)
        is_there = show_dataset_status(plan.base.dataset, offers_another=False)
    st.button(
        _("Start the search"),
        type="primary",
        icon=":material/search:",
        key="start_search",
        disabled=problem is not None or not is_there,
        width="stretch",
        on_click=_start,
        args=(plan,),
    )
    refusal = st.session_state.pop(state.SEARCH_PROBLEM, None)
    if refusal or problem:
        show_error(refusal or str(problem))
    elif plan is not None and is_there:
        st.caption(escape(_cost(plan, seconds)))


def _cost(plan: StudyPlan, seconds: float) -> str:
    if plan.minutes is not None:
        return _("About {time} of training, in as many runs as that takes.", time=_(in_words(seconds)))
    time = _(in_words(seconds))
    if plan.sampler == "grid" and (points := grid_size(plan.ranges)) > plan.size:
        return _(
            "{count} of the {points} points of the grid, about {time} of training.",
            count=plan.size,
            points=grouped(points),
            time=time,
        )
    if plan.size == 1:
        return _("1 run, about {time} of training.", time=time)
    if plan.sampler == "grid" and plan.size < plan.runs:
        return _(
            "The grid has {count} points: {count} runs, about {time} of training.", count=plan.size, time=time
        )
    return _("{count} runs, about {time} of training.", count=plan.size, time=time)


def _start(plan: StudyPlan | None) -> None:
    if plan is None:
        return
    try:
        experiment = start_experiment(plan, name=_name(plan), images=training_images(plan.base))
    except DigitLabError as error:
        st.session_state[state.SEARCH_PROBLEM] = str(error)
    else:
        st.session_state[state.SEARCH] = experiment.id
        st.session_state.pop(state.SEARCH_DELETED, None)


def _name(plan: StudyPlan) -> str:
    """Return what varies, as far as a name has room for it; in English: whoever looks translates it."""
    titles = [one.tunable.title for one in plan.ranges]
    name = ", ".join(titles)
    if len(name) <= LONGEST_NAME:
        return name
    return say("{title} + {count}", title=titles[0][: LONGEST_NAME - 6], count=len(titles) - 1)
