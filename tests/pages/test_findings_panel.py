"""The gallery of failures on the Train page, and what the run panel says of a run that goes wrong."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.recipes import FAILURES, get_recipe
from core.store import CurvePoint, LayerVitals, Progress, RunStatus, RunStore
from pages.parts.shared import state
from tests.pages.samples import MINE
from tests.support.store_samples import holding

STEPS = 1_350


def running(
    store: RunStore, config: TrainingConfig, losses: list[float], *, accuracy: float = 0.1, **shares: float
) -> str:
    """Return a run of this browser with these losses, an epoch each, and layers with one share each."""
    run_id = store.create(config, workspace=MINE).id
    store.claim(run_id, "worker")
    for epoch, loss in enumerate(losses, 1):
        points = [
            CurvePoint(epoch * STEPS, float(epoch), loss, accuracy, kind)  # type: ignore[arg-type]
            for kind in ("training", "validation")
        ]
        measured: dict[str, Any] = {"dead": None, "saturated": None} | shares
        vitals = [LayerVitals(epoch * STEPS, float(epoch), layer, **measured) for layer in (1, 2)]
        holding(store, run_id, "worker").record(points, Progress(epoch, STEPS, STEPS, 1e5, 1.0), vitals)
    return run_id


def texts(elements: Any) -> str:
    return "\n".join(str(element.value) for element in elements)


def test_a_click_on_a_failure_fills_the_form_and_trains_it(
    open_page: Callable[[], AppTest], store: RunStore, submitted: list[str]
) -> None:
    app = open_page()
    (gallery,) = (
        expander for expander in app.expander if expander.label == "Break it on purpose: five failures"
    )
    assert [button.label for button in gallery.button] == [failure.title for failure in FAILURES.values()]
    for failure in FAILURES.values():
        assert failure.lesson in texts(gallery.markdown)
    app.selectbox(key=state.DATASET).set_value("pen-strokes").run()
    app.button(key="failure_fails-stalled").click().run()
    app.button(key="train").click().run()
    run = store.get(submitted[0])
    wanted = get_recipe("fails-stalled").config.model_copy(update={"dataset": "pen-strokes"})
    assert (run.config, run.recipe) == (wanted, "fails-stalled")


def test_a_healthy_run_is_left_in_peace(open_page: Callable[[], AppTest], store: RunStore) -> None:
    run_id = running(store, TrainingConfig(), [0.4, 0.2, 0.15], accuracy=0.95, dead=0.05)
    for status in (None, RunStatus.FINISHED):
        if status:
            holding(store, run_id, "worker").finish(status, test_accuracy=0.95, test_loss=0.2)
        app = open_page()
        assert len(app.warning) == 0
        assert "Fill in the cure" not in {button.label for button in app.button}


def test_dead_units_are_told_while_the_run_trains_and_the_remedy_fills_the_form(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    config = TrainingConfig(learning_rate=0.1, dataset="pen-strokes", seed=12)
    run_id = running(store, config, [1.8, 1.8], dead=0.975)
    app = open_page()
    (told,) = app.warning
    assert told.value.startswith("**Dead ReLUs: units that never fire.**")
    assert "98 % of hidden layer 1" in told.value
    assert "A learning rate of 0.1 is the likely cause" in told.value
    assert "hidden layer 1: 98 → 98 %, hidden layer 2: 98 → 98 %." in texts(app.caption)
    button = app.button(key=f"try_dead_{run_id}")
    assert button.help == (
        "Fills in this run's settings with Learning rate 0.1 → 0.001, First weights Glorot → He. "
        "Then press Train."
    )
    button.click().run()
    assert not app.exception
    assert app.text_input(key=state.setting("learning_rate")).value == "0.001"
    assert app.selectbox(key=state.setting("initializer")).value == "he"
    assert (app.query_params["dataset"], app.query_params["seed"]) == ("pen-strokes", "12")
    assert "The settings are filled in: press **Train**." in texts(app.caption)


def test_changed_layers_are_told_in_a_line(open_page: Callable[[], AppTest], store: RunStore) -> None:
    config = TrainingConfig.build({"hidden_layers": [{"units": 9, "dropout": 0.2}, {"units": 8}]})
    run_id = running(store, config, [0.5, 0.4], dead=0.9)
    button = open_page().button(key=f"try_dead_{run_id}")
    assert "with Activation relu → elu." in button.help


def test_a_rising_loss_is_told_before_the_end_and_once_after_it(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    config = TrainingConfig(optimizer="sgd", learning_rate=2.0)
    run_id = running(store, config, [0.3, 20.0, 40.0])
    assert "The loss is 20.0" in texts(open_page().warning)
    holding(store, run_id, "worker").finish(RunStatus.FAILED, message="The training diverged. Try 0.01.")
    app = open_page()
    assert texts(app.error) == "The training diverged. Try 0.01."
    assert len(app.warning) == 0
    app.button(key=f"try_diverging_{run_id}").click().run()
    assert app.text_input(key=state.setting("learning_rate")).value == "0.01"


def test_a_stalled_run_is_told_after_its_end_too(open_page: Callable[[], AppTest], store: RunStore) -> None:
    run_id = running(store, TrainingConfig(initializer="zeros"), [2.3, 2.3, 2.3])
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.1, test_loss=2.3)
    app = open_page()
    assert "**Stalled: the loss does not fall.** The loss stays at 2.30" in texts(app.warning)
    assert "Finished." in texts(app.success)
