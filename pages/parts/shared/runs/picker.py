"""Choose a run that has ended: by the link's `?run=`, else from a list."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.config import DatasetName
from core.errors import DigitLabError, RunNotFound, RunUnreadable
from core.recipes import READY_MADE
from core.sentences import say
from core.store import Run, RunStatus
from pages.parts.shared import state
from pages.parts.shared.address import replace_address
from pages.parts.shared.errors import show_error, show_warning
from pages.parts.shared.handles import store
from pages.parts.shared.language import _
from pages.parts.shared.runs.ending import WITH_RESULTS, has_results
from pages.parts.shared.runs.labels import run_labels
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import visible_workspaces, workspace

_T = TypeVar("_T")
_READY_MADE_ICON = ":material/inventory_2:"
_NOT_ENDED = {
    RunStatus.QUEUED: say("queued"),
    RunStatus.RUNNING: say("running"),
    RunStatus.PAUSED: say("paused"),
}


def open_run(
    key: str, load: Callable[[Run], _T], *, invitation: str, load_ready_made: Callable[[], _T]
) -> tuple[DatasetName, _T] | None:
    """Let a run be chosen and load what the page needs of it, or say why there is nothing to show.

    Returns the dataset that the network has learnt, and what was loaded.

    Parameters
    ----------
    key
        The page's name: makes its widgets its own.
    load
        Called with the run; what it raises of `DigitLabError` is shown.
    invitation
        What to say where no run has been trained yet, and a ready-made network is shown instead.
    load_ready_made
        Loads the same of that one.
    """
    run = choose_run(key, invitation)
    if run is None:
        try:
            return READY_MADE.config.dataset, load_ready_made()
        except DigitLabError as error:
            show_warning(error)
            return None
    try:
        return run.config.dataset, load(run)
    except DigitLabError as error:
        show_error(error)
        st.page_link("pages/train.py", label=_("Go to Train"), icon=":material/model_training:")
        return None


def choose_run(key: str, invitation: str) -> Run | None:
    """Show the picker and return the chosen run, or None when there is none to choose: then `invitation`.

    `key` makes the widgets of each page its own. `?run=ID` opens exactly that run,
    even another browser's; a link that cannot be followed is told in a sentence and
    the newest run is taken. What is on show stands in the address and is kept from page to page.
    """
    if state.picked_run(key) not in st.session_state:  # the page has just been opened
        st.session_state.pop(state.UNNAMED_RUN, None)
    everyone = st.session_state.get(state.everyones_runs(key), False)
    runs = _usable(None if everyone else visible_workspaces())
    newest = _newest_own(runs)
    linked, problem = _linked_run(newest)
    if problem:
        shown_instead = say("The newest run is shown instead.")
        show_warning(f"{problem} {shown_instead}" if runs else problem)
    if linked is not None and linked.id not in {run.id for run in runs}:
        runs.insert(0, linked)
    by_id = {run.id: run for run in runs}
    # A search ends with any of its runs, often with a bad one.
    single = next((run for run in runs if run.experiment is None), None)
    chosen = linked or single or next(iter(runs), None)
    if chosen is None:
        # In one line where there is room: what can be tried at once should be in sight.
        switch_place = st.container(
            horizontal=True, vertical_alignment="center", gap="small", key="no_run_yet"
        )
        with switch_place:
            st.markdown(f"{_READY_MADE_ICON} {escape(invitation)}", width="content")
            st.page_link(
                "pages/train.py",
                label=_("Train a network of your own"),
                icon=":material/model_training:",
                width="content",
            )
    else:
        list_place, switch_place = st.columns([3, 1], vertical_alignment="bottom")
        # The widget follows the address, so that back, a link and a reload all show the same run.
        st.session_state[state.picked_run(key)] = chosen.id
        list_place.selectbox(
            _("Trained network"),
            list(by_id),
            key=state.picked_run(key),
            format_func=run_labels(runs, workspace()).__getitem__,
            on_change=_put_into_address,
            args=(key,),
            help=_("Every run that has ended, newest first: number, hidden layers, test accuracy."),
        )
        st.session_state[state.CHOSEN_RUN] = (chosen.id, newest)
        if "run" not in st.query_params:
            st.session_state[state.UNNAMED_RUN] = chosen.id
            replace_address(st.query_params.to_dict() | {"run": chosen.id})
    switch_place.toggle(
        _("Also other people's networks"),
        key=state.everyones_runs(key),
        help=_("List the runs of all browsers on this server, not only those trained in this one."),
    )
    show_unreadable()
    return chosen


def remember_run(run: Run) -> None:
    """Have the other pages open with a run that was asked for on this one, if it has results."""
    if run.status in WITH_RESULTS and has_results(run):
        st.session_state[state.CHOSEN_RUN] = (run.id, _newest_own(_usable(visible_workspaces())))


def show_unreadable() -> None:
    """Say how many of this browser's runs are missing in the lists because they are damaged."""
    count = store().unreadable_count(workspaces=visible_workspaces())
    if count == 1:
        st.caption(
            _(
                "1 run cannot be read and is not listed: the database is damaged there. "
                "No other run is affected."
            )
        )
    elif count:
        st.caption(
            _(
                "{count} runs cannot be read and are not listed: the database is damaged there. "
                "No other run is affected.",
                count=count,
            )
        )


def _usable(workspaces: list[str] | None) -> list[Run]:
    """Return the newest runs that have test results, in the order of age; one stopped at once has none.

    However many of them are of experiments, the newest of those that are of none are there too.
    """
    found = {
        run.id: run
        for is_single in (False, True)
        for run in store().list_runs(workspaces=workspaces, statuses=WITH_RESULTS, is_single=is_single)
        if has_results(run)
    }
    return sorted(found.values(), key=lambda run: (run.created_at, run.number), reverse=True)


def _newest_own(runs: list[Run]) -> str | None:
    return next((run.id for run in runs if run.workspace in visible_workspaces()), None)


def _linked_run(newest: str | None) -> tuple[Run | None, str]:
    """Return the run of the address, else the one on show; and why a link cannot be opened.

    What is on show stays while the page is open; a choice made on another page holds until a newer
    run of one's own has ended.
    """
    in_url = st.query_params.get("run")
    remembered, newest_then = st.session_state.get(state.CHOSEN_RUN, (None, None))
    on_show = st.session_state.get(state.UNNAMED_RUN)
    wanted = in_url or on_show or (remembered if newest == newest_then else None)
    if wanted is None:
        return None, ""
    try:
        run = store().get(wanted)
        if run.status in WITH_RESULTS:
            return run, ""
        problem = say("The run of this link has failed, it has no results.")
        if run.status is not RunStatus.FAILED:
            problem = say(
                "The run of this link is {status}, it has no results yet.", status=_NOT_ENDED[run.status]
            )
    except (RunNotFound, RunUnreadable) as error:
        problem = str(error)
    return None, problem if in_url else ""


def _put_into_address(key: str) -> None:
    st.query_params["run"] = st.session_state[state.picked_run(key)]
