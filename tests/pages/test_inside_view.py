"""The inside of a run's network on the Train page: who asks for it, what it tells, what is let in."""

import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.config import TrainingConfig
from core.inside import compact
from core.inside.watching import InsideWatcher
from core.store import RunStatus, RunStore
from pages.parts.shared import handles, inside_view, state
from pages.parts.shared.live_chart import static_files as live_chart_files
from pages.parts.shared.network_diagram import DRAWING, Asked, asked
from pages.parts.shared.network_diagram.static_files import MODULES, ensure_modules
from tests.pages.samples import MINE
from tests.support.inside_samples import FakeSource, noise_pictures, random_weights
from tests.support.store_samples import holding

CONFIG = TrainingConfig()


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> FakeSource:
    """Where the page gets weights from; none at first."""
    source = FakeSource()
    watcher = InsideWatcher(source, fresh_seconds=0)
    monkeypatch.setattr(handles, "inside_watcher", lambda: watcher)
    monkeypatch.setattr(handles, "fixed_pictures", lambda _dataset: noise_pictures())
    return source


@pytest.fixture
def run_id(store: RunStore) -> str:
    run = store.create(CONFIG, workspace=MINE)
    store.claim(run.id, "worker")
    return run.id


def header(app: AppTest) -> dict[str, Any]:
    """Return what the diagram on the page was told last."""
    (shown,) = [one for one in app.get("bidi_component") if b"network_diagram-" in one.proto.bytes]
    return compact.unpack(shown.proto.bytes.split(b"\n", 1)[1])[0]


def captions(app: AppTest) -> str:
    return " ".join(one.value for one in app.caption)


def test_who_does_not_look_pays_nothing(
    open_page: Callable[[], AppTest], run_id: str, source: FakeSource
) -> None:
    source.live = ("one", 10, random_weights(CONFIG))
    app = open_page()
    assert source.read == 1
    assert header(app)["when"] == "After 10 steps."
    app.toggle(key=state.LOOK_INSIDE).set_value(False).run()
    source.live = ("two", 20, random_weights(CONFIG))
    app.run()
    assert source.read == 1


def test_before_its_first_step_there_is_a_sentence(
    open_page: Callable[[], AppTest], run_id: str, source: FakeSource
) -> None:
    app = open_page()
    assert "as soon as it has taken its first steps" in captions(app)


def test_a_run_that_has_ended_shows_its_last_epoch(
    open_page: Callable[[], AppTest], run_id: str, source: FakeSource, store: RunStore
) -> None:
    source.live = ("one", 10, random_weights(CONFIG))
    source.epochs = {0: random_weights(CONFIG, 1), 5: random_weights(CONFIG, 2)}
    holding(store, run_id, "worker").finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    app = open_page()
    assert header(app)["when"] == "As it was at the end of epoch 5."


def test_weights_that_are_none_are_a_sentence_and_the_chart_stays(
    open_page: Callable[[], AppTest], run_id: str, source: FakeSource
) -> None:
    source.live = ("one", 10, [np.full_like(array, np.nan) for array in random_weights(CONFIG)])
    app = open_page()
    assert any("its training ran away" in one.value for one in app.error)
    assert app.get("bidi_component")


@pytest.mark.parametrize(
    ("pressed", "expected"),
    [
        ({}, Asked()),
        ({"image": "7", "unit": "1.120"}, Asked(7, (1, 120))),
        ({"image": DRAWING, "unit": ""}, Asked(DRAWING)),
        ({"image": "77", "unit": "1.1.1"}, Asked()),
        ({"image": 7, "unit": ["1.1"]}, Asked()),
        ({"image": "<b>", "unit": "-1.3"}, Asked()),
        ({"image": "٧", "unit": "١.٢"}, Asked()),
    ],
)
def test_only_what_a_diagram_can_ask_is_taken(
    pressed: dict[str, object], expected: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {"key": pressed})
    assert asked("key") == expected


def test_what_many_look_at_is_made_once_and_a_strange_unit_is_none(source: FakeSource) -> None:
    source.live = ("one", 10, random_weights(CONFIG))
    seen = handles.inside_watcher().look("run", CONFIG, noise_pictures())
    assert seen is not None
    dataset = SimpleNamespace(class_names=tuple("0123456789"))

    def update(wanted: Asked, drawing: np.ndarray | None = None) -> bytes:
        return inside_view._update(seen, dataset, wanted, drawing, "now")

    assert update(Asked(3)) is update(Asked(3))
    assert update(Asked(3, (9, 9_999))) is update(Asked(3))
    assert compact.unpack(update(Asked(3, (2, 9))))[0]["unit"]["unit"] == 9
    # Without a drawing nobody is shown one.
    assert compact.unpack(update(Asked(DRAWING)))[0]["shown"] == "7"
    drawing = noise_pictures().ten[4]
    told = compact.unpack(update(Asked(DRAWING), drawing))[0]
    assert told["shown"] == DRAWING
    np.testing.assert_allclose(told["drawing"]["probabilities"], seen.reading.ten[-1][4], atol=1e-4)


def test_the_modules_are_there_and_a_changed_one_has_another_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ensure_modules(tmp_path)
    assert b"export async function show" in (tmp_path / path).read_bytes()
    assert {one.name for one in (tmp_path / path).parent.iterdir()} == set(MODULES)
    # Every module that one of them asks for is among them.
    for module in MODULES:
        text = (tmp_path / path).with_name(module).read_text(encoding="utf-8")
        wanted = [line.split('"./')[1].split('"')[0] for line in text.splitlines() if ' from "./' in line]
        assert set(wanted) <= set(MODULES)
        assert len(text.splitlines()) < 350
    from pages.parts.shared.network_diagram import static_files

    changed = tmp_path / "source"
    changed.mkdir()
    for module in MODULES:
        (changed / module).write_text("export const nothing = 0;")
    monkeypatch.setattr(static_files, "_HERE", changed)
    assert ensure_modules(tmp_path) != path
    assert static_files.static_files is live_chart_files


def test_an_update_that_is_damaged_is_no_update() -> None:
    with pytest.raises(zlib.error):
        compact.unpack(b"damaged")
