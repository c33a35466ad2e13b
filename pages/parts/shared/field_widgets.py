"""The widget of one setting, wherever a page asks for it: the Train form, the settings of a duel."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.config import problem_with_value
from pages.parts.shared import state
from pages.parts.shared.decimals import decimal_field
from pages.parts.shared.fields import Field
from pages.parts.shared.language import _


def show_field(
    one: Field, key: str, problems: list[str], place: DeltaGenerator | None = None, *, layer: int = 0
) -> Any:
    """Show the widget of a field and return its value, None where what is typed cannot be used.

    Every widget is told its value by key and as its own: see `state.held`.

    Parameters
    ----------
    key
        Of the widget, in `st.session_state`.
    problems
        Gets a sentence for what cannot be used.
    layer
        Index of the hidden layer that the field is of: only the first has its label above it.
    """
    # A widget that was away has lost its value.
    st.session_state.setdefault(key, one.widget_value(one.usual))
    # The labels stand above the first layer only; screen readers get all of them.
    label = _("{title} of layer {number}", title=_(one.title), number=layer + 1) if layer else _(one.title)
    help = " ".join(map(_, one.help))
    shown: dict[str, Any] = {"key": key, "help": help}
    where: Any = st if place is None else place
    held = state.held(key)
    if one.kind == "decimal" or (one.kind == "slider" and isinstance(held, str)):
        value, problem = decimal_field(
            label,
            key,
            example=one.usual or 0.1,
            check=partial(problem_with_value, one.name),
            help=help,
            collapsed=layer > 0,
            place=place,
        )
        if problem:
            problems.append(problem)
        return value
    if layer:
        shown["label_visibility"] = "collapsed"
    match one.kind:
        case "whole":
            first, last = map(int, one.ends)
            return where.number_input(label, first, last, value=held, **shown)
        case "slider":
            return where.slider(label, *map(float, one.ends), step=one.step, value=held, **shown)
        case "switch":
            return where.toggle(label, value=held, **shown)
        case "segments":
            return where.segmented_control(
                label, one.options, default=held, required=True, format_func=_titles(one), **shown
            )
    return where.selectbox(
        label, one.options, index=one.options.index(held), format_func=_titles(one), **shown
    )


def _titles(one: Field) -> Callable[[str], str]:
    # Said now: who asks later may be no visitor of this page.
    titles = {value: _(one.titles.get(value, value)) for value in one.options}
    return lambda value: titles.get(value, value)
