"""My handwriting on the Draw page: labelled, scored, shown, deleted, exported, imported."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core.config import DatasetName, HiddenLayer, TrainingConfig
from core.data.catalog import CATALOG
from core.handwriting.collection import export_drawings
from core.handwriting.pen import Stroke, strokes_json, strokes_to_ink
from core.prediction.network import Network
from core.settings import get_settings
from core.store import DrawingSet, NewDrawing, RunStatus, RunStore
from pages.parts.draw.my_handwriting import labels
from pages.parts.draw.my_handwriting.reading import read_set
from pages.parts.shared import handles, state
from pages.parts.shared.canvas.drawing import Drawing
from pages.parts.shared.canvas.written import Written
from pages.parts.shared.workspace import SHARED_WORKSPACE
from tests.support.network_samples import always
from tests.support.store_samples import holding

APP = Path(__file__).parents[2] / "app.py"
MINE = "a" * 24
SURELY_3 = [0.001, 0.001, 0.002, 0.98, 0.001, 0.001, 0.001, 0.001, 0.010, 0.002]
STROKES = '{"strokes":[{"width":0.08,"eraser":false,"points":[0.3,0.2,0.5,0.6,0.8,0.5]}]}'
BLANK = np.zeros((28, 28), np.uint8)
NOTHING_YET = "Nothing is kept yet: draw a digit and press what it was, or import drawings."


@pytest.fixture
def store(home: Path) -> RunStore:
    return RunStore.from_settings(get_settings())


@pytest.fixture
def add_run(store: RunStore) -> Callable[..., str]:
    """Return a function that stores a finished run whose network reads a 3 in everything."""

    def add(dataset: DatasetName = "mnist", probabilities: list[float] = SURELY_3) -> str:
        config = TrainingConfig(dataset=dataset, hidden_layers=(HiddenLayer(units=16), HiddenLayer(units=7)))
        run = store.create(config, workspace=SHARED_WORKSPACE)
        store.claim(run.id, "worker")
        (store.folder(run.id) / "network.onnx").write_bytes(always(probabilities))
        holding(store, run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9765, test_loss=0.1)
        return run.id

    return add


def stroke(x: int = 180) -> bytes:
    picture = Image.new("RGBA", (280, 280), "white")
    ImageDraw.Draw(picture).line([(x, 40), (90, 240)], fill="black", width=22)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def open_page(drawn: Drawing | None = None, source: str = "Simple canvas", **session: object) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.session_state[state.PICTURE_SOURCE] = source
    for key, value in session.items():
        app.session_state[key] = value
    if drawn is not None:
        app.session_state[state.DRAWING] = drawn
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def score(app: AppTest) -> str | None:
    return next((one.value for one in app.subheader if " of " in one.value), None)


def texts(app: AppTest) -> list[str]:
    return [one.value for one in app.markdown]


def blocks(block: Block) -> Iterator[Block]:
    """Return all blocks in one, however deep."""
    for child in block.children.values():
        if isinstance(child, Block):
            yield child
            yield from blocks(child)


def in_the_labels(app: AppTest) -> list[str]:
    """Return what is said in the row of the labels, beside its own question."""
    row = next(block for block in blocks(app.main) if getattr(block.proto, "id", "").endswith("-labels"))
    said = [*row.markdown, *row.warning]
    return [one.value for one in said if one.value != "It was a…"]


def keep(store: RunStore, *labels: int, workspace: str = MINE) -> None:
    for number, label in enumerate(labels):
        image = np.random.default_rng([number, len(workspace)]).integers(0, 256, (28, 28), np.uint8)
        store.keep_drawing(workspace, NewDrawing(image, label), None)


def test_a_press_keeps_the_drawing_with_its_label_and_clears_the_canvas(add_run, store):
    add_run()
    app = open_page(Drawing([{"type": "Path"}], stroke()))
    assert NOTHING_YET in [one.value for one in app.caption]
    press(app, state.label_button(3))
    assert score(app) == "yours: 100 % of 1 · MNIST: 97.7 %"
    assert "Kept: a 3, and read right." in texts(app)
    assert app.session_state[state.DRAWING] == Drawing()
    assert [(one.label, one.strokes) for one in store.drawings(MINE, with_strokes=True)] == [(3, None)]
    # The canvas is empty: a press asks for a drawing.
    press(app, state.label_button(4))
    assert app.warning[0].value == "Nothing is drawn yet: draw a digit first, then press what it was."
    assert app.session_state[state.HANDWRITING_TOLD] == app.warning[0].value
    press(app, "undo_handwriting")
    assert store.drawing_count([MINE]) == 0
    assert not app.warning


@pytest.mark.parametrize("source", ["Draw", "Simple canvas"])
def test_a_number_is_not_kept_as_a_digit(add_run, store, source):
    add_run()
    lines = [[(0.15, 0.2), (0.15, 0.8)], [(0.5, 0.2), (0.85, 0.2), (0.6, 0.8)]]
    strokes = [Stroke(np.array([(x, y, 0.5) for x, y in line], np.float32), 0.08) for line in lines]
    file = io.BytesIO()
    Image.fromarray(np.uint8(255 - 255 * strokes_to_ink(strokes))).convert("RGBA").save(file, "PNG")
    drawn = Drawing([{"type": "Path"}], file.getvalue())
    app = open_page(drawn, source, **{state.WRITTEN: Written(strokes_json(strokes))})
    press(app, state.label_button(1))
    assert "There is more than one digit: draw one" in app.warning[0].value
    assert store.drawing_count([MINE]) == 0


def test_a_drawing_that_stays_can_be_labelled_anew(add_run, store):
    add_run()
    app = open_page(Drawing([{"type": "Path"}], stroke()))
    app.toggle(key=state.CLEAR_AFTER).set_value(False).run()
    press(app, state.label_button(8))
    assert "Kept: an 8, read as a 3." in texts(app)
    assert score(app) == "yours: 0 % of 1 · MNIST: 97.7 %"
    assert app.session_state[state.DRAWING].png
    press(app, state.label_button(3))
    assert score(app) == "yours: 100 % of 1 · MNIST: 97.7 %"
    assert [one.label for one in store.drawings(MINE)] == [3]


def test_what_is_drawn_live_is_kept_with_its_strokes_and_taken_away_in_the_browser(add_run, store):
    add_run()
    app = open_page(source="Draw", **{state.WRITTEN: Written(STROKES)})
    press(app, state.label_button(1))
    (kept,) = store.drawings(MINE, with_strokes=True)
    assert (kept.label, kept.strokes) == (1, STROKES)
    assert kept.image.max() == 255
    assert app.session_state[state.WRITTEN] == Written()
    assert app.session_state[state.WRITTEN_CLEARED] == (STROKES, 1)


def test_an_upload_is_labelled_and_makes_way_too(add_run, store):
    add_run()
    app = open_page(source="Upload a picture")
    app.file_uploader(key=state.upload(0)).set_value(("line.png", stroke(), "image/png")).run()
    press(app, state.label_button(1))
    assert [one.label for one in store.drawings(MINE)] == [1]
    assert state.READING not in app.session_state


def test_each_network_is_measured_and_everyones_drawings_too(add_run, store):
    keep(store, 3, 3, 8, 4)
    keep(store, 8, 8, 8, 8, workspace="b" * 23)
    add_run()
    app = open_page(**{state.DRAWINGS_OPEN: True})
    assert score(app) == "yours: 50 % of 4 · MNIST: 97.7 %"
    # Wilson's interval of 2 of 4.
    assert "between 15 % and 85 %" in app.subheader[0].proto.help
    app.toggle(key=state.EVERYONES_DRAWINGS).set_value(True).run()
    assert score(app) == "everyone's: 25 % of 8 · MNIST: 97.7 %"
    # Others' are shown and not deleted.
    assert len(pictures(app)) == 8
    assert not [one for one in app.button if one.label in ("Delete", "Delete all")]


def pictures(app: AppTest) -> list[str]:
    return [one.value for one in app.caption if one.value[:1] in ("✓", "✗")]


def test_the_drawings_are_shown_and_deleted_with_a_way_back(add_run, store):
    keep(store, 3, 4, 8)
    add_run()
    app = open_page()
    assert pictures(app) == []  # folded
    app = open_page(**{state.DRAWINGS_OPEN: True})
    assert sorted(pictures(app)) == ["✓ 3", "✗ 4, could not be read", "✗ 8, could not be read"]
    app.toggle(key=state.ONLY_WRONG_DRAWINGS).set_value(True).run()
    assert sorted(pictures(app)) == ["✗ 4, could not be read", "✗ 8, could not be read"]
    app.toggle(key=state.DRAWINGS_MATRIX).set_value(True).run()
    assert [one.proto.spec for one in app.get("plotly_chart")]
    wrong = next(one for one in store.drawings(MINE) if one.label == 4)
    press(app, state.delete_drawing(wrong.id))
    assert pictures(app) == ["✗ 8, could not be read"]
    assert "One drawing is deleted." in texts(app)
    press(app, "undo_handwriting")
    assert score(app) == "yours: 33 % of 3 · MNIST: 97.7 %"
    press(app, "delete_drawings")
    assert "3 drawings are deleted." in texts(app)
    assert NOTHING_YET in [one.value for one in app.caption]
    press(app, "undo_handwriting")
    assert store.drawing_count([MINE]) == 3


def test_what_the_network_refuses_is_kept_and_listed_as_not_read(add_run, store):
    add_run(probabilities=[0.001, 0.001, 0.002, 0.48, 0.001, 0.001, 0.001, 0.001, 0.510, 0.002])
    app = open_page(Drawing([{"type": "Path"}], stroke()), **{state.DRAWINGS_OPEN: True})
    app.toggle(key=state.CLEAR_AFTER).set_value(False).run()
    press(app, state.label_button(3))
    assert "Kept: a 3, read as an 8." in texts(app)
    assert pictures(app) == ["✗ 3, read as 8"]
    # Surer than that it is asked to be, on Evaluate.
    app.session_state[state.LEAST_CONFIDENCE] = 0.9
    press(app, state.label_button(3))
    assert "Kept: a 3, which it could not read." in texts(app)
    assert pictures(app) == ["✗ 3, could not be read"]
    assert score(app) == "yours: 0 % of 1 · MNIST: 97.7 %"
    press(app, state.label_button(8))
    assert "Kept: an 8, which it could not read; its guess was right." in texts(app)


@pytest.mark.parametrize(
    ("told", "picture", "is_number", "is_over"),
    [
        (labels._NOTHING_DRAWN, BLANK, False, True),
        (labels._NOTHING_DRAWN, None, True, True),
        (labels._NOTHING_DRAWN, None, False, False),
        (labels._ONE_AT_A_TIME, BLANK, False, True),
        (labels._ONE_AT_A_TIME, None, True, False),
        ("Something else.", BLANK, False, False),
    ],
)
def test_what_asks_for_a_drawing_goes_once_there_is_one(monkeypatch, told, picture, is_number, is_over):
    asked: list[str] = []
    monkeypatch.setattr(st, "session_state", {state.HANDWRITING_TOLD: told})
    monkeypatch.setattr(st, "rerun", lambda scope: asked.append(scope))
    # Of classes that only a server can load.
    drawn = SimpleNamespace(picture=picture, strokes="", is_number=is_number)
    opened = SimpleNamespace(run=None, network=None, dataset=CATALOG["mnist"])
    labels.note_drawn(drawn, opened)
    labels.note_drawn(drawn, opened)
    assert asked == ["app"] * is_over


def test_many_are_shown_a_part_at_a_time(add_run, store):
    keep(store, *[number % 10 for number in range(60)])
    add_run()
    app = open_page(**{state.DRAWINGS_OPEN: True})
    assert len(pictures(app)) == 24
    press(app, "more_drawings")
    assert len(pictures(app)) == 60
    assert "more_drawings" not in [one.key for one in app.button]


def test_a_file_is_imported_and_a_wrong_one_is_told(add_run, store):
    keep(store, 3, 4, 8, workspace="elsewhere")
    data = export_drawings(store.drawings("elsewhere"))
    store.delete_drawings("elsewhere")
    add_run()
    app = open_page(**{state.DRAWINGS_OPEN: True})
    app.file_uploader(key=state.drawings_upload(0)).set_value(("mine.zip", data, "application/zip")).run()
    assert score(app) == "yours: 33 % of 3 · MNIST: 97.7 %"
    # Where the file was chosen, and not in the row of labels.
    assert "3 drawings are imported." in texts(app)
    assert "3 drawings are imported." not in in_the_labels(app)
    assert "export_drawings" in [one.proto.id.rpartition("-")[2] for one in app.get("download_button")]
    app.file_uploader(key=state.drawings_upload(1)).set_value(("mine.zip", data, "application/zip")).run()
    assert "0 drawings are imported. 3 were here already." in texts(app)
    wrong = data[:-30]
    app.file_uploader(key=state.drawings_upload(2)).set_value(("mine.zip", wrong, "application/zip")).run()
    assert app.warning[0].value == (
        "“mine.zip” is damaged or not a ZIP file of drawings. Import a file as it was exported here."
    )
    assert not [words for words in texts(app) if "imported" in words]  # that was another file
    assert not in_the_labels(app)
    assert store.drawing_count([MINE]) == 3


def test_an_import_is_taken_back(add_run, store):
    keep(store, 3, 4, workspace="elsewhere")
    data = export_drawings(store.drawings("elsewhere"))
    store.delete_drawings("elsewhere")
    add_run()
    app = open_page(**{state.DRAWINGS_OPEN: True})
    app.file_uploader(key=state.drawings_upload(0)).set_value(("mine.zip", data, "application/zip")).run()
    assert store.drawing_count([MINE]) == 2
    press(app, "undo_import")
    assert store.drawing_count([MINE]) == 0
    assert "2 drawings are imported." not in texts(app)


def test_more_than_a_browser_may_keep_is_told(add_run, store, monkeypatch):
    keep(store, 3, 4)
    add_run()
    limits = get_settings().model_copy(update={"max_drawings": 2})
    app = open_page(Drawing([{"type": "Path"}], stroke()))
    with monkeypatch.context() as patch:
        patch.setattr(handles, "settings", lambda: limits)
        press(app, state.label_button(3))
    assert "may keep 2 drawings here; these would be 3" in app.warning[0].value
    assert app.session_state[state.DRAWING].png  # nothing is lost
    assert store.drawing_count([MINE]) == 2


def test_clothes_are_no_handwriting(add_run, store):
    keep(store, 3)
    add_run("fashion-mnist")
    app = open_page()
    assert score(app) is None
    assert "My handwriting" not in [one.value for one in app.header]


def test_a_network_that_learnt_from_drawings_is_measured_with_those_held_back():
    network = Network(always(SURELY_3))
    meant = np.array([3, 3, 4, 3], np.uint8)
    held_back = np.array([False, True, True, False])
    drawings = DrawingSet(("a", "b", "c", "d"), np.zeros((4, 28, 28), np.uint8), meant, held_back)
    assert read_set(network, drawings).scores.accuracy == 0.75
    measured = read_set(network, drawings, only_held_back=True)
    assert (measured.scores.accuracy, measured.scores.count) == (0.5, 2)
    assert list(measured.read_as) == [3, 3, 3, 3]
