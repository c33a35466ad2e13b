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


def times(folder: Path) -> dict[str, int]:
    """When each file below a folder was written."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*.*")}


def test_files_are_written_once_and_whole(tmp_path: Path) -> None:
    folder = tmp_path / "static"

    names = ensure_static(folder)

    assert names.library == f"plotly-{version('plotly')}.min.js"
    assert (folder / names.library).read_bytes() == LIBRARY.read_bytes()
    assert b"export async function show" in (folder / names.module).read_bytes()
    before = times(folder)
    place = Path(names.module).parent
    # Nothing half-written beside them.
    assert set(before) == {names.library, names.module, str(place / "plotly_page.js")}
    assert ensure_static(folder) == names
    assert times(folder) == before


def test_damaged_file_is_replaced(tmp_path: Path) -> None:
    names = ensure_static(tmp_path)
    (tmp_path / names.library).write_bytes(b"half a")

    ensure_static(tmp_path)

    assert (tmp_path / names.library).stat().st_size == LIBRARY.stat().st_size


def test_changed_module_gets_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ensure_static(tmp_path / "static")
    (tmp_path / "live_chart.js").write_text("export function show() {}")
    (tmp_path / "plotly_page.js").write_bytes(static_files.page_module()[1])
    monkeypatch.setattr(static_files, "_HERE", tmp_path)

    after = ensure_static(tmp_path / "static")

    assert after.module != before.module
    assert after.library == before.library


def test_nothing_half_written_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)

    with pytest.raises(OSError, match="No space left"):
        ensure_static(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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
    names = sorted(path.suffix for path in (tmp_path / "static").rglob("*.*"))
    assert names == [".js", ".js", ".js", ".json"]


def test_plain_chart_is_shown_where_they_cannot(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("a file where the folder should be")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    app = AppTest.from_file(str(script)).run(timeout=60)

    assert not app.exception
    assert [element.type for element in app.main.children.values()] == ["plotly_chart", "caption"]
    assert "redrawn as a whole" in app.caption[0].value
