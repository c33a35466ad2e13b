"""The runs of this browser on the Train page: which one is on show."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import RunNotFound, RunUnreadable
from core.store import Run, RunStatus
from core.store.records import ALIVE
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_error, show_warning
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_titles, status_words
from pages.parts.shared.runs.panel import show_run
from pages.parts.shared.runs.picker import remember_run, show_unreadable
from pages.parts.shared.runs.shelf import show_deleted
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace
from pages.parts.train.run_settings import show_run_settings
from pages.parts.train.this_browser import show_this_browser

_LISTED = 20
# Still to go on or to be stopped: listed however old they are.
_UNFINISHED = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED)
# What trains besides the run on show is looked at so often.
_LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class OwnRuns:
    """The runs to choose from, newest first, and which one is on show.

    Attributes
    ----------
    by_id
        The newest runs of this browser, all that are not done, and that of the link.
    shown
        None where there is none.
    problem
        Why the run that was asked for cannot be shown.
    """

    by_id: dict[str, Run]
    shown: Run | None
    problem: str | None = None

    @property
    def newest_own(self) -> str | None:
        """The id of this browser's newest run."""
        return next((run.id for run in self.by_id.values() if run.workspace == workspace()), None)


def find_runs() -> OwnRuns:
    """Find the runs and the one to show: that of the link or the one picked, else the newest.

    Runs of experiments stand on the pages of these, and here where they are asked for or there are no others.
    """
    store, mine = handles.store(), [workspace()]
    runs = store.list_runs(workspaces=mine, limit=_LISTED, always=_UNFINISHED, is_single=True)
    runs = runs or store.list_runs(workspaces=mine, limit=_LISTED, always=_UNFINISHED)
    wanted, problem = st.session_state.get(state.RUN_ID), None
    if wanted is None and not runs:
        # Whoever came by a link to another page sees here how that run was trained.
        wanted = st.session_state.get(state.CHOSEN_RUN, (None, None))[0]
    if wanted is not None and wanted not in {run.id for run in runs}:
        try:
            runs.append(store.get(wanted))
        except (RunNotFound, RunUnreadable) as error:
            problem = str(error)  # told until another run is asked for
    runs.sort(key=lambda run: (run.created_at, run.number, run.id), reverse=True)
    by_id = {run.id: run for run in runs}
    shown = by_id.get(wanted or "") or next(iter(runs), None)
    if shown is not None and shown.id == wanted != st.session_state.get(state.RUN_SHOWN):
        remember_run(shown)
    st.session_state[state.RUN_SHOWN] = shown.id if shown else None
    return OwnRuns(by_id, shown, problem)


def show_own_runs(runs: OwnRuns, status: DeltaGenerator) -> None:
    """Show the list of runs and the one that is chosen; `status` is the bar's place for how it stands."""
    problem = st.session_state.pop(state.TRAIN_PROBLEM, None)
    if problem is not None:
        show_error(problem)
    if runs.problem is not None:
        show_warning(runs.problem)
    show_deleted()
    titles = run_titles(runs.by_id.values(), workspace())
    if runs.shown is not None and len(runs.by_id) > 1:
        choices = list(runs.by_id)
        st.session_state[state.RUN_PICKED] = runs.shown.id
        st.selectbox(
            _("Your runs"),
            choices,
            index=choices.index(state.held(state.RUN_PICKED)),
            key=state.RUN_PICKED,
            format_func=titles.__getitem__,
            on_change=_pick,
        )
    show_unreadable()
    if runs.shown is not None:
        _offer_what_comes(runs, titles)
        show_run(runs.shown, titles[runs.shown.id], status)
        show_run_settings(runs.shown)
        show_this_browser()


def _offer_what_comes(runs: OwnRuns, titles: dict[str, str]) -> None:
    """Offer to look at the run that trains or comes next, where another one is on show."""
    alive = [run for run in runs.by_id.values() if run.status.is_alive and run is not runs.shown]
    if alive:
        guarded_fragment(_what_comes, run_every=_LOOK_SECONDS)({run.id: titles[run.id] for run in alive})


def _what_comes(titles: dict[str, str]) -> None:
    """Say how these runs stand; the page comes again once one of them ends, rests or is to be watched."""
    if st.session_state.get(state.RUN_ID) in titles:
        st.rerun()
    now = handles.store().list_runs(workspaces=[workspace()], statuses=ALIVE, limit=_LISTED, always=ALIVE)
    alive = [run for run in now if run.id in titles]
    if len(alive) < len(titles):
        st.rerun()
    first = next((run for run in alive if run.status is RunStatus.RUNNING), alive[-1])
    others = "" if len(alive) == 1 else " " + _("{count} runs wait or train.", count=len(alive))
    with st.container(horizontal=True, vertical_alignment="center", key="what_comes"):
        st.markdown(f"**{escape(titles[first.id])}** · {status_words(first)}.{others}", width="content")
        st.button(_("Watch it"), icon=":material/visibility:", key="watch", on_click=_watch, args=(first.id,))


def _pick() -> None:
    st.session_state[state.RUN_ID] = st.session_state[state.RUN_PICKED]


def _watch(run_id: str) -> None:
    st.session_state[state.RUN_ID] = run_id
