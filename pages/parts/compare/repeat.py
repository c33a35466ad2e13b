"""More seeds of the compared settings, by a press: one experiment, whose runs join the comparison."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.errors import DigitLabError, ExperimentNotFound
from core.evaluation.luck import SEEDS
from core.evaluation.seed_groups import SeedGroup
from core.experiments.plans import FixedPlan, PlannedTrial, read_fixed_plan
from core.sentences import say
from core.store import Run, RunStatus
from pages.parts.compare.choice import MOST_COMPARED, compare_too
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_warning
from pages.parts.shared.language import _
from pages.parts.shared.launch import start_experiment, training_images

_LOOK_SECONDS = 1.0
# What is made of many settings at least: two seeds of each tell next to nothing.
_FEWEST_SEEDS = 3


@dataclass(frozen=True)
class _Repeated:
    """The experiment that was begun last, and which of its runs have joined the comparison."""

    experiment: str
    joined: frozenset[str] = frozenset()


def show_repeat(groups: Sequence[SeedGroup]) -> None:
    """Offer what is missing for `SEEDS` seeds of each setting, or for as many as can be compared at once.

    The page comes again as runs end.
    """
    problem = st.session_state.pop(state.REPEAT_PROBLEM, None)
    if problem:
        show_warning(problem)
    _look_for_ends([run for group in groups for run in group.runs])
    wanted = missing_trials(groups)
    if not wanted:
        return
    room = MOST_COMPARED - len(st.session_state.get(state.COMPARED, ()))
    seeds, missing = _with_room(groups, room)
    if not missing:
        st.caption(
            _(
                "{count} more runs would make {seeds} seeds of each, but no more than {most} are compared at "
                "once: choose fewer.",
                count=len(wanted),
                seeds=SEEDS,
                most=MOST_COMPARED,
            )
        )
        return
    joined = _(
        "Trains each setting until it has {seeds} seeds: {count} more runs. They join the comparison as "
        "they begin.",
        seeds=seeds,
        count=len(missing),
    )
    if len(missing) == 1:
        joined = _(
            "Trains the one run that {seeds} seeds of each still need. It joins the comparison as it begins.",
            seeds=seeds,
        )
    st.button(
        _("Repeat with {seeds} seeds", seeds=seeds),
        key=state.REPEAT,
        icon=":material/casino:",
        # The last ones are still to be made.
        disabled=state.REPEATED in st.session_state,
        on_click=_begin,
        args=(missing,),
        help=joined,
    )


def _with_room(groups: Sequence[SeedGroup], room: int) -> tuple[int, tuple[PlannedTrial, ...]]:
    """Return how many seeds of each setting there is room for, and the runs that are missing for that."""
    for seeds in range(SEEDS, _FEWEST_SEEDS - 1, -1):
        missing = missing_trials(groups, seeds)
        if len(missing) <= room:
            return seeds, missing
    return SEEDS, ()


def missing_trials(groups: Sequence[SeedGroup], seeds_of_each: int = SEEDS) -> tuple[PlannedTrial, ...]:
    """Return the runs that are missing for so many seeds of each setting, the same of all where that can be.

    None for a run that its settings alone do not make: one that goes on from another, was given another rate
    on its way, or was trained elsewhere.
    """
    known = [{run.config.seed for run in group.runs if _counts(run)} for group in groups]
    had = Counter(seed for seeds in known for seed in seeds)
    wanted = sorted({*had, *range(seeds_of_each)}, key=lambda seed: (-had[seed], seed))[:seeds_of_each]
    found = []
    for group, seeds in zip(groups, known, strict=True):
        first = group.first
        if first.parent is not None or first.rate_changes or first.imported or len(seeds) >= seeds_of_each:
            continue
        for seed in sorted(set(wanted) - seeds):
            config = first.config.model_copy(update={"seed": seed})
            found.append(PlannedTrial(label=say("seed {seed}", seed=seed), config=config))
    return tuple(found)


def _counts(run: Run) -> bool:
    """Tell whether a run is or may become a witness."""
    return run.status is RunStatus.FINISHED or not run.status.is_ended


def _begin(missing: tuple[PlannedTrial, ...]) -> None:
    try:
        # All of the images of the first setting: others cannot be held against it.
        images = training_images(missing[0].config)
        experiment = start_experiment(FixedPlan(kind="seeds", trials=missing, about={}), images=images)
    except DigitLabError as error:
        st.session_state[state.REPEAT_PROBLEM] = str(error)
    else:
        st.session_state[state.REPEATED] = _Repeated(experiment.id)


def follow_repeated() -> None:
    """Have the runs of the last press join the comparison as they are made."""
    if state.REPEATED in st.session_state:
        guarded_fragment(_join, run_every=_LOOK_SECONDS)()


def _join() -> None:
    repeated: _Repeated | None = st.session_state.get(state.REPEATED)
    if repeated is None:
        return
    try:
        experiment = handles.store().experiment(repeated.experiment)
    except ExperimentNotFound:
        del st.session_state[state.REPEATED]
        return
    runs = handles.store().experiment_runs(experiment.id)
    # Who takes one of them out of the comparison does not get it back.
    new = [run.id for run in runs if run.id not in repeated.joined]
    are_all_made = experiment.status.is_ended or experiment.made >= read_fixed_plan(experiment).size
    if are_all_made:
        del st.session_state[state.REPEATED]
    else:
        st.session_state[state.REPEATED] = replace(repeated, joined=repeated.joined.union(new))
    if new:
        compare_too(new)
    if new or are_all_made:
        st.rerun()


def _look_for_ends(runs: Sequence[Run]) -> None:
    """Have the whole page come again once one of the runs that are under way stands otherwise."""
    alive = [run for run in runs if run.status.is_alive]
    if not alive:
        return
    st.caption(_("Runs that still train count once they have been trained to their end."))

    def look() -> None:
        if any(handles.watcher().look(run.id).run.status != run.status for run in alive):
            st.rerun()

    guarded_fragment(look, run_every=_LOOK_SECONDS)()
