"""The process of the running app, as the operating system sees it."""

import sys

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, FinishedRun
from tests.browser.strokes import LIVE_CANVAS

# TensorFlow costs a process 640 MB, pandas with Arrow 65, scikit-learn with SciPy 71.
HEAVY = ("tensorflow", "pandas", "pyarrow", "sklearn")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which files a process has mapped")
def test_the_running_app_stays_light_on_all_pages(app: App, finished_run: FinishedRun, page: Page) -> None:
    page.goto(f"{app.url}/?run={finished_run.id}")
    expect(page.get_by_role("cell", name="100,480")).to_be_visible()
    page.get_by_role("link", name="Evaluate", exact=True).click()
    expect(page.get_by_role("columnheader", name="Recall")).to_be_visible()
    page.wait_for_url(f"**/evaluate?*run={finished_run.id}*")
    page.get_by_role("link", name="Draw", exact=True).click()
    page.wait_for_url(f"**/draw?*run={finished_run.id}*")
    expect(page.locator(LIVE_CANVAS)).to_be_visible()
    mapped = {entry.path for entry in psutil.Process(app.pid).memory_maps()}
    assert any("/onnxruntime/" in path for path in mapped), "the app predicts with ONNX Runtime"
    assert [path for path in mapped if any(f"/{package}/" in path for package in HEAVY)] == []
