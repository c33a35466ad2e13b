"""The Tune page, with searches whose runs a formula trains."""

import json
import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.config import from_query
from core.data.library import DatasetLibrary, DatasetState
from core.errors import StoreError
from core.experiments.one_press import study_plan as one_press_plan
from core.search.figures import FIGURES, figures_of
from core.search.plans import StudyPlan, read_plan
from core.settings import Settings
from core.store import Experiment, Request, RunStatus, RunStore
from core.store.shelf import UNDO_SECONDS
from pages.parts.shared import handles, state
from tests.pages.samples import APP, HOSTILE, MINE
from tests.pages.test_link import go_to
from tests.support.search_samples import BASE, RATE, search, study_driver, study_plan, train

OTHERS = "b" * 24


@pytest.fixture(autouse=True)
def _images_are_there_and_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DatasetLibrary, "state", lambda self, name: DatasetState("ready", 1.0, "It is here."))
    monkeypatch.setattr(handles, "driver", lambda: SimpleNamespace(wake=lambda: None))


def open_page(**query: str) -> AppTest:
    """Return the Tune page as the browser `MINE` sees it."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/tune.py").run()
    assert not app.exception
    return app


def texts(elements: Any) -> str:
    """Return the text of all elements of a kind."""
    return "\n".join(str(element.value) for element in elements)


def searched(store: RunStore, count: int = 4, **changes: Any) -> Experiment:
    """Return a search of this browser that has ended."""
    experiment = store.create_experiment(study_plan(runs=count, **changes), workspace=MINE, name="Rates")
    return search(store, study_driver(store), experiment)


def study_begun(store: RunStore) -> Experiment:
    """Return a study of this browser that has no run yet."""
    return store.create_experiment(one_press_plan("batch-size", BASE), workspace=MINE)


def plan_of(store: RunStore) -> StudyPlan:
    return read_plan(store.list_experiments()[0])


def test_an_empty_page_says_what_to_do(store: RunStore) -> None:
    app = open_page()
    assert "press **Start the search**" in texts(app.info)
    assert not app.button("start_search").disabled
    assert "20 runs, about" in texts(app.caption)
    assert "never by the test images" in texts(app.caption)


def test_what_is_in_the_form_is_what_is_searched(store: RunStore) -> None:
    app = open_page()
    app.multiselect(state.TUNE_RANGES).set_value(["learning_rate", "optimizer", "layers"]).run()
    app.text_input(state.tune("learning_rate", "low")).set_value("0,001")
    app.multiselect(state.tune("optimizer", "choices")).set_value(["sgd", "adam"])
    app.number_input(state.tune("epochs", "usual")).set_value(2)
    app.text_input(state.tune("share", "usual")).set_value("0.1")
    app.number_input(state.TUNE_RUNS).set_value(7)
    app.button_group(state.TUNE_PRUNER).set_value("median")
    app.run()
    app.button("start_search").click().run()
    assert not app.exception
    plan = plan_of(store)
    rate, optimizer, layers = plan.ranges
    assert (rate.low, rate.high, rate.logarithmic) == (0.001, 0.1, True)
    assert (optimizer.choices, layers.low, layers.high) == (("sgd", "adam"), 1, 3)
    assert (plan.base.epochs, plan.base.training_fraction) == (2, 0.1)
    assert (plan.runs, plan.sampler, plan.pruner, plan.goal) == (7, "tpe", "median", "accuracy")
    made = store.list_experiments()[0]
    assert (made.workspace, made.name) == (MINE, "Learning rate + 2")
    assert app.query_params["search"] == made.id


def test_what_cannot_be_searched_is_said_and_cannot_be_pressed(store: RunStore) -> None:
    app = open_page()
    for key, text, sentence in (
        (state.tune("share", "usual"), "7", "at most 1"),
        (state.tune("units", "low"), "16.5", "Units takes whole numbers"),
        (state.tune("learning_rate", "high"), "1000", "is no range between 0.000001 and 100"),
        (state.tune("learning_rate", "high"), "0.00001", "from 0.0001 to 0.00001 is no range"),
        (state.tune("learning_rate", "low"), "fast", "“fast” is no number"),
    ):
        app.text_input(key).set_value(text).run()
        assert sentence in texts(app.error)
        assert app.button("start_search").disabled
        app.text_input(key).set_value("0.5" if key == state.tune("share", "usual") else "20")


def test_nothing_that_varies_and_what_costs_too_much_is_refused(store: RunStore) -> None:
    app = open_page()
    app.number_input(state.TUNE_RUNS).set_value(1_000).run()
    assert "These 1000 runs would take about" in texts(app.error)
    app.multiselect(state.TUNE_RANGES).set_value([]).run()
    assert "Choose at least one setting" in texts(app.error)
    assert app.button("start_search").disabled


def test_a_search_that_has_ended_shows_its_best_run_and_its_test_figure(store: RunStore) -> None:
    ended = searched(store)
    app = open_page()
    best = store.get(ended.outcome["best"][0]["run"])
    assert "Finished: 4 runs." in texts(app.markdown)
    labels = [metric.label for metric in app.metric]
    assert labels == ["Best validation accuracy", "Test accuracy"]
    assert f"Run #{best.number}: " in texts(app.caption)
    assert "trial" not in texts(app.error)
    rows = texts(app.markdown).count("| #")
    assert rows == 4
    (link,) = (link.proto for link in app.get("page_link") if link.proto.label == "Use the best")
    config, problems = from_query({name: text for name, (text,) in parse_qs(link.query_string).items()})
    assert (link.page, config, problems) == ("", best.config, [])


def test_a_search_that_goes_on_keeps_the_test_images_out_of_it(store: RunStore) -> None:
    experiment = store.create_experiment(study_plan(), workspace=MINE)
    driver = study_driver(store)
    for _ in range(2):
        driver.look_after()
        train(store, store.queue()[0])
    driver.look_after()
    app = open_page()
    assert "2 of 6 runs." in texts(app.markdown)
    assert [metric.label for metric in app.metric] == ["Best validation accuracy"]
    app.button("pause_search").click().run()
    assert store.experiment(experiment.id).status is RunStatus.PAUSED
    assert "Paused." in texts(app.markdown)
    app.button("resume_search").click().run()
    assert store.experiment(experiment.id).status is RunStatus.RUNNING
    app.button("stop_search").click().run()
    assert store.experiment(experiment.id).request is Request.STOP
    driver.look_after()
    app.run()
    assert "Stopped after 3 runs." in texts(app.markdown)


@pytest.mark.parametrize(("count", "goal"), [(0, "accuracy"), (2, "parameters"), (5, "accuracy")])
def test_every_figure_is_there_or_says_what_it_needs(store: RunStore, count: int, goal: str) -> None:
    experiment = store.create_experiment(study_plan(runs=6, goal=goal), workspace=MINE)
    driver = study_driver(store)
    for _ in range(count):
        driver.look_after()
        train(store, store.queue()[0])
    driver.look_after()
    app = open_page()
    for name in figures_of(read_plan(experiment)):
        app.button_group(state.SEARCH_FIGURE).set_value(name).run()
        assert not app.exception
        assert not app.error
        has_chart = len(app.get("plotly_chart")) == 1
        assert has_chart == (count >= FIGURES[name].least)
        assert has_chart != ("This figure" in texts(app.info))


def test_of_a_front_each_run_can_be_used(store: RunStore) -> None:
    ended = searched(store, 8, goal="parameters", sampler="random", seed=3)
    app = open_page()
    best = [one["trial"] for one in ended.outcome["best"]]
    assert len(best) > 1
    runs = {run.trial: run for run in store.experiment_runs(ended.id)}
    app.selectbox(state.SEARCH_TRIAL).set_value(best[-1]).run()
    assert f"Run #{runs[best[-1]].number}: " in texts(app.caption)
    assert [metric.label for metric in app.metric][:2] == ["Best validation accuracy", "Parameters"]


def test_what_was_pruned_or_failed_is_told(store: RunStore) -> None:
    searched(store, 10, pruner="median", sampler="random", ranges=[RATE])
    app = open_page()
    assert "stopped early." in texts(app.markdown)
    assert "stopped early by the search, after epoch" in texts(app.markdown)


def test_another_browsers_search_can_be_looked_at_and_not_touched(store: RunStore) -> None:
    experiment = store.create_experiment(study_plan(), workspace=OTHERS)
    app = open_page(search=experiment.id)
    assert "Waits for its first run." in texts(app.markdown)
    assert "stop_search" not in [button.key for button in app.button]
    assert "press **Start" in texts(open_page().info)


@pytest.mark.parametrize("asked", ["0" * 12, HOSTILE[3]])
def test_a_link_to_no_search_is_told(store: RunStore, asked: str) -> None:
    app = open_page(search=asked)
    assert "There is no experiment" in texts(app.warning)


def test_a_damaged_plan_is_a_sentence(store: RunStore) -> None:
    experiment = store.create_experiment(study_plan(), workspace=MINE)
    with store.database.transaction(write=True) as connection:
        connection.exec_driver_sql("UPDATE experiments SET plan = '{}'")
    app = open_page(search=experiment.id)
    assert app.error


def test_a_search_that_has_ended_goes_on_by_a_press(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = searched(store, 1)
    app = open_page()
    assert app.button("more_of_search").label == "10 more runs"
    monkeypatch.setattr(handles, "settings", lambda: Settings(max_experiment_seconds=1))
    app.button("more_of_search").click().run()
    assert "These 11 runs would take about" in texts(app.error)
    assert store.experiment(ended.id).status is RunStatus.FINISHED
    monkeypatch.setattr(handles, "settings", Settings)
    app.button("more_of_search").click().run()
    assert "1 of 11 runs." in texts(app.markdown)
    assert not {"more_of_search", "delete_search"} & {button.key for button in app.button}


def test_a_deleted_search_can_be_had_back_and_its_runs_stay(store: RunStore) -> None:
    ended = searched(store, 1)
    app = open_page()
    app.button("delete_search").click().run()
    assert store.list_experiments() == []
    assert len(store.experiment_runs(ended.id)) == 1
    app.button("undo_search").click().run()
    assert [one.id for one in store.list_experiments()] == [ended.id]
    assert "Finished: 1 run." in texts(app.markdown)


@pytest.mark.parametrize("kind", ["search", "study"])
def test_what_the_store_refuses_to_delete_is_told_and_nothing_is_lost(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    plan = study_plan(runs=1) if kind == "search" else one_press_plan("learning-rate", BASE)
    ended = search(store, study_driver(store), store.create_experiment(plan, workspace=MINE))

    def refuse(self: RunStore, experiment_id: str) -> None:
        raise StoreError("The database is busy. Try again.")

    app = open_page(**{kind: ended.id})
    monkeypatch.setattr(RunStore, "delete_experiment", refuse)
    app.button("delete_search").click().run()
    assert not app.exception
    assert "The database is busy. Try again." in texts(app.error)
    assert [one.id for one in store.list_experiments()] == [ended.id]
    assert "Finished" in texts(app.markdown)
    assert (app.query_params[kind], state.SEARCH_DELETED in app.session_state) == (ended.id, False)
    assert "The database is busy" not in texts(app.run().error)


def test_it_can_be_had_back_as_long_as_the_store_keeps_it(store: RunStore) -> None:
    ended = searched(store, 1)
    app = open_page()
    app.button("delete_search").click().run()
    app.session_state[state.SEARCH_DELETED] = (ended.id, time.monotonic() - UNDO_SECONDS - 1)
    app.run()
    assert "undo_search" not in [button.key for button in app.button]
    # A new one has nothing to do with it.
    app.session_state[state.SEARCH_DELETED] = (ended.id, time.monotonic())
    app.run()
    app.button("start_search").click().run()
    assert "undo_search" not in [button.key for button in app.button]


def shown(app: AppTest) -> tuple[str, dict[str, str]]:
    """Return which half of the page is on show, and the address that the browser then has of it."""
    for one in app.get("bidi_component"):
        if one.proto.component_name == "digitlab_address":
            data = json.loads(one.proto.json)
            assert parse_qs(data["before"]) == {name: [text] for name, text in app.query_params.items()}
            app = go_to(app, {name: text for name, (text,) in parse_qs(data["after"]).items()})
    return app.session_state[state.TUNE_VIEW], dict(app.query_params)


def test_an_address_shows_what_it_names_and_names_what_is_shown(store: RunStore) -> None:
    ended, study = (
        searched(store, 1),
        store.create_experiment(one_press_plan("batch-size", BASE), workspace=MINE),
    )
    app = open_page(search=ended.id)
    assert shown(app) == ("search", {"search": ended.id})
    for address, view in (
        ({"study": study.id}, "study"),
        ({"search": ended.id}, "search"),
        ({"study": study.id}, "study"),
    ):
        assert shown(go_to(app, address)) == (view, address)
    assert "Waits for its first run." in texts(app.markdown)
    # By hand, and what the other half shows is no wish any more.
    app.button_group(state.TUNE_VIEW).set_value("search").run()
    assert shown(app) == ("search", {"search": ended.id})
    assert "Finished: 1 run." in texts(app.markdown)
    app.button_group(state.TUNE_VIEW).set_value("study").run()
    assert shown(app) == ("study", {"study": study.id})


def test_of_an_address_with_both_one_is_shown(store: RunStore) -> None:
    ended, study = (
        searched(store, 1),
        store.create_experiment(one_press_plan("batch-size", BASE), workspace=MINE),
    )
    assert shown(open_page(study=study.id, search=ended.id)) == ("study", {"study": study.id})
    app = open_page(search=ended.id, study=study.id)
    assert shown(app) == ("search", {"search": ended.id})
    # Beside what is on show the new one is the wish.
    assert shown(go_to(app, {"search": ended.id, "study": study.id})) == ("study", {"study": study.id})


def test_what_is_no_search_or_no_study_is_told(store: RunStore) -> None:
    study = study_begun(store)
    app = open_page(search=study.id)
    assert "This link leads to an experiment that is no search." in texts(app.warning)
    assert shown(app) == ("search", {})
    own = searched(store, 1)
    app = open_page(study=own.id)
    assert "This link leads to an experiment that is no study." in texts(app.warning)
    assert shown(app) == ("study", {"study": study.id})


def test_the_best_settings_stay_when_their_run_is_gone(store: RunStore) -> None:
    ended = searched(store, 2)
    run = store.get(ended.outcome["best"][0]["run"])
    store.delete(run.id)
    app = open_page()
    assert run.trial is not None
    assert f"Trial {run.trial + 1}: " in texts(app.caption)
    assert "The run itself is gone." in texts(app.caption)
    (link,) = (link.proto for link in app.get("page_link") if link.proto.label == "Use the best")
    rates = parse_qs(link.query_string)["learning_rate"]
    assert rates == [str(run.config.learning_rate)]
