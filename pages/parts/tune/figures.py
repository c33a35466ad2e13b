"""The figures of a search, one at a time."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

if TYPE_CHECKING:
    from core.search.found import Found


def show_figure(found: "Found") -> None:
    """Show the switch between the figures, and the one that is chosen or what it still needs."""
    from core.search.figures import FIGURES, draw, figures_of, missing  # Optuna, for those who search

    names = figures_of(found.plan)
    titles = {name: _(FIGURES[name].title) for name in names}
    if st.session_state.get(state.SEARCH_FIGURE) not in names:
        st.session_state[state.SEARCH_FIGURE] = names[0]
    name = st.segmented_control(
        _("Figure"),
        names,
        default=state.held(state.SEARCH_FIGURE),
        key=state.SEARCH_FIGURE,
        required=True,
        format_func=lambda one: titles.get(one, one),
        label_visibility="collapsed",
    )
    sentence = missing(name, found.shown.finished, found.plan)
    if sentence is not None:
        st.info(escape(_(sentence)), icon=":material/hourglass_empty:")
        return
    settings = _settings(name, found, FIGURES[name].most_settings, FIGURES[name].settings)
    if settings is None:
        return
    st.plotly_chart(
        draw(name, found.shown, settings, say=_),
        key=f"figure_of_search_{name}",
        config={"displayModeBar": False},
    )
    st.caption(_(FIGURES[name].caption))


def _settings(name: str, found: "Found", most: int, least: int) -> list[str] | None:
    """Return the titles of the settings that are drawn, chosen where not all can be; None if too few are."""
    from core.search.figures import importances

    titles = importances(found.shown)
    if len(titles) <= most:
        return titles
    # Chosen by name: titles are others in another language.
    of_title = {_(one.tunable.title): one.name for one in found.plan.ranges}
    by_name = {of_title[title]: title for title in titles}
    key = state.search_settings(name)
    kept = [one for one in st.session_state.get(key, ()) if one in by_name]
    st.session_state[key] = kept or list(by_name)[:most]
    chosen = st.multiselect(
        _("Settings"),
        list(by_name),
        key=key,
        format_func=lambda one: by_name.get(one, one),
        max_selections=most,
        help=_("The most important ones stand first."),
        placeholder=_("Choose {count}", count=most),
    )
    if len(chosen) < least:
        st.caption(_("Choose {count} settings.", count=least))
        return None
    return [by_name[one] for one in chosen]
