"""The table of runs: what the browser gets, and what it may ask for."""

import json
import time
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.config import HiddenLayer, TrainingConfig, from_query
from core.config.differences import COLUMNS
from core.experiments.driver import Driver
from core.store import RunStatus, RunStore, tables
from core.store.listing import Listing
from core.store.shelf import MOST_TAGS
from pages.parts.compare import run_table
from pages.parts.compare.choice import MOST_COMPARED
from pages.parts.compare.run_table import asked
from pages.parts.compare.run_table.blocks import pack
from pages.parts.compare.run_table.known import AllRuns, Deleted, known
from pages.parts.shared import state
from tests.pages.samples import APP, HOSTILE, MINE
from tests.support.experiment_samples import seeds_plan
from tests.support.store_samples import CONFIG, holding

OTHERS = "b" * 24


@pytest.fixture
def session(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `st.session_state` holds: that of the browser `MINE`, which looks at the table."""
    kept: dict[str, Any] = {state.WORKSPACE: MINE}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


@pytest.fixture
def runs(store: RunStore) -> list[str]:
    return [store.create(TrainingConfig(seed=seed), workspace=MINE).id for seed in range(3)]


def ask(session: dict[str, Any], number: int, what: str, *run_ids: str, **others: object) -> str | None:
    """Have the browser ask for something; return why it cannot be done."""
    sent = [{"number": number, "what": what, "ids": run_ids, **others}]
    session[state.RUN_TABLE] = {"asked": json.dumps(sent)}
    asked.take_asked()
    problem, known().problem = known().problem, None
    return problem


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    return app


def told(app: AppTest, part: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a part of the table was told, and the runs that it got."""
    for one in app.get("bidi_component"):
        line, _newline, block = one.proto.bytes.partition(b"\n")
        if one.proto.component_name == "digit_lab_run_table" and json.loads(line)["part"] == part:
            return json.loads(line), json.loads(block)
    raise AssertionError(f"the table was not told its {part}")


def test_the_browser_gets_all_runs_once_and_then_what_is_new(store: RunStore) -> None:
    ended = store.create(TrainingConfig(seed=5), workspace=MINE).id
    store.claim(ended, "anna")
    holding(store, ended).finish(RunStatus.FINISHED, test_accuracy=0.975, test_loss=0.1)
    foreign = store.create(TrainingConfig(), workspace=OTHERS).id
    app = open_page(runs=f"{foreign},{ended}")
    needed, block = told(app, "all")
    assert block["id"] == foreign + ended
    assert (block["owner"], block["test"], block["status"]) == ([2, 0], [None, 0.975], [0, 3])
    assert OTHERS not in app.get("bidi_component")[0].proto.bytes.decode()
    new = store.create(TrainingConfig(), workspace=MINE).id
    app.run()
    assert told(app, "all") == (needed, block)
    now, news = told(app, "news")
    assert news["id"] == new + foreign + ended  # the chosen ones are news always: they are few
    assert now["chosen"] == [foreign, ended]
    assert set(now["styles"]) == {foreign, ended}
    store.delete(new)
    app.run()
    assert told(app, "news")[1]["gone"] == [new]


def test_words_of_settings_are_sent_once(store: RunStore) -> None:
    layers = (HiddenLayer(units=8),)
    for rate in (0.1, 0.2, 0.1):
        store.create(TrainingConfig(hidden_layers=layers, learning_rate=rate), workspace=MINE)
    block = json.loads(pack(store.listing([MINE]).runs, MINE, str.upper))
    words = dict(zip(COLUMNS, block["settings"], strict=True))
    assert words["learning_rate"] == [["0.1", "0.2"], [0, 1, 0]]
    assert words["activation"] == [["RELU"], []]
    assert (block["number"], block["parameters"]) == ([3, 2, 1], [784 * 8 + 8 + 90] * 3)


def test_names_of_experiments_are_read_anew_where_one_is_new(
    session: dict[str, Any], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_names: list[dict[str, str]] = []
    reads: list[int] = []
    real = RunStore.listed_experiments

    def counted(self: RunStore, workspaces: Any) -> Any:
        reads.append(1)
        return real(self, workspaces)

    monkeypatch.setattr(RunStore, "listed_experiments", counted)
    monkeypatch.setattr(
        run_table, "_part", lambda _key, _files, needed, *_: told_names.append(dict(needed["experiments"]))
    )
    everything = AllRuns((), b"", 0.0, frozenset(), 0)

    def look(*first: Listing) -> None:
        run_table._bring(("", ""), everything, (), list(first), frozenset())

    def make_run(experiment: str) -> None:
        run = store.create(TrainingConfig(), workspace=MINE)
        with store.database.transaction(write=True) as connection:
            connection.execute(
                update(tables.runs).where(tables.runs.c.id == run.id).values(experiment=experiment)
            )

    one, other = (
        store.create_experiment(seeds_plan(CONFIG, 2), workspace=MINE, name=name).id for name in ("A", "B")
    )
    make_run(one)
    look(store.listing([MINE]))
    look()
    look()
    assert len(reads) == 1
    new = store.create_experiment(seeds_plan(CONFIG, 2), workspace=MINE).id
    look()
    assert len(reads) == 1  # none of its runs is listed yet
    for experiment in (new, "0" * 12):  # the latter is one that was deleted
        make_run(experiment)
        look()
        look()
    assert len(reads) == 3
    assert told_names[0] == {one: "A", other: "B"}
    assert told_names[-1] == {one: "A", other: "B", new: "Seeds"}
    look(store.listing([MINE]))
    assert len(reads) == 4  # the page came anew


def test_the_experiment_of_a_run_goes_by_its_place(store: RunStore) -> None:
    store.create(TrainingConfig(), workspace=MINE)
    made = store.create_experiment(seeds_plan(CONFIG, 1), workspace=MINE)
    Driver(store, lambda: 1).look_after()
    block = json.loads(pack(store.listing([MINE]).runs, MINE, str))
    assert block["experiment"] == {"0": made.id}


def test_names_notes_and_tags_are_kept_as_they_were_written(
    session: dict[str, Any], runs: list[str], store: RunStore
) -> None:
    assert ask(session, 1, "name", runs[0], text="my best") is None
    assert ask(session, 2, "note", runs[0], text=HOSTILE[3]) is None
    assert ask(session, 3, "tags", runs[0], text="odd, class 5b,") is None
    assert ask(session, 4, "add_tag", runs[0], runs[1], text="odd") is None
    assert ask(session, 5, "star", runs[1], runs[2], is_on=True) is None
    run = store.get(runs[0])
    assert (run.name, run.note, run.tags) == ("my best", HOSTILE[3], ("odd", "class 5b"))
    assert store.get(runs[1]).tags == ("odd",)
    assert [store.get(run_id).starred for run_id in runs] == [False, True, True]
    assert known().touched == set(runs)


def test_what_keeps_one_run_from_a_tag_keeps_no_other(
    session: dict[str, Any], runs: list[str], store: RunStore
) -> None:
    foreign = store.create(TrainingConfig(), workspace=OTHERS).id
    store.tag(runs[1], [f"tag {number}" for number in range(MOST_TAGS)])
    store.delete(runs[2])
    problem = ask(session, 1, "add_tag", foreign, runs[1], runs[2], runs[0], text="odd")
    assert store.get(runs[0]).tags == ("odd",)
    assert "odd" not in store.get(runs[1]).tags + store.get(foreign).tags
    assert "has been deleted" in str(problem)  # the last one that could not have it


def test_what_was_asked_is_done_once(session: dict[str, Any], runs: list[str], store: RunStore) -> None:
    assert ask(session, 7, "name", runs[0], text="first") is None
    store.rename(runs[0], "second")
    assert ask(session, 7, "name", runs[0], text="first") is None
    assert store.get(runs[0]).name == "second"
    assert known().handled == 7


def test_what_cannot_be_done_is_told(session: dict[str, Any], runs: list[str], store: RunStore) -> None:
    foreign = store.create(TrainingConfig(), workspace=OTHERS).id
    for number, what in enumerate(("name", "note", "tags", "add_tag"), 1):
        assert "another browser's" in str(ask(session, number, what, foreign, text="x"))
    ask(session, 5, "star", foreign, is_on=True)
    ask(session, 6, "delete", foreign)
    untouched = store.get(foreign)
    assert (untouched.name, untouched.note, untouched.tags, untouched.starred) == (None, None, (), False)
    assert "At most 40 letters" in str(ask(session, 7, "name", runs[0], text="x" * 41))
    store.claim(runs[0], "anna")
    assert "it is being trained" in str(ask(session, 8, "delete", *runs))
    assert [run.id for run in store.list_runs(workspaces=[MINE])] == [runs[0]]


@pytest.mark.parametrize(
    "sent",
    [
        *(None, 7, "", "{", "[1]", '[{"number": 1}]', '[{"number": 1, "what": "name", "ids": []}]'),
        '[{"number": -1, "what": "star", "ids": ["000000000000"]}]',
        '[{"number": 1, "what": "drop", "ids": ["000000000000"]}]',
        '[{"number": 1, "what": "delete", "ids": ["../../etc"]}]',
        json.dumps([{"number": 1, "what": "note", "ids": ["0" * 12], "text": "x" * 1_001}]),
    ],
)
def test_what_no_table_says_is_refused(session: dict[str, Any], sent: object) -> None:
    session[state.RUN_TABLE] = {"asked": sent, "chosen": sent}
    asked.take_asked()
    assert "cannot be done" in str(known().problem)
    known().problem = None
    asked.take_choice()
    assert "cannot be done" in str(known().problem)
    assert state.CHOSEN_RUNS not in session


def test_more_can_be_chosen_than_compared(session: dict[str, Any]) -> None:
    many = [f"{number:012x}" for number in range(3 * MOST_COMPARED)]
    session[state.RUN_TABLE] = {"chosen": json.dumps({"at": 9, "ids": many})}
    asked.take_choice()
    assert session[state.CHOSEN_RUNS] == tuple(many)
    assert session[state.COMPARED] == tuple(many[:MOST_COMPARED])
    assert known().chosen_at == 9


def test_deleted_runs_are_chosen_no_more_and_can_be_had_back(
    session: dict[str, Any], runs: list[str], store: RunStore
) -> None:
    session[state.RUN_TABLE] = {"chosen": json.dumps({"at": 1, "ids": runs})}
    asked.take_choice()
    assert ask(session, 2, "delete", *runs[:2]) is None
    assert session[state.COMPARED] == (runs[2],)
    assert [run.id for run in store.list_runs(workspaces=[MINE])] == [runs[2]]
    (deleted,) = known().deleted
    asked._restore(deleted)
    assert {run.id for run in store.list_runs(workspaces=[MINE])} == set(runs)
    assert known().deleted == []
    assert session[state.CHOSEN_RUNS] == tuple(runs)


def test_runs_had_back_keep_what_was_chosen_meanwhile(
    session: dict[str, Any], runs: list[str], store: RunStore
) -> None:
    session[state.RUN_TABLE] = {"chosen": json.dumps({"at": 1, "ids": runs[:1]})}
    asked.take_choice()
    ask(session, 2, "delete", *runs[:2])
    session[state.RUN_TABLE] = {"chosen": json.dumps({"at": 3, "ids": runs[2:]})}
    asked.take_choice()
    asked._restore(known().deleted[0])
    assert session[state.CHOSEN_RUNS] == (runs[0], runs[2])  # the second had not been chosen


def test_a_table_at_rest_looks_for_what_another_tab_begins(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks: list[float | None] = []
    real = run_table.guarded_fragment

    def noted(function: Any, run_every: float | None = None) -> Any:
        clocks.append(run_every)
        return real(function, run_every=run_every)

    monkeypatch.setattr(run_table, "guarded_fragment", noted)
    run_id = store.create(TrainingConfig(), workspace=MINE).id
    store.claim(run_id, "anna")
    holding(store, run_id).finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.1)
    app = open_page()
    store.create(TrainingConfig(), workspace=MINE)
    app.run()
    assert clocks == [10.0, 1.5]


def test_the_first_run_that_begins_elsewhere_has_the_page_come_anew(
    session: dict[str, Any], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reruns: list[bool] = []
    monkeypatch.setattr(st, "rerun", lambda: reruns.append(True))
    monkeypatch.setattr(run_table, "_part", lambda *_: None)
    everything = AllRuns((), b"", 0.0, frozenset(), 0)
    run_id = store.create(TrainingConfig(), workspace=MINE).id
    run_table._bring(("", ""), everything, (), [], frozenset({run_id}))
    assert reruns == []
    run_table._bring(("", ""), everything, (), [], frozenset())
    assert reruns == [True]


def test_a_run_is_opened_on_another_page(session: dict[str, Any], store: RunStore) -> None:
    config = TrainingConfig(learning_rate=0.02, epochs=3)
    run_id = store.create(config, workspace=OTHERS).id
    for number, page in enumerate(("evaluate", "draw"), 1):
        ask(session, number, "open", run_id, text=page)
        assert known().opened == (f"pages/{page}.py", {"run": run_id})
    ask(session, 3, "open", run_id, text="settings")
    assert known().opened is not None
    page, query = known().opened
    assert (page, query.pop("run")) == ("pages/train.py", run_id)
    assert from_query(query) == (config, [])
    assert session[state.FORM_WANTED] == config
    ask(session, 4, "open", run_id, text="inside")
    assert session[state.LOOK_INSIDE]
    assert session[state.RUN_ID] == run_id


def test_where_all_runs_are_deleted_they_can_be_had_back(store: RunStore) -> None:
    run_id = store.create(TrainingConfig(), workspace=MINE).id
    app = open_page()
    store.delete_several([run_id], MINE)
    app.session_state[state.TABLE_KNOWN].deleted.append(Deleted([run_id], time.monotonic()))
    app.session_state[state.CHOSEN_RUNS] = app.session_state[state.COMPARED] = ()
    app.run()
    assert "Nothing to compare yet" in app.info[0].value
    next(button for button in app.button if button.label == "Undo").click().run()
    assert told(app, "all")[1]["id"] == run_id


def test_one_run_that_cannot_be_read_is_told_as_one(store: RunStore) -> None:
    ids = [store.create(TrainingConfig(seed=seed), workspace=MINE).id for seed in range(3)]
    for damaged, told in ((ids[:1], "1 run cannot be read"), (ids[:2], "2 runs cannot be read")):
        with store.database.transaction(write=True) as connection:
            connection.execute(update(tables.runs).where(tables.runs.c.id.in_(damaged)).values(config="{"))
        app = open_page(runs=ids[2])
        assert told in "\n".join(caption.value for caption in app.caption)


def test_a_server_that_cannot_write_its_program_shows_a_plain_table(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [store.create(TrainingConfig(seed=seed), workspace=MINE).id for seed in range(3)]
    monkeypatch.setattr(run_table, "_prepared", lambda *_: None)
    app = open_page(runs=ids[1])
    table = next(one.value for one in app.markdown if one.value.startswith("| Run |"))
    assert [f"#{number}" in table for number in (1, 2, 3)] == [True] * 3
    app.multiselect(key=state.COMPARED_PICKED).set_value([ids[1], ids[0]]).run()
    assert not app.exception
    assert app.session_state[state.COMPARED] == (ids[1], ids[0])
