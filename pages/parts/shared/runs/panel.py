"""The panel of one run: where it stands, its numbers, its chart, what can be done."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.store import Curve, Run, RunStatus
from pages.parts.shared import handles, state
from pages.parts.shared.live_chart import live_chart
from pages.parts.shared.runs.controls import show_continuations, show_controls
from pages.parts.shared.runs.findings import show_findings
from pages.parts.shared.runs.picker import run_label

REFRESH_SECONDS = 0.5
_NO_VALUE = "–"


def show_run(run_id: str) -> None:
    """Show a run; while it is alive this part of the page comes again twice a second, else never."""
    alive = handles.store().get(run_id).status.is_alive
    panel = st.fragment(_panel, run_every=REFRESH_SECONDS if alive else None)
    panel(run_id, alive)


def _panel(run_id: str, was_alive: bool) -> None:
    store = handles.store()
    run = store.get(run_id)
    is_behind = st.session_state.pop(state.PAGE_IS_BEHIND, False)
    if is_behind or was_alive != run.status.is_alive or state.TRAIN_PROBLEM in st.session_state:
        # The whole page once more: the clock of this fragment is set from outside.
        st.rerun()
    curve = store.curve(run_id)
    _headline(run, curve)
    _ending(run)
    show_findings(run, curve)
    _what_next(run)
    _metrics(run, curve)
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


def _headline(run: Run, curve: Curve) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{run_label(run)}** · {run.status}")
        show_controls(run)
    done = run.epochs_done / run.config.epochs
    match run.status:
        case RunStatus.QUEUED:
            st.info(_waiting(run), icon=":material/hourglass_empty:")
        case RunStatus.RUNNING if not len(curve):
            st.progress(0.0, "Preparing: the network is compiled for this machine, about three seconds.")
        case RunStatus.RUNNING:
            st.progress(min(1.0, max(0.0, done)), f"Training: epoch {run.epoch} of {run.config.epochs}")
        case RunStatus.PAUSED:
            st.progress(min(1.0, max(0.0, done)), f"Paused in epoch {run.epoch} of {run.config.epochs}")
    for rate in run.rate_changes:
        st.caption(f"Learning rate {rate.before:g} → {rate.after:g} after {rate.epoch:.2f} epochs.")


def _waiting(run: Run) -> str:
    jobs = handles.jobs()
    if jobs.failure is not None:
        return jobs.failure
    if not jobs.ready:
        return "Waiting for the training workers to start, about ten seconds."
    place = handles.store().queue_place(run.id) or 1
    return f"Waiting in the queue at place {place}. It starts by itself; you may close this page meanwhile."


def _metrics(run: Run, curve: Curve) -> None:
    def latest(values: Sequence[float] | NDArray[np.float64], form: str) -> str:
        return format(values[-1], form).replace("%", " %") if len(values) else _NO_VALUE

    def number(value: float | None, form: str) -> str:
        return _NO_VALUE if value is None else format(value, form)

    alive = run.status.is_alive
    rows = [
        ("Epoch", f"{run.epoch} / {run.config.epochs}", None),
        (
            "Step",
            f"{run.step:,} / {run.steps_per_epoch:,}",
            "One step: one batch of images, one change of the weights.",
        ),
        ("Loss", latest(curve.training_loss, ".4f"), "Cross-entropy on the latest training images."),
        (
            "Accuracy",
            latest(curve.training_accuracy, ".2%"),
            "Share read right of the latest training images.",
        ),
        (
            "Validation loss",
            latest(curve.validation_loss, ".4f"),
            "Cross-entropy on the images kept aside, after the latest epoch.",
        ),
        (
            "Validation accuracy",
            latest(curve.validation_accuracy, ".2%"),
            "Share read right of the images kept aside, after the latest epoch.",
        ),
        ("Images/s", number(run.images_per_second, ",.0f"), "Training images a second."),
        ("Time left", _duration(run.seconds_left) if alive else _NO_VALUE, None)
        if alive
        else ("Training time", _duration(run.train_seconds), None),
    ]
    with st.container(horizontal=True, gap="small", key="run_metrics"):
        for label, value, help_text in rows:
            st.metric(label, value, help=help_text, width="content")


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return _NO_VALUE
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def _ending(run: Run) -> None:
    if run.status is RunStatus.FAILED:
        st.error(run.message or "The training failed without a word.", icon=":material/error:")
    if run.status not in (RunStatus.FINISHED, RunStatus.STOPPED):
        return
    word = "Finished" if run.status is RunStatus.FINISHED else "Stopped"
    if run.test_accuracy is None:
        st.warning(f"{word} before the first step: there is no network to keep.")
        return
    st.success(
        f"{word}. On the test images, which it has never seen: accuracy **{100 * run.test_accuracy:.2f} %**, "
        f"loss **{run.test_loss:.4f}**.",
        icon=":material/check_circle:",
    )
    if run.message is not None:
        st.caption(run.message)


def _what_next(run: Run) -> None:
    if run.status in (RunStatus.FINISHED, RunStatus.STOPPED) and run.test_accuracy is not None:
        with st.container(horizontal=True):
            link = {"run": run.id}
            st.page_link(
                "pages/evaluate.py", label="See its mistakes", icon=":material/grid_on:", query_params=link
            )
            st.page_link(
                "pages/draw.py", label="Draw digits for it", icon=":material/draw:", query_params=link
            )
    show_continuations(run)
