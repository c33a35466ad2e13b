"""How a run has ended, in a sentence, and where to go from there."""

import streamlit as st

from core.data.catalog import CATALOG
from core.numbers import percent
from core.sentences import say
from core.store import Run, RunStatus
from pages.parts.shared.errors import show_error
from pages.parts.shared.language import _
from pages.parts.shared.runs.learnt import show_learnt
from pages.parts.shared.take_home import show_take_home
from pages.parts.shared.words import escape

WITH_RESULTS = frozenset({RunStatus.FINISHED, RunStatus.STOPPED})


def has_results(run: Run) -> bool:
    """Return whether a run has ended with a network and its test results."""
    return run.status in WITH_RESULTS and run.test_accuracy is not None


def show_ending(run: Run) -> None:
    """Show how a run has ended; nothing while it can still go on by itself."""
    if run.status is RunStatus.FAILED:
        show_error(run.message or say("The training failed without a word."))
    if run.status not in WITH_RESULTS:
        return
    word = _("Finished") if run.status is RunStatus.FINISHED else _("Stopped")
    if run.test_accuracy is None:
        st.warning(_("{word} before the first step: there is no network to keep.", word=word))
        return
    images = CATALOG[run.config.dataset].shapes["test_images"][0]
    loss = "" if run.test_loss is None else " " + _("Loss {loss}.", loss=f"{run.test_loss:.4f}")
    figures = {
        "share": percent(run.test_accuracy),
        "right": f"{round(run.test_accuracy * images):,}",
        "images": f"{images:,}",
    }
    if run.imported:  # nobody knows what it has seen
        result = _("It reads **{share}** of the test images right, {right} of {images}.", **figures)
    else:
        result = _(
            "{word}. It reads **{share}** of the test images right, {right} of {images}: it has never seen "
            "them.",
            word=word,
            **figures,
        )
    st.success(
        result + loss,
        icon=":material/check_circle:",
    )
    if not run.imported:
        show_learnt(run)
    if run.message is not None:
        st.caption(escape(_(run.message)))


def show_ways_on(run: Run, place: str = "panel") -> None:
    """Show the pages on which a trained network can be questioned, and what can be taken home of its run.

    A `place` of its own where this is shown a second time on a page.
    """
    link = {"run": run.id}
    with st.container(horizontal=True, vertical_alignment="center"):
        if has_results(run):
            st.page_link(
                "pages/evaluate.py", label=_("See its mistakes"), icon=":material/grid_on:", query_params=link
            )
            st.page_link(
                "pages/draw.py", label=_("Draw digits for it"), icon=":material/draw:", query_params=link
            )
        show_take_home(run, place)
