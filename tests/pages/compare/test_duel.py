"""The duel on the Compare page: nothing begins without a guess, which is kept and scored."""

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.config import HiddenLayer, TrainingConfig
from core.config.variation import LAYERS, with_settings
from core.experiments.driver import Driver
from core.experiments.duel import OFFERED, Guess, duel_plan, value_of
from core.experiments.plans import read_fixed_plan
from core.store import Experiment, Progress, Request, RunStatus, RunStore
from core.store.tables import experiments
from pages.parts.compare.duel.values import another_value, offered
from pages.parts.shared import handles, state
from tests.pages.samples import APP, MINE
from tests.support.experiment_samples import seeds_plan
from tests.support.store_samples import CONFIG


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch, submitted: list[str]) -> list[bool]:
    """How often the driver was woken."""
    calls: list[bool] = []
    monkeypatch.setattr(handles, "driver", lambda: SimpleNamespace(wake=lambda: calls.append(True)))
    return calls


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in ({"view": "duel"} | query).items():
        app.query_params[name] = value
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.success, app.warning, app.error, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def made(
    store: RunStore, a: list[float], b: list[float], guess: str = "b", *, workspace: str = MINE
) -> Experiment:
    """Return a duel that has ended with these accuracies."""
    plan = duel_plan(CONFIG, "learning_rate", 0.01, len(a))
    duel = store.create_experiment(
        plan, workspace=workspace, guess=Guess.build({"better": guess, "points": 0.5}).to_json()
    )
    driver = Driver(store, lambda: 2)
    accuracies = [one for pair in zip(a, b, strict=True) for one in pair]
    while not store.experiment(duel.id).status.is_ended:
        driver.look_after()
        for run in store.queue():
            claim = store.claim(run.id, "worker")
            claim.record([], Progress(CONFIG.epochs, 1, 1, None, None))
            claim.finish(RunStatus.FINISHED, test_accuracy=accuracies[run.trial or 0], train_seconds=1.0)
    return store.experiment(duel.id)


def test_the_example_asks_for_a_guess_and_begins_with_it(store: RunStore, woken: list[bool]) -> None:
    app = open_page(view="curves")
    assert "Nothing to compare yet" in str(app.info[0].value)  # and a duel can begin all the same
    app.button(key="duel_example").click().run()
    assert "learning rate 0.001" in words(app)
    assert "Both begin with the same weights and see the same images in the same order." in words(app)
    assert app.button(key="duel_start").disabled
    app.segmented_control(key=state.DUEL_GUESS).set_value("a").run()
    app.text_input(key=state.DUEL_POINTS).set_value("half").run()
    assert app.button(key="duel_start").disabled
    app.text_input(key=state.DUEL_POINTS).set_value("0,5").run()
    app.button(key="duel_start").click().run()
    assert not app.exception
    (duel,) = store.list_experiments(workspaces=[MINE])
    assert (duel.kind, woken) == ("duel", [True])
    assert json.loads(duel.guess or "") == {"better": "a", "points": 0.5}
    plan = read_fixed_plan(duel)
    assert [trial.config.learning_rate for trial in plan.trials] == [0.001, 0.01] * 5
    assert "It cannot be changed any more" in words(app)
    assert "reads 0.5 points more" in words(app)
    assert state.DUEL_GUESS not in [one.key for one in app.segmented_control]
    app.button(key="duel_stop").click().run()
    assert store.experiment(duel.id).request is Request.STOP


def test_one_duel_is_told_as_one(store: RunStore) -> None:
    made(store, [0.960, 0.961, 0.962], [0.965, 0.9662, 0.9671], "b")
    assert "You were right in **1 of 1** duel." in words(open_page())


def test_the_verdict_scores_the_guess_and_the_page_keeps_count(store: RunStore) -> None:
    made(store, [0.960, 0.961, 0.962], [0.960, 0.962, 0.961], "a")  # luck: a wrong guess
    made(store, [0.960, 0.961, 0.962], [0.972, 0.974, 0.9735], "b", workspace="b" * 24)
    duel = made(store, [0.960, 0.961, 0.962], [0.965, 0.9662, 0.9671], "b")
    app = open_page(duel=duel.id)
    shown = words(app)
    assert "**Right.**" in shown
    assert "B (learning rate 0.01) reads 0.51 points more than A" in shown
    assert "95 % interval" in shown
    assert "the interval holds your number" in shown
    assert "You were right in **1 of 2** duels." in shown
    assert "A **0 : 3** B" in shown
    app.button(key="duel_new").click().run()
    assert "You were right in **1 of 2** duels." in words(app)
    assert app.button(key="duel_start").disabled
    runs = ",".join(run.id for run in store.experiment_runs(duel.id))
    app.button(key=state.open_duel(duel.id)).click().run()
    app.button(key="duel_compare").click().run()
    assert not app.exception
    assert (app.query_params["runs"], app.query_params["view"]) == (runs, "curves")


