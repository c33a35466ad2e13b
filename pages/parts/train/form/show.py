"""The settings form: widgets in, `TrainingConfig` out; and the other way, to fill it.

Widgets live in `st.session_state` under the keys of `state`; loading a configuration
writes those keys, so a recipe, a link and the way back from another page are one path.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.config import WORDS, TrainingConfig, bounds_of, counts
from core.data.split import check_validation
from core.errors import ConfigError
from pages.parts.shared import state
from pages.parts.shared.errors import show_error
from pages.parts.shared.field_widgets import show_field
from pages.parts.shared.fields import DATASET, FIELDS, LAYER, SECTIONS, SIZE, Field, Section
from pages.parts.shared.language import _
from pages.parts.shared.launch import training_images
from pages.parts.shared.words import escape

Values = dict[str, Any]
# So many changed settings are named in the title of a folded part.
_TOLD_AT_MOST = 2


def show_form() -> tuple[TrainingConfig | None, str | None]:
    """Show the settings; return the configuration they make and None, or None and why they make none.

    That sentence, the first if there are several, stands under what is to be mended too.
    """
    wanted = st.session_state.pop(state.FORM_WANTED, None)
    if wanted is not None:
        _fill(wanted)
    values: Values = {}
    problems: list[str] = []
    _show_rows([(DATASET,)], values, problems)
    values["hidden_layers"] = _show_layers(problems)
    _show_rows([SIZE], values, problems)
    for section in SECTIONS:
        with _folded(section):
            if section.caption:
                st.caption(_(section.caption))
            _show_rows(section.rows, values, problems)
    st.session_state[state.FORM_DRAWN] = {
        key: value for key, value in st.session_state.items() if state.is_of_form(str(key))
    }
    if problems:
        return None, problems[0]
    try:
        config = TrainingConfig.build(values)
        check_validation(config, training_images(config))
    except ConfigError as error:  # each value may be, but not together
        show_error(error)
        return None, str(error)
    st.session_state[state.FORM_CONFIG] = config
    return config, None


def is_filled() -> bool:
    """Tell whether the form has its values: they are lost while another page is shown."""
    return state.LAYER_COUNT in st.session_state


def is_untouched() -> bool:
    """Tell whether the form is as it was drawn last."""
    drawn: Values = st.session_state.get(state.FORM_DRAWN, {})
    # A widget that is gone since then was not touched.
    return state.FORM_WANTED not in st.session_state and all(
        st.session_state.get(key, value) == value for key, value in drawn.items()
    )


def _fill(config: TrainingConfig) -> None:
    values = dict(config)
    for one in FIELDS:
        if counts(one.name, values):
            st.session_state[state.setting(one.name)] = one.widget_value(values[one.name])
    st.session_state[state.LAYER_COUNT] = len(config.hidden_layers)
    for index, layer in enumerate(config.hidden_layers):
        for one in LAYER:
            st.session_state[state.layer_setting(index, one.name)] = one.widget_value(
                getattr(layer, one.name)
            )


def _show_rows(rows: Sequence[Sequence[Field]], values: Values, problems: list[str]) -> None:
    """Show fields and add their values; what cannot be used is told under its row."""
    for row in rows:
        place = _side_by_side(row[0].name) if len(row) > 1 else None
        told: list[str] = []
        for one in row:
            # What makes no difference is not on show, and must not make two equal runs look different.
            values[one.name] = (
                show_field(one, state.setting(one.name), told, place)
                if counts(one.name, values)
                else one.usual
            )
        _tell(told, problems)


def _show_layers(problems: list[str]) -> list[Values]:
    lowest, highest = bounds_of("hidden_layers")[:2]
    title, help = map(_, WORDS["hidden_layers"])
    count = st.number_input(
        title,
        int(lowest),
        int(highest),
        value=state.held(state.LAYER_COUNT),
        key=state.LAYER_COUNT,
        help=help,
    )
    layers: list[Values] = []
    for index in range(count):
        row = _side_by_side(f"layer_{index}")
        told: list[str] = []
        layers.append(
            {
                one.name: show_field(one, state.layer_setting(index, one.name), told, row, layer=index)
                for one in LAYER
            }
        )
        _tell(told, problems)
    return layers


def _tell(told: Sequence[str], problems: list[str]) -> None:
    for problem in told:
        show_error(problem)
    problems.extend(told)


def _folded(section: Section) -> AbstractContextManager[Any]:
    """Return a folded part of the form; its title tells which settings inside are not the usual ones."""
    held = [(one, st.session_state.get(state.setting(one.name), one.usual)) for one in section.fields]
    changed = [f"{_(one.title.lower())} {_(str(value))}" for one, value in held if not one.is_usual(value)]
    title = _(section.title)
    if changed:
        others = ", …" if len(changed) > _TOLD_AT_MOST else ""
        told = escape(", ".join(changed[:_TOLD_AT_MOST])) + others
        title += " · " + _("{count} changed: {settings}", count=len(changed), settings=told)
    return st.expander(title, key=f"section_{section.fields[0].name}")


def _side_by_side(name: str) -> DeltaGenerator:
    """Return a row for fields: as many beside each other as can be read, see `layout`."""
    return st.container(horizontal=True, key=f"fields_{name}")
