"""The slider over a run's epochs: what it shows, what the address says of it, training on from there."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.arrays import as_npz
from core.config import HiddenLayer, TrainingConfig
from core.store import Progress, Run, RunStatus, RunStore
from core.store.files import snapshot_file
from core.weights import variables
from pages.parts.shared import state
from pages.parts.shared.decimals import POPOVER_WIDTH
from pages.parts.shared.epoch_slider.slider import END, stop_of, stops_of
from tests.pages.samples import MINE, width_of
from tests.support.store_samples import holding

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=4),), epochs=5)


def snapshot(epoch: int, config: TrainingConfig = CONFIG) -> bytes:
    """Return a snapshot of a network that takes every image for the digit of the epoch."""
    arrays = [np.zeros(one.shape, np.float32) for one in variables(config)]
    arrays[-1][epoch % 10] = 20.0
    named = {f"variable_{number}": array for number, array in enumerate(arrays)}
    others = {"position": np.array([epoch, 0, 0]), "seconds": np.float64(1), "stopping": np.array("{}")}
    return as_npz(named | others)


def trained(
    store: RunStore, status: RunStatus = RunStatus.FINISHED, *, workspace: str = MINE, kept: Any = (0, 2, 5)
) -> Run:
    """Return a run that has ended after five epochs or is paused, with some of them kept."""
    run = store.create(CONFIG, workspace=workspace)
    store.claim(run.id, "worker")
    claim = holding(store, run.id, "worker")
    claim.record([], Progress(5, 100, 100, None, None))
    for epoch in kept:
        (store.folder(run.id) / snapshot_file(epoch)).write_bytes(snapshot(epoch))
    accuracy = 0.9 if status is RunStatus.FINISHED else None
    return claim.finish(status, test_accuracy=accuracy, test_loss=0.3, train_seconds=1.0)


def slider(app: AppTest, page: str = "train") -> Any:
    return app.select_slider(key=state.epoch_slider(page))


def test_the_last_epoch_is_the_end_unless_another_network_is_kept(home: object, store: RunStore) -> None:
    run = trained(store, kept=())
    assert stops_of(run, [0, 2, 5]) == [0, 2, END]
    assert stops_of(run, [0, 2]) == [0, 2, END]  # stopped within an epoch, or thinned
    assert stops_of(run, []) == [END]
    best = CONFIG.model_copy(update={"early_stopping": "loss"})
    assert stops_of(Run(**{**vars(run), "config": best}), [0, 2, 5]) == [0, 2, 5, END]


@pytest.mark.parametrize(
    ("asked", "stop"), [(None, END), ("2", 2), ("0", 0), ("7", END), ("２", END), ("", END)]
)
def test_an_address_says_where_the_slider_stands(asked: str | None, stop: int | str) -> None:
    assert stop_of(asked, [0, 2, END]) == stop


def test_a_run_is_trained_on_from_an_epoch(
    open_page: Callable[[], AppTest], store: RunStore, submitted: list[str]
) -> None:
    run = trained(store)
    app = open_page()
    assert slider(app).value == END
    assert f"fork_{run.id}" not in {button.key for button in app.button}
    slider(app).set_value(2).run()
    assert app.query_params["at_epoch"] == "2"
    button = app.button(key=f"fork_{run.id}")
    assert button.label == "Train on from epoch 2"
    app.text_input(key=state.fork_rate(run.id, 2)).set_value("0,5")
    button.click().run()
    assert [one.value for one in app.error] == []
    fork = store.list_runs()[0]
    assert (fork.parent, fork.fork_epoch, fork.config.learning_rate) == (run.id, 2, 0.5)
    assert submitted == [fork.id]
    assert app.session_state[state.RUN_ID] == fork.id
    assert "at_epoch" not in app.query_params
    assert app.query_params["run"] == fork.id


def test_a_wrong_rate_is_told_in_a_narrow_place_and_nothing_trains_on_with_it(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    run = trained(store)
    app = open_page()
    slider(app).set_value(2).run()
    app.text_input(key=state.fork_rate(run.id, 2)).set_value("two").run()
    (error,) = app.error
    assert "“two” is no number" in error.value
    button = app.button(key=f"fork_{run.id}")
    assert (button.disabled, button.help) == (True, error.value)
    assert width_of(app, error) == POPOVER_WIDTH
    app.text_input(key=state.fork_rate(run.id, 2)).set_value("0,5").run()
    assert not app.button(key=f"fork_{run.id}").disabled


def test_what_cannot_be_trained_on_is_told_in_a_sentence(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    run = trained(store)
    app = open_page()
    slider(app).set_value(2).run()
    (store.folder(run.id) / snapshot_file(2)).write_bytes(b"damaged")
    app.button(key=f"fork_{run.id}").click().run()
    assert "cannot be read" in app.error[0].value
    assert len(store.list_runs()) == 1


def test_others_may_look_but_not_train_on(open_page: Callable[[], AppTest], store: RunStore) -> None:
    run = trained(store, workspace="b" * 24)
    app = open_page()
    app.query_params["run"] = run.id
    app.query_params["at_epoch"] = "2"
    app.run()
    assert slider(app).value == 2
    assert f"fork_{run.id}" not in {button.key for button in app.button}


def test_a_paused_run_is_looked_at_too_and_one_without_networks_has_no_slider(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    trained(store, kept=())
    app = open_page()
    assert not app.select_slider
    trained(store, RunStatus.PAUSED)
    app = open_page()
    assert slider(app).options == ["untrained", "epoch 2", "now"]
