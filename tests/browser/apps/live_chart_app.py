"""A run that grows by itself: what the browser test of the live chart looks at.

The address says how, so that one server is enough for all tests: `grow` points are added at every
update to the `start` points of the beginning, until there are `points` over so many `epochs`. Behind
it stand so many `ghosts`.
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.figures.charts.curves import ghost_of
from core.store import Curve
from pages.parts.shared.live_chart import keep_place, live_chart, show_ghosts


def asked(name: str, default: int) -> int:
    """Return a whole number of the address."""
    return int(st.query_params.get(name, default))


def grown_curve(points: int, in_all: int, last_epoch: int) -> Curve:
    """Return the first `points` of a noisy run of so many points over so many epochs."""
    noise = np.random.default_rng(0).normal(0, 0.1, (2, in_all))
    epochs = np.arange(1, in_all + 1) * last_epoch / in_all
    loss = np.exp(noise[0] - epochs * 4 / last_epoch)
    accuracy = 1 - 0.5 * np.exp(noise[1] - epochs * 3 / last_epoch)
    done = np.arange(1, int(epochs[points - 1]) + 1 if points else 1)
    at = done * in_all // last_epoch - 1
    return Curve(
        epochs[:points],
        loss[:points],
        accuracy[:points],
        done.astype(float),
        0.05 + np.exp(-epochs[at] * 4 / last_epoch),
        0.97 - 0.5 * np.exp(-epochs[at] * 3 / last_epoch),
    )


def main() -> None:
    """Draw the page: two switches and the chart."""
    st.set_page_config(layout="wide")
    logarithmic = st.toggle("Logarithmic loss")
    smoothing = st.slider("Smoothing", 0.0, 0.99, float(st.query_params.get("smoothing", 0)))
    epochs, in_all, grow = asked("epochs", 20), asked("points", 4_000), asked("grow", 40)

    @st.fragment(run_every=0.5)
    def growing() -> None:
        st.session_state.setdefault("points", asked("start", 200) - grow)
        points = st.session_state.points = min(in_all, st.session_state.points + grow)
        curve = grown_curve(points, in_all, epochs)
        live_chart(curve, key="chart", epochs=epochs, logarithmic=logarithmic, smoothing=smoothing)

    growing()
    behind = asked("ghosts", 0) if st.toggle("Runs before", value=True) else 0
    show_ghosts(
        [ghost_of(f"#{9 - row}", grown_curve(500, 500, epochs)) for row in range(behind)], key="chart"
    )
    keep_place()


main()
