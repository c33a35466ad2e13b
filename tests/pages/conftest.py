"""What all page tests share: no workers are started and nothing is downloaded."""

from collections.abc import Iterator

import pytest
import streamlit as st

from core.data.library import DatasetLibrary
from pages.parts import handles


@pytest.fixture(autouse=True)
def _no_workers_no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(handles, "jobs", lambda: None)
    monkeypatch.setattr(DatasetLibrary, "start", lambda self, name: None)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
