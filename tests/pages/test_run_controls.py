"""The buttons of a run: what each asks of the store, and what is handed to the workers."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.settings import get_settings
from core.store import CurvePoint, Progress, Request, RunStatus, RunStore
from pages.parts.shared import state
from pages.parts.shared.decimals import POPOVER_WIDTH
from tests.pages.samples import MINE, width_of
from tests.support.store_samples import holding


def trained(store: RunStore, status: RunStatus | None, **results: Any) -> str:
    """Return a run of this browser that has come to epoch 2, given back as `status` or running."""
    run_id = store.create(TrainingConfig(), workspace=MINE).id
    store.claim(run_id, "worker")
    point = CurvePoint(1_500, 1.0, 0.25, 0.925, "training")
    holding(store, run_id, "worker").record([point], Progress(2, 675, 1_350, 61_234.0, 75.0))
    if status is not None:
        holding(store, run_id, "worker").finish(status, **results)
    return run_id


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_a_running_run_is_paused(open_page: Callable[[], AppTest], store: RunStore) -> None:
    run_id = trained(store, None)
    app = open_page()
    assert {"Pause", "Stop"} <= labels(app)
    assert not {"Resume", "One epoch"} & labels(app)
    assert app.button(key="first_step").disabled
    app.button(key=f"pause_{run_id}").click().run()
    assert store.get(run_id).request is Request.PAUSE
    assert app.button(key=f"pause_{run_id}").label == "Pausing…"
    assert app.button(key=f"pause_{run_id}").disabled


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        (TrainingConfig(), "as it is now"),
        (TrainingConfig(early_stopping="loss"), "of its best whole epoch so far"),
        (TrainingConfig(early_stopping="loss", restore_best=False), "as it is now"),
    ],
)
def test_stop_says_which_network_is_kept(
    open_page: Callable[[], AppTest], store: RunStore, config: TrainingConfig, kept: str
) -> None:
    run_id = store.create(config, workspace=MINE).id
    help = open_page().button(key=f"stop_{run_id}").help
    assert help == f"Ends the training and keeps the network {kept}."


@pytest.mark.parametrize(
    ("button", "request_"),
    [
        ("resume", Request.NONE),
        ("step_chunk", Request.STEP_CHUNK),
        ("step_epoch", Request.STEP_EPOCH),
        ("stop", Request.STOP),
    ],
)
def test_a_paused_run_goes_back_to_the_workers(
    open_page: Callable[[], AppTest],
    store: RunStore,
    submitted: list[str],
    button: str,
    request_: Request,
) -> None:
    run_id = trained(store, RunStatus.PAUSED)
    app = open_page()
    assert {"Resume", "Step", "One epoch", "Stop"} <= labels(app)
    assert "Pause" not in labels(app)
    app.button(key=f"{button}_{run_id}").click().run()
    run = store.get(run_id)
    assert (run.status, run.request) == (RunStatus.QUEUED, request_)
    assert submitted == [run_id]
    assert not app.exception


def test_a_paused_run_gets_another_learning_rate(open_page: Callable[[], AppTest], store: RunStore) -> None:
    run_id = trained(store, RunStatus.PAUSED)
    app = open_page()
    app.text_input(key=state.new_learning_rate(run_id)).set_value("0,0002").run()
    app.button(key=f"set_rate_{run_id}").click().run()
    run = store.get(run_id)
    assert (run.status, run.config.learning_rate) == (RunStatus.PAUSED, 0.0002)
    assert "Learning rate 0.001 → 0.0002 after 1.50 epochs." in {caption.value for caption in app.caption}
    app.text_input(key=state.new_learning_rate(run_id)).set_value("0")
    app.button(key=f"set_rate_{run_id}").click().run()  # typed just before the press
    assert store.get(run_id).config.learning_rate == 0.0002
    assert "Learning rate is 0; it must be at least 0.000001" in app.error[0].value
    app.run()
    (error,) = app.error
    assert width_of(app, error) == POPOVER_WIDTH
    assert app.button(key=f"set_rate_{run_id}").disabled


@pytest.mark.parametrize(("status", "in_all"), [(RunStatus.FINISHED, 4), (RunStatus.STOPPED, 4)])
def test_an_ended_run_is_trained_further(
    open_page: Callable[[], AppTest],
    store: RunStore,
    submitted: list[str],
    status: RunStatus,
    in_all: int,
) -> None:
    run_id = trained(store, status, test_accuracy=0.9, test_loss=0.3)
    app = open_page()
    app.number_input(key=state.more_epochs(run_id)).set_value(in_all - 1).run()
    assert app.button(key=f"extend_{run_id}").label == "Train 3 more epochs"
    app.button(key=f"extend_{run_id}").click().run()
    run = store.get(run_id)
    assert (run.status, run.config.epochs, run.finished_at) == (RunStatus.QUEUED, in_all, None)
    assert submitted == [run_id]


def test_a_number_of_epochs_sent_together_with_the_press_counts(
    open_page: Callable[[], AppTest], store: RunStore, submitted: list[str]
) -> None:
    run_id = trained(store, RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    app = open_page()
    app.number_input(key=state.more_epochs(run_id)).set_value(500)
    app.button(key=f"extend_{run_id}").click().run()
    assert "at most 200" in app.error[0].value
    assert submitted == []
    app = open_page()
    app.number_input(key=state.more_epochs(run_id)).set_value(7)
    app.button(key=f"extend_{run_id}").click().run()
    assert store.get(run_id).config.epochs == 8
    assert submitted == [run_id]


def test_more_epochs_than_a_run_may_have_are_refused(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    run_id = trained(store, RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    app = open_page()
    app.number_input(key=state.more_epochs(run_id)).set_value(500).run()
    assert app.button(key=f"extend_{run_id}").disabled
    assert "at most 200" in app.button(key=f"extend_{run_id}").help


def test_the_same_weights_and_new_weights(
    open_page: Callable[[], AppTest], store: RunStore, submitted: list[str]
) -> None:
    run_id = trained(store, RunStatus.FAILED, message="It diverged.")
    app = open_page()
    app.button(key=f"again_{run_id}").click().run()
    same = store.get(submitted[0])
    assert same.id != run_id
    assert same.config == store.get(run_id).config
    store.ask(same.id, Request.STOP)
    app = open_page()
    app.selectbox(key=state.RUN_PICKED).set_value(run_id).run()
    app.button(key=f"new_weights_{run_id}").click().run()
    other = store.get(submitted[1]).config
    assert other.seed != same.config.seed
    assert other == same.config.model_copy(update={"seed": other.seed})


def test_no_more_runs_are_resumed_than_the_server_allows(
    monkeypatch: pytest.MonkeyPatch, open_page: Callable[[], AppTest], store: RunStore, submitted: list[str]
) -> None:
    monkeypatch.setenv("DIGITLAB_MAX_WAITING_SECONDS_PER_WORKSPACE", "5")
    get_settings.cache_clear()
    store.create(TrainingConfig(), workspace=MINE)
    run_id = trained(store, RunStatus.PAUSED)
    app = open_page()
    app.button(key=f"resume_{run_id}").click().run()
    assert store.get(run_id).status is RunStatus.PAUSED
    assert submitted == []
    assert any("this server allows 5 s a browser" in error.value for error in app.error)
