"""The runs before the one on show: pale lines behind its curves, and what each changed, in a table."""

from collections.abc import Sequence
from itertools import pairwise

import streamlit as st

from core.config.differences import differences, in_words
from core.errors import DigitLabError
from core.figures.charts.curves import GHOST_DASHES, Ghost
from core.numbers import NO_VALUE, duration, percent
from core.store import Run, RunStatus
from pages.parts.shared import handles
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_name
from pages.parts.shared.tables import show_table
from pages.parts.shared.workspace import workspace

GHOSTS = len(GHOST_DASHES)
# Looked at to find runs of the same images.
_LOOKED_AT = 30
_ENDED = [status for status in RunStatus if status.is_ended]


def earlier_runs(run: Run) -> list[Run]:
    """Return this browser's newest ended runs before `run` that learn the same images, newest first.

    One more than there are ghosts, for what the oldest of these changed. Those of experiments are there for
    a run of one only. None for another browser's run, or while the database does not answer: the curve of
    the run itself is what matters.
    """
    if run.workspace != workspace():
        return []
    try:
        found = handles.store().list_runs(
            workspaces=[run.workspace],
            statuses=_ENDED,
            before=run.id,
            limit=_LOOKED_AT,
            is_single=run.experiment is None,
        )
    except DigitLabError:
        return []
    same = [one for one in found if one.config.dataset == run.config.dataset and one.curve_version]
    return same[: GHOSTS + 1]


def ghosts_of(runs: Sequence[Run]) -> list[Ghost]:
    """Return the ghosts of the newest of these runs; without those whose curve cannot be read."""
    ghosts = []
    for run in runs[:GHOSTS]:
        try:
            ghosts.append(handles.ghost(run.id, run_name(run, workspace()), run.curve_version))
        except DigitLabError:
            continue
    return ghosts


def show_what_changed(run: Run, earlier: Sequence[Run]) -> None:
    """Show a row for `run` and each earlier one: what it changed of the run before, what came of it."""
    if not earlier:
        return
    rows = [run, *earlier]
    told = [_(in_words(differences(one.config, before.config))) for one, before in pairwise(rows)]
    if len(rows) <= GHOSTS + 1:
        told.append(_("the first of these runs"))
    shown = rows[: len(told)]
    mine = workspace()
    st.markdown(_("**Did it help?** Each run beside the one before it:"))
    accuracy, time = _("Test accuracy"), _("Training")
    show_table(
        {
            _("Run"): [run_name(one, mine) for one in shown],
            _("What changed"): told,
            accuracy: [percent(one.test_accuracy) for one in shown],
            time: [NO_VALUE if one.train_seconds is None else duration(one.train_seconds) for one in shown],
        },
        numbers=(accuracy, time),
    )
