"""Curves of two runs in one chart: live, on the axes that the address says, the same for whoever gets it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from playwright.sync_api import Page, expect

from core.config import TrainingConfig
from core.settings import Settings
from core.store import Claim, CurvePoint, Progress, RunStatus, RunStore
from tests.browser.conftest import App, FinishedRun

CHART = """document.querySelector('[data-testid="overlay-chart"]')"""
PLOT = f"{CHART}.querySelector('.overlay-plot')"


def points(first: int, last: int) -> list[CurvePoint]:
    """A falling line of training, and the end of each epoch of ten steps on validation images."""
    trained = [
        CurvePoint(step, step / 10, 2.3 / (1 + step), 1 - 0.9 / (1 + step), "training")
        for step in range(first, last)
    ]
    return trained + [
        CurvePoint(step, step / 10, 0.1, 0.97, "validation")
        for step in range(first, last)
        if step and step % 10 == 0
    ]


@contextmanager
def heard(claim: Claim) -> Iterator[None]:
    """Have the app hear of a run again and again: one that is silent it would give to a worker of its own."""
    is_over = Event()

    def speak() -> None:
        while not is_over.wait(1.0):
            claim.record([], None)

    speaker = Thread(target=speak)
    speaker.start()
    try:
        yield
    finally:
        is_over.set()
        speaker.join()


def test_two_runs_in_one_chart_live_and_shared(
    app: App, finished_run: FinishedRun, page: Page, other_page: Page
) -> None:
    """On one page, because to open it costs far more than to look."""
    store = RunStore.from_settings(Settings(home=app.home))
    run = store.create(TrainingConfig(epochs=4, learning_rate=0.01), workspace="shared")
    claim = store.claim(run.id, "a worker of this test")
    claim.record(points(0, 15), Progress(2, 5, 10, 1_000.0, 10.0))

    with heard(claim):
        page.goto(f"{app.url}/compare?runs={finished_run.id},{run.id}")
        chart = page.get_by_test_id("overlay-chart")
        expect(chart).to_have_attribute("data-lines", "2")
        what_is_chosen_stands_in_the_address(page)
        one_look_tells_all_lines(page)
        the_run_that_trains_moves_in_place(page, claim)

        other_page.goto(page.url)
        shared = other_page.get_by_test_id("overlay-chart")
        expect(shared).to_have_attribute("data-axis", "seconds")
        expect(shared).to_have_attribute("data-lines", "2")
        assert other_page.evaluate(f"{PLOT}._fullLayout.yaxis.type") == "log"

    claim.finish(RunStatus.FINISHED, test_accuracy=0.9, test_loss=0.3, train_seconds=4.0, total_seconds=5.0)
    # It is told of among those that stand still, and nothing is asked again and again.
    page.wait_for_function(f"() => {PLOT}.data.some((trace) => Math.abs(trace.x.at(-1) - 4) < 0.01)")
    store.delete(run.id)  # pages that other tests open show the newest run that all may see
    store.close()


def what_is_chosen_stands_in_the_address(page: Page) -> None:
    page.get_by_role("radio", name="Seconds").click()
    expect(page).to_have_url(re.compile(r"[?&]x=seconds"))
    page.get_by_text("Logarithmic loss").click()
    expect(page).to_have_url(re.compile(r"[?&]log=1"))
    page.wait_for_function(f"() => {PLOT}._fullLayout?.yaxis.type === 'log'")
    expect(page.get_by_test_id("overlay-chart")).to_have_attribute("data-axis", "seconds")


def one_look_tells_all_lines(page: Page) -> None:
    readout = page.locator(".overlay-readout")
    expect(readout.locator("caption")).to_have_text("Last values")
    panel = page.locator(".overlay-plot .nsewdrag").first.bounding_box()
    assert panel
    page.mouse.move(panel["x"] + 40, panel["y"] + 60)
    page.mouse.move(panel["x"] + 43, panel["y"] + 60)
    expect(readout.locator("caption")).to_have_text(re.compile(r"^After [\d.]+ s$"))
    page.mouse.move(0, 0)
    expect(readout.locator("caption")).to_have_text("Last values")
    trained = readout.locator("tbody").last
    expect(trained).to_contain_text("learning rate 0.01")
    expect(trained).to_contain_text("97.0 %")

    # A name is a button that takes its line away.
    trained.get_by_role("button").click()
    expect(page.get_by_test_id("overlay-chart")).to_have_attribute("data-lines", "1")
    trained.get_by_role("button").click()
    expect(page.get_by_test_id("overlay-chart")).to_have_attribute("data-lines", "2")


def the_run_that_trains_moves_in_place(page: Page, claim: Claim) -> None:
    before = page.evaluate(f"() => {{ {PLOT}.tagged = 'the same'; return Number({CHART}.dataset.points); }}")
    claim.record(points(15, 25), Progress(3, 5, 10, 1_000.0, 5.0))
    page.wait_for_function(f"before => Number({CHART}.dataset.points) > before", arg=before)
    assert page.evaluate(f"{PLOT}.tagged") == "the same"
