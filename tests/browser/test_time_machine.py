"""Looking inside a run of one's own, back through its epochs, and training on from one of them."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App
from tests.browser.test_train import FIRST_RUN, SMALL, open_train, train_button, wait_for_curve


def labels(diagram: Locator) -> list[str]:
    found: list[str] = diagram.locator(".unit").evaluate_all(
        "units => units.map(u => u.getAttribute('aria-label'))"
    )
    return found


def test_the_network_is_seen_learning_led_back_and_trained_on_from_there(page: Page, app: App) -> None:
    open_train(page, app, **SMALL, epochs="8")
    train_button(page).click()
    wait_for_curve(page)
    diagram = page.get_by_test_id("network-diagram")
    expect(diagram).to_have_attribute("data-updates", re.compile(r"^[1-9]"), timeout=FIRST_RUN)
    assert diagram.locator(".unit").count() == 16 + 10
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    right = page.get_by_text("Finished. It reads").locator("strong").first.text_content()
    words = page.get_by_text(re.compile(r"As it was at the end of epoch \d+\."))
    expect(words).to_have_text("As it was at the end of epoch 8.")
    ended = labels(diagram)

    page.get_by_role("slider", name="Epoch").focus()
    page.keyboard.press("ArrowLeft")
    # Not every one of epochs so short is kept; on a busy machine perhaps none but the untrained network.
    moment = page.get_by_text(re.compile(r"at the end of epoch [1-7]\.|Untrained: its weights are chance"))
    expect(moment).to_be_visible()
    kept = re.findall(r"\d+", moment.inner_text())
    epoch, here = (kept[0], f"epoch {kept[0]}") if kept else ("0", "the untrained network")
    page.wait_for_url(re.compile(f"at_epoch={epoch}"))
    assert labels(diagram) != ended
    expect(page.get_by_text(f"Looked back at: epoch {epoch}.")).to_have_count(1)
    # A unit is looked into as it was then.
    diagram.locator(".unit").first.click()
    expect(page.get_by_test_id("unit-detail")).to_contain_text("after relu")

    # All its epochs beside each other, for who unfolds them.
    page.get_by_text("How its weights and outputs changed over the epochs").click()
    expect(page.locator(".stPlotlyChart .annotation-text").first).to_be_visible()
    titles = page.locator(".stPlotlyChart .annotation-text").all_text_contents()
    assert titles == ["Layer 1 · Weights", "Layer 1 · Outputs", "Output · Weights", "Output · Outputs"]
    expect(page.locator(".stPlotlyChart")).to_contain_text("untrained")

    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("textbox", name="Name of this run").fill("the one I keep")
    page.keyboard.press("Enter")
    expect(page.locator(".run-status")).to_contain_text("the one I keep")
    page.keyboard.press("Escape")

    page.get_by_role("button", name=f"Train on from {here}").click()
    expect(page.get_by_role("link", name=re.compile(rf"Goes on from {here} of run #\d+"))).to_be_visible(
        timeout=FIRST_RUN
    )
    # Unchanged, it ends as the run did that it goes on from.
    again = page.get_by_text("Finished. It reads").locator("strong").first
    expect(again).to_have_text(right or "", timeout=FIRST_RUN)
    page.get_by_role("link", name=re.compile(f"Goes on from {here}")).click()
    expect(page.get_by_role("button", name=f"Train on from {here}")).to_have_count(0)
