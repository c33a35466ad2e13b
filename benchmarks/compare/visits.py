"""What visits to Compare leave in the app's process: a hundred new sessions, one after the other.

Each opens the page of a browser with 200 runs, chooses a further one, looks at two views and goes away.
Streamlit keeps a session that has gone for two minutes, for a browser that comes back: first there are visits
until as many sessions go as come, and caches that are bounded are full. What the process holds after the last
ten visits is held against what it held after the ten before the hundred.
"""

import time
from collections.abc import Collection, Iterator
from statistics import median

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.app import RunningApp, chromium, running_app
from benchmarks.compare.table import WORKSPACE, write_runs
from benchmarks.result import Result
from pages.parts.shared.workspace import COOKIE

NAMES = ("compare_visits_growth", "compare_visits_memory", "compare_visits_first")
VISITS = 100
# Streamlit's two minutes (`MemorySessionStorage`), and some visits more.
SETTLED_SECONDS = 150.0
# One look at a process' memory tells a moment, and it goes up and down by some megabytes.
_LOOKS = 10
_RUNS = 200
# The page chooses the newest four by itself.
_PLACE, _CHOSEN = 5, 5
_MEGABYTE = 1e6
_PATIENCE = 60_000  # milliseconds


def run(_wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield megabytes of the app's process: grown over the visits, after all of them, after the first."""
    with running_app() as app, chromium() as browser:
        store = app.open_store()
        write_runs(store, _RUNS)
        store.close()
        process = psutil.Process(app.pid)

        def held_after_a_visit() -> float:
            _visit(browser, app)
            return float(process.memory_info().rss / _MEGABYTE)

        begun, before = time.monotonic(), [held_after_a_visit()]
        while time.monotonic() < begun + SETTLED_SECONDS or len(before) < _LOOKS:
            before.append(held_after_a_visit())
        after = [held_after_a_visit() for _ in range(VISITS)]
        settled, last = median(before[-_LOOKS:]), after[-_LOOKS:]
        yield Result("compare_visits_growth", median(last) - settled, "MB")
        yield Result.of("compare_visits_memory", last, "MB", settled)
        yield Result("compare_visits_first", before[0], "MB")


def _visit(browser: Browser, app: RunningApp) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    try:
        context.add_cookies([{"name": COOKIE, "value": WORKSPACE, "url": app.url}])
        page = context.new_page()
        page.goto(f"{app.url}/compare")
        _wait_for_curves(page, _CHOSEN - 1)
        _choose(page)
        page.get_by_role("radio", name="What differs").click()
        page.get_by_text("Is it luck?").wait_for(timeout=_PATIENCE)
        page.get_by_role("radio", name="Curves").click()
        _wait_for_curves(page, _CHOSEN)
    finally:
        context.close()


def _wait_for_curves(page: Page, count: int) -> None:
    # For a moment there may be two charts, the one of before among them.
    chart = page.locator(f'[data-testid="overlay-chart"][data-lines="{count}"]')
    chart.first.wait_for(timeout=_PATIENCE)


def _choose(page: Page) -> None:
    """Choose a further run in the table, and wait until the address says so."""
    row = page.get_by_test_id("run-table").locator("tr[data-run]").nth(_PLACE)
    run_id = row.get_attribute("data-run", timeout=_PATIENCE)
    row.locator("input[type=checkbox]").check()
    page.wait_for_function("(id) => location.href.includes(id)", arg=run_id)
