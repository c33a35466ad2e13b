"""Which runs are compared, and how they are looked at: in the address, so that it can be shared."""

from collections.abc import Sequence

import streamlit as st

from core.errors import RunNotFound, RunUnreadable
from core.sentences import say
from core.store import Run
from pages.parts.shared import handles, state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.link import Link, Parameters
from pages.parts.shared.workspace import visible_workspaces

MOST_COMPARED = 20
# So many of the newest runs are compared where nobody has chosen yet.
_USUALLY = 4
_RUNS, _VIEW = "runs", "view"
_LINK = Link("compare", lambda name: name in (_RUNS, _VIEW))


def settle_choice(views: Sequence[str]) -> tuple[Run, ...]:
    """Take over what the address brings, write what is chosen into it; return the chosen runs that exist.

    Parameters
    ----------
    views
        The words of the views that there are; the first is the usual one.
    """
    has_acted = _has_acted()
    brought = _LINK.arrived(has_acted=has_acted)
    if brought is not None:
        _load(brought)
    if st.session_state.get(state.COMPARE_VIEW) not in views:
        st.session_state[state.COMPARE_VIEW] = views[0]
    if state.COMPARED not in st.session_state:
        newest = handles.store().list_runs(workspaces=visible_workspaces(), limit=_USUALLY)
        if newest:
            choose([run.id for run in newest])
    if has_acted or brought is not None:
        st.session_state.pop(state.COMPARED_MISSING, None)
    runs, why = _find(st.session_state.get(state.COMPARED, ()))
    if why is not None and brought is not None and _RUNS in brought:
        # Off the address too. Kept: with another address the page runs once more.
        choose([run.id for run in runs])
        st.session_state[state.COMPARED_MISSING] = why
    why = why or st.session_state.get(state.COMPARED_MISSING)
    if why is not None:
        show_warning(why)
    (_LINK.write if has_acted else _LINK.replace)(_parameters())
    return runs


def choose(run_ids: Sequence[str]) -> None:
    """Choose these runs; at most `MOST_COMPARED` of them are compared: the first."""
    st.session_state[state.CHOSEN_RUNS] = tuple(dict.fromkeys(run_ids))
    st.session_state[state.COMPARED] = st.session_state[state.CHOSEN_RUNS][:MOST_COMPARED]


def put_first(run_ids: Sequence[str]) -> None:
    """Have these runs come first among the chosen ones, in this order."""
    choose([*run_ids, *(one for one in chosen_runs() if one not in run_ids)])


def compare_too(run_ids: Sequence[str]) -> None:
    """Compare these runs beside those that are compared; what was chosen beyond these comes later."""
    compared = st.session_state.get(state.COMPARED, ())
    choose([*compared, *run_ids, *chosen_runs()[len(compared) :]])


def chosen_runs() -> tuple[str, ...]:
    """Return the ids of the chosen runs, those too that are more than are compared."""
    chosen: tuple[str, ...] = st.session_state.get(state.CHOSEN_RUNS, ())
    return chosen


def _load(brought: Parameters) -> None:
    if _RUNS in brought:
        choose([word for word in brought[_RUNS].split(",") if word][:MOST_COMPARED])
    if _VIEW in brought:
        st.session_state[state.COMPARE_VIEW] = brought[_VIEW]


def _parameters() -> Parameters:
    runs = ",".join(st.session_state.get(state.COMPARED, ()))
    view = st.session_state.get(state.COMPARE_VIEW)
    return ({_RUNS: runs} if runs else {}) | ({_VIEW: view} if view else {})


def _has_acted() -> bool:
    """Tell whether the visitor chose something on this page since it was drawn."""
    written = _LINK.last_written()
    return state.COMPARED in st.session_state and bool(written) and written != _parameters()


def _find(run_ids: Sequence[str]) -> tuple[tuple[Run, ...], str | None]:
    """Return those of the runs that there are, and why others are not shown."""
    found, problems = [], []
    for run_id in run_ids:
        try:
            found.append(handles.store().get(run_id))
        except (RunNotFound, RunUnreadable) as error:
            problems.append(str(error))
    if len(problems) > 1:
        why = say("{count} of the runs of this link are not on this server.", count=len(problems))
        return tuple(found), why
    return tuple(found), problems[0] if problems else None
