"""The table of 5,000 runs: from the press on Compare to runs that can be read, and what comes then.

The running app is open in Chromium on Draw, in the browser that the runs belong to. `runs_table_first` is the
first time that anybody opens the table: its program is fetched, the configurations are read. `runs_table` is
every later time, all runs asked from the database anew. Searching, sorting and scrolling happen in the
browser, and times end with the frame that shows it; a star is timed until it is in the database.
"""

import secrets
import time
from collections.abc import Iterator
from random import Random

from playwright.sync_api import Page
from sqlalchemy import insert

from benchmarks.app import chromium, running_app
from benchmarks.result import Result
from core.config import HiddenLayer, TrainingConfig
from core.store import RunStatus, RunStore
from core.store.tables import points, runs, workspaces
from pages.parts.shared.workspace import COOKIE

NAMES = (
    *("runs_table_first", "runs_table", "runs_table_bytes", "runs_table_search", "runs_table_sort"),
    *("runs_table_scroll", "runs_table_star", "runs_table_listing"),
)
RUNS, EPOCHS = 5_000, 5
BAR = 1_000.0  # milliseconds
WORKSPACE = "c" * 24
_TIMES = 7
_STEPS = 1_350
_ROWS_PER_STATEMENT = 2_000
# When something holds, by the browser's own clock: a poll from outside would come late.
_WHEN = """
window.runTable = () => {
    const find = (root) => {
        const found = root.querySelector('[data-testid="run-table"]');
        if (found) return found;
        for (const node of root.querySelectorAll("*")) {
            const inner = node.shadowRoot && find(node.shadowRoot);
            if (inner) return inner;
        }
    };
    return find(document);
};
window.after = (press, holds) => new Promise((resolve) => {
    const begun = performance.now();
    press();
    const look = () => {
        const table = window.runTable();
        if (!table || !holds(table)) requestAnimationFrame(look);
        else requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)));
    };
    look();
});
"""
_OPEN = """(count) => window.after(
    () => document.querySelector('header a[href$="/compare"]').click(),
    (table) => table.querySelector("tr[data-run]") && table.querySelector("table").dataset.count === count,
)"""
_SEARCH = """([word, count]) => window.after(
    () => {
        const field = window.runTable().querySelector('input[type="search"]');
        field.value = word;
        field.dispatchEvent(new Event("input"));
    },
    (table) => (table.querySelector("table").dataset.count === count) === !word,
)"""
_SORT = """(name) => {
    const headings = [...window.runTable().querySelectorAll("th button")];
    return window.after(
        () => headings.find((one) => one.textContent.startsWith(name)).click(),
        (table) => table.querySelector("th[aria-sort]").textContent.startsWith(name),
    );
}"""
_SCROLL = """([share, count]) => {
    const near = (row) => Math.abs(Number(row.getAttribute("aria-rowindex")) - share * count) < 12;
    return window.after(
        () => {
            const box = window.runTable().querySelector(".scroll");
            box.scrollTop = share * box.scrollHeight;
        },
        (table) => [...table.querySelectorAll("tr[data-run]")].some(near),
    );
}"""
_STAR = """() => {
    const stars = [...window.runTable().querySelectorAll('.star[aria-pressed="false"]')];
    stars[0].click();
    return stars[0].closest("tr").dataset.run;
}"""


