"""Runs are starred, named, deleted with a way back, found by a link, and only their owner steers them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import Progress, RunStatus, RunStore
from core.store.shelf import LONGEST_NAME, UNDO_SECONDS
from pages.parts.shared import state
from pages.parts.shared.runs import shelf
from tests.pages.samples import APP, MINE
from tests.support.store_samples import holding

OTHER = "b" * 24


def ended(store: RunStore, workspace: str = MINE, status: RunStatus = RunStatus.FINISHED) -> str:
    run_id = store.create(TrainingConfig(), workspace=workspace).id
    store.claim(run_id, "worker")
    holding(store, run_id, "worker").record([], Progress(2, 50, 100, None, None))
    results = (
        {} if status in (RunStatus.PAUSED, RunStatus.FAILED) else {"test_accuracy": 0.9, "test_loss": 0.3}
    )
    holding(store, run_id, "worker").finish(status, **results)
    return run_id


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def texts(elements: Any) -> str:
    return "\n".join(str(element.value) for element in elements)


def open_with(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_a_run_is_given_a_name_which_stands_everywhere_and_is_taken_away_again(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    ended(store)
    run_id = ended(store)
    app = open_page()
    field = state.new_name(run_id)
    app.text_input(key=field).set_value(" my **best** ").run()
    assert store.get(run_id).name == "my **best**"
    assert r"#2 · my \*\*best\*\* · 90.00 %" in texts(app.markdown)
    assert any("my **best**" in label for label in app.selectbox(key=state.RUN_PICKED).options)
    app.text_input(key=field).set_value("").run()
    assert store.get(run_id).name is None
    assert "#2 · as #1" in texts(app.markdown)


def test_a_name_that_cannot_be_shown_is_a_sentence_and_the_run_keeps_its_own(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    run_id = ended(store)
    app = open_page()
    app.text_input(key=state.new_name(run_id)).set_value("a\u202eb").run()
    assert "signs that cannot be shown" in texts(app.error)
    assert store.get(run_id).name is None


def test_a_name_that_is_too_long_is_told_and_not_dropped(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    run_id = ended(store)
    app = open_page()
    field = app.text_input(key=state.new_name(run_id))
    assert field.proto.max_chars == 0  # beyond it the browser drops what is pasted
    field.set_value("x" * (LONGEST_NAME + 1)).run()
    assert f"this text has {LONGEST_NAME + 1}. Shorten it." in texts(app.error)
    assert store.get(run_id).name is None


def test_a_star_is_given_and_taken(open_page: Callable[[], AppTest], store: RunStore) -> None:
    run_id = ended(store)
    app = open_page()
    app.button(key=f"star_{run_id}").click().run()
    assert store.get(run_id).starred
    assert app.button(key=f"star_{run_id}").label == "Starred"
    app.button(key=f"star_{run_id}").click().run()
    assert not store.get(run_id).starred


def test_a_deleted_run_is_off_the_page_until_it_is_undone(
    open_page: Callable[[], AppTest], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = ended(store), ended(store)
    app = open_page()
    app.button(key=f"delete_{newer}").click().run()
    assert [run.id for run in store.list_runs()] == [older]
    assert "Run #2 is deleted." in texts(app.markdown)
    assert f"star_{older}" in keys(app)
    app.button(key=f"undo_{newer}").click().run()
    assert not app.exception
    assert {run.id for run in store.list_runs()} == {older, newer}
    assert "is deleted" not in texts(app.markdown)
    assert f"star_{newer}" in keys(app)
    app.button(key=f"delete_{newer}").click().run()
    monkeypatch.setattr(shelf, "UNDO_SECONDS", -1.0)  # as if ten minutes had gone
    assert f"undo_{newer}" not in keys(app.run())


def test_without_another_run_a_deleted_one_leaves_the_first_visit_and_the_way_back(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    run_id = ended(store)
    app = open_page()
    app.session_state[state.CHOSEN_RUN] = (run_id, run_id)  # it has been on show on another page
    app.run()
    app.button(key=f"delete_{run_id}").click().run()
    assert [one.value for one in (*app.error, *app.warning)] == []
    assert "Press **▶ Train**" in texts(app.info)
    assert f"undo_{run_id}" in keys(app)


def test_undo_is_not_offered_longer_than_the_store_keeps_a_run() -> None:
    assert shelf.UNDO_SECONDS <= UNDO_SECONDS


def test_a_run_that_a_worker_has_is_not_deleted(open_page: Callable[[], AppTest], store: RunStore) -> None:
    run_id = store.create(TrainingConfig(), workspace=MINE).id
    store.claim(run_id, "worker")
    assert f"star_{run_id}" in keys(open_page())
    assert f"delete_{run_id}" not in keys(open_page())


def test_a_failed_run_with_a_checkpoint_is_resumed(
    open_page: Callable[[], AppTest], store: RunStore, submitted: list[str]
) -> None:
    lost = ended(store, status=RunStatus.FAILED)
    assert f"resume_{lost}" not in keys(open_page())
    kept = store.create(TrainingConfig(), workspace=MINE).id
    claim = store.claim(kept, "worker")
    claim.record([], None, checkpoint_step=150)
    claim.fail("Six workers died.")
    app = open_page()
    app.button(key=f"resume_{kept}").click().run()
    assert store.get(kept).status is RunStatus.QUEUED
    assert submitted == [kept]


def test_a_link_opens_a_run_however_old_and_a_paused_one_is_listed(
    submitted: list[str], store: RunStore
) -> None:
    oldest = ended(store)
    paused = ended(store, status=RunStatus.PAUSED)
    for _ in range(21):
        ended(store)
    app = open_with()
    listed = app.selectbox(key=state.RUN_PICKED)
    numbers = {option.split(" ")[0] for option in listed.options}
    assert f"#{store.get(paused).number}" in numbers
    assert "#1" not in numbers
    linked = open_with(run=oldest)
    assert linked.selectbox(key=state.RUN_PICKED).value == oldest
    assert f"delete_{oldest}" in keys(linked)


def test_a_run_of_another_browser_is_shown_by_its_link_and_not_steered(
    submitted: list[str], store: RunStore
) -> None:
    foreign = ended(store, OTHER, RunStatus.PAUSED)
    app = open_with(run=foreign)
    assert f"another browser’s #1 ({foreign})" in texts(app.markdown)
    own_ways = {"star", "delete", "resume", "stop", "step_chunk", "step_epoch", "set_rate", "extend"}
    assert not {f"{way}_{foreign}" for way in own_ways} & keys(app)


def test_a_link_to_no_run_is_told(submitted: list[str], store: RunStore) -> None:
    app = open_with(run="0" * 12)
    assert "There is no run" in texts(app.warning)
    assert "Press **▶ Train**" in texts(app.info)


def test_damaged_runs_are_counted(submitted: list[str], store: RunStore, home: Path) -> None:
    damaged, _ = ended(store), ended(store)
    with closing(sqlite3.connect(home / "digitlab.db")) as connection, connection:
        connection.execute("UPDATE runs SET config = '{' WHERE id = ?", [damaged])
    assert "1 run cannot be read and is not listed" in texts(open_with().caption)


def test_what_keeps_a_run_from_going_on_is_said(
    open_page: Callable[[], AppTest], store: RunStore, home: Path
) -> None:
    run_id = store.create(TrainingConfig(), workspace=MINE).id
    store.claim(run_id, "worker")
    with closing(sqlite3.connect(home / "digitlab.db")) as connection, connection:
        connection.execute("UPDATE runs SET trouble = 'The disk is full. Free some [space](x).'")
    assert r"The disk is full. Free some \[space\](x)." in texts(open_page().warning)
