"""Evaluate: how well a trained network reads images it has never seen, and where it is wrong."""

import math

import streamlit as st

from core.data.dataset import Dataset
from core.errors import DigitLabError
from core.evaluation.scores import Confusion, Evaluation, Scores, most_confused
from core.figures.confusion import confusion_matrix_figure
from pages.parts import state
from pages.parts.cell_images import AT_ONCE, show_cell_images, with_article
from pages.parts.handles import evaluation, library
from pages.parts.router import ensure_router
from pages.parts.run_picker import choose_run


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
    _matrix(dataset, result)
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
def _matrix(dataset: Dataset, result: Evaluation) -> None:
    """Show the matrix and the images of its chosen cell; a click runs this part only."""
    scores, names = result.scores, dataset.class_names
    worst = most_confused(scores.confusion)
    first = worst or Confusion(0, 0, 0)
    true = st.session_state.setdefault(state.CELL_TRUE, first.true)
    read_as = st.session_state.setdefault(state.CELL_READ_AS, first.predicted)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What is read as what")
        percent = st.toggle(
            "Row percent",
            key=state.ROW_PERCENT,
            help="Off: number of images. On: percent of all images of the true class, rows add up to 100.",
        )
        clicks = st.session_state.setdefault(state.CELL_CLICKS, 0)
        st.plotly_chart(
            confusion_matrix_figure(scores.confusion, names, percent=percent, selected=(true, read_as)),
            key=state.confusion_chart(clicks),
            on_select=lambda: _take_click(state.confusion_chart(clicks)),
            selection_mode="points",
            config={"displayModeBar": False},
            alt="Confusion matrix: the true class by row, what the network read by column.",
        )
        st.caption("Green: read right. Orange: mistakes. Choose a cell to see its images.")
        if worst is None:
            st.success("Not one test image is read wrong.")
        else:
            st.button(
                _hint(worst, dataset), on_click=_open, args=(worst.true, worst.predicted), type="tertiary"
            )
    with right:
        st.subheader("The images of a cell")
        with st.container(horizontal=True):
            for label, key in (("True", state.CELL_TRUE), ("Read as", state.CELL_READ_AS)):
                st.selectbox(
                    label, range(len(names)), key=key, format_func=names.__getitem__, on_change=_first_images
                )
        show_cell_images(dataset, result, true, read_as)


def _hint(worst: Confusion, dataset: Dataset) -> str:
    true, read_as = (with_article(dataset.class_names[index]) for index in (worst.true, worst.predicted))
    times = "once" if worst.count == 1 else f"{worst.count:,} times"
    return f"Most often {true} is taken for {read_as}: {times}. Show them"


def _take_click(chart: str) -> None:
    points = st.session_state[chart].selection.points
    if points:
        true, read_as = points[0]["customdata"]
        _open(int(true), int(read_as))
    # A chart under a new key has no selected point: the same cell can be clicked again later.
    st.session_state[state.CELL_CLICKS] += 1


def _open(true: int, read_as: int) -> None:
    st.session_state[state.CELL_TRUE] = true
    st.session_state[state.CELL_READ_AS] = read_as
    _first_images()


def _first_images() -> None:
    st.session_state[state.CELL_LIMIT] = AT_ONCE


def _table(dataset: Dataset, scores: Scores) -> None:
    def hundredfold(shares: list[float]) -> list[float | None]:
        return [None if math.isnan(share) else 100 * share for share in shares]

    precision = "Of all images read as this, the share that really are it."
    recall = "Of all images that really are this, the share that was found."
    f1 = "Precision and recall in one number, their harmonic mean: high only when both are."
    st.dataframe(
        {
            "Class": list(dataset.class_names),
            "Precision": hundredfold(scores.precision.tolist()),
            "Recall": hundredfold(scores.recall.tolist()),
            "F1": hundredfold(scores.f1.tolist()),
            "Images": scores.support.tolist(),
        },
        column_config={
            name: st.column_config.NumberColumn(help=words, format="%.1f %%")
            for name, words in (("Precision", precision), ("Recall", recall), ("F1", f1))
        },
        hide_index=True,
        height="content",
    )
    st.caption(f"**Precision**: {precision} **Recall**: {recall} **F1**: {f1}")


main()
