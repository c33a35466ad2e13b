"""The bar of the Train page: its buttons, a press while a run trains, steps from the start, the speed."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.recipes import get_recipe
from core.store import CurvePoint, Progress, Request, RunStatus, RunStore
from pages.parts.shared import state
from tests.pages.samples import APP, MINE
from tests.support.store_samples import holding

OTHER = "b" * 24


def training(store: RunStore, workspace: str = MINE, **settings: object) -> str:
    run_id = store.create(TrainingConfig(**settings), workspace=workspace).id
    store.claim(run_id, "worker")
    holding(store, run_id, "worker").record([], Progress(1, 10, 1_350, None, None))
    return run_id


def steering(app: AppTest) -> dict[str, bool]:
    """Return the first four buttons of the page and whether each can be pressed."""
    return {button.label: not button.disabled for button in app.button[:4]}


def status(app: AppTest) -> str:
    (line,) = (one.proto.body for one in app.get("html") if 'class="run-status"' in one.proto.body)
    return str(line)


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.info, *app.caption))


def test_the_same_four_buttons_stand_first_however_a_run_stands(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    assert steering(open_page()) == {"Train": True, "Pause": False, "Step": True, "Stop": False}
    run_id = training(store)
    app = open_page()
    assert steering(app) == {"Train": True, "Pause": True, "Step": False, "Stop": True}
    assert "#1 · 128-128" in status(app)
    holding(store, run_id, "worker").finish(RunStatus.PAUSED)
    assert steering(app.run()) == {"Train": True, "Resume": True, "Step": True, "Stop": True}
    assert "Paused in epoch 1 of 5" in status(app)
    store.claim(store.requeue(run_id).id, "worker")
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9765)
    assert steering(app.run()) == {"Train": True, "Pause": False, "Step": True, "Stop": False}
    assert "97.65 % of the test images right" in status(app)


@pytest.mark.parametrize(
    ("ending", "share"),
    [(RunStatus.STOPPED, "0.217"), (RunStatus.FAILED, "0.217"), (RunStatus.FINISHED, "1.000")],
)
def test_the_bar_of_a_run_that_was_ended_shows_how_far_it_came(
    open_page: Callable[[], AppTest], store: RunStore, ending: RunStatus, share: str
) -> None:
    run_id = training(store, epochs=60)
    claim = holding(store, run_id, "worker")
    claim.record([CurvePoint(650, 13.0, 0.2, 0.9, "training")], Progress(13, 50, 50, None, None))
    claim.finish(ending, **({} if ending is RunStatus.FAILED else {"test_accuracy": 0.9}))
    assert f'value="{share}"' in status(open_page())


@pytest.mark.parametrize(
    ("accuracy", "told"),
    [(0.98, "▲ 1.00 points better than #1"), (0.961, "▼ 0.90 points worse than #1"), (0.97, "as good as #1")],
)
def test_a_result_is_held_against_the_run_before(
    open_page: Callable[[], AppTest], store: RunStore, accuracy: float, told: str
) -> None:
    for result in (0.97, accuracy):
        run_id = training(store)
        holding(store, run_id, "worker").record(
            [CurvePoint(1, 0.1, 2.0, 0.5, "training")], Progress(1, 10, 10, None, None)
        )
        holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=result)
    assert told in status(open_page())


def test_a_second_press_queues_and_the_run_that_trains_stays_on_show(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    first = training(store)
    app = open_page()
    app.text_input(key=state.setting("learning_rate")).set_value("0.01")
    app.button(key="train").click().run()
    (second,) = submitted
    assert app.session_state[state.RUN_SHOWN] == first
    assert "**#2 · learning rate 0.01 (was 0.001)** · waiting." in texts(app)
    app.button(key="watch").click().run()
    assert app.session_state[state.RUN_SHOWN] == second
    assert "**#1 · 128-128** · training." in texts(app)


def test_what_trains_besides_the_run_on_show_is_told_as_it_stands(store: RunStore) -> None:
    def script(run_id: str) -> None:
        import streamlit as st

        from pages.parts.train.own_runs import _what_comes

        looks = st.session_state["looks"] = st.session_state.get("looks", 0) + 1
        if looks <= 3:
            _what_comes({run_id: "#1"})
        else:
            st.write("The whole page")

    run_id = store.create(TrainingConfig(), workspace=MINE).id
    app = AppTest.from_function(script, args=(run_id,), default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    assert texts(app.run()) == "**#1** · waiting."
    store.claim(run_id, "worker")
    assert texts(app.run()) == "**#1** · training."
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9)
    assert texts(app.run()) == "The whole page"


def test_another_browsers_run_that_trains_is_seen_and_not_steered(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    theirs = training(store, OTHER, learning_rate=0.02)
    app = open_page()
    app.query_params["run"] = theirs
    app.run()
    assert app.session_state[state.RUN_SHOWN] == theirs
    assert steering(app) == {"Train": True, "Pause": False, "Step": True, "Stop": False}
    assert "| Learning rate | 0.02 | 0.001 |" in texts(app)
    app.button(key=f"load_{theirs}").click().run()
    assert app.session_state[state.FORM_CONFIG].learning_rate == 0.02
    assert app.button(key=f"load_{theirs}").disabled
    # A press of one's own is shown at once.
    app.button(key="train").click().run()
    assert app.session_state[state.RUN_SHOWN] == submitted[0]


def test_a_run_can_be_begun_with_a_single_step(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    app = open_page()
    app.button(key="first_step").click().run()
    assert store.get(submitted[0]).request is Request.STEP_CHUNK
    assert store.claim(submitted[0], "worker").read().request is Request.STEP_CHUNK


def test_the_speed_counts_for_the_run_on_show_and_for_those_to_come(
    open_page: Callable[[], AppTest], submitted: list[str], store: RunStore
) -> None:
    run_id = training(store)
    app = open_page()
    speed = app.button_group(key=state.SPEED)
    speed.set_value(Request.SLOW).run()
    assert store.get(run_id).request is Request.SLOW
    app.button(key="train").click().run()
    assert store.get(submitted[0]).request is Request.SLOW
    app.button_group(key=state.SPEED).set_value(Request.NONE).run()
    assert store.get(run_id).request is Request.NONE
    # A stop that is on its way is not taken back.
    app.button(key=f"stop_{run_id}").click().run()
    app.button_group(key=state.SPEED).set_value(Request.VERY_SLOW).run()
    assert store.get(run_id).request is Request.STOP


def test_the_dataset_of_a_recipe_goes_with_it(open_page: Callable[[], AppTest]) -> None:
    app = open_page()
    app.button(key="recipe_reads-your-hand").click().run()
    assert app.session_state[state.DATASET] == "handwriting"
    app.button(key="try_next").click().run()
    assert app.session_state[state.DATASET] == "mnist"
    app.button(key="take_back_dataset").click().run()
    assert app.session_state[state.DATASET] == "handwriting"
    app.button(key="recipe_dense-99").click().run()
    assert app.session_state[state.DATASET] == "mnist"


def test_what_was_changed_of_a_recipe_is_told_and_taken_back(open_page: Callable[[], AppTest]) -> None:
    app = open_page()
    recipe = get_recipe("two-128")
    app.button(key="recipe_two-128").click().run()
    assert app.button(key="try_next").label == "Learning rate 0.001 → 0.01"
    app.button(key="try_next").click().run()
    assert app.session_state[state.FORM_CONFIG] == recipe.next_config
    app.number_input(key=state.setting("epochs")).set_value(9).run()
    assert app.button(key="take_back_epochs").label == "Epochs 9 (was 5)"
    app.button(key="take_back_learning_rate").click().run()
    assert app.session_state[state.FORM_CONFIG] == recipe.config.model_copy(update={"epochs": 9})
    app.button(key="take_back_epochs").click().run()
    assert app.session_state[state.FORM_CONFIG] == recipe.config


@pytest.mark.parametrize("is_large", [True, False])
def test_large_is_part_of_the_address_and_makes_the_chart_high(
    submitted: list[str], store: RunStore, is_large: bool
) -> None:
    training(store)
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    if is_large:
        app.query_params["present"] = "true"
    app.run()
    assert not app.warning
    styles = "".join(one.proto.body for one in app.get("html"))
    assert ("font-size: 20px" in styles) is is_large
    assert ("min-height: 560px" in styles) is is_large
