"""The Compare page, with runs written through the store."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import RunStore
from pages.parts.compare.choice import MOST_COMPARED, choose, chosen_runs, compare_too, put_first
from pages.parts.shared import state
from tests.pages.samples import APP, MINE
from tests.pages.test_link import go_to

OTHERS = "b" * 24


def open_page(**query: str) -> AppTest:
    """Return the Compare page as the browser `MINE` sees it."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    return app


def chosen(app: AppTest) -> tuple[str, ...]:
    """Return the ids of the runs that are compared."""
    return tuple(app.session_state[state.COMPARED])


def texts(elements: Any) -> str:
    """Return the text of all elements of a kind."""
    return "\n".join(str(element.value) for element in elements)


def test_an_empty_page_says_what_to_do(store: RunStore) -> None:
    app = open_page()
    assert "Nothing to compare yet" in texts(app.info)
    assert "Train a network" in [link.proto.label for link in app.get("page_link")]


def test_the_newest_runs_are_compared_until_somebody_chooses(store: RunStore) -> None:
    runs = [store.create(TrainingConfig(seed=seed), workspace=MINE) for seed in range(6)]
    store.create(TrainingConfig(), workspace=OTHERS)
    assert chosen(open_page()) == tuple(run.id for run in reversed(runs[2:]))


def test_a_page_that_was_open_before_the_first_run_compares_it_too(store: RunStore) -> None:
    app = open_page()
    run = store.create(TrainingConfig(), workspace=MINE)
    app.run()
    assert not app.exception
    assert chosen(app) == (run.id,)


def test_what_is_chosen_beyond_those_that_are_compared_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", kept)
    compare_too(["first"])
    assert kept[state.COMPARED] == chosen_runs() == ("first",)
    many = [f"run {number}" for number in range(MOST_COMPARED + 3)]
    choose(many)
    put_first([many[-1], many[2]])
    others = [one for one in many if one not in (many[-1], many[2])]
    assert chosen_runs() == (many[-1], many[2], *others)
    assert kept[state.COMPARED] == (many[-1], many[2], *others[: MOST_COMPARED - 2])
    choose(many)
    compare_too(["new", many[0]])
    assert chosen_runs() == (*many[:MOST_COMPARED], "new", *many[MOST_COMPARED:])
    choose(many[:3])
    compare_too(["new"])
    assert kept[state.COMPARED] == (*many[:3], "new")


def test_a_link_brings_the_choice_whosever_the_runs_are(store: RunStore) -> None:
    store.create(TrainingConfig(), workspace=MINE)
    shown = [store.create(TrainingConfig(seed=seed), workspace=OTHERS) for seed in range(2)]
    app = open_page(runs=f"{shown[1].id},{shown[0].id},{shown[1].id}")
    assert chosen(app) == (shown[1].id, shown[0].id)
    assert not app.warning


def test_what_a_link_may_not_bring_is_told(store: RunStore) -> None:
    run = store.create(TrainingConfig(), workspace=MINE)
    gone = "0" * 12
    app = open_page(runs=f"{run.id},{gone}")
    assert gone in texts(app.warning)
    app = open_page(runs=f"../../etc,{run.id},{gone},<b>x</b>")
    assert "3 of the runs of this link are not on this server." in texts(app.warning)
    many = [store.create(TrainingConfig(), workspace=OTHERS).id for _ in range(MOST_COMPARED + 1)]
    assert chosen(open_page(runs=",".join(many))) == tuple(many[:MOST_COMPARED])


def test_what_a_link_names_and_is_not_there_leaves_the_address_and_is_told_until_something_is_chosen(
    store: RunStore,
) -> None:
    run = store.create(TrainingConfig(), workspace=MINE)
    app = open_page(runs=f"nonsense,{run.id}", view="differs")
    assert "nonsense" in texts(app.warning)
    (replaced,) = (
        json.loads(one.proto.json)
        for one in app.get("bidi_component")
        if one.proto.component_name == "digitlab_address"
    )
    assert parse_qs(replaced["after"]) == {"runs": [run.id], "view": ["differs"]}
    go_to(app, {name: text for name, (text,) in parse_qs(replaced["after"]).items()})
    assert chosen(app) == (run.id,)
    assert "nonsense" in texts(app.warning)
    app.button_group(state.COMPARE_VIEW).set_value("against").run()
    assert not app.warning


def test_the_switch_of_views_shows_what_the_page_shows_whatever_comes_to_the_browser_late(
    store: RunStore,
) -> None:
    store.create(TrainingConfig(), workspace=MINE)
    app = open_page(view="curves")
    app.button_group(state.COMPARE_VIEW).set_value("differs").run()
    switch = app.button_group(state.COMPARE_VIEW)
    assert switch.proto.set_value
    assert switch.value == "differs"
