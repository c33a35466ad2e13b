"""A button that does something to a run, and what is said where that cannot be done."""

from collections.abc import Callable

import streamlit as st

from pages.parts.shared import handles, state
from pages.parts.shared.errors import in_words


def action_button(
    label: str,
    icon: str,
    key: str,
    action: Callable[..., None],
    *arguments: object,
    disabled: bool = False,
    help: str | None = None,
) -> None:
    """Show a button that calls `action` with the `arguments`; what that raises is shown as a sentence."""
    st.button(
        label,
        icon=f":material/{icon}:",
        key=key,
        disabled=disabled,
        help=help,
        on_click=told,
        args=(action, *arguments),
    )


def told(action: Callable[..., None], *arguments: object) -> None:
    """Do what a button asks; the page says why where it cannot be done."""
    try:
        action(*arguments)
    except Exception as error:
        st.session_state[state.TRAIN_PROBLEM] = in_words(error)
    handles.watcher().expire()  # what was asked is to be seen at once
