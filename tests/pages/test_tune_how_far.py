"""How far a search is, in words: of one run as of one."""

from types import SimpleNamespace

import pytest

from core.data.library import DatasetLibrary, DatasetState
from core.store import RunStatus, RunStore
from pages.parts.shared import state
from pages.parts.tune import search as shown_search
from tests.pages.test_tune import open_page, texts


def test_one_run_is_told_as_one(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DatasetLibrary, "state", lambda self, name: DatasetState("ready", 1.0, "It is here."))

    def how_far(status: RunStatus, done: int, minutes: float | None = 5.0) -> str:
        experiment = SimpleNamespace(status=status, request=None, made=done)
        found = SimpleNamespace(trials=[None] * done, count=lambda _state: done)
        return shown_search._how_far(experiment, SimpleNamespace(minutes=minutes, size=done), found)  # type: ignore[arg-type]

    assert how_far(RunStatus.RUNNING, 1) == "1 run. 1 stopped early. 1 failed."
    assert how_far(RunStatus.RUNNING, 2) == "2 runs. 2 stopped early. 2 failed."
    assert how_far(RunStatus.RUNNING, 1, None).startswith("1 of 1 run. ")
    assert how_far(RunStatus.RUNNING, 2, None).startswith("2 of 2 runs. ")
    assert how_far(RunStatus.FINISHED, 1).startswith("Finished: 1 run. ")
    assert how_far(RunStatus.STOPPED, 1).startswith("Stopped after 1 run. ")
    app = open_page()
    app.number_input(state.TUNE_RUNS).set_value(1).run()
    assert "1 run, about" in texts(app.caption)
