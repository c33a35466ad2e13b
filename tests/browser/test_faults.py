"""The running app when something breaks: a worker killed, files damaged, bad links."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.store import CurvePoint, Progress, RunStatus
from core.training.pulse import Pulse
from tests.browser.conftest import App
from tests.browser.test_train import set_speed, train_slowly
from tests.support.fault_samples import (
    DATASET,
    WORKER_SECONDS,
    assert_curve_is_whole,
    config,
    open_store,
    put_images,
    workers_below,
)
from tests.support.serve import ROOT, WITHOUT_WORKERS, Served
from tests.support.store_samples import holding

PATIENCE = 1_000 * WORKER_SECONDS  # milliseconds
WORKSPACE = "0123456789abcdef01234567"


@contextmanager
def app_at(home: Path, **environment: str) -> Iterator[Served]:
    """Serve the app with this DIGITLAB_HOME; what it printed is added to a failure."""
    served = Served(ROOT / "app.py", home, environment)
    try:
        with served:
            yield served
    except BaseException as error:
        error.add_note(f"The app printed:\n{served.log_text()[-6_000:]}")
        raise


@pytest.fixture
def home(tmp_path: Path, strokes: dict[str, np.ndarray[Any, Any]]) -> Path:
    """A DIGITLAB_HOME with pen strokes ready and nothing else."""
    folder = tmp_path / "home"
    put_images(folder, strokes)
    return folder


def alerts(page: Page) -> Locator:
    return page.get_by_test_id("stAlert")


def tracebacks(page: Page) -> Locator:
    return page.get_by_test_id("stException")


@pytest.fixture(scope="module")
def damaged_app(
    tmp_path_factory: pytest.TempPathFactory, strokes: dict[str, np.ndarray[Any, Any]]
) -> Iterator[Served]:
    """An app beside a truncated mnist.npz, with one run whose row is damaged and one that is whole."""
    home = tmp_path_factory.mktemp("damaged")
    put_images(home, strokes)
    data = home / "data"
    data.mkdir()
    (data / "mnist.npz").write_bytes(b"PK\x03\x04 not all of it")
    store = open_store(home)
    for recipe in ("whole", "damaged"):
        run = store.create(config(epochs=3), workspace=WORKSPACE, recipe=recipe)
        store.claim(run.id, "test")
        holding(store, run.id, "test").finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3)
    store.close()
    with closing(sqlite3.connect(home / "digitlab.db")) as database, database:
        database.execute("UPDATE runs SET config = '{\"epochs\": ' WHERE recipe = 'damaged'")
    with app_at(home, DIGITLAB_DATA_DIR=str(data), **WITHOUT_WORKERS) as app:
        yield app


def test_a_killed_worker_costs_nothing_but_time(page: Page, app: App) -> None:
    page.context.add_cookies([{"name": "digitlab_workspace", "value": "1c" * 12, "url": app.url}])
    train_slowly(page, app, epochs=20)
    expect(page.get_by_text(re.compile(r"Training: epoch [2-9]"))).to_be_visible(timeout=PATIENCE)
    logged = len(app.log_text())
    (worker,) = workers_below(app.pid)
    worker.kill()
    set_speed(page, "Full speed")
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=PATIENCE)
    # The very page that watched: it was neither reloaded nor did it lose its server.
    expect(tracebacks(page)).to_have_count(0)
    assert "Traceback" not in app.log_text()[logged:]
    store = open_store(app.home)
    (run,) = store.list_runs(workspaces=["1c" * 12])
    assert run.attempts == 2
    assert_curve_is_whole(store, run.id)
    store.close()


def test_a_damaged_dataset_is_named_and_pen_strokes_are_offered(page: Page, damaged_app: Served) -> None:
    page.goto(f"{damaged_app.url}/?dataset=mnist")
    expect(alerts(page).filter(has_text="mnist.npz")).to_be_visible()
    train = page.get_by_role("button", name="Train", exact=True)
    expect(train).to_be_disabled()
    page.get_by_role("button", name="Use Pen strokes").click()
    expect(train).to_be_enabled()
    expect(tracebacks(page)).to_have_count(0)
    page.wait_for_url(re.compile(f"dataset={DATASET}"))


def test_a_damaged_row_hides_one_run_and_no_other(page: Page, damaged_app: Served) -> None:
    page.context.add_cookies([{"name": "digitlab_workspace", "value": WORKSPACE, "url": damaged_app.url}])
    page.goto(f"{damaged_app.url}/?dataset={DATASET}")
    expect(page.get_by_text("Finished. It reads")).to_contain_text("90.00")
    expect(tracebacks(page)).to_have_count(0)
    with closing(sqlite3.connect(damaged_app.log.parent / "digitlab.db")) as database:
        (damaged,) = database.execute("SELECT id FROM runs WHERE recipe = 'damaged'").fetchone()
    page.goto(f"{damaged_app.url}/draw?run={damaged}")
    expect(alerts(page).filter(has_text=f"run {damaged} is damaged")).to_be_visible()
    expect(tracebacks(page)).to_have_count(0)


def test_a_moments_trouble_of_a_run_is_told_while_it_lasts(page: Page, damaged_app: Served) -> None:
    workspace = "fedcba987654321001234567"
    page.context.add_cookies([{"name": "digitlab_workspace", "value": workspace, "url": damaged_app.url}])
    store = open_store(damaged_app.log.parent)
    claim = store.claim(store.create(config(epochs=3), workspace=workspace).id, "test")
    told = alerts(page).filter(has_text="No space is left. The training goes on")
    with Pulse(claim) as pulse:
        pulse.record([CurvePoint(1, 0.5, 0.4, 0.9, "training")], Progress(1, 1, 2, None, None))
        page.goto(f"{damaged_app.url}/?run={claim.run_id}")
        expect(page.get_by_text("Training: epoch 1 of 3")).to_be_visible(timeout=PATIENCE)
        expect(told).to_have_count(0)
        pulse.say("No space is left. The training goes on; its last checkpoint is from epoch 0.25.")
        expect(told).to_be_visible()
        pulse.say(None)
        expect(told).to_have_count(0)
    claim.finish(RunStatus.STOPPED)
    store.close()
    expect(tracebacks(page)).to_have_count(0)


def test_settings_of_a_link_that_cannot_be_used_are_told_and_replaced(
    page: Page, damaged_app: Served
) -> None:
    bad = "epochs=0&batch_size=many&optimizer=magic&hidden_layers=64-sharp&seed=-1&colour=blue"
    page.goto(f"{damaged_app.url}/?dataset={DATASET}&{bad}")
    for value in ("0", "many", "magic", "sharp", "-1", "colour"):
        expect(alerts(page).filter(has_text=value).first).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("5")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    expect(tracebacks(page)).to_have_count(0)
    # It stays as it came, or Back would lead here again and again; the next change writes what the form says.
    page.get_by_role("button", name="Narrowing").click()
    page.wait_for_url(re.compile("^(?!.*magic)"))


def test_a_damaged_database_is_a_sentence(page: Page, home: Path) -> None:
    (home / "digitlab.db").write_bytes(b"this is no database at all, but longer than its header" * 40)
    with app_at(home) as app:
        for address in ("/", "/evaluate", "/draw"):
            page.goto(app.url + address)
            expect(alerts(page).filter(has_text="digitlab.db is damaged. Move it away")).to_be_visible()
            expect(tracebacks(page)).to_have_count(0)
        page.goto("about:blank")
