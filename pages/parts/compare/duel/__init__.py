"""Duel: two settings that differ in one thing, a guess, the fight, and what it tells."""

from collections.abc import Sequence

import streamlit as st

from core.errors import DigitLabError
from core.store import Experiment, Run
from pages.parts.compare.duel.fight import show_fight
from pages.parts.compare.duel.opened import opened_duel, own_duels
from pages.parts.compare.duel.setup import show_setup
from pages.parts.shared import state
from pages.parts.shared.errors import show_error


def show_duel(runs: Sequence[Run]) -> None:
    """Show the duel of the address or the one that goes on; else let one be set up, from these runs too."""
    problem = st.session_state.pop(state.DUEL_PROBLEM, None)
    if problem:
        show_error(problem)
    duels = own_duels()
    try:
        opened = opened_duel(duels)
    except DigitLabError as error:
        show_error(error)
        opened = None
    _show(opened, runs, duels)


def _show(opened: Experiment | None, runs: Sequence[Run], duels: Sequence[Experiment]) -> None:
    if opened is None:
        show_setup(runs, duels)
    else:
        show_fight(opened, duels)
