"""What the Tune page keeps and says over several runs of it: names, fields, choices, what went wrong."""

from typing import Any

import pytest
import streamlit as st

from core.experiments.one_press import study_plan as one_press_plan
from core.store import Request, RunStore
from pages.parts.shared import state
from pages.parts.tune import search
from pages.parts.tune.studies import shown as studies
from tests.pages.samples import MINE
from tests.pages.test_link import go_to
from tests.pages.test_tune import (
    _images_are_there_and_no_driver,
    open_page,
    searched,
    shown,
    study_begun,
    texts,
)
from tests.support.search_samples import BASE, study_driver, study_plan

__all__ = ["_images_are_there_and_no_driver"]  # the same here: it is used by itself


def test_no_two_in_the_list_look_alike_and_each_can_be_picked(store: RunStore) -> None:
    begun = [study_begun(store) for _ in range(3)]
    with store.database.transaction(write=True) as connection:
        connection.exec_driver_sql("UPDATE experiments SET created_at = 1795615506.5")
    app = open_page(study=begun[0].id)
    names = app.selectbox(state.STUDY_PICKED).options
    assert len(set(names)) == 3
    assert all("25 Nov 14:05:06" in name for name in names)
    for one in begun:
        app.selectbox(state.STUDY_PICKED).set_value(one.id).run()
        assert app.query_params["study"] == one.id


def test_each_widget_of_the_form_has_its_value_also_as_its_own(store: RunStore) -> None:
    """The value of a key is sent once; a page that runs twice at once would be shown without it."""
    app = open_page()
    app.multiselect(state.TUNE_RANGES).set_value(["optimizer", "momentum"]).run()
    app.multiselect(state.tune("optimizer", "choices")).set_value(["adam"])
    app.checkbox(state.tune("momentum", "logarithmic")).set_value(True)
    app.selectbox(state.TUNE_BASE).set_value("recipe:two-128")
    app.selectbox(state.TUNE_GOAL).set_value("seconds")
    app.selectbox(state.TUNE_BUDGET).set_value("minutes")
    app.run()
    for key in (state.TUNE_RANGES, state.tune("optimizer", "choices")):
        several = app.multiselect(key)
        assert list(several.proto.default) == several.indices != []
    assert app.checkbox(state.tune("momentum", "logarithmic")).proto.default
    for key in (state.TUNE_BASE, state.TUNE_GOAL, state.TUNE_BUDGET):
        assert app.selectbox(key).proto.default == app.selectbox(key).index > 0


@pytest.mark.parametrize("has_another", [False, True])
def test_a_link_to_what_is_gone_is_told_until_something_else_is_asked_for(
    store: RunStore, has_another: bool
) -> None:
    gone = searched(store, 1)
    store.delete_experiment(gone.id)
    other = searched(store, 1) if has_another else None
    app = open_page(search="nonsense")
    for asked in ("nonsense", gone.id, study_begun(store).id):
        go_to(app, {"search": asked})
        says = (
            "that is no search" if asked not in ("nonsense", gone.id) else f"There is no experiment “{asked}”"
        )
        assert says in texts(app.warning)
        # The address names what is shown instead, with which the page runs again.
        assert shown(app) == ("search", {"search": other.id} if other else {})
        assert says in texts(app.warning)
    app.button("start_search").click().run()
    assert not app.warning
    go_to(app, {"search": "nonsense"})
    shown(app)
    app.button_group(state.TUNE_VIEW).set_value("study").run()
    assert not app.warning
    app.button_group(state.TUNE_VIEW).set_value("search").run()
    assert not app.warning


def test_more_runs_of_a_search_that_is_deleted_elsewhere_says_so(store: RunStore) -> None:
    searched(store, 1)
    ended = searched(store, 1)
    app = open_page(search=ended.id)
    store.delete_experiment(ended.id)
    app.button("more_of_search").click().run()
    assert shown(app)[1]["search"] != ended.id
    assert f"There is no experiment “{ended.id}”" in texts(app.warning)


@pytest.mark.parametrize("kind", ["search", "study"])
def test_what_is_paused_is_looked_at_too_and_goes_on_where_another_tab_says_so(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    clocks: list[float | None] = []
    module = search if kind == "search" else studies
    real = module.guarded_fragment

    def noted(function: Any, run_every: float | None = None) -> Any:
        clocks.append(run_every)
        return real(function, run_every=run_every)

    monkeypatch.setattr(module, "guarded_fragment", noted)
    plan = study_plan() if kind == "search" else one_press_plan("batch-size", BASE)
    begun = store.create_experiment(plan, workspace=MINE)
    store.request_experiment(begun.id, Request.PAUSE)
    app = open_page(**{kind: begun.id})
    store.request_experiment(begun.id, Request.NONE)
    app.run()
    store.request_experiment(begun.id, Request.STOP)
    study_driver(store).look_after()
    app.run()
    assert clocks == [5.0, 1.0, None]


def test_a_part_of_the_page_that_finds_another_pace_has_the_page_come_anew(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = store.create_experiment(study_plan(), workspace=MINE)

    def come_anew() -> None:
        raise StopIteration

    monkeypatch.setattr(st, "rerun", come_anew)
    for module in (search, studies):
        with pytest.raises(StopIteration):
            module._show(begun.id, 5.0)


def test_the_best_is_that_of_now_until_somebody_chooses(store: RunStore) -> None:
    first = searched(store, 8, goal="parameters", sampler="random", seed=3)
    app = open_page()
    front = app.selectbox(state.SEARCH_TRIAL)
    best, last = front.options[0], front.options[-1]
    assert front.value == trial_of(best)
    # What another search showed, or this one a moment ago, is no choice.
    app.session_state[state.SEARCH_TRIAL] = trial_of(last)
    app.run()
    assert app.selectbox(state.SEARCH_TRIAL).value == trial_of(best)
    app.selectbox(state.SEARCH_TRIAL).set_value(trial_of(last)).run()
    app.run()
    assert app.selectbox(state.SEARCH_TRIAL).value == trial_of(last)
    other = searched(store, 8, goal="parameters", sampler="random", seed=3)
    go_to(app, {"search": other.id})
    assert app.selectbox(state.SEARCH_TRIAL).value == trial_of(best)
    go_to(app, {"search": first.id})
    assert app.selectbox(state.SEARCH_TRIAL).value == trial_of(last)


def trial_of(option: str) -> int:
    """Return the number of the trial that an option of the best runs is about: “trial 3 · 90.00 %”."""
    return int(option.split()[1]) - 1


def test_each_field_of_a_range_says_whose_it_is(store: RunStore) -> None:
    app = open_page()
    app.button_group(state.TUNE_SAMPLER).set_value("grid").run()
    labels = [field.label for field in (*app.text_input, *app.number_input)]
    for title in ("Learning rate", "Units"):
        assert {f"{title} from", f"{title} to", f"{title}: values"} <= set(labels)
    assert len(labels) == len(set(labels))
