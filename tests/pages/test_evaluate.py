"""The Evaluate page and its list of runs, with runs written through the store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.arrays import as_npz
from core.config import HiddenLayer, TrainingConfig
from core.numbers import percent
from core.settings import get_settings
from core.store import Progress, Run, RunStatus, RunStore
from core.store.files import snapshot_file
from core.store.snapshot_cache import SnapshotCache
from core.weights import variables
from pages.parts.shared import handles, state
from pages.parts.shared.workspace import SHARED_WORKSPACE
from tests.support.store_samples import holding

APP = Path(__file__).parents[2] / "app.py"
MINE, OTHERS = "a" * 24, "b" * 24
TEST_COUNT = 10_000
# Of the first images: 40 that are a 4 and were read as a 9, and one the other way round.
FOURS_READ_AS_NINE = 40
TABLE = ("Class", "Precision", "Recall", "F1", "Images")


@pytest.fixture
def labels(home: Path, strokes: dict[str, np.ndarray]) -> np.ndarray:
    """Labels of the pen strokes in the cache of `home`: the same few images again and again."""
    folder = get_settings().datasets / "pen-strokes"
    folder.mkdir(parents=True)
    for part, count in (("train", 60_000), ("test", TEST_COUNT)):
        for kind in ("images", "labels"):
            array = strokes[f"{part}_{kind}"]
            repeated = np.resize(array, (count, *array.shape[1:]))
            np.save(folder / f"{part}_{kind}.npy", repeated)
    return np.resize(strokes["test_labels"], TEST_COUNT)


@pytest.fixture
def store(home: Path) -> RunStore:
    """The store that the page will open."""
    return RunStore.from_settings(get_settings())


def probabilities_for(labels: np.ndarray) -> np.ndarray:
    """Return probabilities (n, 10) that are wrong for 40 images of a 4 and one of a 9."""
    reads = labels.astype(np.int64)
    reads[np.flatnonzero(labels == 4)[:FOURS_READ_AS_NINE]] = 9
    reads[np.flatnonzero(labels == 9)[0]] = 4
    rows = np.full((len(labels), 10), 0.02, dtype=np.float32)
    rows[np.arange(len(labels)), reads] = 0.82
    return rows


@pytest.fixture
def finish(store: RunStore) -> Callable[..., Run]:
    """Return a function that adds a run which has ended, with the results given."""

    def add(
        probabilities: np.ndarray | None,
        *,
        units: int = 32,
        workspace: str = MINE,
        status: RunStatus = RunStatus.FINISHED,
    ) -> Run:
        layers = (HiddenLayer(units=units),)
        run = store.create(TrainingConfig(dataset="pen-strokes", hidden_layers=layers), workspace=workspace)
        store.claim(run.id, "worker")
        holding(store, run.id, "worker").record([], Progress(3, 100, 100, None, None))
        if probabilities is not None:
            np.save(str(store.folder(run.id) / "test_probabilities.npy"), probabilities)
        return holding(store, run.id, "worker").finish(status, test_accuracy=0.9959, test_loss=0.2)

    return add


def open_page(**query: str) -> AppTest:
    """Return the Evaluate page as the browser `MINE` sees it."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/evaluate.py").run()
    assert not app.exception
    return app


def texts(elements: Any) -> str:
    """Return the text of all elements of a kind."""
    return "\n".join(str(element.value) for element in elements)


def cards(app: AppTest) -> str:
    """Return the HTML of the pictures shown."""
    return "".join(element.proto.body for element in app.get("html") if "digit-cards" in element.proto.body)


def table_rows(app: AppTest) -> list[list[str]]:
    """Return the cells of the table of classes, without its title row."""
    header = f"| {' | '.join(TABLE)} |\n"
    text = next(str(element.value) for element in app.markdown if str(element.value).startswith(header))
    return [line.strip("| ").split(" | ") for line in text.splitlines()[2:]]


def picker(app: AppTest) -> Any:
    """Return the list of runs."""
    return app.selectbox(key=state.picked_run("evaluate"))


def test_an_empty_page_says_what_to_do(home: Path) -> None:
    app = open_page()
    assert "No network of yours yet" in texts(app.markdown)
    assert "Train a network of your own" in [link.proto.label for link in app.get("page_link")]


