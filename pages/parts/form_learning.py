"""The part of the settings form on how the network starts and how its steps change."""

from typing import Any

import streamlit as st

from core.config import INITIALIZERS, MAX_EPOCHS, MAX_GRADIENT_CLIPPING, SCHEDULES
from pages.parts import state

# The settings that this part shows, each by a widget that holds the value as it is.
NAMES = (
    "learning_rate_schedule",
    "warm_up_epochs",
    "gradient_clipping",
    "initializer",
    "batch_normalization",
)

_SCHEDULE_TITLES = {
    "constant": "Constant",
    "step": "In steps: a tenth at ½, a hundredth at ¾",
    "exponential": "Exponential, down to a hundredth",
    "cosine": "Cosine, down to nothing",
}
_INITIALIZER_TITLES = {
    "glorot": "Glorot: fits tanh and sigmoid",
    "he": "He: fits relu",
    "zeros": "All zeros",
    "wide": "Wide: far too large",
}


def show() -> dict[str, Any]:
    """Show the widgets and return their values by setting."""
    return {
        "learning_rate_schedule": st.selectbox(
            "Learning rate over the run",
            SCHEDULES,
            key=state.setting("learning_rate_schedule"),
            format_func=_SCHEDULE_TITLES.__getitem__,
            help="Large steps find the valley, small ones its floor: a rate that falls often ends better.",
        ),
        "warm_up_epochs": st.number_input(
            "Warm-up epochs",
            0.0,
            float(MAX_EPOCHS),
            step=0.5,
            format="%.6g",
            key=state.setting("warm_up_epochs"),
            help="The learning rate rises from nothing over so many epochs: calms the first steps. 0 is off.",
        ),
        "gradient_clipping": st.number_input(
            "Gradient clipping",
            0.0,
            float(MAX_GRADIENT_CLIPPING),
            step=0.5,
            format="%.6g",
            key=state.setting("gradient_clipping"),
            help="A gradient longer than this is shortened to it, so that no one batch throws the "
            "network far. 0 is off.",
        ),
        "initializer": st.selectbox(
            "First weights",
            INITIALIZERS,
            key=state.setting("initializer"),
            format_func=_INITIALIZER_TITLES.__getitem__,
            help="Where training starts. All zeros: every neuron of a layer stays the same and hidden "
            "layers learn nothing. Wide: sums are huge, and the first loss with them.",
        ),
        "batch_normalization": st.toggle(
            "Batch normalization",
            key=state.setting("batch_normalization"),
            help="After each hidden layer, shifts and scales what each neuron puts out by its mean and "
            "spread in the batch: deep networks learn faster.",
        ),
    }
