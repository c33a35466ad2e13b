"""The part of the settings form against overfitting, and for showing it."""

from typing import Any

import streamlit as st

from core.config import EARLY_STOPPINGS, MAX_EPOCHS, MIN_TRAINING_FRACTION
from pages.parts.shared import state

# Shown while early stopping is on only.
SOMETIMES = ("patience", "restore_best")
# The settings that this part shows.
NAMES = (
    "early_stopping",
    *SOMETIMES,
    "stop_at_accuracy",
    "l1",
    "l2",
    "label_smoothing",
    "label_noise",
    "training_fraction",
)

_STOPPING_TITLES = {"off": "Off", "loss": "Validation loss", "accuracy": "Validation accuracy"}


def show() -> dict[str, Any]:
    """Show the widgets and return their values by setting."""
    return _show_stopping() | _show_penalties() | _show_data()


def _show_stopping() -> dict[str, Any]:
    watched = st.selectbox(
        "Early stopping",
        EARLY_STOPPINGS,
        index=EARLY_STOPPINGS.index(state.held(state.setting("early_stopping"))),
        key=state.setting("early_stopping"),
        format_func=_STOPPING_TITLES.__getitem__,
        help="Ends the run once this has not got better for some epochs. Needs validation images.",
    )
    values: dict[str, Any] = {"early_stopping": watched}
    if watched != "off":
        values["patience"] = st.number_input(
            "Patience",
            1,
            MAX_EPOCHS,
            value=state.held(state.setting("patience")),
            key=state.setting("patience"),
            help="Epochs in a row without a better figure before the run ends: validation is noisy.",
        )
        values["restore_best"] = st.toggle(
            "Go back to the best epoch",
            value=state.held(state.setting("restore_best")),
            key=state.setting("restore_best"),
            help="Keeps the weights of the epoch with the best figure, not those of the last.",
        )
    values["stop_at_accuracy"] = st.number_input(
        "Stop at validation accuracy",
        0.0,
        1.0,
        step=0.01,
        format="%.6g",
        value=state.held(state.setting("stop_at_accuracy")),
        key=state.setting("stop_at_accuracy"),
        help="Ends the run once this share of the validation images is read right: 0.97 is 97 %. 0 is off.",
    )
    return values


def _show_penalties() -> dict[str, Any]:
    row = st.container(horizontal=True, wrap=False)
    return {
        "l1": row.number_input(
            "L1 penalty",
            0.0,
            1.0,
            step=0.0001,
            format="%.6g",
            value=state.held(state.setting("l1")),
            key=state.setting("l1"),
            help="Every weight costs its size, so those of little use go to zero. 0 is off.",
        ),
        "l2": row.number_input(
            "L2 penalty",
            0.0,
            1.0,
            step=0.0001,
            format="%.6g",
            value=state.held(state.setting("l2")),
            key=state.setting("l2"),
            help="Every weight costs its square, so none becomes large. 0 is off.",
        ),
        "label_smoothing": st.slider(
            "Label smoothing",
            0.0,
            0.5,
            step=0.01,
            value=state.held(state.setting("label_smoothing")),
            key=state.setting("label_smoothing"),
            help="Share of each answer that is spread over all ten digits, so that the network need "
            "not be certain.",
        ),
    }


def _show_data() -> dict[str, Any]:
    return {
        "label_noise": st.slider(
            "Wrong labels",
            0.0,
            1.0,
            step=0.05,
            value=state.held(state.setting("label_noise")),
            key=state.setting("label_noise"),
            help="Share of the training labels replaced by another digit at random: watch whether the "
            "network learns them by heart. Validation and test labels stay right.",
        ),
        "training_fraction": st.number_input(
            "Share of the training images",
            MIN_TRAINING_FRACTION,
            1.0,
            step=0.1,
            format="%.6g",
            value=state.held(state.setting("training_fraction")),
            key=state.setting("training_fraction"),
            help="Learns from so many of them only, chosen by the seed: few images are soon known by heart.",
        ),
    }