def test_the_numbers(labels: np.ndarray, finish: Callable[..., Run]) -> None:
    finish(probabilities_for(labels))
    app = open_page()
    shown = {metric.label: metric.value for metric in app.metric}
    expected_loss = -(9_959 * np.log(0.82) + 41 * np.log(0.02)) / TEST_COUNT
    assert shown["Test accuracy"] == "99.59 %"
    assert shown["Test loss"] == f"{expected_loss:.4f}"
    assert shown["Mistakes"] == "41 of 10,000 wrong"
    assert "Most often a 4 is taken for a 9: **40 times**." in texts(app.markdown)
    table = {row[0]: dict(zip(TABLE[1:], row[1:], strict=True)) for row in table_rows(app)}
    assert table["4"]["Recall"] == f"{100 * (1 - 40 / (labels == 4).sum()):.1f}\u00a0%"
    assert table["0"]["Precision"] == "100\u00a0%"
    assert sum(int(cells["Images"].replace(",", "")) for cells in table.values()) == TEST_COUNT


def test_a_class_that_is_never_read_has_a_dash_for_its_precision(
    labels: np.ndarray, finish: Callable[..., Run]
) -> None:
    always_3 = np.full((TEST_COUNT, 10), 0.01, dtype=np.float32)
    always_3[:, 3] = 0.91
    finish(always_3)
    rows = {row[0]: row[1:4] for row in table_rows(open_page())}
    assert rows["7"] == ["–", "0\u00a0%", "0\u00a0%"]
    assert rows["3"][1] == "100\u00a0%"


def test_the_worst_cell_is_open_at_first_and_another_can_be_chosen(
    labels: np.ndarray, finish: Callable[..., Run]
) -> None:
    finish(probabilities_for(labels))
    app = open_page()
    assert "40 images of a 4 were read as a 9, the surest first." in texts(app.markdown)
    assert cards(app).count("<figure") == 30
    assert "82.0 %" in cards(app)
    app.button(key=state.CELL_MORE).click().run()
    assert cards(app).count("<figure") == 40
    app.selectbox(key=state.CELL_TRUE).select(9).run()
    app.selectbox(key=state.CELL_READ_AS).select(4).run()
    assert "1 image of a 9 was read as a 4." in texts(app.markdown)
    assert cards(app).count("<figure") == 1
    app.selectbox(key=state.CELL_TRUE).select(0).run()
    assert "No image of a 0 was read as a 4. Choose another cell." in texts(app.markdown)
    assert not cards(app)
    app.button(key=state.confusion_chip(4, 9)).click().run()
    assert app.selectbox(key=state.CELL_TRUE).value == 4
    assert app.selectbox(key=state.CELL_READ_AS).value == 9
    assert cards(app).count("<figure") == 30
    assert not app.exception


def test_row_percent_changes_the_matrix(labels: np.ndarray, finish: Callable[..., Run]) -> None:
    finish(probabilities_for(labels))
    app = open_page()
    assert "Read as (number of images)" in app.get("plotly_chart")[0].proto.spec
    app.toggle(key=state.ROW_PERCENT).set_value(True).run()
    assert "Read as (percent of row)" in app.get("plotly_chart")[0].proto.spec


def test_the_list_has_own_and_shared_runs_and_others_on_demand(
    labels: np.ndarray, finish: Callable[..., Run], store: RunStore
) -> None:
    results = probabilities_for(labels)
    shared = finish(results, units=16, workspace=SHARED_WORKSPACE)
    own = finish(results, units=24, status=RunStatus.STOPPED)
    other = finish(results, units=48, workspace=OTHERS)
    store.create(TrainingConfig(), workspace=MINE)  # queued: nothing to evaluate
    app = open_page()
    assert picker(app).value == own.id
    assert len(picker(app).options) == 2
    assert picker(app).options[0] == "#1 · 24 · Pen strokes · 99.59 % · stopped after epoch 3"
    assert picker(app).options[1] == "shared #1 · 16 · Pen strokes · 99.59 %"
    picker(app).select(shared.id).run()
    assert app.query_params["run"] == shared.id
    assert picker(app).value == shared.id
    app.toggle(key=state.everyones_runs("evaluate")).set_value(True).run()
    assert len(picker(app).options) == 3
    picker(app).select(other.id).run()
    assert picker(app).value == other.id


def away_and_back(app: AppTest) -> AppTest:
    """Go to another page and come back by the menu, whose links carry nothing."""
    for page in ("pages/train.py", "pages/evaluate.py"):
        app.query_params.clear()
        app.switch_page(page).run()
    return app


def test_a_choice_holds_from_page_to_page_until_a_newer_run_has_ended(
    labels: np.ndarray, finish: Callable[..., Run]
) -> None:
    results = probabilities_for(labels)
    first = finish(results, units=16)
    finish(results, units=24)
    app = open_page()
    picker(app).select(first.id).run()
    assert picker(away_and_back(app)).value == first.id
    newest = finish(results, units=48)
    assert picker(away_and_back(app)).value == newest.id


