"""A duel while it goes on and once it has ended: both curves, the score seed by seed, the verdict."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from core.config import TrainingConfig
from core.errors import DigitLabError
from core.evaluation.luck import in_words, points_of
from core.experiments.duel import (
    Guess,
    Pair,
    Result,
    guess_of,
    names_of,
    pairs_of,
    result_of,
    result_of_experiment,
    sides_of,
    was_right,
)
from core.experiments.plans import FixedPlan, read_fixed_plan
from core.figures.charts.overlay import OverlayLine, run_line, seeds_line
from core.figures.html.score import SeedScore, seed_scores
from core.figures.run_colours import RunStyle, run_styles
from core.numbers import NO_VALUE, percent
from core.sentences import say
from core.store import Experiment, Request, Run, RunStatus
from pages.parts.compare.choice import choose
from pages.parts.compare.duel.opened import open_duel, show_tally
from pages.parts.compare.readable import readable_runs
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.form_values import load_form
from pages.parts.shared.language import _
from pages.parts.shared.overlay_chart import OverlayLook, overlay_chart
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace

_REFRESH_SECONDS = 1.0
_HEIGHT = 300
_AHEAD = {"a": "A", "b": "B"}


class _Drawn(NamedTuple):
    """What the parts that stand still show of a duel that changes by itself."""

    status: RunStatus
    request: Request


def show_fight(experiment: Experiment, duels: Sequence[Experiment]) -> None:
    """Show a duel; while it goes on, its live part comes again by itself."""
    plan = read_fixed_plan(experiment)
    a, b = sides_of(plan)
    is_own = experiment.workspace == workspace()
    with st.container(horizontal=True, vertical_alignment="center"):
        names = " – ".join(_(name) for name in names_of(a, b))
        st.markdown(f"**{escape(names)}**", width="content")
        if is_own and not experiment.status.is_ended:
            st.button(
                _("Stop"),
                icon=":material/stop:",
                key="duel_stop",
                on_click=_stop,
                args=(experiment.id,),
                disabled=experiment.request is Request.STOP,
                help=_("What has been trained is kept; the guess is not scored."),
            )
        st.button(
            _("New duel"),
            icon=":material/swords:",
            key="duel_new",
            on_click=open_duel,
            args=(None,),
            disabled=is_own and not experiment.status.is_ended,
            help=_("Set up another one."),
        )
    _tell_guess(experiment, a, b)
    if experiment.status.is_ended:
        _show_verdict(experiment, a, b)
    clock = None if experiment.status.is_ended else _REFRESH_SECONDS
    guarded_fragment(_live, run_every=clock)(experiment.id, _Drawn(experiment.status, experiment.request))
    if experiment.status.is_ended:
        _ways_on(experiment, b)
        if is_own:
            show_tally(duels)


def _live(experiment_id: str, drawn: _Drawn) -> None:
    """Show what moves; the whole page comes again once the duel stands otherwise."""
    experiment = handles.store().experiment(experiment_id)
    if _Drawn(experiment.status, experiment.request) != drawn:
        st.rerun()
    plan = read_fixed_plan(experiment)
    runs = handles.store().experiment_runs(experiment_id)
    pairs = pairs_of(plan, runs)
    if experiment.message:
        st.caption(escape(_(experiment.message)))
    elif experiment.status is RunStatus.QUEUED:
        st.caption(_("Waits until a worker is free. You may close this page meanwhile."))
    _show_score(pairs)
    has_ended = experiment.status.is_ended
    # Of all seeds in the end: another chart, as its lines are others.
    overlay_chart(
        _lines(plan, pairs, has_ended=has_ended),
        OverlayLook(height=_HEIGHT),
        key=f"duel_{experiment_id}_{'ended' if has_ended else 'live'}",
    )


def _lines(plan: FixedPlan, pairs: Sequence[Pair], *, has_ended: bool) -> list[OverlayLine]:
    """Return a line for each side: of the runs that train or trained last; in the end of all seeds."""
    sides = [[pair.a for pair in pairs if pair.a], [pair.b for pair in pairs if pair.b]]
    firsts = [side[0] for side in sides if side]
    styles = run_styles(firsts)
    names = [_(name) for name in names_of(*sides_of(plan))]
    lines = []
    for side, name in zip(sides, names, strict=True):
        if side:
            begun = [run for run in side if run.curve_version]
            shown = begun if has_ended else begun[-1:]
            lines.append(_line(readable_runs(shown), name, styles[side[0].id]))
    return [line for line in lines if line is not None]


def _line(runs: Sequence[Run], name: str, style: RunStyle) -> OverlayLine | None:
    if not runs:
        return None
    watched = [handles.watcher().look(run.id) for run in runs]
    if len(watched) == 1:
        title = _("{name}, seed {seed}", name=name, seed=runs[0].config.seed)
        return run_line(watched[0].run, watched[0].curve, title, style)
    return seeds_line([(one.run, one.curve) for one in watched], name, style)


def _show_score(pairs: Sequence[Pair]) -> None:
    """Show who is ahead, in all and seed by seed."""
    ahead = [pair.ahead for pair in pairs]
    with st.container(horizontal=True, vertical_alignment="center", key="duel_score"):
        st.markdown(
            _("A **{a} : {b}** B", a=ahead.count("a"), b=ahead.count("b")),
            help=_("How often each has read more test images right than the other, with the same seed."),
            width="content",
        )
        scores = [
            SeedScore(pair.seed, _figure(pair.a), _figure(pair.b), _AHEAD.get(one or "", ""))
            for pair, one in zip(pairs, ahead, strict=True)
        ]
        st.html(seed_scores(scores, say=_), width="content")


def _figure(run: Run | None) -> str:
    if run is None:
        return NO_VALUE
    if run.test_accuracy is not None:
        return percent(run.test_accuracy)
    match run.status:
        case RunStatus.FAILED:
            return _("failed")
        case RunStatus.RUNNING:
            return _("trains")
        case RunStatus.STOPPED:
            return _("stopped")
    return _("waits")


def _tell_guess(experiment: Experiment, a: TrainingConfig, b: TrainingConfig) -> None:
    """Say what was expected, and once that is known whether it has come so."""
    guess = guess_of(experiment)
    if guess is None:
        return
    expected = _expected(guess, a, b)
    match was_right(experiment):
        case True:
            st.success(
                _("The guess was “{guess}”. **Right.**", guess=escape(expected)), icon=":material/check:"
            )
        case False:
            st.warning(
                _("The guess was “{guess}”. **Wrong.**", guess=escape(expected)), icon=":material/close:"
            )
        case None if experiment.status.is_ended:
            st.caption(_("The guess was “{guess}”. It is not scored.", guess=escape(expected)))
        case None:
            st.caption(_("The guess is “{guess}”. It cannot be changed any more.", guess=escape(expected)))


def _expected(guess: Guess, a: TrainingConfig, b: TrainingConfig) -> str:
    if guess.better == "none":
        return _("No difference beyond luck")
    name = _(names_of(a, b)[0 if guess.better == "a" else 1])
    if guess.points is None:
        return _("{name} reads more", name=name)
    return _("{name} reads {points} points more", name=name, points=f"{guess.points:g}")


def _show_verdict(experiment: Experiment, a: TrainingConfig, b: TrainingConfig) -> None:
    """Say what came of it, with the interval."""
    result = result_of_experiment(experiment)
    if result is None:
        runs = handles.store().experiment_runs(experiment.id)
        result = result_of(pairs_of(read_fixed_plan(experiment), runs))
    st.info(escape(_(_verdict(result, *names_of(a, b)))), icon=":material/gavel:")
    guess, found = guess_of(experiment), result.comparison
    if guess and guess.points and found is not None and len(result.seeds) > 1:
        gap = found.difference if guess.better == "b" else -found.difference
        low, high = sorted((found.low, found.high) if guess.better == "b" else (-found.low, -found.high))
        is_inside = low <= guess.points / 100 <= high
        sentence = (
            say(
                "You said {said} points; it was {points}, and the interval holds your number.",
                said=f"{guess.points:g}",
                points=points_of(gap),
            )
            if is_inside
            else say(
                "You said {said} points; it was {points}, and the interval does not hold your number.",
                said=f"{guess.points:g}",
                points=points_of(gap),
            )
        )
        st.caption(escape(_(sentence)))


def _verdict(result: Result, a: str, b: str) -> str:
    found = result.comparison
    if result.is_walkover:
        better, worse, count = (a, b, result.failed_b) if result.better == "a" else (b, a, result.failed_a)
        return say(
            "All {count} runs of {worse} failed, none of {better}: that is more than luck.",
            count=count,
            worse=worse,
            better=better,
        )
    if found is None:
        return say("No two runs with one seed came to their end: this duel tells nothing.")
    sentence = in_words(found, b, a)
    if result.failed_a or result.failed_b:
        # A sentence by itself: behind words of any length nobody would find it.
        failed = say(
            "Runs that failed: {failed_a} of A, {failed_b} of B. Their seeds do not count.",
            failed_a=result.failed_a,
            failed_b=result.failed_b,
        )
        return f"{sentence} {failed}"
    return sentence


def _ways_on(experiment: Experiment, b: TrainingConfig) -> None:
    runs = handles.store().experiment_runs(experiment.id)
    with st.container(horizontal=True):
        if runs:
            st.button(
                _("Compare its runs"),
                icon=":material/show_chart:",
                key="duel_compare",
                on_click=_compare,
                args=([run.id for run in runs],),
                help=_("Their curves and figures, seed by seed."),
            )
        if st.button(
            _("Train with B"),
            icon=":material/model_training:",
            key="duel_use_b",
            help=_("Puts the settings of B into the form of the Train page."),
        ):
            load_form(b)
            st.switch_page("pages/train.py")


def _compare(run_ids: Sequence[str]) -> None:
    choose(run_ids)
    st.session_state[state.COMPARE_VIEW] = "curves"


def _stop(experiment_id: str) -> None:
    try:
        handles.store().request_experiment(experiment_id, Request.STOP)
    except DigitLabError as error:
        st.session_state[state.DUEL_PROBLEM] = str(error)
    handles.driver().wake()
