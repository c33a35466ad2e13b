"""The compared runs as they stand now, without those that cannot be read."""

from collections.abc import Sequence

from core.errors import DigitLabError
from core.store import Run
from pages.parts.shared import handles
from pages.parts.shared.errors import show_warning


def readable_runs(runs: Sequence[Run]) -> list[Run]:
    """Return the runs as they stand now, and say which cannot be read."""
    found = []
    for run in runs:
        try:
            found.append(handles.watcher().look(run.id).run)
        except DigitLabError as error:  # one that is damaged leaves the others
            show_warning(error)
    return found
