"""What the pages offer of a run as files, and what becomes of files that are brought back."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.bring_back.network import AS_IT_IS, TO_ONE
from core.config import HiddenLayer, TrainingConfig
from core.config.differences import differences
from core.prediction.ready_made import ready_made_file
from core.recipes import READY_MADE
from core.settings import get_settings
from core.store import Run, RunStatus, RunStore
from core.store.files import BROUGHT_FILE, KERAS_FILE, ONNX_FILE
from core.take_home.files import settings_file
from pages.parts.shared import bring_back, state
from tests.pages.samples import APP, HOSTILE, MINE
from tests.support.keras_files import FLATTEN, LAYERS, image, keras_file, sequential

UNSCALED = keras_file(sequential([image(28, 28), FLATTEN, *LAYERS[3:]]))


def ended(store: RunStore, config: TrainingConfig = READY_MADE.config) -> Run:
    run = store.create(config, workspace=MINE)
    claim = store.claim(run.id, "worker")
    store.keep(run.id, KERAS_FILE, b"a keras file")
    store.keep(run.id, ONNX_FILE, ready_made_file())
    return claim.finish(RunStatus.FINISHED, test_accuracy=0.98, test_loss=0.06, train_seconds=3)


def files(app: AppTest) -> list[str]:
    """Return what the download buttons of a page say."""
    return [button.proto.label for button in app.get("download_button")]


def compare() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    return app


def bring(app: AppTest, name: str, content: bytes) -> AppTest:
    taken = app.session_state[state.BROUGHT_FILES_TAKEN]
    key = f"{state.BROUGHT_FILES_TAKEN}_{taken}"
    app.file_uploader(key=key).set_value((name, content, "application/octet-stream")).run()
    assert not app.exception
    return app


def test_a_run_that_has_ended_can_be_taken_home(open_page: Callable[[], AppTest], store: RunStore) -> None:
    ended(store)
    assert files(open_page()) == [
        "Everything in one file",
        *("Keras", "ONNX", "Weights"),
        *("Python script", "Notebook", "Its images"),
        *("Curve", "TensorBoard", "Settings"),
    ]


def test_a_run_that_has_failed_leaves_its_program_and_its_record(
    open_page: Callable[[], AppTest], store: RunStore
) -> None:
    run = store.create(TrainingConfig(), workspace=MINE)
    store.claim(run.id, "worker").fail("It failed.", has_checkpoint=False)
    offered = files(open_page())
    assert "Keras" not in offered
    assert "Its images" not in offered
    assert {"Python script", "Settings"} <= set(offered)


def test_of_the_runs_that_are_compared_one_is_taken_home(store: RunStore) -> None:
    runs = [ended(store), ended(store, TrainingConfig())]
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.query_params["runs"] = ",".join(run.id for run in runs)
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    choice = app.selectbox(key=state.TAKEN_HOME)
    assert choice.options == ["#1", "#2"]
    assert "Its images" in files(app)
    choice.set_value(runs[1].id).run()
    assert files(app)
    assert "Its images" not in files(app)  # Keras has MNIST


def test_settings_fill_the_form(store: RunStore, submitted: list[str]) -> None:
    config = TrainingConfig(hidden_layers=(HiddenLayer(units=33),), learning_rate=0.02)
    app = bring(compare(), "settings.json", settings_file(config))
    assert "The settings of “settings.json” are in the form" in app.success[0].value
    app.switch_page("pages/train.py").run()
    assert differences(app.session_state[state.FORM_CONFIG], config) == ()


def test_a_network_whose_file_says_all_is_tested_and_shown_like_any_other(
    store: RunStore, submitted: list[str]
) -> None:
    app = bring(compare(), "my net.keras", keras_file())
    assert any("hidden layers 12, 9,550 parameters" in text.value for text in app.markdown)
    assert not [box for box in app.selectbox if box.key == state.BROUGHT_SCALE]
    app.button(key="test_brought").click().run()
    assert not app.exception
    (run,) = store.list_runs()
    assert submitted == [run.id]
    assert (run.imported, run.name, run.config.dataset) == (True, "my net.keras", "mnist")
    assert "is being tested" in app.info[-1].value
    store.claim(run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.91, test_loss=0.3)
    app.run()
    assert app.success[0].value.startswith("It reads **91.00 %** of the test images right")
    assert "never seen" not in app.success[0].value
    assert "See its mistakes" in [link.proto.label for link in app.get("page_link")]
    app.switch_page("pages/train.py").run()
    assert not app.exception
    captions = " ".join(text.value for text in app.caption)
    assert "Brought from elsewhere: hidden layers 12." in captions
    # Nothing that a network without settings and without a curve cannot have.
    labels = {button.label for button in app.button}
    assert not {"Repeat exactly", "Load these settings"} & labels
    assert not any(label.startswith("Train ") for label in labels)
    assert not {"Python script", "Settings", "Curve"} & set(files(app))
    assert "Keras" in files(app)


def test_a_network_that_was_brought_and_deleted_since_is_let_go(
    store: RunStore, submitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = bring(compare(), "net.keras", keras_file())
    app.button(key="test_brought").click().run()
    (run,) = store.list_runs()
    taken = app.session_state[state.BROUGHT]
    # A second press that was on its way makes no second run.
    for kept in ({state.BROUGHT: taken}, {}):
        with monkeypatch.context() as patch:
            patch.setattr(st, "session_state", kept)
            bring_back._test()
        assert kept.get(state.BROUGHT) in (taken, None)
    store.claim(run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.91, test_loss=0.3)
    store.delete(run.id)
    app.run()
    assert not app.exception
    assert not app.error
    assert state.BROUGHT not in app.session_state
    bring(app, "settings.json", settings_file(TrainingConfig()))
    assert "are in the form" in app.success[0].value


@pytest.mark.parametrize("scale", [TO_ONE, AS_IT_IS])
def test_what_a_file_does_not_say_is_asked(store: RunStore, submitted: list[str], scale: float) -> None:
    app = bring(compare(), "net.keras", UNSCALED)
    app.selectbox(key=state.BROUGHT_SCALE).set_value(scale).run()
    app.selectbox(key=state.BROUGHT_DATASET).set_value("fashion-mnist").run()
    app.button(key="test_brought").click().run()
    (run,) = store.list_runs()
    assert run.config.dataset == "fashion-mnist"
    with zipfile.ZipFile(io.BytesIO(store.artifact(run.id, BROUGHT_FILE))) as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    assert layers[1]["config"]["scale"] == scale


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("settings.json", b'{"epochs": 0}', "Epochs is 0; it must be at least 1."),
        ("settings.json", b"\xff", "This file is no text."),
        ("net.keras", b"PK", "damaged or no .keras file"),
        ("net.keras", keras_file(more={"x.pkl": b"."}), "“x.pkl”"),
        *((name[:50].replace("/", " ") + ".keras", b"", "damaged or no .keras file") for name in HOSTILE[:4]),
    ],
)
def test_a_bad_file_is_a_sentence(
    store: RunStore, submitted: list[str], name: str, content: bytes, told: str
) -> None:
    app = bring(compare(), name, content)
    assert told in app.error[0].value.replace("\\", "")
    assert store.list_runs() == []
    # Another file can be brought at once.
    bring(app, "settings.json", settings_file(TrainingConfig()))
    assert not app.error


def test_a_full_server_says_so(
    store: RunStore, submitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITLAB_MAX_WAITING_SECONDS_PER_WORKSPACE", "20")
    get_settings.cache_clear()
    store.create(TrainingConfig(epochs=40), workspace=MINE)
    app = bring(compare(), "net.keras", keras_file())
    app.button(key="test_brought").click().run()
    assert "allows 20 s a browser" in app.error[0].value
    assert len(store.list_runs()) == 1
