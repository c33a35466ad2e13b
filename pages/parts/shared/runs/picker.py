"""Choose a run that has ended: by the link's `?run=`, else from a list."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.data.catalog import CATALOG
from core.errors import RunNotFound, RunUnreadable
from core.store import Run, RunStatus
from pages.parts.shared import state
from pages.parts.shared.handles import store
from pages.parts.shared.workspace import visible_workspaces

ENDED = (RunStatus.FINISHED, RunStatus.STOPPED)


def choose_run(key: str) -> Run | None:
    """Show the picker and return the chosen run, or None when there is none to choose.

    `key` makes the widgets of each page its own. `?run=ID` opens exactly that run,
    even another browser's; a link that cannot be followed is told in a sentence and
    the newest run is taken. The choice is kept in the URL and from page to page.
    """
    everyone = st.session_state.get(state.everyones_runs(key), False)
    runs = _usable(None if everyone else visible_workspaces())
    newest = next((run.id for run in runs if run.workspace in visible_workspaces()), None)
    linked, problem = _linked_run(newest)
    if problem:
        st.warning(f"{problem} The newest run is shown instead." if runs else problem)
    if linked is not None and linked.id not in {run.id for run in runs}:
        runs.insert(0, linked)
    by_id = {run.id: run for run in runs}
    chosen = linked or (runs[0] if runs else None)
    list_place, switch_place = (
        st.columns([3, 1], vertical_alignment="bottom") if chosen else [st.container()] * 2
    )
    if chosen is not None:
        # The widget follows the URL, so that back, a link and a reload all show the same run.
        st.session_state[state.picked_run(key)] = chosen.id
        list_place.selectbox(
            "Trained network",
            list(by_id),
            key=state.picked_run(key),
            format_func=_labels(by_id),
            on_change=_remember,
            args=(key, newest),
            help="Every run that has ended, newest first: data, hidden layers, test accuracy, start.",
        )
    switch_place.toggle(
        "Everyone's runs",
        key=state.everyones_runs(key),
        help="List the runs of all browsers on this server, not only those trained in this one.",
    )
    return chosen


def run_label(run: Run) -> str:
    """Return a run in one line: start, data, units of the hidden layers, accuracy."""
    parts = [run_title(run)]
    if run.test_accuracy is not None:
        parts.append(f"{run.test_accuracy:.2%}".replace("%", " %"))
    if run.status is RunStatus.STOPPED:
        parts.append("stopped early")
    return " · ".join(parts)


def run_title(run: Run) -> str:
    """Return what never changes of a run: start, data, units of the hidden layers.

    A list whose labels change while it is shown keeps the old ones in the browser.
    """
    layers = "-".join(str(layer.units) for layer in run.config.hidden_layers) or "no hidden layer"
    started = _local(run.created_at).strftime("%d %b %H:%M:%S")
    return f"{started} · {CATALOG[run.config.dataset].title} · {layers}"


def _labels(by_id: dict[str, Run]) -> Callable[[str], str]:
    return lambda run_id: run_label(by_id[run_id])


def _usable(workspaces: list[str] | None) -> list[Run]:
    """Runs that have test results; one stopped before its first step has none."""
    runs = store().list_runs(workspaces=workspaces, statuses=ENDED)
    return [run for run in runs if run.test_accuracy is not None]


def _linked_run(newest: str | None) -> tuple[Run | None, str]:
    """Return the run of the URL, else the one chosen on another page; and why a link cannot be opened.

    A choice made elsewhere holds until a newer run of one's own has ended.
    """
    in_url = st.query_params.get("run")
    remembered, newest_then = st.session_state.get(state.CHOSEN_RUN, (None, None))
    wanted = in_url or (remembered if newest == newest_then else None)
    if wanted is None:
        return None, ""
    try:
        run = store().get(wanted)
        if run.status in ENDED:
            return run, ""
        problem = f"The run of this link is {run.status}, it has no results yet."
        if run.status is RunStatus.FAILED:
            problem = "The run of this link has failed, it has no results."
    except (RunNotFound, RunUnreadable) as error:
        problem = str(error)
    return None, problem if in_url else ""


def _remember(key: str, newest: str | None) -> None:
    chosen = st.session_state[state.picked_run(key)]
    st.session_state[state.CHOSEN_RUN] = (chosen, newest)
    st.query_params["run"] = chosen


def _local(moment: datetime) -> datetime:
    """Return the moment in the time zone of the browser, where it tells one."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return moment
