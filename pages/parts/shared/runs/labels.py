"""What a run is called: in lists, at the head of its panel, in sentences. No two runs look alike."""

from collections.abc import Collection
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from core.config.differences import differences, in_words
from core.data.catalog import CATALOG
from core.numbers import percent
from core.store import SHARED_WORKSPACE, Run, RunStatus
from pages.parts.shared import handles

_USUAL_DATASET = "mnist"


def run_name(run: Run, mine: str) -> str:
    """Return the shortest name of a run as the browser with the workspace `mine` says it: “#17”.

    Numbers are given within a workspace; runs of the command line and of other browsers say so.
    Nobody else's workspace is named: whoever knows it could enter it.
    """
    if run.workspace == mine:
        return f"#{run.number}"
    if run.workspace == SHARED_WORKSPACE:
        return f"shared #{run.number}"
    return f"another browser’s #{run.number} ({run.id})"


def run_title(run: Run, mine: str, before: Run | None = None) -> str:
    """Return what never changes of a run: number, and what its owner calls it or differs from `before`.

    The first run of a browser is told by the units of its hidden layers, and its data if not MNIST.
    A list whose labels change while it is shown keeps the old ones in the browser.
    """
    parts = [run_name(run, mine)]
    if run.name:
        parts.append(run.name)
    elif before is not None:
        changes = differences(run.config, before.config)
        parts.append(in_words(changes) if changes else f"as #{before.number}")
    else:
        parts.append("-".join(str(layer.units) for layer in run.config.hidden_layers) or "no hidden layer")
        if run.config.dataset != _USUAL_DATASET:
            parts.append(CATALOG[run.config.dataset].title)
    return " · ".join(parts)


def run_titles(runs: Collection[Run], mine: str) -> dict[str, str]:
    """Return the title of each run by its id; asks the store which run came before which."""
    before = handles.store().runs_before([run.id for run in runs])
    return {run.id: run_title(run, mine, before.get(run.id)) for run in runs}


def run_label(run: Run, mine: str, before: Run | None = None) -> str:
    """Return a run in one line: its title, its test accuracy, and how it stands unless it is finished."""
    parts = [run_title(run, mine, before)]
    if run.test_accuracy is not None:
        parts.append(percent(run.test_accuracy))
    if run.status is not RunStatus.FINISHED:
        parts.append(status_words(run))
    return " · ".join(parts)


def run_labels(runs: Collection[Run], mine: str) -> dict[str, str]:
    """Return the label of each run by its id; asks the store which run came before which."""
    before = handles.store().runs_before([run.id for run in runs])
    return {run.id: run_label(run, mine, before.get(run.id)) for run in runs}


def status_words(run: Run) -> str:
    """Return how a run stands: “training”, “stopped after epoch 3”."""
    match run.status:
        case RunStatus.QUEUED:
            return "waiting"
        case RunStatus.RUNNING:
            return "training"
        case RunStatus.PAUSED:
            return f"paused in epoch {run.epoch}" if run.epoch else "paused before it began"
        case RunStatus.STOPPED if run.whole_epochs:
            return f"stopped after epoch {run.whole_epochs}"
        case RunStatus.STOPPED:
            return "stopped in epoch 1" if run.epoch else "stopped before it began"
        case _:
            return str(run.status)


def local_time(moment: datetime) -> str:
    """Return the moment as the browser's clock says it: “25 Nov 14:05”; in UTC where it tells no zone."""
    zone = browser_zone()
    words = moment.astimezone(zone).strftime("%d %b %H:%M")
    return f"{words} UTC" if zone is UTC else words


def browser_zone() -> tzinfo:
    """Return the browser's time zone, or UTC: what it calls its zone comes from outside."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if name else UTC
    # A name that is no zone is looked for as a file: the folder “America”, a path too long, odd bytes.
    except (LookupError, ValueError, OSError):
        return UTC
