"""What a search has found so far, read once for all who look at it."""

from typing import TYPE_CHECKING

import streamlit as st

from core.store import Experiment
from pages.parts.shared import handles
from pages.parts.shared.language import _, language

if TYPE_CHECKING:
    from core.search.found import Found


def found_by(experiment: Experiment) -> "Found":
    """Return what a search has found so far.

    Raises
    ------
    DigitLabError
        If its plan or its study cannot be read.
    """
    from core.search.storage import trials_told  # Optuna, for those who search

    return _found(trials_told(handles.store().database, experiment.id), language(), experiment.id, experiment)


@st.cache_resource(show_spinner=False, max_entries=16)
def _found(told: int, spoken: str, experiment_id: str, _experiment: Experiment) -> "Found":
    from core.search.found import find

    return find(handles.store().database, _experiment, say=_)
