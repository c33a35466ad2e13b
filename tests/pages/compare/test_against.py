"""A against B on the Compare page: the sentence, the groups that add up, their images, and who is who."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.evaluation.against import Against
from core.store import Progress, Run, RunStatus, RunStore
from pages.parts.compare import against as page_part
from pages.parts.shared import handles, language, state
from tests.pages.samples import APP, MINE
from tests.support.store_samples import holding

WRONG_A, WRONG_B, WRONG_BOTH = 12, 30, 7


@pytest.fixture
def labels(strokes: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Labels of the few test images that every dataset has."""

    def opened(name: str) -> Dataset:
        arrays = {part: strokes[part] for part in strokes}
        return Dataset(name=name, class_names=tuple("0123456789"), **arrays)

    monkeypatch.setattr(
        handles,
        "library",
        lambda: SimpleNamespace(open=opened, state=lambda name: SimpleNamespace(status="ready")),
    )
    return np.asarray(strokes["test_labels"])


@pytest.fixture
def finish(store: RunStore) -> Callable[..., Run]:
    """Return a function that adds a run which has read the test images as told."""

    def add(reads: np.ndarray | None, *, dataset: Any = "pen-strokes", units: int = 32) -> Run:
        config = TrainingConfig(dataset=dataset, hidden_layers=(HiddenLayer(units=units),))
        run = store.create(config, workspace=MINE)
        store.claim(run.id, "worker")
        held = holding(store, run.id, "worker")
        held.record([], Progress(3, 100, 100, None, None))
        if reads is None:
            return store.get(run.id)
        rows = np.full((len(reads), 10), 0.02, dtype=np.float32)
        rows[np.arange(len(reads)), reads] = 0.82
        np.save(str(store.folder(run.id) / "test_probabilities.npy"), rows)
        return held.finish(RunStatus.FINISHED, test_accuracy=0.97, test_loss=0.2)

    return add


@pytest.fixture
def two(labels: np.ndarray, finish: Callable[..., Run]) -> tuple[Run, Run]:
    """Two runs: A alone is wrong on 12 images, B alone on 30, both on 7; a wrong answer is one too many."""
    reads_a, reads_b = labels.astype(np.int64), labels.astype(np.int64)
    both = slice(0, WRONG_BOTH)
    reads_a[both] = reads_b[both] = (labels[both] + 1) % 10
    reads_a[100 : 100 + WRONG_A] = (labels[100 : 100 + WRONG_A] + 1) % 10
    reads_b[200 : 200 + WRONG_B] = (labels[200 : 200 + WRONG_B] + 1) % 10
    return finish(reads_a), finish(reads_b, units=64)


def open_page(*runs: Run) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[state.WORKSPACE] = MINE
    app.query_params["runs"] = ",".join(run.id for run in runs)
    app.query_params["view"] = "against"
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*app.markdown, *app.info])


def cards(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html") if "digit-cards" in element.proto.body)


def group_counts(app: AppTest) -> dict[str, int]:
    options = app.segmented_control(key=state.AGAINST_GROUP).options
    return {title: int(count.replace(",", "")) for title, count in (one.split(": ") for one in options)}


def test_groups_add_up_and_open_their_images(two: tuple[Run, Run], labels: np.ndarray) -> None:
    app = open_page(*two)
    counts = group_counts(app)
    assert counts == {
        "Only A right": WRONG_B,
        "Only B right": WRONG_A,
        "Both wrong": WRONG_BOTH,
        "Both right": len(labels) - WRONG_A - WRONG_B - WRONG_BOTH,
    }
    assert "A alone is right on 30 images, B alone on 12." in words(app)
    assert "8 of 1,000 cases: A is better" in words(app)
    assert f"Read right by B alone: {WRONG_A} images" in words(app)
    assert cards(app).count("<figure") == WRONG_A
    assert "A ✗" in cards(app)
    assert "A ✓" not in cards(app)
    app.segmented_control(key=state.AGAINST_GROUP).set_value("none").run()
    assert cards(app).count("<figure") == WRONG_BOTH
    # A cell, as a click on the matrix chooses it.
    app.session_state[state.AGAINST_GROUP] = None
    app.session_state[state.AGAINST_CELL] = (4, 4)
    app.run()
    assert "A reads a 4, B reads a 4" in words(app)
    shown = min(15, int(cards(app).count("<figure")))
    assert cards(app).count("A ✓ 4") + cards(app).count("A ✗ 4") == shown > 0


def test_numbers_are_written_as_the_language_does(
    two: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(page_part, "show_matrix", lambda figure, **_: drawn.append(figure))
    monkeypatch.setattr(language, "language", lambda: "fr")
    monkeypatch.setattr(Against, "count", lambda self, group: 1_234)
    monkeypatch.setattr(Against, "reads", lambda self: np.diag(np.arange(1_000, 1_010)))
    app = open_page(*two)
    options = app.segmented_control(key=state.AGAINST_GROUP).options
    assert options[1] == "B seul juste\N{NO-BREAK SPACE}: 1\N{NARROW NO-BREAK SPACE}234"
    assert "1\N{NARROW NO-BREAK SPACE}005" in {one.text for one in drawn[-1].layout.annotations}


def test_a_share_and_its_sign_stay_on_one_line(two: tuple[Run, Run]) -> None:
    found = re.search(r"A reads [\d.]+(.)% right, B [\d.]+(.)%", words(open_page(*two)))
    assert found
    assert found.groups() == ("\N{NO-BREAK SPACE}",) * 2


def test_swapped_a_is_b(two: tuple[Run, Run]) -> None:
    app = open_page(*two)
    app.button(key="against_swap").click().run()
    assert not app.exception
    assert "B alone is right on 30 images, A alone on 12." in words(app)
    assert app.query_params["runs"] == ",".join(run.id for run in reversed(two))
    app.selectbox(key=state.against_side("B")).set_value(two[1].id).run()
    assert "A alone is right on 30 images, B alone on 12." in words(app)


def test_one_run_meets_the_ready_made_network(two: tuple[Run, Run]) -> None:
    app = open_page(two[0])
    assert "they are tested on other images" in words(app)  # pen strokes, and it has learnt handwriting


def test_one_run_of_digits_meets_the_ready_made_network(
    labels: np.ndarray, finish: Callable[..., Run]
) -> None:
    app = open_page(finish(labels.astype(np.int64), dataset="mnist"))
    assert "is the ready-made network" in words(app)
    assert sum(group_counts(app).values()) == len(labels)
    assert group_counts(app)["Only B right"] == 0


def test_what_cannot_be_compared_is_told(
    two: tuple[Run, Run], labels: np.ndarray, finish: Callable[..., Run]
) -> None:
    other = finish(labels.astype(np.int64), dataset="fashion-mnist")
    assert "A has learnt Pen strokes, B Fashion-MNIST" in words(open_page(two[0], other))
    assert "Choose two runs that have ended" in words(open_page(finish(None)))
