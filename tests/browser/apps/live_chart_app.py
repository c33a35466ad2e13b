"""A run that grows by itself: what the browser test of the live chart looks at.

GROW_POINTS are added at every update until POINTS_IN_ALL are there; both come from the environment.
"""

import os
import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.store import Curve
from pages.parts.shared.live_chart import keep_place, live_chart

EPOCHS = int(os.environ.get("EPOCHS", "20"))
POINTS_IN_ALL = int(os.environ.get("POINTS_IN_ALL", "4000"))
POINTS_AT_START = int(os.environ.get("POINTS_AT_START", "200"))
GROW_POINTS = int(os.environ.get("GROW_POINTS", "40"))


def grown_curve(points: int) -> Curve:
    """Return the first `points` of a noisy run of POINTS_IN_ALL points over EPOCHS epochs."""
    noise = np.random.default_rng(0).normal(0, 0.1, (2, POINTS_IN_ALL))
    epochs = np.arange(1, POINTS_IN_ALL + 1) * EPOCHS / POINTS_IN_ALL
    loss = np.exp(noise[0] - epochs * 4 / EPOCHS)
    accuracy = 1 - 0.5 * np.exp(noise[1] - epochs * 3 / EPOCHS)
    done = np.arange(1, int(epochs[points - 1]) + 1 if points else 1)
    at = done * POINTS_IN_ALL // EPOCHS - 1
    return Curve(
        epochs[:points],
        loss[:points],
        accuracy[:points],
        done.astype(float),
        0.05 + np.exp(-epochs[at] * 4 / EPOCHS),
        0.97 - 0.5 * np.exp(-epochs[at] * 3 / EPOCHS),
    )


def main() -> None:
    """Draw the page: two switches and the chart."""
    st.set_page_config(layout="wide")
    logarithmic = st.toggle("Logarithmic loss")
    smoothing = st.slider("Smoothing", 0.0, 0.99, float(os.environ.get("SMOOTHING", "0")))

    @st.fragment(run_every=0.5 if GROW_POINTS >= 0 else None)
    def growing() -> None:
        st.session_state.setdefault("points", POINTS_AT_START - GROW_POINTS)
        points = st.session_state.points = min(POINTS_IN_ALL, st.session_state.points + GROW_POINTS)
        live_chart(
            grown_curve(points), key="chart", epochs=EPOCHS, logarithmic=logarithmic, smoothing=smoothing
        )

    growing()
    keep_place()


main()