def test_what_is_shown_without_a_choice_stays_and_is_not_written_into_the_address(
    labels: np.ndarray, finish: Callable[..., Run]
) -> None:
    results = probabilities_for(labels)
    first, second = finish(results, units=16), finish(results, units=24)
    app = open_page()
    assert picker(app).value == second.id
    assert "run" not in app.query_params
    finish(results, units=48)
    app.toggle(key=state.ROW_PERCENT).set_value(True).run()
    assert picker(app).value == second.id
    picker(app).select(first.id).run()
    assert app.query_params["run"] == first.id
    app.query_params.clear()  # the browser's way back
    assert picker(app.run()).value == second.id


def test_a_link_opens_exactly_its_run(labels: np.ndarray, finish: Callable[..., Run]) -> None:
    other = finish(probabilities_for(labels), units=48, workspace=OTHERS)
    finish(probabilities_for(labels))
    app = open_page(run=other.id)
    assert picker(app).value == other.id
    assert not app.warning


@pytest.mark.parametrize("bad", ["0" * 12, "../../etc/passwd", "<script>"])
def test_a_bad_link_is_told_and_the_newest_run_shown(
    labels: np.ndarray, finish: Callable[..., Run], bad: str
) -> None:
    own = finish(probabilities_for(labels))
    app = open_page(run=bad)
    assert "The newest run is shown instead." in texts(app.warning)
    assert picker(app).value == own.id


def test_a_run_that_is_not_done_is_told(
    labels: np.ndarray, finish: Callable[..., Run], store: RunStore
) -> None:
    finish(probabilities_for(labels))
    queued = store.create(TrainingConfig(), workspace=MINE)
    app = open_page(run=queued.id)
    assert "The run of this link is queued, it has no results yet." in texts(app.warning)
    assert app.metric


def test_a_bad_link_where_there_is_no_run_promises_none(home: Path) -> None:
    app = open_page(run="0" * 12)
    # The second is of the images: without them nothing is told of the ready-made network either.
    assert [one.value.split(" ")[0] for one in app.warning] == ["There", "MNIST"]
    assert "instead" not in texts(app.warning)


def test_missing_results_are_a_sentence(labels: np.ndarray, finish: Callable[..., Run]) -> None:
    finish(None)
    app = open_page()
    assert "not there any more" in texts(app.error)
    assert not app.metric


def test_damaged_results_are_a_sentence(labels: np.ndarray, finish: Callable[..., Run]) -> None:
    finish(probabilities_for(labels)[:5])
    app = open_page()
    assert "of 5 images, the test set has 10,000" in texts(app.error)


def test_a_missing_dataset_is_a_sentence(finish: Callable[..., Run]) -> None:
    finish(np.full((TEST_COUNT, 10), 0.1, dtype=np.float32))
    app = open_page()
    assert "Pen strokes" in texts(app.error)
    assert not app.metric


def test_the_slider_shows_the_results_of_an_epoch(
    labels: np.ndarray, store: RunStore, finish: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finish(probabilities_for(labels))
    for epoch, digit in ((0, 4), (2, 9)):
        # A network that takes every image for one digit.
        arrays = [np.zeros(one.shape, np.float32) for one in variables(run.config)]
        arrays[-1][digit] = 20.0
        named = {f"variable_{number}": array for number, array in enumerate(arrays)}
        (store.folder(run.id) / snapshot_file(epoch)).write_bytes(as_npz(named))
    app = open_page(run=run.id, at_epoch="2")
    assert recall(app) == [0.0] * 9 + [1.0]
    assert app.metric[0].value == percent((labels == 9).mean())
    slider = app.select_slider(key=state.epoch_slider("evaluate"))
    assert (slider.options, slider.value) == (["untrained", "epoch 2", "now"], 2)
    slider.set_value(0).run()
    assert recall(app)[4] == 1.0
    assert app.query_params["at_epoch"] == "0"
    (store.folder(run.id) / snapshot_file(2)).write_bytes(b"damaged")
    st.cache_resource.clear()
    monkeypatch.setattr(handles, "snapshots", lambda: SnapshotCache(store))
    slider.set_value(2).run()
    assert "epoch_0002.npz of this run is damaged" in app.error[0].value
    assert recall(app)[0] == 1.0  # the results at the end are shown meanwhile
    app.select_slider(key=state.epoch_slider("evaluate")).set_value("end").run()
    assert "at_epoch" not in app.query_params
    assert not app.error


def recall(app: AppTest) -> list[float]:
    """Return how much of each class is found, as the table says it."""
    return [float(row[TABLE.index("Recall")].rstrip("% ")) / 100 for row in table_rows(app)]
