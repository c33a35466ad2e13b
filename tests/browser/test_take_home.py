"""A run is taken home as files and brought back: its settings into the form, its network as a new run."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from core.data.catalog import CATALOG
from core.numbers import percent
from tests.browser.conftest import App, FinishedRun


def save(page: Page, button: str, folder: Path) -> Path:
    """Press a button that gives a file, and return where the file is."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=button, exact=True).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def bring(page: Page, file: Path) -> None:
    page.get_by_test_id("stFileUploader").locator('input[type="file"]').set_input_files(file)


def test_a_run_goes_home_and_comes_back(
    app: App, finished_run: FinishedRun, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{app.url}/?run={finished_run.id}")
    home = page.get_by_role("button", name="Take it home")
    home.click()
    # What it opens stands below it, and goes with it where the page is scrolled.
    expect(page.get_by_role("button", name="Everything in one file")).to_be_visible()
    home.evaluate("(button) => button.scrollIntoView()")
    settings, network = save(page, "Settings", tmp_path), save(page, "Keras", tmp_path)
    assert json.loads(settings.read_text())["batch_size"] == 40
    page.keyboard.press("Escape")

    page.goto(f"{app.url}/compare")
    page.get_by_text("Bring it back").click()
    bring(page, network)
    expect(page.get_by_text("118,282 parameters")).to_be_visible()
    if app.dataset != "mnist":
        page.get_by_role("combobox", name="Test it on the test images of").click()
        page.get_by_role("option", name=CATALOG[app.dataset].title).click()
    page.get_by_role("button", name="Test it", exact=True).click()
    accuracy = percent(finished_run.result["test_accuracy"])
    expect(page.get_by_text(re.compile(f"It reads {accuracy} of the test images right"))).to_be_visible()
    bring(page, settings)
    expect(page.get_by_text("are in the form")).to_be_visible()
    page.get_by_role("link", name="To the form").click()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("1")
    # The newest run of this browser, which has neither settings nor a curve, is on show beside the form.
    expect(page.get_by_text("Brought from elsewhere: hidden layers 128-128.")).to_be_visible()
    page.get_by_role("link", name="See its mistakes").click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Test accuracy")).to_contain_text(accuracy)
    expect(page.get_by_role("combobox", name="Trained network")).to_have_value(re.compile("model.keras"))
