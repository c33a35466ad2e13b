"""The scores of each class, in a table."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.evaluation.scores import Scores
from core.numbers import percent
from pages.parts.shared.language import _, grouped
from pages.parts.shared.tables import show_table


def show_class_table(dataset: Dataset, scores: Scores) -> None:
    """Show precision, recall, F1 and the number of images of each class, and what the words mean."""

    def in_percent(shares: NDArray[np.float64]) -> list[str]:
        return [percent(float(share), 1) for share in shares]

    numbers = {
        _("Precision"): in_percent(scores.precision),
        _("Recall"): in_percent(scores.recall),
        _("F1"): in_percent(scores.f1),
        _("Images"): [grouped(images) for images in scores.support],
    }
    show_table({_("Class"): [_(name) for name in dataset.class_names], **numbers}, numbers=tuple(numbers))
    st.caption(
        _(
            "**Precision**: of all images read as this, the share that really are it. "
            "**Recall**: of all images that really are this, the share that was found. "
            "**F1**: precision and recall in one number, their harmonic mean: high only when both are."
        )
    )
