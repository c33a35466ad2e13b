"""The canvas that reads live, as the server sees it: what it sends, what it is sent, and its stand-in."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.handwriting.mnist_form import to_network_input
from core.handwriting.pen import fitted_ink, parse_strokes
from core.prediction import ready_made
from pages.parts.draw import live_reading
from pages.parts.draw.live_reading import static_files, weights
from pages.parts.draw.live_reading.static_files import MODULES, ensure_modules, ensure_weights
from pages.parts.draw.live_reading.weights import compressed, on_their_way
from pages.parts.shared import inside_view, state
from pages.parts.shared.canvas import written as kept
from pages.parts.shared.canvas.drawing import Drawing
from pages.parts.shared.canvas.written import Written
from tests.support.network_samples import onnx_file

APP = Path(__file__).parents[2] / "app.py"
SEVEN = json.dumps(
    {"strokes": [{"width": 0.08, "eraser": False, "points": [0.3, 0.2, 0.5, 0.7, 0.2, 0.5, 0.45, 0.8, 0.5]}]}
)
NOTHING = json.dumps({"strokes": [{"width": 0.08, "eraser": True, "points": [0.3, 0.2, 0.5]}]})


def open_page(**kept_before: object) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = "a" * 24
    for name, value in kept_before.items():
        app.session_state[name] = value
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    return app


def mounted(app: AppTest) -> tuple[dict[str, object], bytes] | None:
    """Return what the canvas was told, and the weights if they came along; None where it is not shown."""
    for one in app.get("bidi_component"):
        if one.proto.component_name == "digit_lab_live_reading":
            told, _newline, content = one.proto.bytes.partition(b"\n")
            return json.loads(told), content
    return None


def test_the_canvas_is_told_where_the_weights_are_and_gets_none(home):
    told, content = mounted(open_page())
    assert content == b""
    assert told["lengths"] == [0, 0]
    assert told["names"] == list("0123456789")
    assert (told["named"][3], told["named"][8]) == ("a 3", "an 8")
    folder = APP.parent / "static"
    assert (folder / told["network"]).read_bytes() == compressed(ready_made.FILE.read_bytes())
    assert (folder / told["module"]).is_file()
    assert (folder / told["words"]).is_file()
    assert told["is_drawn"] is False


def test_a_browser_that_cannot_fetch_the_weights_is_sent_them(home):
    app = open_page()
    name = mounted(app)[0]["network"]
    told, content = mounted(open_page(**{state.LIVE_READING: {"missing": name}}))
    assert content == compressed(ready_made.FILE.read_bytes())
    assert told["network"] == name
    assert told["lengths"] == [len(content), 0]


def test_a_network_is_packed_once_a_session(home, monkeypatch):
    asked = []
    monkeypatch.setattr(live_reading, "compressed", lambda onnx: asked.append(onnx) or compressed(onnx))
    app = open_page()
    name = mounted(app)[0]["network"]
    app.run()
    assert mounted(app)[0]["network"] == name
    assert len(asked) == 1


@pytest.mark.parametrize("sent", [{"failed": "1"}, {"failed": "weights/a.bin"}])
def test_a_browser_that_cannot_run_it_gets_the_simple_canvas(home, sent):
    app = open_page(**{state.LIVE_READING: sent})
    assert mounted(app) is None
    assert "this is the simple one" in "".join(caption.value for caption in app.caption)
    assert app.slider(key=state.STROKE_WIDTH)


def test_a_server_that_cannot_write_sends_the_weights_or_has_the_simple_canvas(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("no folder")
    packed = compressed(onnx_file())
    found = on_their_way(packed, file)
    assert found.content == packed
    monkeypatch.setattr(weights, "MOST_IN_A_MESSAGE", len(packed) - 1)
    assert on_their_way(packed, file) is None
    assert on_their_way(packed, tmp_path) == weights.Weights(found.name)


def test_weights_are_kept_for_the_networks_shown_last(tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "MOST_FILES", 3)
    names = [ensure_weights(tmp_path, bytes([number]) * 100) for number in range(3)]
    for number, name in enumerate(names):
        os.utime(tmp_path / name, (1_000 + number, 1_000 + number))
    assert ensure_weights(tmp_path, bytes([0]) * 100) == names[0]  # shown again
    newest = ensure_weights(tmp_path, bytes([9]) * 100)
    left = {f"weights/{path.name}" for path in (tmp_path / "weights").iterdir()}
    assert left == {names[0], names[2], newest}
    monkeypatch.setattr(static_files, "MOST_BYTES", 250)
    largest = ensure_weights(tmp_path, bytes(300))
    assert {f"weights/{path.name}" for path in (tmp_path / "weights").iterdir()} == {largest}


def test_the_modules_are_all_there(tmp_path):
    path = tmp_path / ensure_modules(tmp_path)
    assert b"export async function show" in path.read_bytes()
    there = {one.name for one in path.parent.iterdir()}
    assert there == {*MODULES, "words.js"}
    for module in there:
        text = path.with_name(module).read_text(encoding="utf-8")
        wanted = [line.split('"./')[1].split('"')[0] for line in text.splitlines() if ' from "./' in line]
        assert set(wanted) <= there
        assert len(text.splitlines()) < 350


@pytest.fixture
def session(monkeypatch) -> dict[str, object]:
    session: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", session)
    return session


def test_strokes_that_come_are_kept_and_read_as_the_network_sees_them(session):
    kept.keep_written(SEVEN)
    assert kept.written() == Written(SEVEN)
    picture = kept.written_picture(SEVEN)
    np.testing.assert_array_equal(picture, to_network_input(fitted_ink(parse_strokes(SEVEN))))
    assert not picture.flags.writeable
    kept.keep_written("")
    assert kept.written() == Written()


@pytest.mark.parametrize(
    "sent",
    [
        "x",
        "{}",
        '{"strokes": [{}]}',
        "[" * 10_000,
        '{"strokes": 1}',
        SEVEN.replace("0.08", "9"),
        "é" * 600_000,
    ],
)
def test_what_is_no_drawing_is_told_and_what_was_there_stays(session, sent):
    kept.keep_written(SEVEN)
    kept.keep_written(sent)
    assert kept.written().text == SEVEN
    assert "Clear the canvas" in kept.written().problem


@pytest.mark.parametrize("sent", [None, 7, ["x"], {"strokes": SEVEN}])
def test_what_is_no_text_is_nothing(session, sent):
    kept.keep_written(SEVEN)
    kept.keep_written(sent)
    assert kept.written() == Written(SEVEN)


def test_the_drawing_changed_last_is_the_one_that_other_pages_read(session, monkeypatch):
    monkeypatch.setattr(inside_view, "_read", lambda png: png)
    assert inside_view.last_drawing() is None
    session[state.DRAWING] = Drawing([{}], b"simple")
    assert inside_view.last_drawing() == b"simple"
    kept.keep_written(SEVEN)
    np.testing.assert_array_equal(inside_view.last_drawing(), kept.written_picture(SEVEN))
    session[state.DRAWN_LAST] = state.DRAWING
    kept.keep_written(SEVEN)  # come back to, not drawn
    assert inside_view.last_drawing() == b"simple"
    session[state.DRAWING] = Drawing()
    np.testing.assert_array_equal(inside_view.last_drawing(), kept.written_picture(SEVEN))
    kept.keep_written(NOTHING)
    assert inside_view.last_drawing() is None


def test_a_drawing_without_ink_leaves_the_page_whole(home):
    app = open_page(**{state.WRITTEN: Written(NOTHING)})
    assert mounted(app)[0]["is_drawn"] is True
    assert not app.error
