"""The slider itself: which epoch's network is on show; it stands in the address as `?at_epoch=`."""

import streamlit as st

from core.store import Run
from core.store.snapshots import plan_snapshots
from pages.parts.shared import handles, state
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

EPOCH = "at_epoch"
END = "end"


def choose_epoch(run: Run, page: str) -> int | None:
    """Show the slider of a run; return the whole epoch chosen, None for the network as it is now.

    0 is the untrained network. Where no earlier network is kept there is no slider, but a sentence if the
    network is too large for one.

    Parameters
    ----------
    page
        Makes the widget the page's own.

    Raises
    ------
    StoreError
        If it cannot be seen what is kept.
    """
    kept = handles.snapshots().epochs_kept(run.id)
    plan = plan_snapshots(run.config, handles.settings().max_snapshot_bytes)
    stops = stops_of(run, kept)
    if len(stops) < 2:
        if plan.sentence is not None:
            st.caption(escape(_(plan.sentence)))
        return None
    asked = st.query_params.get(EPOCH)
    chosen = stop_of(asked, stops)
    key = state.epoch_slider(page)
    # The widget follows the address, so that back, a link and a reload all show the same epoch.
    st.session_state[key] = chosen
    st.select_slider(
        _("Epoch"),
        stops,
        key=key,
        format_func={stop: in_words(stop) for stop in stops}.__getitem__,
        on_change=_put_into_address,
        args=(key,),
        help=_(
            "How the network was at the end of this epoch. Left is the untrained one; right as it is now."
        ),
    )
    if asked is not None and chosen == END and asked != END and run.status.is_ended:
        st.caption(
            escape(_("The network of epoch “{epoch}” is not kept; the last one is shown.", epoch=asked[:10]))
        )
    return None if chosen == END else int(chosen)


def stops_of(run: Run, kept: list[int]) -> list[int | str]:
    """Return where the slider can stand: the epochs kept, and the end unless the last of them is the end."""
    is_the_end = bool(kept) and run.epochs_done == kept[-1] and not run.config.keeps_the_best
    return [*(kept[:-1] if is_the_end else kept), END]


def stop_of(asked: str | None, stops: list[int | str]) -> int | str:
    """Return where the slider stands for what an address says, the end where it says nothing of use."""
    return next((stop for stop in stops if str(stop) == asked), END)


def in_words(stop: int | str) -> str:
    """Return what the slider says at a place."""
    if stop == END:
        return _("now")
    return _("untrained") if stop == 0 else _("epoch {epoch}", epoch=stop)


def _put_into_address(key: str) -> None:
    chosen = st.session_state[key]
    if chosen == END:
        st.query_params.pop(EPOCH, None)
    else:
        st.query_params[EPOCH] = str(chosen)
