"""My handwriting in Chromium: digits labelled by key, measured, deleted, undone, taken along and back."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from core.config import HiddenLayer, TrainingConfig
from core.handwriting.collection import read_drawings
from core.store import RunStatus
from tests.browser.conftest import App
from tests.browser.strokes import LIVE_CANVAS, ONE, SEVEN, draw
from tests.support.fault_samples import open_store
from tests.support.network_samples import always
from tests.support.store_samples import holding

WORKSPACE = "e" * 24
BLANK = "The canvas is empty: draw a digit from 0 to 9."
ALWAYS_THREE = [0.001] * 3 + [0.991] + [0.001] * 6


def test_digits_are_labelled_by_key_measured_deleted_and_taken_along(
    page: Page, app: App, tmp_path: Path
) -> None:
    """On one page, because to open it costs far more than to draw."""
    store = open_store(app.home)
    run = store.create(TrainingConfig(hidden_layers=(HiddenLayer(units=16),)), workspace=WORKSPACE)
    store.claim(run.id, "test")
    (store.folder(run.id) / "network.onnx").write_bytes(always(ALWAYS_THREE))
    holding(store, run.id, "test").finish(RunStatus.FINISHED, test_accuracy=0.97, test_loss=0.1)
    page.context.add_cookies([{"name": "digitlab_workspace", "value": WORKSPACE, "url": app.url}])
    page.goto(f"{app.url}/draw?run={run.id}")
    verdict = page.get_by_test_id("live-verdict")
    expect(verdict).to_have_text(BLANK)

    expect(label(page, 7)).to_be_visible()
    # At once after the last stroke, before the server has been told of it.
    draw(page, SEVEN, LIVE_CANVAS)
    page.keyboard.press("7")
    expect(done(page, "Kept: a 7, read as a 3.")).to_be_visible()
    expect(score(page)).to_have_text("yours: 0 % of 1 · MNIST: 97.0 %")
    expect(verdict).to_have_text(BLANK)
    draw(page, ONE, LIVE_CANVAS)
    label(page, 3).click()
    expect(score(page)).to_have_text("yours: 50 % of 2 · MNIST: 97.0 %")
    expect(verdict).to_have_text(BLANK)

    page.get_by_text("The drawings, which is read as which, export and import").click()
    cards = page.locator(".st-key-my_drawings")
    expect(cards.get_by_role("img")).to_have_count(2)
    expect(cards.get_by_text("✗ 7, read as 3")).to_be_visible()
    cards.get_by_role("button", name="Delete").first.click()  # the newest is the first
    expect(done(page, "One drawing is deleted.")).to_be_visible()
    expect(score(page)).to_have_text("yours: 0 % of 1 · MNIST: 97.0 %")
    page.locator(".st-key-undo_handwriting").get_by_role("button").click()
    expect(score(page)).to_have_text("yours: 50 % of 2 · MNIST: 97.0 %")
    # Its line has gone: what stands below it has come to rest, and a press meets what it aims at.
    expect(page.locator(".st-key-undo_handwriting")).to_have_count(0)

    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    exported = read_drawings(file.read_bytes(), file.name, most=2)
    assert [one.label for one in exported] == [7, 3]
    assert all(one.strokes for one in exported)
    page.get_by_role("button", name="Delete all").click()
    expect(done(page, "2 drawings are deleted.")).to_be_visible()
    assert store.drawing_count([WORKSPACE]) == 0
    page.locator("input[type=file]").set_input_files(file)
    imported = page.locator("[class*='st-key-imported_']")
    expect(imported.get_by_text("2 drawings are imported.")).to_be_visible()
    expect(score(page)).to_have_text("yours: 50 % of 2 · MNIST: 97.0 %")
    kept = {one.label: one for one in store.drawings(WORKSPACE, with_strokes=True)}
    for one in exported:
        assert (kept[one.label].image == one.image).all()
        assert kept[one.label].strokes == one.strokes


def label(page: Page, digit: int) -> Locator:
    return page.locator(f".st-key-label_{digit}").get_by_role("button")


def done(page: Page, words: str) -> Locator:
    """What was done last; for screen readers it is there once more."""
    return page.locator(".st-key-labels").get_by_role("paragraph").filter(has_text=words)


def score(page: Page) -> Locator:
    return page.get_by_role("heading", level=3).filter(has_text=" of ")
