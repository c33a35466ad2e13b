"""My handwriting: each drawing labelled with one press, kept, and a network measured with them.

labels.py has the row of ten, reading.py what a network reads in the drawings, gallery.py shows them,
exchange.py gives and takes them as a file, undo.py has the way back.

A fragment of its own, which a stroke does not run: what is drawn it takes from the session when it is needed.
"""

import streamlit as st

from core.data.catalog import DatasetInfo
from core.prediction.network import Network
from core.store import Run
from pages.parts.draw.learn import show_learning
from pages.parts.draw.my_handwriting.exchange import show_exchange
from pages.parts.draw.my_handwriting.gallery import show_gallery
from pages.parts.draw.my_handwriting.labels import keep_pressed, show_labels
from pages.parts.draw.my_handwriting.reading import read_set, show_score
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.judging import judging_of
from pages.parts.shared.language import _
from pages.parts.shared.workspace import workspace


@guarded_fragment
def show_my_handwriting(
    run: Run | None, network: Network, dataset: DatasetInfo, *, only_held_back: bool = False
) -> None:
    """Show what is kept of this visitor's handwriting and how well a network reads it.

    Parameters
    ----------
    run
        Whose network it is; None for the one that comes with Digit Lab.
    network
        The network itself.
    dataset
        What it has learnt; of other things than digits nothing is shown.
    only_held_back
        Whether it has learnt from drawings, so that only those held back tell how good it is.
    """
    if not dataset.is_digits:
        return
    keep_pressed(network, lambda: judging_of(run, dataset.name))
    st.header(_("My handwriting"), anchor=False)
    is_everyones = bool(st.session_state.get(state.EVERYONES_DRAWINGS))
    drawings = handles.store().drawing_set(None if is_everyones else [workspace()])
    reading = read_set(network, drawings, only_held_back=only_held_back)
    show_labels()
    show_score(run, dataset, reading)
    show_learning(run)
    box = st.expander(
        _("The drawings, which is read as which, export and import"),
        key=state.DRAWINGS_OPEN,
        on_change="rerun",
    )
    if box.open:
        with box:
            st.toggle(
                _("Everyone's on this server"),
                key=state.EVERYONES_DRAWINGS,
                help=_(
                    "Measure with the drawings of all browsers, a class's for example, and not only yours."
                ),
            )
            show_gallery(dataset, reading, judging_of(run, dataset.name), is_own=not is_everyones)
            show_exchange()
