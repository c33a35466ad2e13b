"""Which study is on show: in the address, so that it can be shared."""

import streamlit as st

from core.errors import ExperimentNotFound, ExperimentUnreadable
from core.experiments.one_press import STUDIES
from core.store import Experiment
from pages.parts.shared import handles, state
from pages.parts.shared.errors import show_warning
from pages.parts.shared.language import _
from pages.parts.shared.link import Link
from pages.parts.shared.runs.labels import local_time
from pages.parts.shared.workspace import visible_workspaces
from pages.parts.tune.studies.words import words_of

STUDY_PARAMETER = "study"
_LINK = Link("studies", lambda name: name == STUDY_PARAMETER)
# So many are listed, the newest.
_LISTED = 50


def settle_study() -> Experiment | None:
    """Return the study that the address asks for, or that was chosen, or the newest; None without any."""
    has_acted = _LINK.last_written().get(STUDY_PARAMETER) != st.session_state.get(state.STUDY)
    brought = _LINK.arrived(has_acted=has_acted)
    if brought is not None and STUDY_PARAMETER in brought:
        st.session_state[state.STUDY] = brought[STUDY_PARAMETER]
    asked = st.session_state.get(state.STUDY)
    found = _find(asked) if asked else None
    if found is None:
        found = next(iter(own_studies()), None)
    st.session_state[state.STUDY] = found.id if found else None
    (_LINK.write if has_acted else _LINK.replace)({STUDY_PARAMETER: found.id} if found else {})
    return found


def own_studies() -> list[Experiment]:
    """Return the studies of this browser, the newest first."""
    return handles.store().list_experiments(workspaces=visible_workspaces(), kinds=STUDIES, limit=_LISTED)


def show_study_picker(shown: Experiment) -> None:
    """Show the list of studies, where there are several."""
    listed = own_studies()
    if shown.id not in {one.id for one in listed}:
        listed.insert(0, shown)
    if len(listed) < 2:
        return
    names = {one.id: f"{_(words_of(one.kind).title)} · {local_time(one.created_at)}" for one in listed}
    st.session_state[state.STUDY_PICKED] = shown.id
    st.selectbox(
        _("Study"),
        list(names),
        key=state.STUDY_PICKED,
        format_func=lambda one: names.get(one, one),
        on_change=_pick,
    )


def _pick() -> None:
    st.session_state[state.STUDY] = st.session_state[state.STUDY_PICKED]


def _find(study_id: str) -> Experiment | None:
    try:
        found = handles.store().experiment(study_id)
    except (ExperimentNotFound, ExperimentUnreadable) as error:
        show_warning(str(error))
        return None
    if found.kind not in STUDIES:
        show_warning(_("This link leads to an experiment that is no study. It is shown where it was begun."))
        return None
    return found
