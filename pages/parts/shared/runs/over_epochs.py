"""How the weights and outputs of a run's layers changed over its epochs: for who opens it."""

import streamlit as st

from core.errors import DatasetUnavailable
from core.figures.charts.history import draw_history
from core.inside.compact import layer_titles
from core.inside.history import history_of, thinned
from core.store import Run
from pages.parts.shared import handles, state
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.language import _
from pages.parts.shared.words import escape

# An epoch takes at least a part of a second, and whoever looks at histograms looks for longer.
_REFRESH_SECONDS = 3.0


def show_over_epochs(run: Run) -> None:
    """Show what is folded until somebody opens it; only then is anything read."""
    box = st.expander(
        _("How its weights and outputs changed over the epochs"), key=state.OVER_EPOCHS, on_change="rerun"
    )
    if box.open:
        with box:
            guarded_fragment(_charts, run_every=_REFRESH_SECONDS if run.status.is_alive else None)(run.id)


def _charts(run_id: str) -> None:
    run = handles.watcher().look(run_id).run
    epochs = thinned(handles.snapshots().epochs_kept(run_id))
    if not epochs:
        st.caption(_("Nothing is kept of this run yet: its first network is kept at the end of an epoch."))
        return
    try:
        samples = {epoch: handles.network_sample(run_id, run.config.dataset, epoch) for epoch in epochs}
    except DatasetUnavailable as error:
        st.caption(_("To look inside, its images are needed. {why}", why=escape(_(str(error)))))
        return
    st.plotly_chart(
        draw_history(history_of(samples), list(map(_, layer_titles(run.config))), say=_),
        key=state.over_epochs(run_id),
        config={"displayModeBar": False},
        alt=_("A histogram of each layer's weights and outputs for each epoch, from left to right."),
    )
    st.caption(
        _(
            "Each column is an epoch; the stronger its colour, the more weights or outputs lie there. "
            "Weights spread while a layer learns. Many outputs at 0 are usual for relu. Where all outputs "
            "are 0, the units are dead; where all are at the ends of tanh or sigmoid, they are saturated."
        )
    )
