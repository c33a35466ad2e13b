"""The bar of the Train page: buttons that steer, always in the same places, then how the run stands."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.config import TrainingConfig
from core.store import Room, Run
from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.runs.controls import show_controls
from pages.parts.shared.runs.speed import show_speed
from pages.parts.shared.words import escape
from pages.parts.train.presentation import show_presentation
from pages.parts.train.share import show_share


def show_bar(
    run: Run | None, config: TrainingConfig | None, room: Room | None, *, is_ready: bool
) -> DeltaGenerator:
    """Show the bar; return the place in it that tells how the run stands.

    Parameters
    ----------
    run
        That is on show, if any.
    config, room
        What the form makes and whether this server takes it; None while it makes nothing.
    is_ready
        Whether its images are there.
    """
    can_train = config is not None and is_ready and room is not None and room.allowed
    why_not = _what_is_in_the_way(config, room, is_ready)
    st.button(
        _("Train"),
        type="primary",
        icon=":material/play_arrow:",
        key="train",
        disabled=not can_train,
        help=why_not,
        on_click=_press,
        args=(state.WHOLE_RUN,),
    )
    show_controls(run, can_begin=can_train, begin=_press, begin_with=state.FIRST_STEP)
    status = st.empty()
    show_speed(run)
    show_share(config, run)
    show_presentation()
    return status


def pressed() -> str | None:
    """Return what was pressed since the page was drawn, and forget it: a whole run or a first step."""
    what: str | None = st.session_state.pop(state.TRAIN_PRESSED, None)
    return what


def _what_is_in_the_way(config: TrainingConfig | None, room: Room | None, is_ready: bool) -> str | None:
    if config is None:
        return _("A setting cannot be used: the sentence in red says which, and what to write.")
    if not is_ready:
        return _("The images are not here yet: see at the settings what is being waited for.")
    return escape(_(room.sentence)) if room is not None and not room.allowed else None


def _press(what: str) -> None:
    """Note a press until the form has been read.

    A callback's own arguments are the settings of the page before: a value that the
    browser sent together with the press would be on show and not be trained.
    """
    st.session_state[state.TRAIN_PRESSED] = what
