"""What a search varies, and between which values."""

from typing import Any

import streamlit as st

from core.config import WORDS
from core.config.variation import LAYERS
from core.numbers import text_of
from core.search.plans import MOST_RANGES
from core.search.space import MOST_GRID_POINTS, TUNABLES, Tunable
from pages.parts.shared import state
from pages.parts.shared.decimals import decimal_field
from pages.parts.shared.fields import FIELDS, LAYER
from pages.parts.shared.language import _

_USUALLY = ("learning_rate", "units")
_TITLES = {one.name: one.titles for one in (*FIELDS, *LAYER)}


def show_ranges(problems: list[str], *, is_grid: bool) -> list[dict[str, Any]]:
    """Show which settings vary, and a row for each; return them as `core.search.space.Range` takes them."""
    st.session_state.setdefault(state.TUNE_RANGES, list(_USUALLY))
    titles = {name: _(one.title) for name, one in TUNABLES.items()}
    chosen = st.multiselect(
        _("Settings that vary"),
        list(TUNABLES),
        default=state.held(state.TUNE_RANGES),
        key=state.TUNE_RANGES,
        format_func=lambda name: titles.get(name, name),
        max_selections=MOST_RANGES,
        placeholder=_("Choose at least one"),
        help=_("The search looks for the best value of each. The more vary, the more runs it needs."),
    )
    return [_show_range(TUNABLES[name], problems, is_grid=is_grid) for name in chosen]


def _show_range(one: Tunable, problems: list[str], *, is_grid: bool) -> dict[str, Any]:
    if one.kind == "choice":
        return {"name": one.name, "choices": _show_choices(one)}
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"fields_tune_{one.name}"):
        low = _show_end(one, "low", one.usual[0], _("{title} from", title=_(one.title)), problems)
        high = _show_end(one, "high", one.usual[1], _("{title} to", title=_(one.title)), problems)
        key = state.tune(one.name, "logarithmic")
        st.session_state.setdefault(key, one.is_logarithmic)
        is_logarithmic = st.checkbox(
            _("log"),
            value=state.held(key),
            key=key,
            help=_("Orders of magnitude count: as many tries from 0.001 to 0.01 as from 0.01 to 0.1."),
        )
        found = {"name": one.name, "low": low, "high": high, "logarithmic": is_logarithmic}
        if is_grid:
            key = state.tune(one.name, "points")
            st.session_state.setdefault(key, 3)
            found["points"] = st.number_input(
                _("{title}: values", title=_(one.title)),
                2,
                MOST_GRID_POINTS,
                value=state.held(key),
                key=key,
                help=_("On the grid."),
            )
    return found


def _show_end(one: Tunable, part: str, usual: float, label: str, problems: list[str]) -> float | None:
    key = state.tune(one.name, part)
    st.session_state.setdefault(key, text_of(usual))
    value, problem = decimal_field(
        label, key, example=usual or 0.1, check=lambda _value: None, help=_help(one) if part == "low" else ""
    )
    if problem:
        problems.append(f"{_(one.title)}: {_(problem)}")
    return value


def _show_choices(one: Tunable) -> list[Any]:
    key = state.tune(one.name, "choices")
    st.session_state.setdefault(key, list(one.choices))
    titles = {value: _choice_title(one, value) for value in one.choices}
    return list(
        st.multiselect(
            _(one.title),
            list(one.choices),
            default=state.held(key),
            key=key,
            format_func=lambda value: titles.get(value, str(value)),
            placeholder=_("Choose at least two"),
            help=_help(one),
        )
    )


def _choice_title(one: Tunable, value: Any) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return _(_TITLES.get(one.name, {}).get(str(value), str(value)))


def _help(one: Tunable) -> str:
    if one.name == LAYERS:
        return _("Hidden layers, all alike: with the units, the activation and the dropout of this search.")
    return _(WORDS[one.name].help)
