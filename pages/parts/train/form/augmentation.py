"""The part of the settings form that says how training images are distorted."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.config import MAX_ELASTIC, MAX_ROTATION, MAX_SCALE, MAX_SHEAR, MAX_SHIFT
from pages.parts.shared import state


@dataclass(frozen=True)
class _Range:
    """One slider: the setting it makes, its words and how far it goes."""

    setting: str
    title: str
    help: str
    maximum: float
    step: float


_RANGES = (
    _Range(
        "augmentation_shift",
        "Shift (pixels)",
        "Moves each image at most so far to a side, and up or down.",
        MAX_SHIFT,
        0.5,
    ),
    _Range(
        "augmentation_rotation",
        "Rotation (degrees)",
        "Turns each image at most so far either way. With too much, a 6 becomes a 9.",
        MAX_ROTATION,
        1.0,
    ),
    _Range(
        "augmentation_scale",
        "Scale",
        "Makes each image larger or smaller, in width and height by themselves: 0.1 is about 10 % at most.",
        MAX_SCALE,
        0.05,
    ),
    _Range(
        "augmentation_shear",
        "Shear",
        "Slants each image, as handwriting leans: at most so many pixels sideways for each pixel down.",
        MAX_SHEAR,
        0.05,
    ),
    _Range(
        "augmentation_elastic",
        "Elastic (pixels)",
        "Bends strokes smoothly, as an unsteady hand does; most pixels move no further than twice this.",
        MAX_ELASTIC,
        0.25,
    ),
)

NAMES = tuple(entry.setting for entry in _RANGES)


def show() -> dict[str, Any]:
    """Show the sliders and return the settings they make."""
    st.caption(
        "Distorts every training image a little, each time in another way: the network never sees the "
        "same image twice and has to learn shapes. All at 0 is off. Validation and test images stay as "
        "they are."
    )
    return {
        entry.setting: st.slider(
            entry.title,
            0.0,
            entry.maximum,
            step=entry.step,
            value=state.held(state.setting(entry.setting)),
            key=state.setting(entry.setting),
            help=entry.help,
        )
        for entry in _RANGES
    }
