"""The panel of one run: where it stands, its numbers, its chart, what can be done."""

import streamlit as st

from core.errors import RunNotFound, StoreError
from core.store import Curve, Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.live_chart import live_chart
from pages.parts.shared.runs.controls import show_continuations, show_controls
from pages.parts.shared.runs.ending import show_ending, show_ways_on
from pages.parts.shared.runs.findings import show_findings
from pages.parts.shared.runs.labels import local_time, run_label
from pages.parts.shared.runs.metrics import show_metrics
from pages.parts.shared.runs.shelf import show_shelf
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace

REFRESH_SECONDS = 0.5
# A worker is heard five times a second; one that dies is replaced within seconds.
_SILENT_SECONDS = 10.0


def show_run(run_id: str) -> None:
    """Show a run; while it is alive this part of the page comes again twice a second, else never."""
    try:
        alive = handles.store().get(run_id).status.is_alive
    except RunNotFound as error:
        show_error(error)
        return
    except StoreError:
        alive = True  # perhaps: the panel tells the trouble, and comes again until it is over
    guarded_fragment(_panel, run_every=REFRESH_SECONDS if alive else None)(run_id, alive)


def _panel(run_id: str, was_alive: bool) -> None:
    store = handles.store()
    run = store.get(run_id)
    is_behind = st.session_state.pop(state.PAGE_IS_BEHIND, False)
    if is_behind or was_alive != run.status.is_alive or state.TRAIN_PROBLEM in st.session_state:
        # The whole page once more: the clock of this fragment is set from outside.
        st.rerun()
    curve = store.curve(run_id)
    _headline(run, curve)
    show_ending(run)
    show_findings(run, curve)
    show_ways_on(run)
    show_continuations(run)
    show_metrics(run, curve)
    _chart(run, curve)


def _headline(run: Run, curve: Curve) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{escape(run_label(run, workspace()))}**", help=f"Begun on {local_time(run.created_at)}."
        )
        show_controls(run)
        show_shelf(run)
    if (trouble := _trouble(run)) is not None:
        show_warning(trouble)
    done = min(1.0, max(0.0, run.epochs_done / run.config.epochs))
    match run.status:
        case RunStatus.QUEUED:
            st.info(escape(_waiting(run)), icon=":material/hourglass_empty:")
        case RunStatus.RUNNING if not len(curve):
            st.progress(0.0, "Preparing: the network is compiled for this machine, about three seconds.")
        case RunStatus.RUNNING:
            st.progress(done, f"Training: epoch {run.epoch} of {run.config.epochs}")
        case RunStatus.PAUSED:
            st.progress(done, f"Paused in epoch {run.epoch} of {run.config.epochs}")
    for rate in run.rate_changes:
        st.caption(f"Learning rate {rate.before:g} → {rate.after:g} after {rate.epoch:.2f} epochs.")


def _trouble(run: Run) -> str | None:
    """Say what keeps a run from going on at present, by its worker's word or for want of it."""
    if run.status.is_ended or run.trouble is not None:
        return None if run.status.is_ended else run.trouble
    if run.status is not RunStatus.RUNNING:
        return None
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
    place = handles.store().queue_place(run.id) or 1
    return f"Waiting in the queue at place {place}. It starts by itself; you may close this page meanwhile."


def _chart(run: Run, curve: Curve) -> None:
    # The chart comes first on the page; its switches, below it, are asked first.
    chart, switches = st.container(), st.container(horizontal=True, vertical_alignment="bottom")
    with switches:
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
    with chart:
        live_chart(
            curve,
            key=f"chart_{run.id}",
            epochs=run.config.epochs,
            logarithmic=logarithmic,
            smoothing=smoothing,
        )
