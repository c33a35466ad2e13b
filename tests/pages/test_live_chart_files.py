"""The files that the live chart's page fetches, and what is shown where they cannot be written."""

import os
from importlib.metadata import version
from pathlib import Path

import plotly
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.shared.live_chart import static_files
from pages.parts.shared.live_chart.static_files import ensure_static

LIBRARY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def test_files_are_written_once_and_whole(tmp_path: Path) -> None:
    folder = tmp_path / "static"

    names = ensure_static(folder)

    assert names.library == f"plotly-{version('plotly')}.min.js"
    assert (folder / names.library).read_bytes() == LIBRARY.read_bytes()
    assert b"export async function show" in (folder / names.module).read_bytes()
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert set(before) == {names.library, names.module}  # nothing half-written beside them
    assert ensure_static(folder) == names
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_damaged_file_is_replaced(tmp_path: Path) -> None:
    names = ensure_static(tmp_path)
    (tmp_path / names.library).write_bytes(b"half a")

    ensure_static(tmp_path)

    assert (tmp_path / names.library).stat().st_size == LIBRARY.stat().st_size


def test_changed_module_gets_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ensure_static(tmp_path / "static")
    changed = tmp_path / "live_chart.js"
    changed.write_text("export function show() {}")
    monkeypatch.setattr(static_files, "_MODULE", changed)

    after = ensure_static(tmp_path / "static")

    assert after.module != before.module
    assert after.library == before.library


def test_nothing_half_written_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)

    with pytest.raises(OSError, match="No space left"):
        ensure_static(tmp_path)
    assert list(tmp_path.iterdir()) == []


SCRIPT = """
import numpy as np
from core.store import Curve
from pages.parts.shared.live_chart import live_chart

numbers = np.array([0.5, 1.0])
live_chart(Curve(numbers, numbers, numbers, numbers, numbers, numbers), key="chart", epochs=2)
"""


def test_live_component_is_shown_where_its_files_can_be_written(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    app = AppTest.from_file(str(script)).run(timeout=60)

    assert not app.exception
    place, *_ = app.main.children.values()
    assert [element.type for element in place.children.values()] == ["bidi_component"]
    assert sorted(path.suffix for path in (tmp_path / "static").iterdir()) == [".js", ".js", ".json"]


def test_plain_chart_is_shown_where_they_cannot(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("a file where the folder should be")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    app = AppTest.from_file(str(script)).run(timeout=60)

    assert not app.exception
    assert [element.type for element in app.main.children.values()] == ["plotly_chart", "caption"]
    assert "redrawn as a whole" in app.caption[0].value
