"""What a run is called: in lists, at the head of its panel, in sentences. No two runs look alike."""

from collections.abc import Collection
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from core.config.differences import differences, in_words
from core.data.catalog import CATALOG
from core.numbers import percent
from core.sentences import say
from core.store import SHARED_WORKSPACE, Run, RunStatus
from pages.parts.shared import handles
from pages.parts.shared.language import _

_USUAL_DATASET = "mnist"
_MONTHS = (
    *(say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun")),
    *(say("Jul"), say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec")),
)


def run_name(run: Run, mine: str) -> str:
    """Return the shortest name of a run as the browser with the workspace `mine` says it: “#17”.

    Numbers are given within a workspace; runs of the command line and of other browsers say so.
    Nobody else's workspace is named: whoever knows it could enter it.
    """
    if run.workspace == mine:
        return f"#{run.number}"
    if run.workspace == SHARED_WORKSPACE:
        return _("shared #{number}", number=run.number)
    return _("another browser’s #{number} ({id})", number=run.number, id=run.id)


def own_name(run: Run) -> str:
    """Return what a run is called: by its experiment in words that we translate, else by its owner."""
    return _(run.name) if run.name and run.experiment else run.name or ""


def run_title(run: Run, mine: str, before: Run | None = None) -> str:
    """Return what never changes of a run: number, and what its owner calls it or differs from `before`.

    The first run of a browser is told by the units of its hidden layers, and its data if not MNIST.
    A list whose labels change while it is shown keeps the old ones in the browser.
    """
    parts = [run_name(run, mine)]
    if run.name:
        parts.append(own_name(run))
    elif run.imported:
        parts.append(_("brought from elsewhere"))
    elif before is not None:
        changes = differences(run.config, before.config)
        parts.append(_(in_words(changes)) if changes else _("as #{number}", number=before.number))
    else:
        units = "-".join(str(layer.units) for layer in run.config.hidden_layers)
        parts.append(units or _("no hidden layer"))
        if run.config.dataset != _USUAL_DATASET:
            parts.append(_(CATALOG[run.config.dataset].title))
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
            return _("waiting")
        case RunStatus.RUNNING:
            return _("training")
        case RunStatus.PAUSED:
            return _("paused in epoch {epoch}", epoch=run.epoch) if run.epoch else _("paused before it began")
        case RunStatus.STOPPED if run.whole_epochs:
            return _("stopped after epoch {epoch}", epoch=run.whole_epochs)
        case RunStatus.STOPPED:
            return _("stopped in epoch 1") if run.epoch else _("stopped before it began")
        case RunStatus.FINISHED:
            return _("finished")
        case RunStatus.FAILED:
            return _("failed")


def local_time(moment: datetime, *, with_seconds: bool = False) -> str:
    """Return the moment as the browser's clock says it: “25 Nov 14:05”; in UTC where it tells no zone."""
    zone = browser_zone()
    then = moment.astimezone(zone)
    clock = f"{then:%H:%M:%S}" if with_seconds else f"{then:%H:%M}"
    words = f"{then:%d} {_(_MONTHS[then.month - 1])} {clock}"
    return f"{words} UTC" if zone is UTC else words


def browser_zone() -> tzinfo:
    """Return the browser's time zone, or UTC: what it calls its zone comes from outside."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if name else UTC
    # A name that is no zone is looked for as a file: the folder “America”, a path too long, odd bytes.
    except (LookupError, ValueError, OSError):
        return UTC
