"""Runs on their way to the browser: one list for each column, words once and then by their numbers."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from core.store import SHARED_WORKSPACE, RunStatus
from core.store.records import ListedRun

# In the order of rows.js.
_STATUSES = {status: number for number, status in enumerate(RunStatus)}


def pack(
    runs: Sequence[ListedRun], mine: str, translated: Callable[[str], str], gone: Collection[str] = ()
) -> bytes:
    """Return runs as JSON that rows.js unpacks; nobody else's workspace is named in it.

    Parameters
    ----------
    mine
        The workspace of the browser that it is for.
    translated
        Translates the words of settings.
    gone
        The ids of runs that are not there any more.
    """
    content = {
        "id": "".join(run.id for run in runs),
        "number": [run.number for run in runs],
        "status": [_STATUSES[run.status] for run in runs],
        "owner": [
            0 if run.workspace == mine else 1 if run.workspace == SHARED_WORKSPACE else 2 for run in runs
        ],
        "created": [round(run.created_at, 3) for run in runs],
        "done": [round(run.epochs_done, 2) for run in runs],
        "epochs": [run.epochs for run in runs],
        "parameters": [run.parameters for run in runs],
        "seconds": [_rounded(run.train_seconds, 2) for run in runs],
        "test": [_rounded(run.test_accuracy, 6) for run in runs],
        "loss": [_rounded(run.test_loss, 6) for run in runs],
        "best": [_rounded(run.best_accuracy, 6) for run in runs],
        "best_epoch": [_rounded(run.best_epoch, 2) for run in runs],
        # Few have these: by their places.
        "starred": _some(runs, lambda run: run.starred),
        "imported": _some(runs, lambda run: run.imported),
        # What its experiment calls it is ours to translate, what its owner calls it is not.
        "name": _some(runs, lambda run: translated(run.name) if run.name and run.experiment else run.name),
        "note": _some(runs, lambda run: run.note),
        "tags": _some(runs, lambda run: run.tags),
        "experiment": _some(runs, lambda run: run.experiment),
        "settings": [
            _words(column, translated) for column in zip(*(run.settings for run in runs), strict=True)
        ],
        "gone": list(gone),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _words(column: Sequence[str], translated: Callable[[str], str]) -> tuple[list[str], list[int]]:
    """Return the words of a column and for each run which it has: no places if all have the same."""
    places = {word: place for place, word in enumerate(dict.fromkeys(column))}
    return [translated(word) for word in places], [places[word] for word in column] if len(places) > 1 else []


def _some(runs: Sequence[ListedRun], read: Callable[[ListedRun], Any]) -> Mapping[int, Any]:
    return {place: found for place, run in enumerate(runs) if (found := read(run))}


def _rounded(value: float | None, digits: int) -> float | None:
    # What a database says may be no number that JSON has.
    return None if value is None or not abs(value) < 1e300 else round(value, digits)
