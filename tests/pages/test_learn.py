"""“Learn from these” on the Draw page: pressed, watched, measured, refused."""

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.arrays import read_npz
from core.config import HiddenLayer, TrainingConfig
from core.config.teaching import LEAST_DRAWINGS, teaching_config
from core.data.library import DatasetLibrary, DatasetState
from core.recipes import READY_MADE
from core.store import NewDrawing, Progress, Run, RunStatus, RunStore
from core.store.files import ONNX_FILE
from pages.parts.shared import state
from tests.pages.samples import APP, MINE
from tests.support.network_samples import WEIGHTS, always
from tests.support.store_samples import holding

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=16), HiddenLayer(units=7)))


def keep(store: RunStore, workspace: str, count: int, *, held_back: int = 0) -> None:
    """Keep so many drawings to learn and so many held back, all of them threes, each another picture."""
    chance = np.random.default_rng(len(workspace) + count)
    for number in range(count + held_back):
        image: NDArray[np.uint8] = chance.integers(0, 256, (28, 28), dtype=np.uint8)
        store.keep_drawing(workspace, NewDrawing(image, 3, is_held_back=number >= count), None)


def ended(store: RunStore, run: Run, digit: int, accuracy: float) -> Run:
    """Do what a worker does, with a network that always reads this digit."""
    probabilities = [0.01] * 10
    probabilities[digit] = 0.91
    store.claim(run.id, "worker")
    store.keep(run.id, ONNX_FILE, always(probabilities))
    holding(store, run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=accuracy, test_loss=0.1)
    return store.get(run.id)


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    return app


def press(app: AppTest) -> None:
    app.button(key="learn").click().run()
    assert not app.exception


def newest(store: RunStore) -> Run:
    return store.list_runs(workspaces=[MINE])[0]


def progress(app: AppTest) -> list[str]:
    return [one.proto.text for one in app.get("progress")]


def test_a_run_is_taught_watched_and_measured(store: RunStore, submitted: list[str]) -> None:
    base = ended(store, store.create(CONFIG, workspace=MINE), 5, 0.977)
    keep(store, MINE, 10, held_back=4)
    app = open_page(run=base.id)
    press(app)
    taught = newest(store)
    assert submitted == [taught.id]
    assert (taught.parent, taught.name) == (base.id, "#1 + 10 drawings")
    assert taught.config == teaching_config(CONFIG, 60_000)
    # It begins with the weights of the file.
    arrays = read_npz((store.folder(taught.id) / "checkpoint.npz").read_bytes(), most_bytes=10**6)
    np.testing.assert_array_equal(arrays["variable_0"], WEIGHTS["weights_1"])
    assert progress(app) == ["Waits at place 1"]
    assert app.button(key="learn").disabled  # one at a time
    claim = store.claim(taught.id, "worker")
    claim.lay_out(100)
    claim.record([], Progress(2, 50, 100, 1e5, 1.0))
    app.run()
    assert progress(app) == ["Learning: epoch 2 of 4"]
    store.keep(taught.id, ONNX_FILE, always([0.01, 0.01, 0.01, 0.91, *[0.01] * 6]))
    claim.finish(RunStatus.FINISHED, test_accuracy=0.9762, test_loss=0.1)
    app.run()
    told = "Held back: 0 % → 100 % of 4 · MNIST: 97.70 % → 97.62 %"
    assert [one.value for one in app.success] == [told]
    assert app.button(key="draw_with").label == "Draw with #2"
    app.button(key="draw_with").click().run()
    assert not app.exception
    assert app.query_params["run"] == taught.id
    assert [one.value for one in app.success] == [told]
    # Whoever comes later sees it too, whatever has become of the drawings.
    store.delete_drawings(MINE)
    later = open_page(run=taught.id)
    assert [one.value for one in later.success] == [told]
    assert later.button(key="learn").disabled


def test_the_ready_made_network_can_be_taught(
    store: RunStore, submitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its test images are not here, and nothing is fetched for a number.
    monkeypatch.setattr(DatasetLibrary, "state", lambda self, name: DatasetState("missing", 0.0, "Not here."))
    keep(store, MINE, LEAST_DRAWINGS)
    press(open_page())
    taught = newest(store)
    assert submitted == [taught.id]
    assert taught.parent is None
    assert taught.config.hidden_layers == READY_MADE.config.hidden_layers
    assert taught.name == f"Ready-made + {LEAST_DRAWINGS} drawings"
    lesson = store.lesson(taught.id)
    assert lesson is not None
    assert len(lesson.held_back_labels) == 0
    ended(store, taught, 3, 0.98)
    assert [one.value for one in open_page().success] == ["Handwriting: – → 98.00 %"]


def test_too_few_drawings_are_told_before_the_press(store: RunStore) -> None:
    keep(store, MINE, LEAST_DRAWINGS - 1, held_back=20)
    button = open_page().button(key="learn")
    assert button.disabled
    assert button.help.startswith("Label 1 more drawings first")


def test_a_class_pools_its_drawings(store: RunStore, submitted: list[str]) -> None:
    keep(store, MINE, 4, held_back=1)
    # Nobody else has any.
    assert state.LEARN_FROM_ALL not in [one.key for one in open_page().toggle]
    keep(store, "b" * 24, 8, held_back=3)
    base = ended(store, store.create(CONFIG, workspace=MINE), 5, 0.977)
    app = open_page(run=base.id)
    assert app.button(key="learn").disabled
    app.toggle(key=state.LEARN_FROM_ALL).set_value(True).run()
    press(app)
    lesson = store.lesson(newest(store).id)
    assert lesson is not None
    assert (len(lesson.learnt_labels), len(lesson.held_back_labels)) == (12, 4)


def test_what_cannot_be_done_is_a_sentence(
    store: RunStore, submitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = ended(store, store.create(CONFIG, workspace=MINE), 5, 0.977)
    keep(store, MINE, LEAST_DRAWINGS)
    app = open_page(run=base.id)
    path = store.folder(base.id) / ONNX_FILE
    path.write_bytes(path.read_bytes()[:-1])
    press(app)
    assert any("damaged" in one.value for one in app.error)
    assert submitted == []


def test_clothes_learn_no_digits(store: RunStore) -> None:
    config = CONFIG.model_copy(update={"dataset": "fashion-mnist"})
    base = ended(store, store.create(config, workspace=MINE), 5, 0.88)
    app = open_page(run=base.id)
    assert "learn" not in [one.key for one in app.button]
