"""In a browser: an error in a part of a page is a sentence and passes; what addresses hold stays text."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from core.config import TrainingConfig
from core.store import CurvePoint, Progress, RunStatus
from core.training.pulse import Pulse
from tests.browser.conftest import App
from tests.pages.samples import HOSTILE
from tests.support.fault_samples import open_store

WORKSPACE = "5e" * 12
PATIENCE = 60_000  # milliseconds, for the first answer
_SHOWN = 30  # characters at least, of what is quoted from a link
WORD_JOINER = "\u2060"


def as_browser(page: Page, app: App, workspace: str) -> None:
    """Let the page's browser own this workspace."""
    page.context.add_cookies([{"name": "digitlab_workspace", "value": workspace, "url": app.url}])


def set_loss(home: Path, run_id: str, loss: object) -> None:
    """Change what the database holds of a run's points, as a damaged file would."""
    with closing(sqlite3.connect(home / "digitlab.db", timeout=30)) as database, database:
        database.execute("UPDATE points SET loss = ? WHERE run_id = ?", [loss, run_id])


def test_a_panel_says_what_is_damaged_and_comes_back_by_itself(page: Page, app: App) -> None:
    store = open_store(app.home)
    run = store.create(TrainingConfig(), workspace=WORKSPACE)
    claim = store.claim(run.id, "test")
    as_browser(page, app, WORKSPACE)
    damaged = page.get_by_test_id("stAlert").filter(has_text="damaged")
    # A worker that beats: of one that is silent the app would take the run over.
    with Pulse(claim) as pulse:
        point = CurvePoint(1_500, 1.0, 0.25, 0.925, "training")
        pulse.record([point], Progress(2, 675, 1_350, 61_234.0, 75.0))
        pulse.flush()
        set_loss(app.home, run.id, "heavy")
        page.goto(f"{app.url}/?dataset={app.dataset}")
        expect(damaged).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
        set_loss(app.home, run.id, 0.25)
        expect(page.get_by_text("Training: epoch 2 of 5")).to_be_visible()
        expect(damaged).to_have_count(0)
    claim.finish(RunStatus.STOPPED)
    store.close()


def test_nothing_in_an_address_becomes_a_link_a_picture_or_an_icon(page: Page, app: App) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    texts = [" ".join(text.split()) for text in HOSTILE]
    names = "&".join(f"{quote(text, safe='')}=1" for text in ("[Log in](https://example.org/)", *texts))
    page.goto(f"{app.url}/?{names}&epochs=![x](https://example.org/x.png)")
    alerts = page.get_by_test_id("stAlert").filter(has_text="Log in")
    expect(alerts.first).to_be_visible(timeout=PATIENCE)
    shown = "\n".join(page.get_by_test_id("stAlert").all_inner_texts()).replace(WORD_JOINER, "")
    for text in texts:
        assert text[:_SHOWN] in shown
    made = page.get_by_test_id("stAlert").locator(
        "a, img, b, em, del, code, pre, .katex, table, ul, ol, h1, hr"
    )
    assert made.evaluate_all("found => found.map((one) => one.outerHTML)") == []
    icons = page.get_by_test_id("stAlertContentWarning").locator("[role=img][aria-label='home icon']")
    expect(icons).to_have_count(0)
    # Invisible joiners keep addresses in it from becoming links.
    expect(page.get_by_text("unknown setting “[Log in](https").first).to_be_visible()
    expect(page.get_by_text("Epochs is “![x](https")).to_be_visible()
    assert page.locator("a[href*='example.org'], img[src*='example.org']").count() == 0
    assert not [url for url in asked if "example.org" in url.split("?")[0]]
