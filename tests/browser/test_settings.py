"""The settings of the folded sections: set by hand, kept by the address, obeyed by the run."""

import re
from urllib.parse import parse_qsl, urlparse

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import App
from tests.browser.test_train import FIRST_RUN, metric, open_train, train_button
from tests.support.serve import wait_until

# What the test does with widgets, as the address tells it.
CHOSEN = {
    "learning_rate_schedule": "cosine",
    "warm_up_epochs": "0.5",
    "gradient_clipping": "5.0",
    "initializer": "he",
    "batch_normalization": "true",
    "early_stopping": "loss",
    "patience": "2",
    "restore_best": "false",
    "stop_at_accuracy": "0.4",
    "l1": "1e-05",
    "label_smoothing": "0.02",
    "label_noise": "0.1",
    "training_fraction": "0.1",
    "augmentation_shift": "1.0",
    "augmentation_rotation": "3.0",
}
SECTIONS = ("Optimizer and first weights", "Against learning by heart", "Distort the images")


def unfold(page: Page, title: str) -> None:
    section = page.get_by_test_id("stExpander").filter(has=page.locator("summary").filter(has_text=title))
    section.locator("summary").click()
    # A list that is opened meanwhile would be closed again.
    section.evaluate(
        "node => Promise.allSettled(node.getAnimations({subtree: true}).map((one) => one.finished))"
    )


def choose(page: Page, label: str, option: str) -> None:
    pick(page, page.get_by_role("combobox", name=label), option)


def pick(page: Page, box: Locator, name: str) -> None:
    """Choose from a list; a page that is drawn anew at that moment closes it, and it is opened again."""
    option = page.get_by_role("option", name=name)

    def is_open() -> bool:
        if not option.is_visible():
            box.click()
        return option.is_visible()

    wait_until(is_open, 30, f"the list with “{name}”")
    option.click()


def fill(page: Page, label: str, number: str) -> None:
    # Whole numbers have the browser's own field, decimal ones are text.
    box = page.get_by_role("spinbutton", name=label).or_(page.get_by_role("textbox", name=label))
    box.fill(number)
    box.press("Enter")


def push(page: Page, label: str, steps: int) -> None:
    slider = page.get_by_role("slider", name=label)
    for _ in range(steps):
        before = slider.input_value()
        slider.press("ArrowRight")
        # Streamlit's slider goes back to what it has told the server if the next key comes before that shows.
        expect(slider).not_to_have_value(before)


def switch(page: Page, label: str) -> None:
    page.get_by_test_id("stCheckbox").filter(has_text=label).locator("label").click()


def settings_in_address(page: Page) -> dict[str, str]:
    """Return what the address says beside the run on show."""
    said = dict(parse_qsl(urlparse(page.url).query))
    return {name: text for name, text in said.items() if name != "run"}


def address_of(settings: dict[str, str]) -> dict[str, str]:
    """Return what stands in the address: all but MNIST, the usual dataset."""
    return {name: text for name, text in settings.items() if (name, text) != ("dataset", "mnist")}


def test_settings_are_set_by_hand_kept_by_the_address_and_obeyed(
    page: Page, other_page: Page, app: App
) -> None:
    given = {"hidden_layers": "16-tanh-0.2,12-gelu", "optimizer": "sgd", "momentum": "0.5"}
    given["learning_rate"] = "0.1"
    for each in (page, other_page):
        each.set_viewport_size({"width": 1440, "height": 3000})  # scrolling would close an open list
    open_train(page, app, epochs="7", **given)
    expect(page.get_by_role("spinbutton", name="Units", exact=True)).to_have_value("16")
    expect(page.get_by_role("spinbutton", name="Units of layer 2")).to_have_value("12")
    fill(page, "Epochs", "4")
    page.wait_for_url(re.compile("epochs=4"))
    assert settings_in_address(page) == address_of({"dataset": app.dataset, "epochs": "4"} | given)

    unfold(page, "Optimizer and first weights")
    choose(page, "Learning rate over the run", "Cosine")
    fill(page, "Warm-up epochs", "0,5")
    fill(page, "Gradient clipping", "5")
    choose(page, "First weights", "He: fits relu")
    switch(page, "Batch normalization")
    unfold(page, "Against learning by heart")
    choose(page, "Early stopping", "Validation loss")
    fill(page, "Patience", "2")
    switch(page, "Go back to the best epoch")
    fill(page, "Stop at validation accuracy", "0.4")
    fill(page, "L1 penalty", "0.00001")
    push(page, "Label smoothing", 2)
    push(page, "Wrong labels", 2)
    fill(page, "Share of the training images", "0.1")
    unfold(page, "Distort the images")
    push(page, "Shift", 2)
    push(page, "Rotation", 3)

    page.wait_for_url(re.compile("augmentation_rotation=3"))
    wanted = address_of({"dataset": app.dataset, "epochs": "4"} | given | CHOSEN)
    assert settings_in_address(page) == wanted

    # Another browser knows nothing but the address.
    other_page.goto(page.url)
    page = other_page
    expect(train_button(page)).to_be_enabled(timeout=FIRST_RUN)
    assert settings_in_address(page) == wanted
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("4")
    expect(page.get_by_role("textbox", name="Dropout", exact=True)).to_have_value("0.2")
    for title in SECTIONS:
        unfold(page, f"{title} ·")
    # Folded as before: nothing in it was changed.
    expect(page.get_by_text("Data and chance", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Learning rate over the run")).to_have_value(
        re.compile("Cosine")
    )
    expect(page.get_by_role("spinbutton", name="Patience")).to_have_value("2")
    expect(page.get_by_role("slider", name="Rotation")).to_have_value("3")

    train_button(page).click()
    expect(page.get_by_text("and 40 % was wanted")).to_be_visible(timeout=FIRST_RUN)
    expect(metric(page, "Epoch")).to_have_text(re.compile("^[1-3] / 4$"))


def test_settings_outlive_a_press_before_the_browser_can_show_them(page: Page, app: App) -> None:
    given = {
        "hidden_layers": "16-tanh-0.2",
        "epochs": "2",
        "optimizer": "sgd",
        "momentum": "0.5",
        "batch_normalization": "true",
        "label_encoding": "one-hot",
        "training_fraction": "0.1",
    }
    waiting: list[Route] = []
    page.route(
        re.compile("/(NumberInput|TextInput|Selectbox|Slider|Checkbox|ButtonGroup)[^/]*js$"),
        lambda route: waiting.append(route),
    )
    open_train(page, app, **given)
    train_button(page).click()
    expect(page.get_by_text("Finished. It reads")).to_be_visible(timeout=FIRST_RUN)
    expect(metric(page, "Epoch")).to_have_text("2 / 2")
    assert waiting, "Streamlit's files have other names now"
    for route in waiting:
        route.continue_()
    page.unroute_all()
    fill(page, "Batch size", "50")
    page.wait_for_url(re.compile("batch_size=50"))
    wanted = address_of({"dataset": app.dataset, "batch_size": "50"} | given)
    assert settings_in_address(page) == wanted
