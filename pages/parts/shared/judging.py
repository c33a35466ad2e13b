"""What may be said of a network's answers: its temperature, its judge of pictures, how sure is enough."""

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import CATALOG
from core.data.dataset import Dataset
from core.data.split import rows_of_run
from core.errors import DigitLabError
from core.once import once
from core.sentences import say
from core.store import Run
from pages.parts.shared import handles, state

if TYPE_CHECKING:
    from core.prediction.calibration import Calibration
    from core.prediction.refusal import Judgement, Refusal

NO_IMAGES = say(
    "Pictures that are none of these are not noticed: the images that this network has learnt are not on "
    "this machine. Only its probabilities count."
)
NOT_YET = say(
    "Pictures that are none of these are not noticed yet: what its images look like is being learnt, which "
    "takes a minute."
)


@dataclass(frozen=True)
class Judging:
    """By what answers are judged.

    Attributes
    ----------
    temperature
        See `core.prediction.calibration`.
    refusal
        The judge of pictures; None where there is none.
    why_none
        Why there is none, in a sentence.
    is_digits
        Whether the classes are digits.
    """

    temperature: float
    refusal: "Refusal | None"
    why_none: str
    is_digits: bool

    def judge(self, picture: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> "Judgement":
        """Return what may be said of a picture (28, 28) that the network reads so."""
        from core.prediction.refusal import judge

        return judge(picture, probabilities, self.temperature, self.refusal, least_confidence())

    @property
    def packed(self) -> bytes:
        """The judge of pictures as the browser unpacks it; nothing where there is none."""
        return _packed(self.refusal) if self.refusal else b""


def judging_of(run: Run | None, dataset: str) -> Judging:
    """Return by what the answers of a run are judged, None for the network that comes along."""
    refusal, why_none = _refusal_for(dataset)
    return Judging(calibration_of(run).temperature, refusal, why_none, CATALOG[dataset].is_digits)


def least_confidence() -> float:
    """Return how sure a network must be to answer, as chosen on the Evaluate page; 0 to 1."""
    return float(st.session_state.get(state.LEAST_CONFIDENCE, 0.0))


def calibration_of(run: Run | None) -> "Calibration":
    """Return the temperature of a run; that of the network that comes along without one.

    Without the images that it takes nothing is divided.
    """
    from core.prediction.calibration import UNCALIBRATED, Calibration
    from core.prediction.ready_made import TEMPERATURE

    if run is None:
        return Calibration(TEMPERATURE, float("nan"), float("nan"))
    try:
        return _calibration(run.id, run.finished_at)
    except DigitLabError:
        return UNCALIBRATED


@lru_cache(maxsize=256)
def _calibration(run_id: str, finished_at: datetime | None) -> "Calibration":
    from core.prediction.calibration import FEWEST, MOST, fit_on_half, fit_temperature
    from core.prediction.ready_made import read_all

    config = handles.store().get(run_id).config
    dataset = handles.library().open(config.dataset)
    _, rows = rows_of_run(config, len(dataset.train_images))
    if len(rows) < FEWEST:
        tested = handles.evaluation(run_id, config.dataset, finished_at)
        return fit_on_half(tested.probabilities, dataset.test_labels)
    rows = rows[:: -(-len(rows) // MOST)]
    read = read_all(handles.network(run_id, finished_at), dataset.train_images[rows])
    return fit_temperature(read, dataset.train_labels[rows])


def _refusal_for(dataset: str) -> "tuple[Refusal | None, str]":
    """Return the judge of pictures for a dataset, or why there is none at present."""
    from core.prediction.refusal import digits_refusal

    try:
        if CATALOG[dataset].is_digits:
            return digits_refusal(), ""
        fit = _fit(handles.library().open(dataset))
    except DigitLabError as error:
        return None, str(error) if CATALOG[dataset].is_digits else NO_IMAGES
    return fit.refusal, "" if fit.refusal else NOT_YET


class _Fit:
    """Has a judge fitted to a dataset's training images in the background."""

    def __init__(self, dataset: Dataset) -> None:
        self.refusal: Refusal | None = None
        self.thread = threading.Thread(
            target=self._run, args=(dataset,), name="judge of pictures", daemon=True
        )
        self.thread.start()

    def _run(self, dataset: Dataset) -> None:
        from core.prediction.refusal_fitting import fit_refusal

        self.refusal = fit_refusal(dataset.train_images, dataset.train_labels)


@once
def _fit(dataset: Dataset) -> _Fit:
    return _Fit(dataset)


@lru_cache(maxsize=2)
def _packed(refusal: "Refusal") -> bytes:
    from core.prediction.refusal import pack_refusal

    return pack_refusal(refusal)
