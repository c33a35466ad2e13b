"""Which duel is on show: that of the address, else one of this browser that goes on."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from core.errors import ConfigError, ExperimentNotFound
from core.experiments.duel import names_of, sides_of, tally, was_right
from core.experiments.plans import read_fixed_plan
from core.sentences import say
from core.store import Experiment
from pages.parts.shared import handles, state
from pages.parts.shared.language import _
from pages.parts.shared.words import escape
from pages.parts.shared.workspace import workspace

_PARAMETER, _NONE = "duel", "new"
# Of so many newest the guesses are counted, and so many can be opened again.
_COUNTED, _LISTED = 500, 15


def own_duels() -> list[Experiment]:
    """Return the newest duels of this browser, newest first."""
    return handles.store().list_experiments(workspaces=[workspace()], kinds=["duel"], limit=_COUNTED)


def opened_duel(duels: Sequence[Experiment]) -> Experiment | None:
    """Return the duel that is to be shown, None where one is to be set up.

    Raises
    ------
    DigitLabError
        If that of the address is not there, is no duel, or its plan cannot be read.
    """
    asked = st.query_params.get(_PARAMETER)
    if asked == _NONE:
        return None
    if asked is None:
        found = next((one for one in duels if not one.status.is_ended), None)
    else:
        found = handles.store().experiment(asked)
        if found.kind != "duel":
            raise ExperimentNotFound(say("This experiment is no duel. Set up one here."))
    if found is not None:
        read_fixed_plan(found)
    return found


def open_duel(experiment_id: str | None) -> None:
    """Show a duel, or None for setting one up; it stands in the address."""
    st.query_params[_PARAMETER] = experiment_id or _NONE
    st.session_state[state.COMPARE_VIEW] = "duel"


def duel_title(experiment: Experiment) -> str:
    """Return what a duel is about, in a line; what its plan does not tell is no reason to stop a page."""
    with suppress(ConfigError):
        a, b = names_of(*sides_of(read_fixed_plan(experiment)))
        return f"{_(a)} – {_(b)}"
    return _("A duel that cannot be read")


def show_tally(duels: Sequence[Experiment]) -> None:
    """Say how many guesses were right, and let an earlier duel be opened."""
    right, scored = tally(duels)
    if scored:
        told = _("You were right in **{right} of {scored}** duels.", right=right, scored=scored)
        st.markdown(told if scored > 1 else _("You were right in **{right} of 1** duel.", right=right))
    ended = [one for one in duels if one.status.is_ended]
    if not ended:
        return
    with st.expander(_("Earlier duels ({count})", count=len(ended))):
        for one in ended[:_LISTED]:
            verdict = {True: "✓", False: "✗", None: "·"}[was_right(one)]
            st.button(
                f"{verdict} {escape(duel_title(one))}",
                key=state.open_duel(one.id),
                type="tertiary",
                on_click=open_duel,
                args=(one.id,),
            )
