"""The Draw page with the simple canvas: empty, blank, a drawing, an upload, a network that does not load."""

import io
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image, ImageDraw
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from core.config import DatasetName, HiddenLayer, TrainingConfig
from core.figures.html.probabilities import probabilities_info, probability_bars
from core.figures.palette import READING
from core.handwriting.upload import MAX_BYTES, read_upload
from core.prediction.refusal import judge
from core.settings import get_settings
from core.store import RunStatus, RunStore
from pages.parts.draw import upload
from pages.parts.draw.answer import verdict
from pages.parts.shared import state, uploaded_files
from pages.parts.shared.canvas import drawing
from pages.parts.shared.canvas.drawing import Drawing
from pages.parts.shared.workspace import SHARED_WORKSPACE
from tests.support.network_samples import always
from tests.support.number_samples import number_ink
from tests.support.picture_samples import file_of, picture_of
from tests.support.refusal_samples import small_refusal
from tests.support.store_samples import holding

APP = Path(__file__).parents[2] / "app.py"
DIGITS = tuple("0123456789")
SURELY_3 = [0.001, 0.001, 0.002, 0.98, 0.001, 0.001, 0.001, 0.001, 0.010, 0.002]
MAYBE_8 = [0.01, 0.01, 0.02, 0.5, 0.01, 0.01, 0.01, 0.01, 0.4, 0.02]
ONLY_3 = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
BLANK = np.zeros((28, 28), np.uint8)
PROBABLY_3 = [0.05, 0.05, 0.05, 0.6, 0.05, 0.05, 0.05, 0.05, 0.03, 0.02]


@pytest.fixture
def add_run(home: Path) -> Callable[..., str]:
    """Return a function that stores a finished run with this ONNX file and returns its id."""
    store = RunStore.from_settings(get_settings())

    def add(network: bytes | None, dataset: DatasetName = "mnist") -> str:
        config = TrainingConfig(dataset=dataset, hidden_layers=(HiddenLayer(units=16), HiddenLayer(units=7)))
        run = store.create(config, workspace=SHARED_WORKSPACE)
        store.claim(run.id, "worker")
        if network is not None:
            (store.folder(run.id) / "network.onnx").write_bytes(network)
        holding(store, run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.97, test_loss=0.1)
        return run.id

    return add


