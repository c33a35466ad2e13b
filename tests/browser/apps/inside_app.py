"""A network whose weights change by themselves: what the browser test of the inside looks at.

`units` in the address are those of its layers ("128,128"); `still` keeps the weights as they are.
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.inside.watching import InsideWatcher
from core.settings import get_settings
from core.store import RunStore
from pages.parts.shared import handles
from pages.parts.shared.errors import guarded_fragment
from pages.parts.shared.inside_view import show_inside, show_own_digit
from tests.support.inside_samples import FakeSource, layered, noise_pictures, random_weights


@st.cache_resource
def example(units: str):
    """Return a run, a source of its weights, and a watcher of that source: one for all who look."""
    config = layered(*(int(count) for count in units.split(",") if count))
    weights = random_weights(config)
    source = FakeSource(live=("0", 0, weights))
    run = RunStore.from_settings(get_settings()).create(config, workspace="a" * 24)
    return run, source, InsideWatcher(source, fresh_seconds=0.2)


def main() -> None:
    """Draw the page: the inside, and the canvas."""
    st.set_page_config(layout="wide")
    run, source, watcher = example(st.query_params.get("units", "128,40"))
    pictures = noise_pictures()
    handles.inside_watcher = lambda: watcher
    handles.fixed_pictures = lambda _dataset: pictures
    moves = "still" not in st.query_params

    @guarded_fragment(run_every=0.5 if moves else None)
    def growing() -> None:
        if moves:
            _version, step, weights = source.live
            rng = np.random.default_rng(step)
            changed = [array + rng.normal(0, 0.004, array.shape).astype(np.float32) for array in weights]
            source.live = (str(step + 1), step + 1, changed)
        show_inside(run)

    st.title("Inside")
    show_own_digit()
    growing()
    st.caption("What stands below.")


main()
