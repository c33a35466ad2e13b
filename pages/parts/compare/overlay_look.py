"""How the curves of the compared runs are drawn: the switches, and what the address says of them."""

from math import isfinite
from typing import NamedTuple, cast

import streamlit as st

from core.figures.charts.overlay import AXES, KINDS, Axis, Kind
from core.sentences import say
from pages.parts.shared import state
from pages.parts.shared.language import _
from pages.parts.shared.link import Link, Parameters
from pages.parts.shared.overlay_chart import OverlayLook

# By their words in the address; the first is the usual one, of which the address says nothing.
_AXES = {"epoch": say("Epochs"), "step": say("Steps"), "seconds": say("Seconds")}
_KINDS = {"both": say("Both"), "training": say("Training"), "validation": say("Validation")}
_MOST_SMOOTHING = 0.95
_SWITCHES = {
    "log": state.OVERLAY_LOGARITHMIC,
    "logx": state.OVERLAY_LOGARITHMIC_AXIS,
    "bands": state.OVERLAY_BANDS,
}
_AXIS, _LINES, _SMOOTH = "x", "lines", "smooth"
_ON = "1"
_LINK = Link("compare_curves", lambda name: name in (_AXIS, _LINES, _SMOOTH, *_SWITCHES))


class Asked(NamedTuple):
    """How the curves are to be drawn: `look`, the weight of the past, and whether seeds are one line."""

    look: OverlayLook
    smoothing: float
    has_bands: bool


def ask_look(*, has_seeds: bool) -> Asked:
    """Show the switches, take over what the address brings and write what is chosen into it.

    Parameters
    ----------
    has_seeds
        Whether there are several seeds of one setting to be drawn as one.
    """
    written = _LINK.last_written()
    brought = _LINK.arrived(has_acted=state.OVERLAY_AXIS in st.session_state and written != _parameters())
    if brought is not None:
        _load(brought)
    _settle()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="overlay_look"):
        axis = st.segmented_control(
            _("What stands below"),
            list(_AXES),
            key=state.OVERLAY_AXIS,
            format_func=lambda word: _(_AXES[word]),
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        kinds = st.segmented_control(
            _("Which curves"),
            list(_KINDS),
            key=state.OVERLAY_KINDS,
            format_func=lambda word: _(_KINDS[word]),
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        logarithmic = st.toggle(
            _("Logarithmic loss"),
            key=state.OVERLAY_LOGARITHMIC,
            help=_("Shows small differences late in the training as clearly as large ones early."),
            persist_state="session",
        )
        has_bands = st.toggle(
            _("Seeds as bands"),
            key=state.OVERLAY_BANDS,
            disabled=not has_seeds,
            help=_(
                "Runs that differ in nothing but their seed become one line, their mean, in a band from the "
                "lowest to the highest. Each counts as far as it has got."
            ),
            persist_state="session",
        )
        with st.popover(_("Chart"), icon=":material/show_chart:", help=_("How the curves are drawn.")):
            smoothing = st.slider(
                _("Smoothing"),
                0.0,
                _MOST_SMOOTHING,
                step=0.05,
                key=state.OVERLAY_SMOOTHING,
                help=_("Averages the training lines over their past. Validation stays as it was measured."),
                persist_state="session",
                width=220,
            )
            logarithmic_axis = st.toggle(
                _("Logarithmic axis below"),
                key=state.OVERLAY_LOGARITHMIC_AXIS,
                help=_("Gives the first steps, in which most is learnt, as much room as all later ones."),
                persist_state="session",
            )
    _LINK.write(_parameters())
    shown = KINDS if kinds == "both" else (cast(Kind, kinds),)
    look = OverlayLook(cast(Axis, axis), shown, logarithmic, logarithmic_axis)
    return Asked(look, smoothing, has_bands and has_seeds)


def _load(brought: Parameters) -> None:
    """Take over an address; what of it is no choice is as if it were not there."""
    axis, lines = brought.get(_AXIS), brought.get(_LINES)
    st.session_state[state.OVERLAY_AXIS] = axis if axis in _AXES else AXES[0]
    st.session_state[state.OVERLAY_KINDS] = lines if lines in _KINDS else "both"
    for name, key in _SWITCHES.items():
        st.session_state[key] = brought.get(name) == _ON
    st.session_state[state.OVERLAY_SMOOTHING] = _smoothing(brought.get(_SMOOTH, "0"))


def _settle() -> None:
    """Give every switch a value before it is drawn."""
    st.session_state.setdefault(state.OVERLAY_AXIS, AXES[0])
    st.session_state.setdefault(state.OVERLAY_KINDS, "both")
    st.session_state.setdefault(state.OVERLAY_SMOOTHING, 0.0)
    for key in _SWITCHES.values():
        st.session_state.setdefault(key, False)


def _smoothing(word: str) -> float:
    try:
        weight = float(word)
    except ValueError:
        return 0.0
    return round(min(_MOST_SMOOTHING, max(0.0, weight)), 2) if isfinite(weight) else 0.0


def _parameters() -> Parameters:
    """Return what the address says of the switches: what is not as usual."""
    held = st.session_state
    found = {}
    if held.get(state.OVERLAY_AXIS, AXES[0]) != AXES[0]:
        found[_AXIS] = held[state.OVERLAY_AXIS]
    if held.get(state.OVERLAY_KINDS, "both") != "both":
        found[_LINES] = held[state.OVERLAY_KINDS]
    found |= {name: _ON for name, key in _SWITCHES.items() if held.get(key)}
    if held.get(state.OVERLAY_SMOOTHING):
        found[_SMOOTH] = f"{held[state.OVERLAY_SMOOTHING]:g}"
    return found
