"""Take the README's pictures from the running app: `.venv/bin/python docs/take_screenshots.py`.

Trains, evaluates and draws as a visitor would; needs the real MNIST and a Chromium.
"""

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from playwright.sync_api import Page, expect  # noqa: E402

from benchmarks.app import chromium, running_app  # noqa: E402
from tests.browser.strokes import LIVE_CANVAS, SEVEN, draw  # noqa: E402

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 120_000


def take(page: Page, name: str) -> None:
    """Save the window as docs/NAME.png once nothing on it moves."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PATIENCE)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    print(f"docs/{name}.png")


def draw_a_seven(page: Page) -> None:
    """Draw on the live canvas, and wait until the server knows it too."""
    expect(page.locator(LIVE_CANVAS)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("live-verdict")).to_have_text(re.compile("canvas is empty"), timeout=PATIENCE)
    draw(page, SEVEN, LIVE_CANVAS)
    expect(page.get_by_text("Why does it read that?")).to_be_visible(timeout=PATIENCE)


def compare_and_tune(page: Page, url: str) -> None:
    """Study a shape, fight a duel, and compare the runs of both."""
    page.goto(f"{url}/tune")
    page.get_by_text("One setting at a time").click()
    page.get_by_role("textbox", name="Share of the images").fill("0.2")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"24 runs, about"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Wide or deep?").click()
    expect(page.get_by_role("heading", name="Wide or deep?")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Finished: 24 runs.")).to_be_visible(timeout=3 * PATIENCE)
    take(page, "tune")
    page.get_by_role("link", name="Compare", exact=True).first.click()
    page.get_by_role("radio", name="Duel").click()
    page.get_by_role("button", name=re.compile("Try it: learning rate")).click()
    page.get_by_role("radio", name="B (learning rate 0.01)").click()
    page.get_by_role("button", name="Start the duel").click()
    expect(page.get_by_text(re.compile("95 % interval"))).to_be_visible(timeout=3 * PATIENCE)
    take(page, "duel")
    page.get_by_role("button", name="Compare its runs").click()
    expect(page.get_by_test_id("overlay-chart").locator(".main-svg").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("10 chosen")).to_be_visible(timeout=PATIENCE)
    take(page, "compare")
    page.get_by_role("radio", name="A against B").click()
    page.get_by_role("radio", name=re.compile("Only B right")).click()
    expect(page.locator(".digit-card").first).to_be_visible(timeout=PATIENCE)
    take(page, "against")


def main() -> None:
    """Take all pictures."""
    with running_app(needs_mnist=True) as app, chromium() as browser:
        light = browser.new_context(viewport=DESKTOP, color_scheme="light")
        page = light.new_page()
        page.goto(app.url)
        page.get_by_role("button", name="Narrowing").click(timeout=PATIENCE)
        expect(page.get_by_text("A narrowing network")).to_be_visible()
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_text(re.compile(r"Training: epoch (9|1\d) of 25"))).to_be_visible(timeout=PATIENCE)
        diagram = page.get_by_test_id("network-diagram")
        expect(diagram).to_have_attribute("data-updates", re.compile("[1-9]"), timeout=PATIENCE)
        take(page, "train")
        expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("slider", name="Epoch").focus()
        page.keyboard.press("Home")
        expect(page.get_by_text("Untrained: its weights are chance.")).to_be_visible(timeout=PATIENCE)
        page.keyboard.press("ArrowRight")
        expect(page.get_by_text(re.compile(r"at the end of epoch \d"))).to_be_visible(timeout=PATIENCE)
        diagram.locator(".unit").nth(30).click()
        expect(page.get_by_test_id("unit-detail")).to_be_visible(timeout=PATIENCE)
        take(page, "back")
        page.get_by_text("How its weights and outputs changed over the epochs").click()
        expect(page.locator(".stPlotlyChart .annotation-text").first).to_be_visible(timeout=PATIENCE)
        # Its head below the bar, which stays where it is.
        page.locator(".stPlotlyChart").evaluate(
            "node => node.closest('[data-testid=stMain]').scrollBy(0, node.getBoundingClientRect().top - 210)"
        )
        take(page, "epochs")
        page.get_by_role("link", name="See its mistakes").click()
        expect(page.locator(".digit-card").first).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".js-plotly-plot .annotation-text")).not_to_have_count(0, timeout=PATIENCE)
        take(page, "evaluate")
        compare_and_tune(light.new_page(), app.url)

        visitor = light.storage_state()
        dark = browser.new_context(viewport=DESKTOP, color_scheme="dark", storage_state=visitor)
        inside = dark.new_page()
        inside.goto(app.url)
        learnt = inside.get_by_test_id("network-diagram")
        expect(learnt).to_have_attribute("data-updates", re.compile("[1-9]"), timeout=PATIENCE)
        take(inside, "inside")
        drawn = dark.new_page()
        drawn.goto(f"{app.url}/draw")
        draw_a_seven(drawn)
        take(drawn, "draw")
        for part in ("Why does it read that?", "Break it: the fewest pixels"):
            drawn.get_by_text(part).click()
        drawn.get_by_role("radiogroup", name="Turn it into").get_by_role(
            "radio", name="3", exact=True
        ).click()
        drawn.get_by_role("button", name="Find the fewest pixels").click()
        expect(drawn.get_by_text(re.compile(r"After\..* (It reads|Probably) a 3"))).to_be_visible(
            timeout=PATIENCE
        )
        drawn.get_by_text("Why does it read that?").evaluate(
            "node => node.closest('[data-testid=stMain]').scrollBy(0, node.getBoundingClientRect().top - 90)"
        )
        drawn.set_viewport_size({"width": 1440, "height": 1500})
        take(drawn, "why")

        german = light.new_page()
        german.goto(f"{app.url}/?lang=de")
        expect(german.get_by_test_id("network-diagram")).to_have_attribute(
            "data-updates", re.compile("[1-9]"), timeout=PATIENCE
        )
        expect(german.get_by_test_id("live-chart").locator(".main-svg").first).to_be_visible(timeout=PATIENCE)
        take(german, "german")

        phone = browser.new_context(viewport=PHONE, has_touch=True, storage_state=visitor)
        small = phone.new_page()
        small.goto(app.url)
        chart = small.get_by_test_id("live-chart")
        expect(chart).to_have_attribute("data-points", re.compile("[1-9]"), timeout=PATIENCE)
        take(small, "phone")
        small.goto(f"{app.url}/draw")
        draw_a_seven(small)
        take(small, "draw_phone")


if __name__ == "__main__":
    main()
