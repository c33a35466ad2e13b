"""Which search is on show: in the address, so that it can be shared."""

import streamlit as st

from core.errors import ExperimentNotFound, ExperimentUnreadable
from core.search.plans import KIND
from core.store import Experiment
from pages.parts.shared import handles, state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.language import _
from pages.parts.shared.link import Link
from pages.parts.shared.runs.labels import local_time
from pages.parts.shared.workspace import visible_workspaces

_PARAMETER = "search"
_LINK = Link("tune", lambda name: name == _PARAMETER)
# So many are listed, the newest.
_LISTED = 50


def settle_search() -> Experiment | None:
    """Return the search that the address asks for, or that was chosen, or the newest; None without any."""
    has_acted = _LINK.last_written().get(_PARAMETER) != st.session_state.get(state.SEARCH)
    brought = _LINK.arrived(has_acted=has_acted)
    if brought is not None and _PARAMETER in brought:
        st.session_state[state.SEARCH] = brought[_PARAMETER]
    asked = st.session_state.get(state.SEARCH)
    found = _find(asked) if asked else None
    if found is None:
        mine = own_searches()
        found = mine[0] if mine else None
    st.session_state[state.SEARCH] = found.id if found else None
    (_LINK.write if has_acted else _LINK.replace)({_PARAMETER: found.id} if found else {})
    return found


def own_searches() -> list[Experiment]:
    """Return the searches of this browser, the newest first."""
    return handles.store().list_experiments(workspaces=visible_workspaces(), kinds=[KIND], limit=_LISTED)


def show_picker(shown: Experiment) -> None:
    """Show the list of searches, where there are several."""
    listed = own_searches()
    if shown.id not in {one.id for one in listed}:
        listed.insert(0, shown)
    if len(listed) < 2:
        return
    names = {one.id: search_name(one) for one in listed}
    if st.session_state.get(state.SEARCH_PICKED) != shown.id:
        st.session_state[state.SEARCH_PICKED] = shown.id
    st.selectbox(
        _("Search"),
        list(names),
        key=state.SEARCH_PICKED,
        format_func=lambda one: names.get(one, one),
        on_change=_pick,
    )


def search_name(experiment: Experiment) -> str:
    """Return what a search is called in a list."""
    name = experiment.name or _("Search")
    return f"{name} · {local_time(experiment.created_at)}"


def _pick() -> None:
    st.session_state[state.SEARCH] = st.session_state[state.SEARCH_PICKED]


def _find(search_id: str) -> Experiment | None:
    try:
        found = handles.store().experiment(search_id)
    except (ExperimentNotFound, ExperimentUnreadable) as error:
        show_warning(str(error))
        return None
    if found.kind != KIND:
        show_warning(_("This link leads to an experiment that is no search. It is shown where it was begun."))
        return None
    return found
