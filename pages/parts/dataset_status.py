"""How a dataset is doing: ready, on its way with a bar, or out of reach with a way on."""

import streamlit as st

from core.data.catalog import CATALOG
from core.data.library import DatasetState
from pages.parts import handles, state

_REFRESH_SECONDS = 0.5
# Needs no network, so it is always to be had.
FALLBACK_DATASET = "pen-strokes"


def show_dataset_status(name: str) -> bool:
    """Show how the dataset is doing, and get it if need be; return whether it is ready."""
    library = handles.library()
    if library.state(name).status == "missing":
        library.start(name)
    current = library.state(name)
    if current.status == "preparing":
        st.fragment(_watch, run_every=_REFRESH_SECONDS)(name)
    elif current.status == "unavailable":
        _offer_a_way_on(name, current)
    return current.status == "ready"


def default_dataset() -> str:
    """Return the dataset a new form starts with: MNIST unless it is known to be out of reach."""
    return FALLBACK_DATASET if handles.library().state("mnist").status == "unavailable" else "mnist"


def _watch(name: str) -> None:
    current = handles.library().state(name)
    if current.status != "preparing":
        st.rerun()
    st.progress(current.fraction, current.message)


def _offer_a_way_on(name: str, current: DatasetState) -> None:
    st.warning(current.message, icon=":material/cloud_off:")
    with st.container(horizontal=True):
        st.button(
            "Try again",
            key=f"retry_{name}",
            icon=":material/refresh:",
            on_click=handles.library().start,
            args=(name,),
        )
        if name != FALLBACK_DATASET:
            handles.library().start(FALLBACK_DATASET)
            title = CATALOG[FALLBACK_DATASET].title
            st.button(f"Use {title}", key="use_fallback", type="primary", on_click=_use_fallback)
            st.caption(handles.library().state(FALLBACK_DATASET).message)


def _use_fallback() -> None:
    st.session_state[state.DATASET] = FALLBACK_DATASET