def test_a_duel_of_ones_own_comes_after_the_one_that_goes_on_and_not_after_others(store: RunStore) -> None:
    plan, guess = duel_plan(CONFIG, "learning_rate", 0.01, 1), Guess.build({"better": "b"}).to_json()
    others, mine = (store.create_experiment(plan, workspace=owner, guess=guess) for owner in ("b" * 24, MINE))
    app = open_page(duel=others.id)
    assert "duel_stop" not in [button.key for button in app.button]
    assert not app.button(key="duel_new").disabled
    app.button(key="duel_new").click().run()
    assert not app.exception
    assert app.query_params["duel"] == "new"
    app = open_page(duel=mine.id)
    assert app.button(key="duel_new").disabled


def test_what_is_no_duel_is_told(store: RunStore) -> None:
    assert "no experiment “nowhere”" in words(open_page(duel="nowhere"))
    seeds = store.create_experiment(seeds_plan(CONFIG, 2), workspace=MINE)
    assert "This experiment is no duel." in words(open_page(duel=seeds.id))
    broken = made(store, [0.96], [0.97])
    with store._database.transaction(write=True) as connection:
        connection.execute(update(experiments).where(experiments.c.id == broken.id).values(plan="{}"))
    app = open_page(duel=broken.id)
    assert len(app.error) == 1
    assert "A duel that cannot be read" in [one.label.removeprefix("· ") for one in app.button]
    app.selectbox(key=state.DUEL_A).set_value("quick").run()
    app.selectbox(key=state.DUEL_SETTING).set_value("epochs").run()
    app.number_input(key=state.duel_value("epochs")).set_value(2).run()
    assert "A and B are the same. Give B another value." in words(app)
    assert "duel_start" not in [one.key for one in app.button]
    app.selectbox(key=state.DUEL_SETTING).set_value("units").run()
    assert "The first weights cannot be the same here" in words(app)
    app.selectbox(key=state.DUEL_SETTING).set_value("training_fraction").run()
    assert "they learn from other images" in words(app)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adamw"])
def test_what_is_offered_counts_and_another_value_makes_a_duel(optimizer: str) -> None:
    for layers in ((), (HiddenLayer(),), (HiddenLayer(dropout=0.2),) * 6):
        for rate in (0.001, 1.0):
            a = TrainingConfig.build(
                {"hidden_layers": layers, "optimizer": optimizer, "learning_rate": rate, "epochs": 20}
            )
            assert {"learning_rate", "batch_size", LAYERS, "validation_split"} <= set(offered(a))
            assert ("dropout" in offered(a), "momentum" in offered(a)) == (bool(layers), optimizer == "sgd")
            for name in offered(a):
                value = another_value(a, name)
                assert value != value_of(a, name), name
                assert duel_plan(a, name, value, 1).size == 2
                assert another_value(with_settings(a, {name: value}), name) != value, name
    assert not {"dataset", "seed"} & set(OFFERED)


def test_another_a_that_has_what_b_had_gives_b_something_else(store: RunStore) -> None:
    run = store.create(TrainingConfig(learning_rate=0.01), workspace=MINE)
    app = open_page(runs=run.id)
    app.selectbox(key=state.DUEL_A).set_value("quick").run()
    app.text_input(key=state.duel_value("learning_rate")).set_value("0.01").run()
    assert "A (learning rate 0.001) – B (learning rate 0.01)" in words(app)
    app.selectbox(key=state.DUEL_A).set_value(run.id).run()
    assert "A (learning rate 0.01) – B (learning rate 0.1)" in words(app)
    app.text_input(key=state.duel_value("learning_rate")).set_value("0.01").run()
    assert "A and B are the same" in words(app)
