"""In another language no page shows a word of English, whatever it shows."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.config import HiddenLayer, TrainingConfig
from core.errors import StoreError
from core.inside.watching import InsideWatcher
from core.recipes import FAILURES
from core.settings import get_settings
from core.store import CurvePoint, LayerVitals, NewDrawing, Progress, RunStatus, RunStore
from core.store.snapshot_cache import SnapshotCache
from pages.parts.shared import handles, state
from pages.parts.shared.canvas.drawing import TOO_LONG, Drawing
from tests.pages.language.shown import outside, texts
from tests.pages.samples import APP, MINE
from tests.pages.test_draw import stroke
from tests.pages.test_evaluate import probabilities_for
from tests.support.inside_samples import FakeSource, noise_pictures, random_weights
from tests.support.network_samples import always
from tests.support.store_samples import holding

# Names, units and what has no other word in any language; the switch has all languages' own names.
NAMES = {
    *("Keras", "ONNX", "TensorBoard"),
    "customdata",  # a place in a chart's template
    *("MNIST", "Fashion", "Digit", "Lab", "Adam", "AdamW", "RMSprop", "SGD", "Glorot", "He", "relu", "tanh"),
    *("sigmoid", "elu", "selu", "gelu", "leaky", "softmax", "swish", "linear", "adam", "rmsprop"),
    *("EN", "DE", "FR", "English", "Deutsch", "Français", "Language", "Sprache", "Langue"),
    *("digitlab", "workspace"),  # a cookie
    *("sgd", "he", "glorot", "zeros"),  # as an address has them
    *("ZIP", "CSV", "zip"),
    "qwerty",  # what somebody has typed
    *(
        "MB",
        "KB",
        "min",
        "PNG",
        "ZIP",
        "CSV",
        "zip",
        "JPEG",
        "WebP",
        "GIF",
        "BMP",
        "TIFF",
        "png",
        "jpg",
        "jpeg",
        "webp",
        "gif",
    ),
    *("bmp", "tif", "tiff", "True", "False", "UTC", "Zalando", "MIT", "CC", "BY", "SA"),
}
_WORD = re.compile(r"[^\W\d_]{2,}")
CONFIG = TrainingConfig(dataset="pen-strokes", hidden_layers=(HiddenLayer(units=32),))

pytestmark = pytest.mark.usefixtures("pseudo", "submitted")


def check(app: AppTest) -> None:
    """Assert that all on the page is translated."""
    assert not app.exception
    shown = texts(app)
    assert len(shown) > 15
    left = {text: words for text in shown if (words := set(_WORD.findall(outside(text))) - NAMES)}
    assert left == {}, "\n".join(left)


def open_page(page: str = "pages/train.py", drawn: Drawing | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    if drawn is not None:
        app.session_state[state.DRAWING] = drawn
        app.session_state[state.PICTURE_SOURCE] = "Simple canvas"
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(page).run()


def begun(store: RunStore, config: TrainingConfig = CONFIG, **shares: float) -> str:
    """Return a run that trains, with a curve and the vitals of its layers."""
    run_id = store.create(config, workspace=MINE).id
    store.claim(run_id, "worker")
    for epoch, loss in enumerate((1.8, 1.8), 1):
        points = [
            CurvePoint(epoch * 1_350, float(epoch), loss, 0.1, kind)  # type: ignore[arg-type]
            for kind in ("training", "validation")
        ]
        measured: dict[str, Any] = {"dead": None, "saturated": None} | shares
        vitals = [LayerVitals(epoch * 1_350, float(epoch), layer, **measured) for layer in (1, 2)]
        holding(store, run_id, "worker").record(points, Progress(epoch, 1_350, 1_350, 1e5, 75.0), vitals)
    return run_id


def ended(store: RunStore, status: RunStatus = RunStatus.FINISHED, **fields: Any) -> str:
    run_id = begun(store)
    holding(store, run_id, "worker").finish(status, **fields)
    return run_id


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network can be looked into."""
    source = FakeSource()
    source.live = ("one", 10, random_weights(CONFIG))
    source.epochs = {epoch: random_weights(CONFIG) for epoch in range(3)}
    watcher = InsideWatcher(source, fresh_seconds=0)
    monkeypatch.setattr(handles, "inside_watcher", lambda: watcher)
    monkeypatch.setattr(handles, "fixed_pictures", lambda _dataset: noise_pictures())


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of three epochs are kept of every run."""
    monkeypatch.setattr(SnapshotCache, "epochs_kept", lambda self, run_id: [0, 1, 2])


def test_a_first_visit() -> None:
    check(open_page())


def test_a_form_with_every_field(store: RunStore) -> None:
    check(
        open_page(
            optimizer="sgd",
            early_stopping="loss",
            hidden_layers="32-relu-0.2,16-tanh",
            batch_normalization="true",
            learning_rate="qwerty",
            qwerty="1",
            epochs="7",
        )
    )


def test_recipes_and_failures_that_are_loaded() -> None:
    app = open_page()
    for key in ("recipe_two-dense", "recipe_dense-99", *(f"failure_{name}" for name in FAILURES)):
        check(app.button(key=key).click().run())
    check(app.number_input(key=state.setting("epochs")).set_value(3).run())


def test_what_cannot_be_used_is_told() -> None:
    app = open_page()
    for text in ("", "1,000", "qwerty", "7"):
        check(app.text_input(key=state.setting("learning_rate")).set_value(text).run())


def test_a_run_that_waits(store: RunStore) -> None:
    store.create(CONFIG, workspace=MINE)
    check(open_page())


@pytest.mark.usefixtures("inside")
def test_a_run_that_trains(store: RunStore) -> None:
    ended(store, test_accuracy=0.95, test_loss=0.2)
    run_id = begun(store)
    store.create(CONFIG, workspace=MINE)
    app = open_page(run=run_id)
    check(app)
    check(app.button(key=f"pause_{run_id}").click().run())


def test_a_run_whose_inside_is_not_there(store: RunStore) -> None:
    begun(store)
    check(open_page())


@pytest.mark.usefixtures("kept", "inside")
def test_a_paused_run(store: RunStore) -> None:
    run_id = begun(store)
    holding(store, run_id, "worker").finish(RunStatus.PAUSED)
    check(open_page(at_epoch="1"))


@pytest.mark.usefixtures("kept", "inside")
@pytest.mark.parametrize("status", [RunStatus.FINISHED, RunStatus.STOPPED])
def test_a_run_that_has_ended(store: RunStore, status: RunStatus) -> None:
    first = ended(store, test_accuracy=0.9, test_loss=0.3)
    config = CONFIG.model_copy(update={"epochs": 7, "learning_rate": 0.01, "optimizer": "sgd"})
    run_id = begun(store, config)
    holding(store, run_id, "worker").finish(status, test_accuracy=0.95, test_loss=0.2)
    for epoch in ("0", "1", "99"):
        check(open_page(at_epoch=epoch))
    app = open_page()
    check(app.button(key=state.LEAVE).click().run())
    check(open_page(run=first))


def test_a_run_stopped_before_it_began(store: RunStore) -> None:
    run = store.create(CONFIG, workspace=MINE)
    store.claim(run.id, "worker")
    holding(store, run.id, "worker").finish(RunStatus.STOPPED)
    check(open_page())


@pytest.mark.parametrize("share", ["dead", "saturated"])
def test_findings_of_a_run(store: RunStore, share: str) -> None:
    config = CONFIG.model_copy(update={"learning_rate": 0.1})
    run_id = begun(store, config, **{share: 0.975})
    app = open_page()
    check(app)
    check(
        app.button(key=next(one.key for one in app.button if str(one.key).startswith("try_"))).click().run()
    )
    holding(store, run_id, "worker").fail("The training diverged in epoch 1: the loss is nan.")


def test_a_deleted_run_and_a_damaged_database(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = ended(store, test_accuracy=0.9, test_loss=0.3)
    app = open_page()
    check(app.button(key=f"delete_{run_id}").click().run())
    check(open_page(run="0" * 24))
    for count in (1, 3):
        monkeypatch.setattr(RunStore, "unreadable_count", lambda self, workspaces, n=count: n)
        check(open_page())


def test_large(store: RunStore) -> None:
    check(open_page(present="true"))


@pytest.fixture
def labels(home: Path, strokes: dict[str, np.ndarray]) -> np.ndarray:
    """Labels of the pen strokes in the cache of `home`: the same few images again and again."""
    folder = get_settings().datasets / "pen-strokes"
    folder.mkdir(parents=True)
    for part, count in (("train", 60_000), ("test", 10_000)):
        for kind in ("images", "labels"):
            array = strokes[f"{part}_{kind}"]
            np.save(folder / f"{part}_{kind}.npy", np.resize(array, (count, *array.shape[1:])))
    return np.resize(strokes["test_labels"], 10_000)


@pytest.mark.usefixtures("kept")
def test_evaluate(store: RunStore, labels: np.ndarray) -> None:
    run_id = begun(store)
    np.save(str(store.folder(run_id) / "test_probabilities.npy"), probabilities_for(labels))
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9959, test_loss=0.2)
    app = open_page("pages/evaluate.py")
    check(app)
    check(app.toggle(key=state.ROW_PERCENT).set_value(True).run())
    check(app.selectbox(key=state.CELL_TRUE).set_value(3).run())
    check(open_page("pages/evaluate.py", run="0" * 24))


def test_evaluate_without_a_run() -> None:
    check(open_page("pages/evaluate.py"))


def test_draw(store: RunStore) -> None:
    run_id = begun(store)
    (store.folder(run_id) / "network.onnx").write_bytes(always([0.001] * 3 + [0.98] + [0.001] * 6))
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.97, test_loss=0.1)
    check(open_page("pages/draw.py"))
    app = open_page("pages/draw.py", Drawing([{"type": "path"}], stroke()))
    check(app)
    check(app.segmented_control(key=state.PICTURE_SOURCE).set_value("Upload a picture").run())
    check(open_page("pages/draw.py", Drawing([], None, TOO_LONG)))


def test_my_handwriting(store: RunStore) -> None:
    run = store.create(CONFIG, workspace=MINE)
    store.claim(run.id, "worker")
    (store.folder(run.id) / "network.onnx").write_bytes(always([0.01, 0.91] + 8 * [0.01]))
    holding(store, run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.97)
    for label in (1, 8):
        store.keep_drawing(MINE, NewDrawing(np.full((28, 28), label, np.uint8), label), None)
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.session_state[state.DRAWINGS_OPEN] = True
    app.switch_page("pages/draw.py").run()
    app.toggle(key=state.DRAWINGS_MATRIX).set_value(True).run()
    check(app)
    app.file_uploader(key=state.drawings_upload(0)).set_value(("a.zip", b"PK", "application/zip")).run()
    check(app)
    app.button(key="delete_drawings").click().run()
    check(app)
    app.button(key=state.label_button(1)).click().run()
    check(app)


def test_draw_clothes(store: RunStore) -> None:
    run_id = begun(store, CONFIG.model_copy(update={"dataset": "fashion-mnist"}))
    (store.folder(run_id) / "network.onnx").write_bytes(always([0.001] * 3 + [0.98] + [0.001] * 6))
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.97, test_loss=0.1)
    check(open_page("pages/draw.py", Drawing([{"type": "path"}], stroke())))


def test_an_error_that_nobody_foresaw(monkeypatch: pytest.MonkeyPatch, unforeseen: list[str]) -> None:
    def broken() -> None:
        raise KeyError("nobody")

    monkeypatch.setattr(handles, "library", broken)
    app = open_page()
    assert {text for text in texts(app) if "⟦Something went wrong" in text}
    unforeseen.clear()


def test_a_database_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise StoreError("7")

    monkeypatch.setattr(handles, "library", damaged)
    assert {text for text in texts(open_page()) if "⟦This page tries again" in text}


def test_the_words_that_are_looked_for_would_be_found() -> None:
    """What this file asserts of pages it would see on one."""

    def script() -> None:
        import streamlit as st

        from pages.parts.shared.language import _

        st.button(_("Train"), help="Untranslated help")
        st.html('<p title="Untranslated title">⟦x⟧</p>')
        st.selectbox(_("Speed"), ["Untranslated option"])

    app = AppTest.from_function(script).run()
    found = {outside(text).strip() for text in texts(app)} - {""}
    assert found == {"Untranslated help", "Untranslated title", "Untranslated option"}
