"""The numbers of one run, side by side."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.numbers import NO_VALUE, duration, percent
from core.store import Curve, Run
from pages.parts.shared.language import _, grouped


def show_metrics(run: Run, curve: Curve) -> None:
    """Show where a run stands in numbers, with a help text for each term."""
    with st.container(horizontal=True, gap="small", key="run_metrics"):
        for label, value, help_text in _rows(run, curve):
            st.metric(label, value, help=help_text, width="content")


def _rows(run: Run, curve: Curve) -> list[tuple[str, str, str | None]]:
    return [
        (_("Epoch"), f"{run.epoch} / {run.config.epochs}", None),
        (
            _("Step"),
            f"{grouped(run.step)} / {grouped(run.steps_per_epoch)}",
            _("One step: one batch of images, one change of the weights."),
        ),
        (_("Loss"), _loss(curve.training_loss), _("Cross-entropy on the latest training images.")),
        (
            _("Accuracy"),
            _accuracy(curve.training_accuracy),
            _("Share read right of the latest training images."),
        ),
        (
            _("Validation loss"),
            _loss(curve.validation_loss),
            _("Cross-entropy on the images kept aside, after the latest epoch."),
        ),
        (
            _("Validation accuracy"),
            _accuracy(curve.validation_accuracy),
            _("Share read right of the images kept aside, after the latest epoch."),
        ),
        (
            _("Images/s"),
            NO_VALUE if run.images_per_second is None else grouped(run.images_per_second),
            _("Training images a second."),
        ),
        (_("Time left"), duration(run.seconds_left), None)
        if run.status.is_alive
        else (_("Training time"), duration(run.train_seconds), None),
    ]


def _loss(values: Sequence[float] | NDArray[np.float64]) -> str:
    return f"{values[-1]:.4f}" if len(values) else NO_VALUE


def _accuracy(values: Sequence[float] | NDArray[np.float64]) -> str:
    return percent(float(values[-1])) if len(values) else NO_VALUE
