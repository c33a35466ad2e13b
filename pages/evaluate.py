"""Evaluate: how well a trained network reads images it has never seen, and where it is wrong."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import CATALOG
from core.data.dataset import Dataset
from core.evaluation.scores import Confusion, Evaluation, Scores, most_confused, worst_confusions
from core.numbers import percent
from core.store import Run
from pages.parts.evaluate.at_epoch import at_epoch
from pages.parts.evaluate.cell_images import show_cell_images
from pages.parts.evaluate.class_table import show_class_table
from pages.parts.evaluate.confusion_chart import open_cell, show_confusion, start_over
from pages.parts.evaluate.coverage import show_coverage
from pages.parts.shared import judging, state
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.handles import evaluation, library, ready_made_evaluation
from pages.parts.shared.language import _
from pages.parts.shared.router import begin_page
from pages.parts.shared.runs.picker import open_run
from pages.parts.shared.words import escape, with_article

_CHIPS = 6
# On a phone the images stand above the matrix, right below what opens them.
_STYLE = """<style>
@media (width < 640px) {
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-cell) {
    flex-direction: column-reverse }
}
</style>"""


def main() -> None:
    """Show the page: choose a run, its scores, its matrix with images, its table."""
    begin_page(_("Evaluate"), tab=_("Evaluate: where a network is wrong"))
    opened = open_run(
        "evaluate",
        _load,
        invitation=_("No network of yours yet. Here is a ready-made one, and which images it gets wrong."),
        load_ready_made=lambda: (*ready_made_evaluation(), None),
    )
    if opened is None:
        return
    dataset, result, run = opened[1]
    _headline(result.scores)
    _matrix(dataset, result.scores, result.probabilities)
    _coverage(dataset, result.probabilities, run)
    st.header(_("Digit by digit") if CATALOG[dataset.name].is_digits else _("Class by class"))
    show_class_table(dataset, result.scores)


def _load(run: Run) -> tuple[Dataset, Evaluation, Run | None]:
    dataset = library().open(run.config.dataset)
    return dataset, at_epoch(run, dataset, evaluation(run.id, dataset.name, run.finished_at)), run


@guarded_fragment
def _coverage(dataset: Dataset, probabilities: NDArray[np.float32], run: Run | None) -> None:
    show_coverage(probabilities, dataset.test_labels, lambda: judging.calibration_of(run).temperature)


def _headline(scores: Scores) -> None:
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            _("Test accuracy"),
            percent(scores.accuracy),
            help=_("Share of the test images that are read right. The network has never learnt from them."),
            width="content",
        )
        st.metric(
            _("Test loss"),
            f"{scores.loss:.4f}",
            help=_(
                "Cross-entropy: how little probability the true answers got, on average. 0 is perfect; "
                "being sure and wrong costs most."
            ),
            width="content",
        )
        wrong = _("{wrong} of {count} wrong", wrong=f"{scores.wrong:,}", count=f"{scores.count:,}")
        st.metric(_("Mistakes"), wrong, width="content")


@guarded_fragment
def _matrix(dataset: Dataset, scores: Scores, probabilities: NDArray[np.float32]) -> None:
    """Show the matrix and the images of the chosen cell; a click runs this part only."""
    names = tuple(map(_, dataset.class_names))
    worst = most_confused(scores.confusion)
    st.session_state.setdefault(state.CELL_TRUE, worst.true if worst else 0)
    st.session_state.setdefault(state.CELL_READ_AS, worst.predicted if worst else 0)
    st.html(_STYLE)
    _chips(worst_confusions(scores.confusion, _CHIPS), names)
    left, right = st.columns(2, gap="large")
    with left, st.container(key="confusion"):
        st.header(_("Which digit is read as which"))
        show_confusion(dataset, scores)
        if worst is None:
            st.success(_("Not one test image is read wrong."))
        else:
            st.markdown(_hint(worst, dataset.class_names))
    with right, st.container(key="cell"):
        st.header(_("Its images"))
        with st.container(horizontal=True):
            for label, key in ((_("Really"), state.CELL_TRUE), (_("Read as"), state.CELL_READ_AS)):
                st.selectbox(
                    label,
                    range(len(names)),
                    index=state.held(key),
                    key=key,
                    format_func=names.__getitem__,
                    on_change=start_over,
                )
        show_cell_images(dataset, probabilities)


def _chips(worst: list[Confusion], names: tuple[str, ...]) -> None:
    """Show a button for each of the commonest mistakes, which opens its images."""
    if not worst:
        return
    with st.container(horizontal=True, key="chips", gap="xsmall", vertical_alignment="center"):
        st.markdown(_("Most often mistaken:"), width="content")
        for one in worst:
            st.button(
                escape(
                    _(
                        "{true} read as {read}: {count}×",
                        true=names[one.true],
                        read=names[one.predicted],
                        count=f"{one.count:,}",
                    )
                ),
                key=state.confusion_chip(one.true, one.predicted),
                on_click=open_cell,
                args=(one.true, one.predicted),
            )


def _hint(worst: Confusion, names: tuple[str, ...]) -> str:
    times = _("once") if worst.count == 1 else _("{count} times", count=f"{worst.count:,}")
    true, read_as = (escape(with_article(names[index])) for index in (worst.true, worst.predicted))
    return _("Most often {true} is taken for {read}: **{times}**.", true=true, read=read_as, times=times)


main()
