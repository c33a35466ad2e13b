"""A network whose weights change by themselves: what the browser test of the inside looks at.

`units` in the address are those of its layers ("128,128"); `still` keeps the weights as they are;
`drawing` has something drawn already, and `chart` shows the curve of a run beside it.
"""

import io
import sys
import time
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.inside.watching import InsideWatcher
from core.settings import get_settings
from core.store import RunStore
from core.store.records import Curve
from pages.parts.shared import handles, state
from pages.parts.shared.canvas.drawing import Drawing
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.inside_view import show_inside, show_own_digit
from pages.parts.shared.live_chart import keep_place, live_chart
from tests.support.inside_samples import FakeSource, layered, noise_pictures, random_weights


@st.cache_resource
def example(units: str):
    """Return a run, a source of its weights, and a watcher of that source: one for all who look."""
    config = layered(*(int(count) for count in units.split(",") if count))
    weights = random_weights(config)
    source = FakeSource(live=("0", 0, weights))
    run = RunStore.from_settings(get_settings()).create(config, workspace="a" * 24)
    return run, source, InsideWatcher(source, fresh_seconds=0.2)


def example_curve(points: int) -> Curve:
    """Return a noisy curve of a run of 100 epochs."""
    epochs = np.linspace(100 / points, 100, points)
    noise = np.random.default_rng(0).normal(0, 0.1, points)
    loss, accuracy = np.exp(noise - epochs / 25), 1 - 0.5 * np.exp(noise - epochs / 30)
    done = np.arange(1, 101.0)
    return Curve(epochs, loss, accuracy, done, np.exp(-done / 25), 1 - 0.5 * np.exp(-done / 30))


def example_drawing() -> Drawing:
    """Return a 1 as the canvas sends it."""
    pixels = np.full((280, 280), 255, np.uint8)
    pixels[40:240, 130:152] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).convert("RGBA").save(file, "PNG")
    return Drawing([], file.getvalue())


def change(source: FakeSource) -> None:
    """Put other weights into the place of those that are there."""
    _version, step, weights = source.live
    began = time.thread_time()
    rng = np.random.default_rng(step)
    # Those of the first layer, which all others feel: more would take longer than to look at them.
    first = weights[0] + rng.normal(0, 0.004, weights[0].shape[-1]).astype(np.float32)
    source.live = (str(step + 1), step + 1, [first, *weights[1:]])
    source.seconds += time.thread_time() - began


def main() -> None:
    """Draw the page: the inside, and the canvas."""
    st.set_page_config(layout="wide")
    run, source, watcher = example(st.query_params.get("units", "128,40"))
    pictures = noise_pictures()
    handles.inside_watcher = lambda: watcher
    handles.fixed_pictures = lambda _dataset: pictures
    moves = "still" not in st.query_params
    if "drawing" in st.query_params:
        st.session_state.setdefault(state.DRAWING, example_drawing())

    @guarded_fragment(run_every=0.5 if moves else None)
    def growing() -> None:
        if moves:
            change(source)
        if "chart" in st.query_params:
            live_chart(example_curve(1_500), key="chart", epochs=100)
        show_inside(run)
        st.caption(f"Weights made up in {source.seconds:.4f} s")

    st.title("Inside")
    if "drawing" not in st.query_params:
        show_own_digit()
    keep_place()
    growing()


main()
