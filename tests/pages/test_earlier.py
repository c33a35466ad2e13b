"""The runs before the one on show: in a table, and as lines behind its curves."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.store import CurvePoint, Progress, RunStatus, RunStore
from pages.parts.shared import state
from pages.parts.shared.runs import earlier, panel
from tests.pages.samples import MINE
from tests.support.store_samples import holding

BASE = TrainingConfig(epochs=2)


def ended(store: RunStore, workspace: str = MINE, accuracy: float = 0.97, **changes: object) -> str:
    """Return the id of a run that was trained and has ended."""
    run = store.create(BASE.model_copy(update=changes), workspace=workspace)
    claim = store.claim(run.id, "worker")
    points = [CurvePoint(step, step / 10, 2.3 / (1 + step), 0.5, "training") for step in range(20)]
    claim.record(points, Progress(2, 10, 10, 1_000.0, 0.0))
    claim.finish(
        RunStatus.FINISHED, test_accuracy=accuracy, test_loss=0.1, train_seconds=4.2, total_seconds=9.0
    )
    return run.id


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the ghosts, each time that the page hands them over."""
    calls: list[list[str]] = []

    def note(ghosts: list[object], *, key: str) -> None:
        calls.append([ghost.name for ghost in ghosts])  # type: ignore[attr-defined]

    monkeypatch.setattr(panel, "show_ghosts", note)
    return calls


def table(app: AppTest) -> list[list[str]]:
    """Return the cells of the table of runs, row by row, without its head."""
    (found,) = [one.value for one in app.markdown if one.value.startswith("| Run ")]
    return [
        [cell.strip().replace("\u00a0", " ") for cell in line.strip("| ").split(" | ")]
        for line in found.splitlines()[2:]
    ]


def test_each_run_says_what_it_changed_and_what_came_of_it(
    open_page: Callable[[], AppTest], store: RunStore, handed: list[list[str]]
) -> None:
    ended(store, accuracy=0.95)
    ended(store, dataset="pen-strokes")  # other images: not to be compared
    ended(store, workspace="b" * 24)
    ended(store, accuracy=0.96, learning_rate=0.01)
    ended(store, accuracy=0.9765, learning_rate=0.01, batch_size=128)
    app = open_page()
    assert [[cell.replace("\\", "") for cell in row] for row in table(app)] == [
        ["#4", "batch size 128 (was 40)", "97.65 %", "4.2 s"],
        ["#3", "learning rate 0.01 (was 0.001)", "96.00 %", "4.2 s"],
        ["#1", "the first of these runs", "95.00 %", "4.2 s"],
    ]
    assert handed[-1] == ["#3", "#1"]

    app.toggle(key=state.CHART_GHOSTS).set_value(False).run()

    assert handed[-1] == []
    assert len(table(app)) == 3


def test_five_at_most_are_behind_and_the_oldest_still_says_what_it_changed(
    open_page: Callable[[], AppTest], store: RunStore, handed: list[list[str]]
) -> None:
    for seed in range(8):
        ended(store, seed=seed)
    app = open_page()
    assert handed[-1] == ["#7", "#6", "#5", "#4", "#3"]
    rows = table(app)
    assert len(rows) == earlier.GHOSTS + 1
    assert rows[-1][1] == "seed 2 (was 1)"


def test_the_first_run_has_nothing_behind_it(
    open_page: Callable[[], AppTest], store: RunStore, handed: list[list[str]]
) -> None:
    ended(store)
    app = open_page()
    assert handed[-1] == []
    assert app.toggle(key=state.CHART_GHOSTS).disabled
    assert not [one.value for one in app.markdown if one.value.startswith("| Run ")]


def test_a_run_that_is_training_is_compared_with_those_before_it(
    open_page: Callable[[], AppTest], store: RunStore, handed: list[list[str]]
) -> None:
    ended(store)
    run = store.create(BASE.model_copy(update={"epochs": 4}), workspace=MINE)
    store.claim(run.id, "worker")
    holding(store, run.id, "worker").record(
        [CurvePoint(1, 0.1, 2.0, 0.2, "training")], Progress(1, 1, 10, None, None)
    )
    app = open_page()
    assert table(app)[0][1:] == ["epochs 4 (was 2)", "–", "–"]
    assert len(handed) == 1  # once, and not with the part that comes again twice a second
