"""What a network reads in drawings whose digit is known, and the one line that says how well."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.config import CLASS_COUNT
from core.data.catalog import CATALOG, DatasetInfo
from core.evaluation.scores import Scores, score
from core.evaluation.shares import wilson_interval
from core.numbers import percent
from core.prediction.network import Network
from core.prediction.ready_made import DATASET as READY_MADE_DATASET
from core.prediction.ready_made import read_all
from core.store import DrawingSet, Run
from pages.parts.shared import handles, state
from pages.parts.shared.announce import announce
from pages.parts.shared.language import _
from pages.parts.shared.words import escape


@dataclass(frozen=True, eq=False)
class Reading:
    """Drawings, float32 (n, 10) what a network thinks of each, and its scores.

    `is_of_held_back` tells that these are those of the drawings alone that are held back from training.
    """

    drawings: DrawingSet
    probabilities: NDArray[np.float32]
    scores: Scores
    is_of_held_back: bool = False

    @property
    def read_as(self) -> NDArray[np.int64]:
        """The digit that each is read as, (n,)."""
        return np.asarray(self.probabilities.argmax(axis=1))


def read_set(network: Network, drawings: DrawingSet, *, only_held_back: bool = False) -> Reading:
    """Return what a network reads in drawings; its scores may be those of the drawings held back alone.

    Raises
    ------
    ModelError
        If it cannot answer.
    """
    probabilities = np.zeros((0, CLASS_COUNT), np.float32)
    if len(drawings):
        probabilities = read_all(network, drawings.images)
    counted = drawings.held_back if only_held_back else np.ones(len(drawings), np.bool_)
    scores = score(probabilities[counted], drawings.labels[counted])
    return Reading(drawings, probabilities, scores, only_held_back)


def show_score(run: Run | None, dataset: DatasetInfo, reading: Reading) -> None:
    """Say how many of the drawings are read right, beside how many of the dataset's test images."""
    scores = reading.scores
    if not len(reading.drawings):
        st.caption(_("Nothing is kept yet: draw a digit and press what it was, or import drawings."))
        return
    if not scores.count:
        st.caption(_("This network has learnt all of the drawings: label some more to measure it."))
        return
    is_everyones = bool(st.session_state.get(state.EVERYONES_DRAWINGS))
    whose = _("everyone's") if is_everyones else _("yours")
    if reading.is_of_held_back:
        whose = _("everyone's, held back") if is_everyones else _("yours, held back")
    right = scores.count - scores.wrong
    words = _(
        "{whose}: {share} of {count}",
        whose=whose,
        share=percent(scores.accuracy, 0),
        count=f"{scores.count:,}",
    )
    test = _test_accuracy(run, dataset)
    if test is not None:
        title, accuracy = test
        words += " · " + _("{dataset}: {share}", dataset=title, share=percent(accuracy, 1))
    low, high = wilson_interval(right, scores.count)
    st.subheader(
        escape(words),
        anchor=False,
        help=_(
            "How many of the drawings this network reads right, and how many of its dataset's test images. "
            "{right} of {count} drawings are right: with so many, the share of all that are drawn like them "
            "is between {low} and {high}, 19 times out of 20.",
            right=f"{right:,}",
            count=f"{scores.count:,}",
            low=percent(low, 0),
            high=percent(high, 0),
        ),
    )
    announce(words, "score_of_drawings")


def _test_accuracy(run: Run | None, dataset: DatasetInfo) -> tuple[str, float] | None:
    """Return the dataset's title and the share of its test images that are read right, if it is known."""
    if run is not None:
        return None if run.test_accuracy is None else (_(dataset.title), run.test_accuracy)
    if handles.library().state(READY_MADE_DATASET).status != "ready":
        return None  # nothing is fetched for one number
    return _(CATALOG[READY_MADE_DATASET].title), handles.ready_made_evaluation()[1].scores.accuracy