def run() -> Iterator[Result]:
    """Yield milliseconds, and the bytes that one opening of the table takes."""
    with running_app() as app, chromium() as browser:
        store = app.open_store()
        write_runs(store, RUNS)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": COOKIE, "value": WORKSPACE, "url": app.url}])
        page = context.new_page()
        page.add_init_script(_WHEN)
        received: list[int] = []
        page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame)))
        )
        page.goto(f"{app.url}/draw")
        _settle(page)
        yield Result("runs_table_first", page.evaluate(_OPEN, str(RUNS)), "ms", BAR).with_ratio()
        opened, sizes = [], []
        for _ in range(_TIMES):
            _look_away(page)
            received.clear()
            opened.append(page.evaluate(_OPEN, str(RUNS)))
            _settle(page)
            sizes.append(float(sum(received)))
        yield Result.of("runs_table", opened, "ms", BAR).with_ratio()
        yield Result.of("runs_table_bytes", sizes, "B")
        words = ("0.003", "", "relu 128", "", "my run", "")
        searched = [page.evaluate(_SEARCH, [word, str(RUNS)]) for word in words]
        yield Result.of("runs_table_search", searched, "ms")
        columns = ("Test accuracy", "Learning rate", "Name", "Training")
        yield Result.of("runs_table_sort", [page.evaluate(_SORT, name) for name in columns], "ms")
        shares = [part / 10 for part in range(1, 10)]
        yield Result.of("runs_table_scroll", [page.evaluate(_SCROLL, [one, RUNS]) for one in shares], "ms")
        yield Result.of("runs_table_star", [_star(page, store) for _ in range(_TIMES)], "ms")
        yield Result.of("runs_table_listing", [_list(store) for _ in range(_TIMES)], "ms")
        store.close()


def write_runs(store: RunStore, count: int) -> None:
    """Write finished runs of `WORKSPACE` with short curves, as a worker would leave them."""
    chance = Random(0)
    run_rows, point_rows = [], []
    for number in range(1, count + 1):
        layer = HiddenLayer(units=chance.choice((32, 64, 128)), dropout=chance.choice((0.0, 0.2)))
        config = TrainingConfig(
            hidden_layers=(layer,) * chance.choice((1, 2)),
            learning_rate=chance.choice((0.0003, 0.001, 0.003, 0.01)),
            batch_size=chance.choice((40, 128)),
            seed=number,  # no two configurations are one
        )
        moment, accuracy = time.time() - 60 * (count - number), 0.9 + 0.08 * chance.random()
        run_rows.append(
            {
                "id": secrets.token_hex(6),
                "workspace": WORKSPACE,
                "number": number,
                "status": RunStatus.FINISHED,
                "config": config.to_json(),
                "created_at": moment - 30,
                "finished_at": moment - 20,
                "request": "none",
                "attempts": 1,
                "epoch": EPOCHS,
                "step": _STEPS,
                "steps_per_epoch": _STEPS,
                "curve_version": 1,
                "train_seconds": 5 + 10 * chance.random(),
                "test_accuracy": accuracy,
                "test_loss": 3 * (1 - accuracy),
                "best_accuracy": accuracy,
                "best_epoch": float(EPOCHS),
                "name": f"my run {number}" if number % 50 == 0 else None,
                "note": "as in the book" if number % 70 == 0 else None,
                "tags": '["for class"]' if number % 60 == 0 else None,
            }
        )
        point_rows += [
            {
                "run_id": run_rows[-1]["id"],
                "kind": "validation",
                "step": epoch * _STEPS,
                "epoch": float(epoch),
                "loss": 0.5 / epoch,
                "accuracy": accuracy - 0.01 * (EPOCHS - epoch),
            }
            for epoch in range(1, EPOCHS + 1)
        ]
    with store.database.transaction(write=True) as connection:
        for table, rows in ((runs, run_rows), (points, point_rows)):
            for start in range(0, len(rows), _ROWS_PER_STATEMENT):
                connection.execute(insert(table), rows[start : start + _ROWS_PER_STATEMENT])
        connection.execute(insert(workspaces).values(workspace=WORKSPACE, last_number=count))


def _star(page: Page, store: RunStore) -> float:
    """Return milliseconds from the press on a star to the row in the database, as this process sees it."""
    run_id = page.evaluate(_STAR)
    begun = time.perf_counter()
    while not store.get(run_id).starred:
        page.wait_for_timeout(1)
    return 1000 * (time.perf_counter() - begun)


def _list(store: RunStore) -> float:
    begun = time.perf_counter()
    store.listing([WORKSPACE])
    return 1000 * (time.perf_counter() - begun)


def _look_away(page: Page) -> None:
    page.locator('header a[href$="/draw"]').first.click()
    page.get_by_role("heading", name="Draw", exact=True).wait_for()
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function('() => !document.querySelector("[data-testid=stStatusWidget]")')
