"""What all page tests share: no workers are started and nothing is downloaded."""

import gc
import logging
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.manifest_scanner import scan_component_manifests
from streamlit.testing.v1 import AppTest

from core.data.library import DatasetLibrary, DatasetState
from core.once import forget_all
from core.settings import get_settings
from core.store import RunStore
from pages.parts.shared import errors, handles, state
from tests.pages.samples import APP, MINE


@pytest.fixture(autouse=True, scope="session")
def _spare_the_collector_what_other_tests_imported() -> None:
    # Garbage is collected after each run of a page: half a second where TensorFlow has been imported.
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _look_for_components_once() -> Iterator[None]:
    # For each AppTest Streamlit reads what every installed package says of itself: a tenth of a second.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(scan_component_manifests))
        yield


def _forget() -> None:
    """Forget what pages of an earlier test have in common."""
    st.cache_resource.clear()
    forget_all()


@pytest.fixture(autouse=True)
def _no_workers_no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(handles, "jobs", lambda: None)
    monkeypatch.setattr(handles, "start_workers", lambda: None)
    monkeypatch.setattr(DatasetLibrary, "start", lambda self, name, **_: None)
    _forget()
    yield
    _forget()


@pytest.fixture(autouse=True)
def unforeseen() -> Iterator[list[str]]:
    """What pages met and nobody foresaw: shown as a sentence, it would pass for a good page.

    A test that provokes such an error empties the list.
    """
    met: list[str] = []

    class Note(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            met.append(self.format(record))

    handler = Note(logging.ERROR)
    logger = logging.getLogger(errors.__name__)
    logger.addHandler(handler)
    yield met
    logger.removeHandler(handler)
    assert met == []


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the runs that the page hands to the workers; no worker is started."""
    ids: list[str] = []
    monkeypatch.setattr(handles, "jobs", lambda: SimpleNamespace(submit=ids.append, ready=True, failure=None))
    monkeypatch.setattr(DatasetLibrary, "state", lambda self, name: DatasetState("ready", 1.0, "It is here."))
    monkeypatch.setattr(DatasetLibrary, "start", lambda self, name, **_: None)
    _forget()
    yield ids
    _forget()


@pytest.fixture
def store(home: Path) -> RunStore:
    return RunStore.from_settings(get_settings())


@pytest.fixture
def open_page(submitted: list[str], store: RunStore) -> Callable[[], AppTest]:
    """Return a function that opens the Train page as the browser `MINE` sees it."""

    def start() -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        app.session_state[state.WORKSPACE] = MINE
        app.run()
        assert not app.exception
        return app

    return start