def open_page(drawn: Drawing | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = "a" * 24
    app.session_state[state.PICTURE_SOURCE] = "Simple canvas"
    if drawn is not None:
        app.session_state[state.DRAWING] = drawn
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    return app


def stroke() -> bytes:
    """A drawing as the canvas sends it: a slanted line, black on white."""
    picture = Image.new("RGBA", (280, 280), "white")
    ImageDraw.Draw(picture).line([(180, 40), (90, 240)], fill="black", width=22)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def large_x() -> bytes:
    """A drawing of two crossed lines."""
    picture = Image.new("RGBA", (280, 280), "white")
    for line in ([(50, 40), (230, 240)], [(230, 40), (50, 240)]):
        ImageDraw.Draw(picture).line(line, fill="black", width=20)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def bars(app: AppTest) -> str:
    return "".join(one.proto.body for one in app.get("html") if "probability-bars" in one.proto.body)


def test_without_a_trained_network_the_page_leads_to_train(home):
    app = open_page()
    assert any("No network of yours yet" in words.value for words in app.markdown)
    assert "Train a network of your own" in [link.proto.label for link in app.get("page_link")]
    assert app.slider(key=state.STROKE_WIDTH)


def test_a_blank_canvas_asks_to_draw_and_predicts_nothing(add_run):
    add_run(always(SURELY_3))
    app = open_page()
    assert app.info[0].value == "The canvas is empty: draw a digit from 0 to 9."
    assert [one.value for one in app.header] == ["My handwriting"]  # no verdict
    assert bars(app) == ""
    assert all(button.disabled for button in app.button if button.label in ("Undo", "Clear"))


def test_a_drawing_gets_a_verdict_ten_bars_and_the_picture_the_network_sees(add_run):
    add_run(always(SURELY_3))
    app = open_page(Drawing([{"type": "Path"}], stroke()))
    assert app.header[0].value == "It reads a 3: 98 % sure"
    assert bars(app) == probability_bars(probabilities_info(np.array(SURELY_3, np.float32), DIGITS))
    assert any("image-rendering:pixelated" in one.proto.body for one in app.get("html"))
    assert not app.info


def test_the_link_names_the_network_and_the_newest_is_the_default(add_run):
    older, newer = add_run(always(SURELY_3)), add_run(always(MAYBE_8))
    drawn = Drawing([{"type": "Path"}], stroke())
    assert "maybe an 8" in open_page(drawn).header[0].value
    assert open_page(drawn, run=older).header[0].value == "It reads a 3: 98 % sure"
    assert "maybe an 8" in open_page(drawn, run=newer).header[0].value


def test_clear_and_undo_take_strokes_away(add_run):
    add_run(always(SURELY_3))
    app = open_page(Drawing([{"type": "Path", "n": 1}, {"type": "Path", "n": 2}], stroke()))
    started = app.session_state[state.CANVAS_START]["revision"]
    click(app, "Undo")
    assert app.session_state[state.DRAWING].strokes == [{"type": "Path", "n": 1}]
    assert app.session_state[state.CANVAS_START] == {
        "objects": [{"type": "Path", "n": 1}],
        "revision": started + 1,
    }
    click(app, "Clear")
    assert app.session_state[state.DRAWING] == Drawing()
    assert "canvas is empty" in app.info[0].value
    assert bars(app) == ""


def test_the_drawing_is_there_again_after_another_page(add_run):
    add_run(always(SURELY_3))
    drawn = Drawing([{"type": "Path", "n": 1}], stroke())
    app = open_page(drawn)
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/draw.py").run()
    assert app.session_state[state.CANVAS_START]["objects"] == drawn.strokes
    assert app.header[0].value == "It reads a 3: 98 % sure"


def test_an_upload_is_read_and_a_wrong_one_is_told(add_run):
    add_run(always(SURELY_3))
    app = open_page()
    app.button_group(key=state.PICTURE_SOURCE).set_value("Upload a picture").run()
    assert "PNG, JPEG, WebP, GIF or BMP" in app.info[0].value
    app.file_uploader(key=state.upload(0)).set_value(("line.png", stroke(), "image/png")).run()
    assert app.header[0].value == "It reads a 3: 98 % sure"
    app.file_uploader(key=state.upload(1)).set_value(("line.png", stroke()[:90], "image/png")).run()
    assert "“line.png” cannot be read" in app.warning[0].value
    assert bars(app) == ""


def test_clothes_of_two_parts_are_one_answer(add_run):
    add_run(always(SURELY_3), dataset="fashion-mnist")
    pair = file_of(picture_of(number_ink((0, 0), 40, np.random.default_rng(0))))
    assert open_page(Drawing([{"type": "Path"}], pair)).header[0].value == "It reads “Dress”: 98 % sure"


def test_a_picture_is_read_once_and_its_file_is_let_go(add_run, monkeypatch):
    add_run(always(SURELY_3))
    read = []
    monkeypatch.setattr(
        upload, "read_upload", lambda data, name: read.append(name) or read_upload(data, name)
    )
    app = open_page()
    app.button_group(key=state.PICTURE_SOURCE).set_value("Upload a picture").run()
    app.file_uploader(key=state.upload(0)).set_value(("line.png", stroke(), "image/png")).run()
    app.run()
    assert app.header[0].value == "It reads a 3: 98 % sure"
    assert read == ["line.png"]
    assert app.file_uploader(key=state.upload(1)).value is None
    assert state.upload(0) not in app.session_state
    click(app, "Remove")
    assert "PNG, JPEG, WebP, GIF or BMP" in app.info[0].value
    assert read == ["line.png"]


def test_what_is_kept_of_a_session_is_the_last_two_files():
    uploaded_files.keep_few_files()
    manager = MemoryUploadedFileManager("/upload")
    for session in ("a", "b"):
        for number in range(57):
            manager.add_file(session, UploadedFileRec(str(number), "seven.png", "image/png", bytes(1_000)))
    assert [list(manager.file_storage[session]) for session in ("a", "b")] == [["55", "56"]] * 2
    assert manager.get_stats()["cache_memory_bytes"][0].byte_length == 4_000


def test_a_missing_or_damaged_network_is_told_in_a_sentence(add_run):
    add_run(None)
    assert "not there any more" in open_page().error[0].value
    add_run(b"not a network")
    assert "damaged" in open_page().error[0].value


def test_a_network_for_clothes_asks_for_clothes_and_names_them(add_run):
    add_run(always(SURELY_3), dataset="fashion-mnist")
    assert "Ankle boot" in open_page().info[0].value
    shown = open_page(Drawing([{"type": "Path"}], stroke()))
    assert shown.header[0].value == "It reads “Dress”: 98 % sure"


@pytest.mark.parametrize(
    "sent",
    [
        {"raw": None, "data": None},
        {"raw": {"objects": "x"}, "data": ""},
        {"raw": {"objects": [1, "x"]}, "data": ""},
        {},
        None,
        "x",
    ],
)
def test_what_the_canvas_sends_is_not_trusted(sent, monkeypatch):
    before = Drawing([{"type": "Path"}], b"png")
    session = {state.CANVAS: {"drawing": sent}, state.DRAWING: before}
    monkeypatch.setattr(st, "session_state", session)
    drawing.keep()
    assert session[state.DRAWING] == before


def test_a_picture_that_is_none_counts_as_blank(monkeypatch):
    session = {state.CANVAS: {"drawing": {"raw": {"objects": [{}]}, "data": "data:image/png;base64,$$$"}}}
    monkeypatch.setattr(st, "session_state", session)
    drawing.keep()
    assert session[state.DRAWING] == Drawing([{}], None)


@pytest.mark.parametrize(
    ("probabilities", "words"),
    [
        (SURELY_3, "It reads a 3: 98 % sure"),
        (MAYBE_8, "It reads a 3, or maybe an 8: 50 % and 40 %"),
        (PROBABLY_3, "Probably a 3: 60 % sure"),
        (ONLY_3, "It reads a 3: over 99 % sure"),
    ],
)
def test_the_verdict_says_how_sure_the_network_is(probabilities, words):
    judgement = judge(BLANK, np.array(probabilities, np.float32))
    assert verdict(judgement, DIGITS, is_digits=True) == (words, "")


def test_the_verdict_says_why_a_picture_cannot_be_read():
    refused = judge(BLANK, np.array(MAYBE_8, np.float32), least_confidence=0.9)
    cannot = "I can't read this."
    assert verdict(refused, DIGITS, is_digits=True) == (cannot, "It could be a 3 or an 8.")
    stranger = judge(BLANK, np.array(SURELY_3, np.float32), 1.0, replace(small_refusal(), threshold=-1e9))
    assert verdict(stranger, DIGITS, is_digits=True) == (cannot, "It looks like no digit that I have learnt.")
    assert verdict(stranger, DIGITS, is_digits=False) == (cannot, "I have learnt nothing like it.")


def test_a_large_x_is_not_read_and_screen_readers_hear_why(add_run):
    add_run(always(SURELY_3))
    app = open_page(Drawing([{"type": "Path"}], large_x()))
    assert app.header[0].value == "I can't read this."
    spoken = [one.proto.json for one in app.get("bidi_component") if "can't read" in one.proto.json]
    assert spoken
    assert "It looks like no digit that I have learnt." in [text.value for text in app.markdown]
    assert "What it would say if it had to answer:" in [text.value for text in app.caption]
    assert bars(app)


def test_a_network_must_be_as_sure_as_was_chosen(add_run):
    add_run(always(MAYBE_8))
    app = open_page(Drawing([{"type": "Path"}], stroke()))
    assert app.header[0].value.startswith("It reads a 3, or maybe an 8")
    app.session_state[state.LEAST_CONFIDENCE] = 0.9
    app.run()
    assert app.header[0].value == "I can't read this."
    assert "It could be a 3 or an 8." in [text.value for text in app.markdown]


def test_a_network_of_clothes_says_that_it_has_no_judge_without_its_images(add_run):
    add_run(always(SURELY_3), dataset="fashion-mnist")
    app = open_page(Drawing([{"type": "Path"}], large_x()))
    assert app.header[0].value.startswith("It reads “Dress”")
    assert any("are not on this machine" in text.value for text in app.caption)


def test_bars_stand_in_the_order_of_the_classes_and_one_is_the_verdict():
    info = probabilities_info(np.array(MAYBE_8, np.float32), DIGITS)
    assert [bar.name for bar in info.bars] == list(DIGITS)
    np.testing.assert_allclose([bar.percent for bar in info.bars], 100 * np.array(MAYBE_8), rtol=1e-6)
    assert [bar.name for bar in info.bars if bar.is_verdict] == ["3"]
    assert (info.first.name, info.second.name) == ("3", "8")
    drawn = probability_bars(info)
    assert drawn.count("<li>") == 10
    assert READING in drawn
    assert "width:50.0%" in drawn
    assert "<script>" not in probability_bars(probabilities_info(np.array([0.5, 0.5]), ("<script>", "b")))


def click(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def test_a_drawing_that_grows_too_long_is_kept_as_far_as_it_was(monkeypatch):
    before = Drawing([{"type": "Path"}], b"png")
    endless = [{"type": "Path"}, {"type": "Path", "path": [["Q", 1.5, 2.5, 3.5, 4.5]] * 20_000}]
    session = {state.DRAWING: before, state.CANVAS: {"drawing": {"raw": {"objects": endless}, "data": ""}}}
    monkeypatch.setattr(st, "session_state", session)
    drawing.keep()
    assert session[state.DRAWING] == Drawing(before.strokes, before.png, drawing.TOO_LONG)
    assert session[state.CANVAS_START]["objects"] == before.strokes
    session[state.CANVAS] = {"drawing": {"raw": {"objects": [{"type": "Path"}] * 2}, "data": ""}}
    drawing.keep()
    assert session[state.DRAWING].problem is None


def test_a_drawing_too_long_is_told_on_the_page(add_run):
    add_run(always(SURELY_3))
    app = open_page(Drawing([{"type": "Path"}], stroke(), drawing.TOO_LONG))
    assert app.warning[0].value == drawing.TOO_LONG
    assert app.header[0].value == "It reads a 3: 98 % sure"


def test_a_message_to_the_server_has_room_for_the_largest_drawing_and_for_little_more():
    server = tomllib.loads((APP.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]
    largest = drawing.MAX_STROKES_BYTES + drawing.MAX_DATA_URL
    assert largest < server["maxMessageSize"] * 1_000_000 < 4 * largest
    assert server["maxUploadSize"] * 1024**2 == MAX_BYTES
