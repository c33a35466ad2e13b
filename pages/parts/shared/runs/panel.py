"""The panel of one run: where it stands, its numbers, its chart, what can be done.

What moves while a run trains is a part of its own, as small as can be: it is drawn twice a second
for each viewer, and every element in it costs. What stands still around it is drawn
again when the run's status or what was asked of it changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import RunNotFound, StoreError
from core.figures.charts.curves import Ghost
from core.numbers import percent, six_figures
from core.sentences import say
from core.store import Run, RunStatus
from core.store.watching import Watched
from pages.parts.shared import handles, state
from pages.parts.shared.epoch_slider import choose_epoch, show_parent, show_train_on
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.inside_view import show_inside, show_inside_switch, show_own_digit
from pages.parts.shared.language import _
from pages.parts.shared.live_chart import HEIGHT, LARGE, keep_place, live_chart, show_ghosts
from pages.parts.shared.runs.controls import show_continuations, show_paused_tools
from pages.parts.shared.runs.earlier import earlier_runs, ghosts_of, show_what_changed
from pages.parts.shared.runs.ending import show_ending, show_ways_on
from pages.parts.shared.runs.findings import show_findings
from pages.parts.shared.runs.imported import show_imported
from pages.parts.shared.runs.labels import local_time
from pages.parts.shared.runs.metrics import show_metrics
from pages.parts.shared.runs.over_epochs import show_over_epochs
from pages.parts.shared.runs.progress import status_line
from pages.parts.shared.runs.shelf import show_shelf
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace

REFRESH_SECONDS = 0.5
# A worker is heard five times a second; one that dies is replaced within seconds.
_SILENT_SECONDS = 10.0


@dataclass(frozen=True)
class Look:
    """How the chart is drawn: its switches, its height in pixels, the epoch that is looked back at."""

    logarithmic: bool
    smoothing: float
    has_ghosts: bool
    height: int = HEIGHT
    cursor: int | None = None


def show_run(run: Run, title: str, status: DeltaGenerator) -> None:
    """Show a run; while it is alive its live part comes again twice a second, else never.

    Parameters
    ----------
    run
        As the rest of the page was drawn with. Where it stands otherwise by now, the page comes again.
    title
        What it is called.
    status
        The place, outside of this panel, in which it says in a line how the run stands.
    """
    try:
        handles.watcher().look(run.id, anew=True)
    except RunNotFound as error:
        show_error(error)
        return
    except StoreError:
        pass  # the panel tells it
    guarded_fragment(_panel)(run.id, title, status, _as_drawn(run))


def _panel(run_id: str, title: str, status: DeltaGenerator, drawn: tuple[object, ...]) -> None:
    """Show what stands still, around the live part. `drawn` is how the run stands in the bar."""
    if _is_page_behind():  # before the run is looked at: it may have been deleted by the press
        st.rerun()
    watched = handles.watcher().look(run_id)
    run = watched.run
    if drawn != _as_drawn(run):
        st.rerun()
    if run.imported:
        show_imported(run, title, status)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{escape(_with_accuracy(title, run))}**",
            help=_("Begun on {moment}.", moment=local_time(run.created_at)),
            width="content",
        )
        show_paused_tools(run)
        show_shelf(run)
        earlier = earlier_runs(run)
        with st.popover(_("Chart"), icon=":material/show_chart:", help=_("How the curves are drawn.")):
            look = _switches(len(earlier))
        is_inside = show_inside_switch()
    epoch = None
    # As high while there is no slider.
    with st.container(horizontal=True, vertical_alignment="center", key="time"):
        if run.status.is_ended or run.status is RunStatus.PAUSED:
            epoch = choose_epoch(run, "train")
            show_train_on(run, epoch)
        else:
            st.caption(
                _("When it has ended, or rests, a slider here leads back to the epochs that are kept of it.")
            )
    with st.container(horizontal=True, key="views"):
        # Both always: a part that moved would be another one, and could not write into the bar any more.
        inside_place, curves_place = st.container(key="view_inside"), st.container(key="view_curves")
    if is_inside:
        show_own_digit()
        show_over_epochs(run)
    ghosts = ghosts_of(earlier) if look.has_ghosts else []
    show_ghosts(ghosts, key=f"chart_{run.id}")
    height = LARGE if st.session_state.get(state.PRESENT, False) else HEIGHT
    clock = REFRESH_SECONDS if run.status.is_alive else None
    if is_inside:
        pace = handles.inside_viewers().pace()
        with inside_place:
            guarded_fragment(_inside, run_every=clock and clock * pace)(run_id, epoch)
    with curves_place:
        guarded_fragment(_live, run_every=clock)(
            run_id,
            _as_drawn(run),
            replace(look, height=height, cursor=epoch),
            ghosts,
            title,
            status,
            earlier[0] if earlier else None,
        )
    # Below the chart, which so keeps its place when a run ends.
    with st.container(key="outcome"):
        show_parent(run)
        if run.status.is_ended:
            show_ending(run)
            show_findings(watched)
            show_ways_on(run)
            show_continuations(run)
        else:
            st.caption(_("What comes of it will stand here."))
    show_what_changed(run, earlier)
    keep_place(height)


def _live(
    run_id: str,
    drawn: tuple[object, ...],
    look: Look,
    ghosts: Sequence[Ghost],
    title: str,
    status: DeltaGenerator,
    before: Run | None = None,
) -> None:
    """Show what moves. The whole page comes again where `drawn` is not how the run stands any more."""
    if _is_page_behind():
        st.rerun()
    watched = handles.watcher().look(run_id)
    run = watched.run
    if drawn != _as_drawn(run):
        st.rerun()
    status.html(status_line(watched, title, before))
    live_chart(
        watched.curve,
        key=f"chart_{run.id}",
        epochs=run.config.epochs,
        logarithmic=look.logarithmic,
        smoothing=look.smoothing,
        height=look.height,
        cursor=look.cursor,
        made=watched.made,
        ghosts=ghosts,
    )
    show_metrics(run, watched.curve)
    if not run.status.is_ended:
        _remarks(watched)
        show_findings(watched)


def _inside(run_id: str, epoch: int | None) -> None:
    """Show the network itself, as it is or at the end of an epoch: a part of its own, for who asks for it."""
    handles.inside_viewers().note(workspace())
    show_inside(handles.watcher().look(run_id).run, epoch=epoch)


def _with_accuracy(title: str, run: Run) -> str:
    return title if run.test_accuracy is None else f"{title} · {percent(run.test_accuracy)}"


def _as_drawn(run: Run) -> tuple[object, ...]:
    """Return what the parts that stand still show of a run that may change by itself."""
    return run.status, run.request


def _is_page_behind() -> bool:
    """Tell whether a press in this part has changed what other parts show, and forget it."""
    return bool(st.session_state.pop(state.PAGE_IS_BEHIND, False)) or state.TRAIN_PROBLEM in st.session_state


def _remarks(watched: Watched) -> None:
    """Say what else there is to say of a run that has not ended."""
    run = watched.run
    if (trouble := _trouble(watched)) is not None:
        show_warning(trouble)
    if run.status is RunStatus.QUEUED:
        st.info(escape(_(_waiting(run))), icon=":material/hourglass_empty:")
    for rate in run.rate_changes:
        st.caption(
            _(
                "Learning rate {before} → {after} after {epochs} epochs.",
                before=six_figures(rate.before),
                after=six_figures(rate.after),
                epochs=f"{rate.epoch:.2f}",
            )
        )


def _trouble(watched: Watched) -> str | None:
    """Say what keeps a run from going on at present, by its worker's word or for want of it."""
    run = watched.run
    if run.trouble is not None or run.status is not RunStatus.RUNNING:
        return run.trouble
    if watched.unchanged_seconds < _SILENT_SECONDS:
        return None  # its worker was heard: no need to ask when
    silence = handles.store().silence(run.id)
    if silence < _SILENT_SECONDS:
        return None
    return say(
        "Nothing has been heard of this run for {seconds} seconds. Its worker cannot write into the "
        "database, because the disk is full or another program is using it, or it has died. Nothing is "
        "lost: the run goes on by itself, at worst from its last checkpoint.",
        seconds=f"{silence:.0f}",
    )


