"""A press on Train: what it trains when settings are sent together with it."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.errors import JobError
from core.store import RunStatus, RunStore
from core.store.queries import change
from core.store.tables import runs
from pages.parts.shared import handles, state


def errors(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in app.error)


def test_a_value_sent_together_with_the_press_on_train_is_trained(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    app = open_page()
    app.number_input(key=state.setting("epochs")).set_value(
        9
    )  # no run of the page between this and the press
    app.button(key="train").click().run()
    assert store.get(submitted[0]).config == TrainingConfig(epochs=9)
    # A value that this server refuses is told, and nothing is started.
    app = open_page()
    app.number_input(key=state.layer_setting(0, "units")).set_value(2_048)
    app.number_input(key=state.layer_setting(1, "units")).set_value(2_048)
    app.button(key="train").click().run()
    assert "parameters; this server allows" in errors(app)
    assert len(submitted) == 1


def test_a_press_on_settings_that_cannot_be_does_not_train_later(
    open_page: Callable[[], AppTest], submitted: list[str]
) -> None:
    app = open_page()
    app.slider(key=state.setting("validation_split")).set_value(0.0)
    app.selectbox(key=state.setting("early_stopping")).set_value("loss")
    app.button(key="train").click().run()
    assert "the validation split is 0" in errors(app)
    app.slider(key=state.setting("validation_split")).set_value(0.1).run()
    assert not app.button(key="train").disabled
    assert submitted == []


def test_a_press_without_workers_makes_one_run_which_is_shown_and_waits(
    open_page: Callable[[], AppTest], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page()
    failure = "The training workers could not be started. Digit Lab keeps trying."

    def refuse(run_id: str) -> None:
        raise JobError(failure)

    monkeypatch.setattr(handles, "jobs", lambda: SimpleNamespace(submit=refuse, ready=False, failure=failure))
    app.button(key="train").click().run()
    (run,) = store.list_runs()
    assert app.session_state[state.RUN_ID] == run.id
    assert run.status is RunStatus.QUEUED
    assert errors(app) == ""
    assert [str(element.value) for element in app.info] == [failure]


def test_what_keeps_a_run_from_going_on_is_told(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    app = open_page()
    app.button(key="train").click().run()
    claim = store.claim(submitted[0], "anna")
    trouble = "No space is left. The training goes on; its last checkpoint is from epoch 1.50."

    def warnings() -> list[str]:
        app.run()
        return [str(element.value) for element in app.warning]

    assert warnings() == []
    claim.record([], None, trouble=trouble)
    assert warnings() == [trouble]
    claim.record([], None)
    assert warnings() == []
    # A full disk may be the database's own: then nothing is heard at all.
    with store.database.transaction(write=True) as connection:
        change(connection, submitted[0], heartbeat_at=runs.c.heartbeat_at - 45)
    (warning,) = warnings()
    assert "Nothing has been heard of this run for 4" in warning
    assert "goes on by itself" in warning
