"""The long-lived things that all sessions share."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st

from core.errors import ModelError, StoreError
from core.once import forget_all
from core.settings import get_settings
from core.store import RunStore
from pages.parts.shared import handles
from tests.support.network_samples import always, onnx_file
from tests.support.serve import wait_until
from tests.support.store_samples import CONFIG

# Taken before the page tests' own fixture puts others in their place.
JOBS, START_WORKERS = handles.jobs, handles.start_workers


@pytest.fixture
def clusters(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SimpleNamespace]]:
    """The clusters that were started, none of them real."""
    started: list[SimpleNamespace] = []

    def start(settings: object, store: object) -> SimpleNamespace:
        started.append(SimpleNamespace(settings=settings, store=store, listen=lambda hear: None))
        return started[-1]

    def drive(*_: object) -> SimpleNamespace:
        return SimpleNamespace(start=lambda: None, wake=lambda: None)

    monkeypatch.setattr("core.jobs.dispatcher.Jobs", start)
    monkeypatch.setattr("core.experiments.driver.Driver", drive)
    forget_all()
    yield started
    forget_all()


def test_what_is_imported_is_spared_the_garbage_collector_once_workers_start(
    clusters: list[SimpleNamespace],
) -> None:
    gc.unfreeze()
    JOBS()
    spared = gc.get_freeze_count()
    assert spared > len(gc.get_objects())
    JOBS()
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


def test_what_a_browser_can_clear_holds_no_workers_and_no_store(clusters: list[SimpleNamespace]) -> None:
    store, library, workers = handles.store(), handles.library(), JOBS()
    # What Streamlit does at a message that any browser can send.
    st.cache_data.clear()
    st.cache_resource.clear()
    assert (handles.store(), handles.library(), JOBS()) == (store, library, workers)
    assert len(clusters) == 1
    assert clusters[0].store is store


def test_sessions_that_come_at_once_start_one_cluster(clusters: list[SimpleNamespace]) -> None:
    threads = [threading.Thread(target=JOBS) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    START_WORKERS()
    assert len(clusters) == 1


def test_workers_start_as_soon_as_the_database_can_be_opened(
    clusters: list[SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = [StoreError("The database is in use."), StoreError("The database is in use.")]
    opened = RunStore.from_settings(get_settings())

    def open_store(settings: object) -> RunStore:
        if trouble:
            raise trouble.pop()
        return opened

    monkeypatch.setattr(handles, "_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(RunStore, "from_settings", open_store)
    START_WORKERS()
    wait_until(lambda: bool(clusters), 30, "the workers to start")
    assert trouble == []
    assert clusters[0].store is opened
