"""The part of the settings form on how the network starts and how it steps."""

from typing import Any

import streamlit as st

from core.config import INITIALIZERS, MAX_EPOCHS, MAX_GRADIENT_CLIPPING, OPTIMIZERS, SCHEDULES
from pages.parts.shared import state

# Each is shown with its optimizer only.
SOMETIMES = ("momentum", "weight_decay")
# The settings that this part shows.
NAMES = (
    "optimizer",
    "learning_rate",
    *SOMETIMES,
    "learning_rate_schedule",
    "warm_up_epochs",
    "gradient_clipping",
    "initializer",
    "batch_normalization",
)

_OPTIMIZER_TITLES = {"adam": "Adam", "sgd": "SGD with momentum", "rmsprop": "RMSprop", "adamw": "AdamW"}
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
    return _show_optimizer() | _show_schedule() | _show_start()


def _show_optimizer() -> dict[str, Any]:
    optimizer = st.selectbox(
        "Optimizer",
        OPTIMIZERS,
        index=OPTIMIZERS.index(state.held(state.setting("optimizer"))),
        key=state.setting("optimizer"),
        format_func=_OPTIMIZER_TITLES.__getitem__,
        help="How the gradient becomes a step. Adam adapts the step of every weight; SGD takes it as it is.",
    )
    values: dict[str, Any] = {
        "optimizer": optimizer,
        "learning_rate": st.number_input(
            "Learning rate",
            1e-6,
            100.0,
            step=0.0005,
            format="%.6g",
            value=state.held(state.setting("learning_rate")),
            key=state.setting("learning_rate"),
            help="Length of the steps. Too small: slow. Too large: the loss jumps about or runs away.",
        ),
    }
    if optimizer == "sgd":
        values["momentum"] = st.slider(
            "Momentum",
            0.0,
            0.99,
            step=0.01,
            value=state.held(state.setting("momentum")),
            key=state.setting("momentum"),
            help="Share of the last step that is kept: a ball that rolls on. 0 is plain SGD.",
        )
    if optimizer == "adamw":
        values["weight_decay"] = st.number_input(
            "Weight decay",
            0.0,
            1.0,
            step=0.001,
            format="%.6g",
            value=state.held(state.setting("weight_decay")),
            key=state.setting("weight_decay"),
            help="Share by which weights shrink at each step, times the learning rate.",
        )
    return values


def _show_schedule() -> dict[str, Any]:
    values: dict[str, Any] = {
        "learning_rate_schedule": st.selectbox(
            "Learning rate over the run",
            SCHEDULES,
            index=SCHEDULES.index(state.held(state.setting("learning_rate_schedule"))),
            key=state.setting("learning_rate_schedule"),
            format_func=_SCHEDULE_TITLES.__getitem__,
            help="Large steps find the valley, small ones its floor: a rate that falls often ends better.",
        ),
    }
    row = st.container(horizontal=True, wrap=False)
    values["warm_up_epochs"] = row.number_input(
        "Warm-up epochs",
        0.0,
        float(MAX_EPOCHS),
        step=0.5,
        format="%.6g",
        value=state.held(state.setting("warm_up_epochs")),
        key=state.setting("warm_up_epochs"),
        help="The learning rate rises from nothing over so many epochs: calms the first steps. 0 is off.",
    )
    values["gradient_clipping"] = row.number_input(
        "Gradient clipping",
        0.0,
        float(MAX_GRADIENT_CLIPPING),
        step=0.5,
        format="%.6g",
        value=state.held(state.setting("gradient_clipping")),
        key=state.setting("gradient_clipping"),
        help="A gradient longer than this is shortened to it, so that no one batch throws the "
        "network far. 0 is off.",
    )
    return values


def _show_start() -> dict[str, Any]:
    return {
        "initializer": st.selectbox(
            "First weights",
            INITIALIZERS,
            index=INITIALIZERS.index(state.held(state.setting("initializer"))),
            key=state.setting("initializer"),
            format_func=_INITIALIZER_TITLES.__getitem__,
            help="Where training starts. All zeros: every neuron of a layer stays the same and hidden "
            "layers learn nothing. Wide: sums are huge, and the first loss with them.",
        ),
        "batch_normalization": st.toggle(
            "Batch normalization",
            value=state.held(state.setting("batch_normalization")),
            key=state.setting("batch_normalization"),
            help="After each hidden layer, shifts and scales what each neuron puts out by its mean and "
            "spread in the batch: deep networks learn faster.",
        ),
    }
