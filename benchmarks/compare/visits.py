"""What visits to Compare leave in the app's process: a hundred new sessions, one after the other.

Each opens the page with its own 200 runs, chooses another, looks at two views and goes away. The first visits
fill caches that are bounded: what the process holds after the hundredth is held against the twentieth.
A session that has gone is kept for a while by Streamlit, for a browser that comes back.
"""

from collections.abc import Collection, Iterator

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.app import RunningApp, chromium, running_app
from benchmarks.compare.table import WORKSPACE, write_runs
from benchmarks.result import Result
from pages.parts.shared.workspace import COOKIE

NAMES = ("compare_visits_growth", "compare_visits_memory", "compare_visits_first")
VISITS, SETTLED = 100, 20
_RUNS = 200
_MEGABYTE = 1e6
_VIEWS = ("What differs", "Curves")


def run(_wanted: Collection[str] = NAMES) -> Iterator[Result]:
    """Yield megabytes of the app's process: grown over the visits, after all of them, after the first."""
    with running_app() as app, chromium() as browser:
        store = app.open_store()
        write_runs(store, _RUNS)
        store.close()
        process = psutil.Process(app.pid)
        held = []
        for _ in range(VISITS):
            _visit(browser, app)
            held.append(process.memory_info().rss / _MEGABYTE)
        yield Result("compare_visits_growth", held[-1] - held[SETTLED - 1], "MB")
        yield Result("compare_visits_memory", held[-1], "MB", held[SETTLED - 1]).with_ratio()
        yield Result("compare_visits_first", held[0], "MB")


def _visit(browser: Browser, app: RunningApp) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": COOKIE, "value": WORKSPACE, "url": app.url}])
    page = context.new_page()
    page.goto(f"{app.url}/compare")
    table = page.get_by_test_id("run-table")
    table.locator("tr[data-run]").first.wait_for(timeout=60_000)
    _choose(page, 5)
    for view in _VIEWS:
        page.get_by_role("radio", name=view).click()
        page.wait_for_load_state("networkidle")
    context.close()


def _choose(page: Page, place: int) -> None:
    """Choose a further run in the table, and wait until the address says so."""
    before = page.url
    page.get_by_test_id("run-table").locator("tr[data-run] input[type=checkbox]").nth(place).check()
    page.wait_for_function("(before) => location.href !== before", arg=before)
