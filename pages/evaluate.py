"""Evaluate: how well a trained network reads images it has never seen, and where it is wrong."""

import math

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import DigitLabError
from core.evaluation.scores import Confusion, Scores, most_confused
from pages.parts.evaluate.cell_images import show_cell_images, with_article
from pages.parts.evaluate.confusion_chart import open_cell, show_confusion, start_over
from pages.parts.shared import state
from pages.parts.shared.handles import evaluation, library
from pages.parts.shared.router import ensure_router
from pages.parts.shared.runs.picker import choose_run
from pages.parts.shared.tables import show_table


def main() -> None:
    """Show the page: choose a run, its scores, its matrix with images, its table."""
    ensure_router()
    st.title("Evaluate")
    run = choose_run("evaluate")
    if run is None:
        st.info("No trained network yet. Train one, then see here which images it gets wrong and why.")
        st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
        return
    try:
        dataset = library().open(run.config.dataset)
        result = evaluation(run.id, run.config.dataset, run.finished_at)
    except DigitLabError as error:
        st.error(str(error), icon=":material/error:")
        st.page_link("pages/train.py", label="Go to Train", icon=":material/model_training:")
        return
    _headline(result.scores)
    _matrix(dataset, result.scores, result.probabilities)
    st.subheader("Class by class" if dataset.name == "fashion-mnist" else "Digit by digit")
    _table(dataset, result.scores)


def _headline(scores: Scores) -> None:
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            "Test accuracy",
            f"{scores.accuracy:.2%}".replace("%", " %"),
            help="Share of the test images that are read right. The network has never learnt from them.",
            width="content",
        )
        st.metric(
            "Test loss",
            f"{scores.loss:.4f}",
            help="Cross-entropy: how little probability the true answers got, on average. 0 is perfect; "
            "being sure and wrong costs most.",
            width="content",
        )
        st.metric("Mistakes", f"{scores.wrong:,} of {scores.count:,} wrong", width="content")


@st.fragment
def _matrix(dataset: Dataset, scores: Scores, probabilities: NDArray[np.float32]) -> None:
    """Show the matrix and the images of the chosen cell; a click runs this part only."""
    names = dataset.class_names
    worst = most_confused(scores.confusion)
    st.session_state.setdefault(state.CELL_TRUE, worst.true if worst else 0)
    st.session_state.setdefault(state.CELL_READ_AS, worst.predicted if worst else 0)
    left, right = st.columns(2, gap="large")
    with left, st.container(key="confusion"):
        st.subheader("What is read as what")
        show_confusion(dataset, scores)
        if worst is None:
            st.success("Not one test image is read wrong.")
        else:
            st.markdown(_hint(worst, names))
            st.button("Show these images", on_click=open_cell, args=(worst.true, worst.predicted))
    with right:
        st.subheader("The images of a cell")
        with st.container(horizontal=True):
            for label, key in (("True", state.CELL_TRUE), ("Read as", state.CELL_READ_AS)):
                st.selectbox(
                    label,
                    range(len(names)),
                    index=state.held(key),
                    key=key,
                    format_func=names.__getitem__,
                    on_change=start_over,
                )
        show_cell_images(dataset, probabilities)


def _hint(worst: Confusion, names: tuple[str, ...]) -> str:
    times = "once" if worst.count == 1 else f"{worst.count:,} times"
    return (
        f"Most often {with_article(names[worst.true])} is taken for {with_article(names[worst.predicted])}: "
        f"**{times}**."
    )


def _table(dataset: Dataset, scores: Scores) -> None:
    def percent(shares: NDArray[np.float64]) -> list[str]:
        return ["–" if math.isnan(share) else f"{100 * share:.1f} %" for share in shares]

    show_table(
        {
            "Class": dataset.class_names,
            "Precision": percent(scores.precision),
            "Recall": percent(scores.recall),
            "F1": percent(scores.f1),
            "Images": [f"{images:,}" for images in scores.support],
        },
        numbers=("Precision", "Recall", "F1", "Images"),
    )
    st.caption(
        "**Precision**: of all images read as this, the share that really are it. "
        "**Recall**: of all images that really are this, the share that was found. "
        "**F1**: precision and recall in one number, their harmonic mean: high only when both are."
    )


main()
