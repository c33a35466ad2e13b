"""Learning from drawings in Chromium, with the app's own worker."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from core.settings import Settings
from core.store import NewDrawing, RunStore
from tests.browser.conftest import App, FinishedRun
from tests.support.odd_hand import odd_digits

# The worker may have to be started for it.
LEARNT = 120_000
WORKSPACE = "f" * 24


def test_a_network_learns_a_hand_and_is_drawn_with(page: Page, app: App, finished_run: FinishedRun) -> None:
    store = RunStore.from_settings(Settings(home=Path(app.home)))
    for number, (image, label) in enumerate(zip(*odd_digits(30), strict=True)):
        store.keep_drawing(WORKSPACE, NewDrawing(image, int(label), is_held_back=number >= 20), None)
    page.context.add_cookies([{"name": "digitlab_workspace", "value": WORKSPACE, "url": app.url}])
    page.goto(f"{app.url}/draw?run={finished_run.id}")
    learn = page.get_by_role("button", name="Learn from these")
    expect(learn).to_be_enabled()
    learn.click()
    score = re.compile(r"^Held back: \d+ % → \d+ % of 10 · .+: .+ % → .+ %$")
    told = page.get_by_test_id("stAlertContentSuccess").get_by_text(score)  # it is announced as well
    expect(told).to_be_visible(timeout=LEARNT)
    page.get_by_role("button", name=re.compile(r"Draw with #\d+")).click()
    page.wait_for_url(lambda url: f"run={finished_run.id}" not in url)
    expect(told).to_be_visible()
    (taught,) = store.list_runs(workspaces=[WORKSPACE])
    assert taught.id in page.url
    lesson = store.lesson(taught.id)
    assert lesson is not None
    before, after = (float(share) for share in re.findall(r"(\d+) %", told.inner_text())[:2])
    assert before == round(10 * lesson.right_before)
    assert after > before
    store.close()
