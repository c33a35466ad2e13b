"""The table of runs: written in, searched, cleared away and back, its choice shared; on a phone too."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from core.config import TrainingConfig
from core.settings import Settings
from core.store import RunStatus, RunStore, tables
from pages.parts.shared.workspace import COOKIE
from tests.browser.conftest import App
from tests.browser.test_access import pale_texts, violations
from tests.support.serve import wait_until

MINE = "1" * 24
PATIENCE = 60.0  # seconds


def write_runs(store: RunStore, workspace: str) -> list[str]:
    """Write four runs that have ended, of two learning rates; return their ids."""
    ids = []
    for number in range(4):
        rate = (0.001, 0.01)[number % 2]
        run = store.create(TrainingConfig(learning_rate=rate, seed=number), workspace=workspace)
        claim = store.claim(run.id, "a worker of this test")
        claim.finish(
            RunStatus.FINISHED, test_accuracy=0.9 + number / 100, test_loss=0.3, train_seconds=number + 1.0
        )
        ids.append(run.id)
    return ids


def row(table: Locator, number: int) -> Locator:
    box = table.page.get_by_role("checkbox", name=f"Compare run #{number}", exact=True)
    return table.locator("tr", has=box)


def numbers(table: Locator) -> list[str]:
    """Return the runs of this browser in the order of the table."""
    return [one for one in table.locator("tr[data-run] td.number").all_inner_texts() if one.startswith("#")]


def compared(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get("runs", [""])[0].split(",")


def test_the_table_of_runs(app: App, page: Page, other_page: Page) -> None:
    """On one page, because to open it costs far more than to write in it."""
    store = RunStore.from_settings(Settings(home=app.home))
    ids = write_runs(store, MINE)
    page.context.add_cookies([{"name": COOKIE, "value": MINE, "url": app.url}])
    page.goto(f"{app.url}/compare?view=differs")
    table = page.get_by_test_id("run-table")
    expect(row(table, 4)).to_contain_text("93.00 %")
    # What differs has a column, what is the same has none.
    headings = table.locator("th").all_inner_texts()
    assert "Learning rate" in headings
    assert "Batch size" not in headings

    assert violations(page) == []

    what_is_offered_is_not_cut(table)
    what_is_written_is_kept(page, table, store, ids)
    what_is_looked_for_is_found(table)
    what_is_deleted_comes_back(page, table, store, ids)
    the_choice_is_a_link(page, table, other_page, ids)
    store.close()


def what_is_offered_is_not_cut(table: Locator) -> None:
    cut = table.locator(".bar select").evaluate_all(
        """selects => selects.filter((select) => {
            const isHidden = select.hidden;
            select.hidden = false;
            const shown = select.offsetWidth;
            select.style.maxWidth = "none";
            const wanted = select.offsetWidth;
            select.style.maxWidth = "";
            select.hidden = isHidden;
            return shown < wanted;
        }).map((select) => select.getAttribute("aria-label"))"""
    )
    assert cut == []


def what_is_written_is_kept(page: Page, table: Locator, store: RunStore, ids: list[str]) -> None:
    row(table, 1).get_by_role("button", name="Name of run #1").click()
    page.keyboard.type("my <b>best</b>")
    page.keyboard.press("Enter")
    expect(row(table, 1)).to_contain_text("my <b>best</b>")
    # Where the columns have no room for all, the name is not what is cut.
    name = row(table, 1).get_by_role("button", name="Name of run #1")
    table.evaluate("(table) => { table.style.width = '660px'; }")
    assert name.evaluate("(name) => name.scrollWidth <= name.clientWidth")
    table.evaluate("(table) => { table.style.width = ''; }")
    row(table, 1).get_by_role("button", name="Tags of run #1").click()
    page.keyboard.type("odd, class 5b")
    page.keyboard.press("Enter")
    row(table, 2).get_by_role("button", name="Note on run #2").click()
    page.keyboard.type("as in the book")
    page.keyboard.press("Escape")  # not meant
    row(table, 2).get_by_role("button", name="Star of run #2").click()
    expect(row(table, 2).get_by_role("button", name="Star of run #2")).to_have_attribute(
        "aria-pressed", "true"
    )
    wait_until(lambda: store.get(ids[1]).starred, PATIENCE, "the star to be kept")
    first, second = (store.get(run_id) for run_id in ids[:2])
    assert (first.name, first.tags, first.starred) == ("my <b>best</b>", ("odd", "class 5b"), False)
    assert (second.note, second.starred) == (None, True)


def what_is_looked_for_is_found(table: Locator) -> None:
    search = table.get_by_role("searchbox")
    search.fill("class best")
    expect(table.locator("tr[data-run]")).to_have_count(1)
    search.fill("0.01")
    # Runs of the command line, which other tests have made, are listed too.
    expect(table.get_by_text(re.compile(r"^2 of \d+ runs"))).to_be_visible()
    assert numbers(table) == ["#4", "#2"]
    search.fill("")
    table.get_by_role("combobox", name="Tag").select_option("odd")
    expect(table.locator("tr[data-run]")).to_have_count(1)
    table.get_by_role("combobox", name="Tag").select_option("Any tag")
    table.get_by_role("button", name="Only starred").click()
    assert numbers(table) == ["#2"]
    table.get_by_role("button", name="Only starred").click()
    table.get_by_role("button", name="Training").click()
    assert numbers(table) == ["#1", "#2", "#3", "#4"]
    table.get_by_role("button", name="Test accuracy").click()
    assert numbers(table) == ["#4", "#3", "#2", "#1"]


def what_is_deleted_comes_back(page: Page, table: Locator, store: RunStore, ids: list[str]) -> None:
    row(table, 3).get_by_role("button", name="More about run #3").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text("1 run is deleted.")).to_be_visible()
    expect(row(table, 3)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(table, 3)).to_be_visible()
    assert store.get(ids[2]).status is RunStatus.FINISHED


def the_choice_is_a_link(page: Page, table: Locator, other_page: Page, ids: list[str]) -> None:
    table.get_by_role("button", name="Choose none").click()
    for number in (2, 1):
        row(table, number).get_by_role("checkbox").check()
    page.wait_for_function("(id) => location.search.includes(id)", arg=ids[0])
    assert compared(page) == [ids[1], ids[0]]
    other_page.goto(page.url)
    shown = other_page.get_by_test_id("run-table")
    expect(shown.locator("tr.chosen")).to_have_count(2)
    # They can be looked at, not written in.
    theirs = shown.locator(f'tr[data-run="{ids[0]}"]')
    expect(theirs).to_contain_text("my <b>best</b>")
    expect(theirs.get_by_role("button")).to_have_count(1)
    other_page.emulate_media(color_scheme="dark")
    assert pale_texts(other_page) == []


def test_on_a_phone_runs_are_cards(app: App, phone_page: Page) -> None:
    store = RunStore.from_settings(Settings(home=app.home))
    workspace = "2" * 24
    ids = write_runs(store, workspace)
    phone_page.context.add_cookies([{"name": COOKIE, "value": workspace, "url": app.url}])
    phone_page.goto(f"{app.url}/compare?view=differs")
    table = phone_page.get_by_test_id("run-table")
    expect(table.locator("tr.card").nth(3)).to_be_visible()
    expect(table.locator("tr.card").first).to_contain_text("Learning rate 0.01")
    mine = table.locator("tr.card .number").filter(has_text=re.compile("^#"))
    expect(mine).to_have_text(["#4", "#3", "#2", "#1"])
    order = table.get_by_role("combobox", name="Order")
    order.select_option("By Training")
    expect(mine).to_have_text(["#1", "#2", "#3", "#4"])
    order.select_option("By Test accuracy")  # the best above
    expect(mine).to_have_text(["#4", "#3", "#2", "#1"])
    assert phone_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # Runs of one experiment have one line, which breaks at no percent sign.
    with store.database.transaction(write=True) as connection:
        connection.execute(update(tables.runs).where(tables.runs.c.id.in_(ids)).values(experiment="0" * 12))
    phone_page.reload()
    group = table.locator("tr.group")
    expect(group).to_contain_text("4 runs, best test accuracy 93.00 %")
    assert "93.00\N{NO-BREAK SPACE}%" in str(group.text_content())
    # The bar at the bottom has all its pages in sight.
    links = phone_page.locator(".st-key-bottom_bar a")
    expect(links).to_have_count(5)
    box = links.last.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 390
    store.close()
