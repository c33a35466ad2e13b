"""The process of the running app, as the operating system sees it."""

import sys

import psutil
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import App


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which files a process has mapped")
def test_the_running_app_has_not_loaded_tensorflow(app: App, page: Page) -> None:
    for path in ("/", "/evaluate", "/draw"):
        page.goto(app.url + path)
        # The script has run to its end; every page imports what it needs while it runs.
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        page.locator('[data-testid="stMainBlockContainer"] >> nth=0').wait_for()
    mapped = {entry.path for entry in psutil.Process(app.pid).memory_maps()}
    assert any("onnxruntime" in path for path in mapped), "the app predicts with ONNX Runtime"
    assert [path for path in mapped if "/tensorflow/" in path] == []
