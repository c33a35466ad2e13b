"""The long-lived things that all sessions share."""

import gc
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import ModelError
from core.settings import get_settings
from core.store import RunStore
from pages.parts.shared import handles
from pages.parts.shared.handles import jobs
from tests.support.network_samples import always, onnx_file
from tests.support.store_samples import CONFIG

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


def test_a_network_that_is_not_what_was_written_reads_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = RunStore.from_settings(get_settings())
    monkeypatch.setattr(handles, "store", lambda: opened)
    run_id = opened.create(CONFIG, workspace="red").id
    for name in ("network.onnx", "test_probabilities.npy"):
        opened.keep(run_id, name, onnx_file())
        (opened.folder(run_id) / name).write_bytes(always([0.1] * 10))  # a network too, but not this run's
    with pytest.raises(ModelError, match="is damaged"):
        handles.network(run_id, None)
    monkeypatch.setattr(
        handles, "library", lambda: SimpleNamespace(open=lambda _: SimpleNamespace(test_labels=[]))
    )
    with pytest.raises(ModelError, match="is damaged"):
        handles.evaluation(run_id, "mnist", None)
