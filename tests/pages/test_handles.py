"""The long-lived things that all sessions share."""

import gc
from pathlib import Path

import pytest

from pages.parts.shared.handles import jobs

WORKERS = object()


def test_what_is_imported_is_spared_the_garbage_collector_once_workers_start(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.cluster.Jobs", lambda settings, store: WORKERS)
    gc.unfreeze()
    assert jobs() is WORKERS
    spared = gc.get_freeze_count()
    assert spared > len(gc.get_objects())
    assert jobs() is WORKERS
    assert gc.get_freeze_count() == spared
