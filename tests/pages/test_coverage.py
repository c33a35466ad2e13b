"""Accuracy against coverage on the Evaluate page, and by what the answers on Draw are judged."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.config import HiddenLayer, TrainingConfig
from core.prediction.calibration import UNCALIBRATED, fit_on_half, fit_temperature
from core.prediction.network import Network
from core.prediction.ready_made import read_all
from core.settings import get_settings
from core.store import Run, RunStatus, RunStore
from pages.parts.evaluate import coverage as section
from pages.parts.shared import handles, judging, state
from pages.parts.shared.judging import calibration_of, judging_of
from tests.support.network_samples import onnx_file
from tests.support.store_samples import holding

APP = Path(__file__).parents[2] / "app.py"
MINE = "a" * 24
TEST_COUNT = 10_000


@pytest.fixture
def labels(home: Path, strokes: dict[str, np.ndarray]) -> np.ndarray:
    """Labels of the test images of the pen strokes in the cache of `home`: the same few again and again."""
    folder = get_settings().datasets / "pen-strokes"
    folder.mkdir(parents=True)
    for part, count in (("train", 60_000), ("test", TEST_COUNT)):
        for kind in ("images", "labels"):
            array = strokes[f"{part}_{kind}"]
            np.save(folder / f"{part}_{kind}.npy", np.resize(array, (count, *array.shape[1:])))
    return np.resize(strokes["test_labels"], TEST_COUNT)


def finished(probabilities: np.ndarray, dataset: str = "pen-strokes", **settings: float) -> Run:
    store = RunStore.from_settings(get_settings())
    layers = (HiddenLayer(units=16), HiddenLayer(units=7))
    config = TrainingConfig.model_validate({"dataset": dataset, "hidden_layers": layers, **settings})
    run = store.create(config, workspace=MINE)
    store.claim(run.id, "worker")
    np.save(str(store.folder(run.id) / "test_probabilities.npy"), probabilities)
    (store.folder(run.id) / "network.onnx").write_bytes(onnx_file())
    return holding(store, run.id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.2)


def half_sure(labels: np.ndarray) -> np.ndarray:
    """Return probabilities: of each ten images nine are read right and surely, one wrong and hardly."""
    is_doubtful = np.arange(len(labels)) % 10 == 0
    reads = np.where(is_doubtful, (labels + 1) % 10, labels)
    rows = np.full((len(labels), 10), 0.01, np.float32)
    rows[np.arange(len(labels)), reads] = 0.91
    rows[is_doubtful] = 0.07
    rows[is_doubtful, reads[is_doubtful]] = 0.37
    return rows


def test_the_slider_tells_what_is_answered_and_how_well_and_draw_knows_it(
    labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "calibration_of", lambda run: UNCALIBRATED)
    finished(half_sure(labels))
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.session_state[state.COVERAGE] = True
    app.switch_page("pages/evaluate.py").run()
    assert not app.exception
    said = "It answers **{}** of the images, **{}** of those right."
    assert said.format("100 %", "90.00 %") in [text.value for text in app.markdown]
    assert any(
        text.value.endswith("1.00. Above 1 it was too sure of itself, below 1 not sure enough.")
        for text in app.caption
    )

    app.select_slider(key=state.LEAST_CONFIDENCE).set_value(0.5).run()

    assert said.format("90.0 %", "100 %") in [text.value for text in app.markdown]
    assert any("Accuracy against coverage" in chart.proto.spec for chart in app.get("plotly_chart"))
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    assert app.session_state[state.LEAST_CONFIDENCE] == 0.5


def test_what_is_folded_reads_no_image(labels: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(section, "coverage", lambda *parts: asked.append(parts))
    finished(half_sure(labels))
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.switch_page("pages/evaluate.py").run()
    assert not app.exception
    assert not asked


def test_where_nothing_is_answered_it_says_so() -> None:
    assert section.sentence(section.Answered(10, 0, 0)) == "It answers **none** of the images."


def test_a_run_is_made_honest_by_its_validation_images(labels: np.ndarray) -> None:
    from core.data.split import rows_of_run

    run = finished(half_sure(labels), validation_split=0.05)
    dataset = handles.library().open("pen-strokes")
    _, rows = rows_of_run(run.config, 60_000)
    expected = fit_temperature(
        read_all(Network(onnx_file()), dataset.train_images[rows]), dataset.train_labels[rows]
    )
    assert calibration_of(run).temperature == pytest.approx(expected.temperature, rel=1e-3)
    assert expected.temperature != 1


def test_a_run_without_validation_images_takes_half_of_its_test_images(labels: np.ndarray) -> None:
    probabilities = half_sure(labels)
    run = finished(probabilities, validation_split=0.0)
    assert calibration_of(run) == fit_on_half(probabilities, labels)


def test_without_images_nothing_is_divided_and_only_probabilities_count(home: Path) -> None:
    run = finished(np.full((TEST_COUNT, 10), 0.1, np.float32), "fashion-mnist")
    assert calibration_of(run) is UNCALIBRATED
    found = judging_of(run, "fashion-mnist")
    assert (found.temperature, found.refusal, found.packed) == (1.0, None, b"")
    assert "are not on this machine" in found.why_none
    digits = judging_of(None, "mnist")
    assert digits.refusal is not None
    assert digits.packed[:4] == b"DLRF"
    assert digits.why_none == ""


def test_other_datasets_are_learnt_in_the_background(
    home: Path, strokes: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.prediction import refusal_fitting
    from tests.support.refusal_samples import small_refusal

    folder = get_settings().datasets / "fashion-mnist"
    folder.mkdir(parents=True)
    for part, count in (("train", 60_000), ("test", TEST_COUNT)):
        for kind in ("images", "labels"):
            array = strokes[f"{part}_{kind}"]
            np.save(folder / f"{part}_{kind}.npy", np.resize(array, (count, *array.shape[1:])))
    refusal, counts = small_refusal(), []

    def fit(images: np.ndarray, labels: np.ndarray) -> object:
        counts.append((len(images), len(labels)))
        return refusal

    monkeypatch.setattr(refusal_fitting, "fit_refusal", fit)
    judging_of(None, "fashion-mnist")
    judging._fit(handles.library().open("fashion-mnist")).thread.join()
    found = judging_of(None, "fashion-mnist")
    assert found.refusal is refusal
    assert found.why_none == ""
    assert counts == [(60_000, 60_000)]  # once
