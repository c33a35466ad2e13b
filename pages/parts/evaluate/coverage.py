"""How much better a network gets that may leave out what it is not sure of: a slider and a curve."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.evaluation.coverage import Answered, coverage
from core.figures.charts.coverage import draw_coverage
from core.numbers import percent
from core.prediction.calibration import calibrated
from pages.parts.shared import state
from pages.parts.shared.language import _

# What somebody wants to choose among: most networks are sure of most images.
CHOICES = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)


def show_coverage(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8], fit: Callable[[], float]
) -> None:
    """Show what is folded until somebody opens it.

    Parameters
    ----------
    probabilities, labels
        (n, 10) of the test images, as the network gives them, and (n,).
    fit
        Finds the temperature by which they are made honest first, see `core.prediction.calibration`.
    """
    box = st.expander(_("What if it may say “I can't read this”?"), key=state.COVERAGE, on_change="rerun")
    if not box.open:
        return
    with box:
        temperature = fit()
        least = st.select_slider(
            _("How sure must it be to answer?"),
            CHOICES,
            value=CHOICES[0],
            key=state.LEAST_CONFIDENCE,
            persist_state="session",
            format_func=lambda share: percent(share, None) if share else _("answers always"),
            help=_(
                "Images of which it is less sure are left out. The same holds on the Draw page: there it "
                "says that it cannot read your drawing."
            ),
        )
        found = coverage(calibrated(probabilities, temperature), labels)
        st.markdown(sentence(found.at(least)))
        st.plotly_chart(
            draw_coverage(found, least, say=_),
            key=state.COVERAGE_CHART,
            config={"displayModeBar": False},
            alt=_("Accuracy of the images answered, from the surest few to all of them."),
        )
        st.caption(
            _(
                "How sure it is has been made honest with one number, its temperature: {temperature}. Above "
                "1 it was too sure of itself, below 1 not sure enough.",
                temperature=f"{temperature:.2f}",
            )
        )


def sentence(answered: Answered) -> str:
    """Tell in words what is answered, and how well; in Markdown."""
    if not answered.answered:
        return _("It answers **none** of the images.")
    return _(
        "It answers **{share}** of the images, **{right}** of those right.",
        share=percent(answered.share, 1),
        right=percent(answered.accuracy, 2),
    )
