"""How a dataset is doing: ready, on its way with a bar, or out of reach with a way on."""

import streamlit as st

from core.data.catalog import CATALOG
from core.data.library import DatasetState
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment, show_warning
from pages.parts.shared.form_values import FALLBACK_DATASET, FIRST_CHOICE
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

_REFRESH_SECONDS = 0.5


def show_dataset_status(name: str, *, offers_another: bool = True) -> bool:
    """Show how the dataset is doing, and get it if need be; return whether it is ready.

    Parameters
    ----------
    offers_another
        Whether another one can take its place, in the form of the Train page.
    """
    library = handles.library()
    if library.state(name).status == "missing":
        library.start(name)
    current = library.state(name)
    if current.status == "preparing":
        guarded_fragment(_watch, run_every=_REFRESH_SECONDS)(name)
    elif current.status == "unavailable":
        _offer_a_way_on(name, current, with_fallback=offers_another)
    if name == FALLBACK_DATASET and (first_choice := library.state(FIRST_CHOICE)).status == "unavailable":
        # Whoever starts with the fallback is told why, and how to get the real thing.
        _offer_a_way_on(FIRST_CHOICE, first_choice, with_fallback=False)
    return current.status == "ready"


def show_dataset_source(name: str) -> None:
    """Show what the images are and whose."""
    info = CATALOG[name]
    licence = _("Licence: {licence}.", licence=_(info.licence))
    st.caption(escape(f"{_(info.title)}: {_(info.description)} {licence}"))


def _watch(name: str) -> None:
    current = handles.library().state(name)
    if current.status != "preparing":
        st.rerun()
    st.progress(current.fraction, escape(_(current.message)))


def _offer_a_way_on(name: str, current: DatasetState, *, with_fallback: bool = True) -> None:
    show_warning(current.message, icon=":material/cloud_off:")
    with st.container(horizontal=True):
        st.button(
            _("Try again"), key=f"retry_{name}", icon=":material/refresh:", on_click=_try_again, args=(name,)
        )
        if with_fallback and name != FALLBACK_DATASET:
            handles.library().start(FALLBACK_DATASET, is_asked=False)
            title = _(CATALOG[FALLBACK_DATASET].title)
            st.button(
                _("Use {title}", title=title),
                key="use_fallback",
                type="primary",
                on_click=_choose,
                args=(FALLBACK_DATASET,),
            )
            st.caption(escape(_(handles.library().state(FALLBACK_DATASET).message)))


def _try_again(name: str) -> None:
    _choose(name)
    handles.library().start(name)


def _choose(name: str) -> None:
    st.session_state[state.DATASET] = name