def _waiting(run: Run) -> str:
    jobs = handles.jobs()
    if jobs.failure is not None:
        return jobs.failure
    if not jobs.ready:
        return say("Waiting for the training workers to start, about ten seconds.")
    place = handles.watcher().queue_place(run.id) or 1
    return say(
        "Waiting in the queue at place {place}. It starts by itself; you may close this page meanwhile.",
        place=place,
    )


def _switches(earlier: int) -> Look:
    """Show how the chart is drawn, and whether the runs before are, of which there are so many."""
    logarithmic = st.toggle(
        _("Logarithmic loss"),
        key=state.CHART_LOGARITHMIC,
        help=_("Shows small differences late in the training as clearly as large ones early."),
        persist_state="session",
    )
    smoothing = st.slider(
        _("Smoothing"),
        0.0,
        0.95,
        step=0.05,
        key=state.CHART_SMOOTHING,
        help=_("Averages the training line over its past. The pale line is what was measured."),
        persist_state="session",
        width=220,
    )
    has_ghosts = st.toggle(
        _("Runs before"),
        value=True,
        key=state.CHART_GHOSTS,
        disabled=not earlier,
        help=_("Draws your last five runs with the same images pale behind this one: did it help?"),
        persist_state="session",
    )
    return Look(logarithmic, smoothing, has_ghosts)
