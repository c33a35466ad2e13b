"""What goes wrong, in a browser: one click on a failure, its diagnosis while it trains, and the remedy."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import App
from tests.browser.test_train import FIRST_RUN, metric, open_train, stop, train_button


def test_a_failure_is_diagnosed_while_it_trains_and_its_remedy_tried(page: Page, app: App) -> None:
    open_train(page, app)
    gallery = page.get_by_test_id("stExpander").filter(has_text="Break it on purpose: five failures")
    gallery.get_by_text("Break it on purpose: five failures").click()
    gallery.get_by_role("button", name="Dead ReLUs").click()
    # The lesson above the gallery is the last of the page to change: the form is filled in by then. What
    # is typed into it any sooner would bring the settings of before back with it.
    expect(page.get_by_text("Dead ReLUs.", exact=True)).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("10")
    # The gallery stays open, though the page has been drawn anew.
    expect(gallery.get_by_role("button", name="Stalled")).to_be_visible()
    # Long enough to stay alive until its diagnosis has been read. Sent by the press on Train itself.
    page.get_by_role("spinbutton", name="Epochs").fill("200")
    train_button(page).click()
    expect(metric(page, "Epoch")).to_have_text(re.compile("/ 200$"), timeout=FIRST_RUN)
    expect(page.get_by_text("Dead ReLUs: units that never fire")).to_be_visible(timeout=FIRST_RUN)
    expect(page.get_by_text("A learning rate of 0.1 is the likely cause")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Fill in the cure").click()
    expect(page.get_by_text("The settings are filled in: press Train.")).to_be_visible()
    page.wait_for_url("**initializer=he**")
    assert "learning_rate" not in page.url  # the usual one
    stop(page)
    expect(page.get_by_text("Stopped. It reads")).to_be_visible(timeout=FIRST_RUN)
    expect(page.get_by_text("Dead ReLUs: units that never fire")).to_be_visible()
