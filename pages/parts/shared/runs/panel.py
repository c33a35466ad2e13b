"""The panel of one run: where it stands, its numbers, its chart, what can be done.

What moves while a run trains is a part of its own, as small as can be: it is drawn twice a second
for each viewer, and every element in it costs. What stands still around it is drawn
again when the run's status or what was asked of it changes.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import RunNotFound, StoreError
from core.numbers import percent
from core.store import Run, RunStatus
from core.store.watching import Watched
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.live_chart import HEIGHT, LARGE, keep_place, live_chart
from pages.parts.shared.runs.controls import show_continuations, show_paused_tools
from pages.parts.shared.runs.ending import show_ending, show_ways_on
from pages.parts.shared.runs.findings import show_findings
from pages.parts.shared.runs.labels import local_time
from pages.parts.shared.runs.metrics import show_metrics
from pages.parts.shared.runs.progress import status_line
from pages.parts.shared.runs.shelf import show_shelf
from pages.parts.shared.words import escape

REFRESH_SECONDS = 0.5
# A worker is heard five times a second; one that dies is replaced within seconds.
_SILENT_SECONDS = 10.0


def show_run(run_id: str, title: str, status: DeltaGenerator) -> None:
    """Show a run; while it is alive its live part comes again twice a second, else never.

    Parameters
    ----------
    title
        What it is called.
    status
        The place, outside of this panel, in which it says in a line how the run stands.
    """
    try:
        handles.watcher().look(run_id, anew=True)
    except RunNotFound as error:
        show_error(error)
        return
    except StoreError:
        pass  # the panel tells it
    guarded_fragment(_panel)(run_id, title, status)


def _panel(run_id: str, title: str, status: DeltaGenerator) -> None:
    """Show what stands still, around the live part."""
    watched = handles.watcher().look(run_id)
    run = watched.run
    if _is_page_behind():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{escape(_with_accuracy(title, run))}**",
            help=f"Begun on {local_time(run.created_at)}.",
            width="content",
        )
        show_paused_tools(run)
        show_shelf(run)
        with st.popover("Chart", icon=":material/show_chart:", help="How the curves are drawn."):
            logarithmic, smoothing = _switches()
    live = guarded_fragment(_live, run_every=REFRESH_SECONDS if run.status.is_alive else None)
    height = LARGE if st.session_state.get(state.PRESENT, False) else HEIGHT
    live(run_id, _as_drawn(run), logarithmic, smoothing, title, status, height)
    # Below the chart, which so keeps its place when a run ends.
    with st.container(key="outcome"):
        if run.status.is_ended:
            show_ending(run)
            show_findings(watched)
            show_ways_on(run)
            show_continuations(run)
        else:
            st.caption("What comes of it will stand here.")
    keep_place(height)


def _live(
    run_id: str,
    drawn: tuple[object, ...],
    logarithmic: bool,
    smoothing: float,
    title: str,
    status: DeltaGenerator,
    height: int,
) -> None:
    """Show what moves. The whole page comes again where `drawn` is not how the run stands any more."""
    watched = handles.watcher().look(run_id)
    run = watched.run
    if _is_page_behind() or drawn != _as_drawn(run):
        st.rerun()
    status.html(status_line(watched, title))
    live_chart(
        watched.curve,
        key=f"chart_{run.id}",
        epochs=run.config.epochs,
        logarithmic=logarithmic,
        smoothing=smoothing,
        height=height,
        made=watched.made,
    )
    show_metrics(run, watched.curve)
    if not run.status.is_ended:
        _remarks(watched)
        show_findings(watched)


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
        st.info(escape(_waiting(run)), icon=":material/hourglass_empty:")
    for rate in run.rate_changes:
        st.caption(f"Learning rate {rate.before:g} → {rate.after:g} after {rate.epoch:.2f} epochs.")


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
    return (
        f"Nothing has been heard of this run for {silence:.0f} seconds. Its worker cannot write into the "
        "database, because the disk is full or another program is using it, or it has died. Nothing is "
        "lost: the run goes on by itself, at worst from its last checkpoint."
    )


def _waiting(run: Run) -> str:
    jobs = handles.jobs()
    if jobs.failure is not None:
        return jobs.failure
    if not jobs.ready:
        return "Waiting for the training workers to start, about ten seconds."
    place = handles.watcher().queue_place(run.id) or 1
    return f"Waiting in the queue at place {place}. It starts by itself; you may close this page meanwhile."


def _switches() -> tuple[bool, float]:
    """Show how the chart is drawn; return whether the loss is logarithmic, and the smoothing."""
    logarithmic = st.toggle(
        "Logarithmic loss",
        key=state.CHART_LOGARITHMIC,
        help="Shows small differences late in the training as clearly as large ones early.",
        persist_state="session",
    )
    smoothing = st.slider(
        "Smoothing",
        0.0,
        0.95,
        step=0.05,
        key=state.CHART_SMOOTHING,
        help="Averages the training line over its past. The pale line is what was measured.",
        persist_state="session",
        width=220,
    )
    return logarithmic, smoothing
