"""What all can read: contrast of every text in light and dark, and headings that step down one level."""

import re
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.conftest import App, FinishedRun
from tests.browser.strokes import LIVE_CANVAS

# WCAG 2.2, success criterion 1.4.3: 4.5, and 3 for large text; what is disabled is exempt.
PALE_TEXTS = """() => {
  const parse = (text) => {
    const part = (text.match(/[\\d.]+/g) || []).map(Number);
    const scale = text.startsWith("color(srgb") ? 255 : 1;
    return [part[0] * scale, part[1] * scale, part[2] * scale, part.length > 3 ? part[3] : 1];
  };
  const over = (front, back) =>
    front.slice(0, 3).map((value, i) => value * front[3] + back[i] * (1 - front[3]));
  const background = (element) => {
    const layers = [];
    // A slider's value stands above its knob.
    for (let one = element.closest("[data-testid=stSlider]") ?? element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((back, layer) => over(layer, back), [255, 255, 255]);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pale = [];
  const main = document.querySelector("[data-testid=stMain]");
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, words = walker.currentNode.textContent.trim();
    if (!words || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest("style, script, svg, [disabled], [aria-disabled=true]")) continue;
    if (element.closest("[role=img], [data-testid=stIconMaterial]")) continue;
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element), back = background(element), front = parse(style.color);
    for (let one = element; one; one = one.parentElement) front[3] *= Number(getComputedStyle(one).opacity);
    const [a, b] = [luminance(over(front, back)), luminance(back)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const enough = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    if (contrast < enough) pale.push(`${contrast.toFixed(2)} ${style.color} ${words.slice(0, 60)}`);
  }
  return pale;
}"""
LEVELS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"""
TITLES = {
    "": "Train a network – Digit Lab",
    "evaluate": "Evaluate: where a network is wrong – Digit Lab",
    "draw": "Draw: let a network read your digits – Digit Lab",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_and_says_what_it_is_for(
    page: Page, app: App, finished_run: FinishedRun, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{app.url}/?run={finished_run.id}")
    for path, title in TITLES.items():
        if path:
            page.get_by_role("link", name=path.title(), exact=True).click()
            page.wait_for_url(f"**/{path}?*run={finished_run.id}*")
        expect(page).to_have_title(title)
        wait_for(page, path)
        assert pale_texts(page) == [], f"/{path} in {scheme}"
        assert violations(page) == [], f"/{path} in {scheme}"
        levels = page.evaluate(LEVELS)
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels
        if path == "":
            hover(page, "Train")
            assert pale_texts(page) == [], f"below the mouse in {scheme}"


def hover(page: Page, name: str) -> None:
    """Rest the mouse on a button until it has the colours of that."""
    button = page.get_by_role("button", name=name, exact=True)
    colour = button.evaluate("node => getComputedStyle(node).backgroundColor")
    button.hover()
    expect(button).not_to_have_css("background-color", colour)
    button.evaluate("node => Promise.allSettled(node.getAnimations().map((one) => one.finished))")


def pale_texts(page: Page) -> Any:
    """Return the texts that stay pale: what is being drawn anew is so for a moment."""
    with suppress(TimeoutError):
        page.wait_for_function(f"() => ({PALE_TEXTS})().length === 0", timeout=30_000)
    return page.evaluate(PALE_TEXTS)


def violations(page: Page) -> list[str]:
    """Return what axe-core finds against the rules of accessibility, with the place of each."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def wait_for(page: Page, path: str) -> None:
    """Wait until the last thing of a page is there."""
    if path == "":
        expect(page.get_by_text("Licence: ")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=60_000)
        expect(page.get_by_role("button", name="Share")).to_be_visible(timeout=60_000)
        expect(page.get_by_test_id("live-chart").locator(".main-svg").first).to_be_visible()
    elif path == "evaluate":
        expect(page.get_by_text("F1: precision and recall")).to_be_visible(timeout=60_000)
    else:
        expect(page.locator(LIVE_CANVAS)).to_have_attribute("aria-label", re.compile("^Canvas"))
        expect(page.get_by_test_id("live-verdict")).to_have_text(re.compile("draw"))
