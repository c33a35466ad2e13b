"""Fixtures of the dataset tests: a small web server, a folder that a user may have filled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dataset_samples import NPZ, Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")
    with Server().running() as running:
        running.answers["/mnist.npz"] = NPZ
        yield running


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder
