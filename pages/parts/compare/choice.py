"""Which runs are compared, and how they are looked at: in the address, so that it can be shared."""

from collections.abc import Sequence

import streamlit as st

from core.errors import RunNotFound, RunUnreadable
from core.store import Run
from pages.parts.shared import handles, state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.language import _
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
        st.session_state[state.COMPARE_VIEW] = views[0] if views else None
    if state.COMPARED not in st.session_state:
        newest = handles.store().list_runs(workspaces=visible_workspaces(), limit=_USUALLY)
        choose([run.id for run in newest])
    runs = _find(st.session_state[state.COMPARED])
    (_LINK.write if has_acted else _LINK.replace)(_parameters())
    return runs


def choose(run_ids: Sequence[str]) -> None:
    """Choose these runs; at most `MOST_COMPARED` of them are compared: the first."""
    st.session_state[state.CHOSEN_RUNS] = tuple(dict.fromkeys(run_ids))
    st.session_state[state.COMPARED] = st.session_state[state.CHOSEN_RUNS][:MOST_COMPARED]


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


def _find(run_ids: Sequence[str]) -> tuple[Run, ...]:
    """Return those of the runs that there are, and say why others are not shown."""
    found, problems = [], []
    for run_id in run_ids:
        try:
            found.append(handles.store().get(run_id))
        except (RunNotFound, RunUnreadable) as error:
            problems.append(str(error))
    if len(problems) > 1:
        show_warning(_("{count} of the runs of this link are not on this server.", count=len(problems)))
    elif problems:
        show_warning(problems[0])
    return tuple(found)
