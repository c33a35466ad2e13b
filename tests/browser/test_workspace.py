"""A browser's workspace: one for all its tabs, found by links from elsewhere, left on purpose."""

import time

from playwright.sync_api import Page, expect

from core.config import TrainingConfig
from core.store import RunStatus
from tests.browser.conftest import App
from tests.support.fault_samples import open_store

COOKIE = "digitlab_workspace"
# As if another tab had put its cookie there while this one was being connected without any.
MEANWHILE = """Object.defineProperty(document, "cookie", {{
  get: () => "digitlab_workspace={found}", set: () => {{}} }});"""
PATIENCE = 60_000  # milliseconds, for the first answer
LABEL = "#1 · 128-128 · 90.00 %"


def cookie(page: Page) -> dict[str, object]:
    (found,) = [one for one in page.context.cookies() if one["name"] == COOKIE]
    return dict(found)


def add_run(app: App, workspace: str) -> None:
    store = open_store(app.home)
    run = store.create(TrainingConfig(), workspace=workspace)
    claim = store.claim(run.id, "test")
    claim.finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    store.close()


def test_tabs_links_and_leaving(page: Page, other_page: Page, app: App) -> None:
    page.goto(app.url)
    expect(page.get_by_text("this network learns from")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(f"document.cookie.includes('{COOKIE}')")
    first = cookie(page)
    assert first["sameSite"] == "Strict"
    assert float(str(first["expires"])) > time.time() + 364 * 24 * 3600
    workspace = str(first["value"])
    add_run(app, workspace)

    # A second tab of the same first visit goes over to the workspace of the first.
    other_page.add_init_script(MEANWHILE.format(found=workspace))
    other_page.goto(app.url)
    expect(other_page.get_by_text(LABEL)).to_be_visible(timeout=PATIENCE)
    other_page.close()

    # A link on a page of another site still finds the runs.
    page.goto("about:blank")
    page.set_content(f"<a href='{app.url}'>to the app</a>")
    page.get_by_text("to the app").click()
    expect(page.get_by_text(LABEL)).to_be_visible(timeout=PATIENCE)

    # All of the page is there: what is opened sooner is pushed down by what comes above it.
    expect(page.get_by_text("Licence: ")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("live-chart")).to_have_attribute("data-points", "0", timeout=PATIENCE)
    page.get_by_role("button", name="This browser's runs").click()
    page.get_by_role("button", name="Leave them and start anew").click()
    page.get_by_role("button", name="Yes, leave them").click()
    expect(page.get_by_text("this network learns from")).to_be_visible()
    page.wait_for_function(f"!document.cookie.includes('{workspace}')")
    assert cookie(page)["value"] != workspace
    page.reload()
    expect(page.get_by_text("this network learns from")).to_be_visible(timeout=PATIENCE)
