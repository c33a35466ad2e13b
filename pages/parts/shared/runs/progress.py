"""How a run stands, in one line with a bar: what the Train page keeps in sight."""

from html import escape

from core.numbers import duration, percent
from core.store import Run, RunStatus
from core.store.watching import Watched
from pages.parts.shared import handles
from pages.parts.shared.language import _
from pages.parts.shared.runs.labels import run_name, status_words
from pages.parts.shared.workspace import workspace


def status_line(watched: Watched, title: str, before: Run | None = None) -> str:
    """Return, as HTML, the title of a run, how it stands, and how much of it is done.

    Its result is held against that of the run `before`, the last one with the same images. It has the same
    height however the run stands, so that what is below it keeps its place; the page sends its style once,
    as this is sent twice a second.
    """
    run = watched.run
    # Early stopping finishes a run before its last epoch: nothing is left to be done.
    is_done = run.status is RunStatus.FINISHED
    done = 1.0 if is_done else min(1.0, max(0.0, run.epochs_done / run.config.epochs))
    # Without a value, browsers show that something goes on whose end nobody knows.
    value = "" if _is_getting_ready(watched) else f' value="{done:.3f}"'
    share = escape(_("Share of the training that is done"))
    return (
        f'<div class="run-status"><p><b>{escape(title)}</b></p><p>{escape(_words(watched, before))}</p>'
        f'<progress max="1"{value} aria-label="{share}"></progress></div>'
    )


def _is_getting_ready(watched: Watched) -> bool:
    return watched.run.status is RunStatus.RUNNING and not len(watched.curve)


def _words(watched: Watched, before: Run | None) -> str:
    run = watched.run
    if _is_getting_ready(watched):
        return _("Getting ready… (the first time up to 15 s)")
    match run.status:
        case RunStatus.QUEUED:
            place = handles.watcher().queue_place(run.id) or 1
            return _("Waits at place {place}", place=place)
        case RunStatus.RUNNING:
            words = _("Training: epoch {epoch} of {epochs}", epoch=run.epoch, epochs=run.config.epochs)
            if run.seconds_left is None:
                return words
            return f"{words} · {_('{time} left', time=duration(run.seconds_left))}"
        case RunStatus.PAUSED if run.epoch:
            return _("Paused in epoch {epoch} of {epochs}", epoch=run.epoch, epochs=run.config.epochs)
    return _result(run, before)


def _result(run: Run, before: Run | None) -> str:
    words = status_words(run)
    words = words[:1].upper() + words[1:]
    if run.test_accuracy is None:
        return words
    right = _("{share} of the test images right", share=percent(run.test_accuracy))
    against = _against(run.test_accuracy, before)
    return " · ".join(part for part in (right, against, words) if part)


def _against(accuracy: float, before: Run | None) -> str:
    """Say how many percentage points better or worse a run is than the one before, if that has a result."""
    if before is None or before.test_accuracy is None:
        return ""
    name = run_name(before, workspace())
    points = f"{100 * abs(accuracy - before.test_accuracy):.2f}"
    if float(points) == 0:
        return _("as good as {name}", name=name)
    if accuracy > before.test_accuracy:
        return _("▲ {points} points better than {name}", points=points, name=name)
    return _("▼ {points} points worse than {name}", points=points, name=name)
