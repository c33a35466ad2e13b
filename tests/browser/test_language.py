"""The language of the page in a browser: its own at first, another by a press, kept over a reload."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, App
from tests.browser.test_settings import pick, unfold

GERMAN, ENGLISH = "Bring einem Netz Ziffern bei", "Train a network to read digits"


def choose(page: Page, language: str) -> None:
    page.locator(".st-key-language button:visible").click()
    page.locator(".st-key-language_switch").get_by_text(language, exact=True).click()
    page.keyboard.press("Escape")


def test_a_german_browser_gets_german_and_may_choose_english(app: App, chromium: Browser) -> None:
    with chromium.new_context(viewport=DESKTOP, locale="de-DE") as context:
        page = context.new_page()
        page.goto(app.url)
        expect(page.locator("h1")).to_have_text(GERMAN)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(".st-key-train button")).to_be_enabled()
        unfold(page, "Optimierer und Anfangsgewichte")
        optimizer = page.locator(".st-key-form_optimizer input")
        pick(page, optimizer, "SGD mit Momentum")
        expect(page.locator(".st-key-form_momentum")).to_be_visible()

        choose(page, "English")
        expect(page.locator("h1")).to_have_text(ENGLISH)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        # What was chosen stays chosen, in the words of the new language.
        expect(optimizer).to_have_value("SGD with momentum")
        expect(page).to_have_url(re.compile(r"optimizer=sgd.*lang=en"))

        page.goto(f"{app.url}/draw")  # another session, whose address says nothing
        expect(page.get_by_role("heading", name="Draw", level=1)).to_be_visible()
        page.goto(f"{app.url}/?lang=de")
        expect(page.locator("h1")).to_have_text(GERMAN)
