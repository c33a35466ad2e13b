"""Pause, resume, single steps, stop and more epochs in a browser, with a real worker."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import App
from tests.browser.test_train import FIRST_RUN, SMALL, metric, open_train, train_button, train_slowly
from tests.support.serve import wait_until


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def place(page: Page) -> tuple[int, int]:
    """Return the epoch and the step that the page tells."""
    words = [metric(page, label).text_content() or "" for label in ("Epoch", "Step")]
    epoch, step = (int(word.split("/")[0].replace(",", "")) for word in words)
    return epoch, step


def wait_until_paused(page: Page, after: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """Wait until the run is paused later than at an epoch and step; return its own."""
    resume = page.get_by_role("button", name="Resume", exact=True)
    expect(resume).to_be_visible(timeout=FIRST_RUN)
    # A step of a small network may be over before the page is drawn again: Resume need not go away meanwhile.
    wait_until(lambda: resume.is_visible() and place(page) > after, FIRST_RUN / 1_000, "the run to pause")
    return place(page)


def test_pause_step_resume_and_stop(page: Page, app: App) -> None:
    train_slowly(page, app)
    press(page, "Pause")
    paused_at = wait_until_paused(page)
    page.reload()  # it stays where it was
    assert wait_until_paused(page) == paused_at
    press(page, "Step")
    after_chunk = wait_until_paused(page, paused_at)
    press(page, "One epoch")
    epoch, step = wait_until_paused(page, after_chunk)
    expect(metric(page, "Step")).to_have_text(re.compile(rf"^{step:,} / {step:,}$"))
    press(page, "Resume")
    expect(metric(page, "Epoch")).not_to_have_text(re.compile(rf"^{epoch} /"), timeout=FIRST_RUN)
    press(page, "Pause")
    wait_until_paused(page)
    press(page, "Stop")
    expect(page.get_by_text("Stopped. It reads")).to_be_visible(timeout=FIRST_RUN)


def test_a_finished_run_is_trained_for_more_epochs_and_one_begun_anew_is_shown_at_once(
    page: Page, app: App
) -> None:
    open_train(page, app, epochs="1", **SMALL)
    train_button(page).click()
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    press(page, "Train 5 more epochs")
    expect(page.get_by_text("Finished. It reads")).to_be_hidden()
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    expect(metric(page, "Epoch")).to_have_text("6 / 6")
    # Both ways to begin again are there.
    for name in ("Repeat exactly", "Repeat with other luck"):
        expect(page.get_by_role("button", name=name)).to_be_enabled()
    press(page, "Repeat exactly")
    expect(page.get_by_role("combobox", name="Your runs")).to_be_visible()
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    expect(page.locator(".run-status")).to_contain_text("#2")
