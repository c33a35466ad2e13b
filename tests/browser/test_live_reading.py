"""The canvas that reads live, in Chromium: mouse, finger, keys, a reload, another run, what is sent."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, WebSocket, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.config import HiddenLayer, TrainingConfig
from core.handwriting.mnist_form import to_network_input
from core.handwriting.pen import fitted_ink, parse_strokes
from core.prediction import ready_made
from core.prediction.calibration import calibrated
from core.store import RunStatus
from tests.browser.conftest import App
from tests.browser.strokes import LIVE_CANVAS, ONE, SEVEN, box_of, draw, draw_with_finger, is_whole_above
from tests.browser.test_why import a_finger_changes_pixels
from tests.support.fault_samples import open_store
from tests.support.network_samples import always
from tests.support.serve import wait_until
from tests.support.store_samples import holding

WORKSPACE = "d" * 24
BLANK = "The canvas is empty: draw a digit from 0 to 9."
READS_SEVEN = re.compile("(It reads|Probably) a 7")
ALWAYS_THREE = [0.001] * 3 + [0.991] + [0.001] * 6
PATIENCE = 30.0


@pytest.fixture(scope="module")
def runs(app: App) -> tuple[str, str]:
    """Two runs of a workspace of their own: one that reads digits, and the newest, that reads a 3 in all."""
    store = open_store(app.home)
    made = []
    for network in (ready_made.FILE.read_bytes(), always(ALWAYS_THREE)):
        run = store.create(TrainingConfig(hidden_layers=(HiddenLayer(units=16),)), workspace=WORKSPACE)
        store.claim(run.id, "test")
        (store.folder(run.id) / "network.onnx").write_bytes(network)
        holding(store, run.id, "test").finish(RunStatus.FINISHED, test_accuracy=0.97, test_loss=0.1)
        made.append(run.id)
    return made[0], made[1]


class Sent:
    """The strokes that a page has sent to the server, newest last, and the temperature it was told."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        self.temperature = 1.0
        self._page = page
        page.on("websocket", self._listen)

    def wait_for(self, holds: Callable[[list[str]], bool], what: str) -> None:
        """Wait until `holds` is true of the texts; asking the page lets Playwright hear of them."""
        wait_until(lambda: self._page.evaluate("true") and holds(self.texts), PATIENCE, what)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._hear)
        socket.on("framereceived", self._hear_answer)

    def _hear_answer(self, frame: bytes | str) -> None:
        found = re.search(rb'"temperature": ([0-9.]+)', frame) if isinstance(frame, bytes) else None
        if found:
            self.temperature = float(found[1])

    def _hear(self, frame: bytes | str) -> None:
        message = BackMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
        for widget in message.rerun_script.widget_states.widgets:
            if '"strokes"' in widget.json_value:
                text = json.loads(widget.json_value).get("strokes")
                if text is not None and self.texts[-1:] != [text]:
                    self.texts.append(text)


def open_live(page: Page, app: App, run: str) -> Sent:
    page.context.add_cookies([{"name": "digitlab_workspace", "value": WORKSPACE, "url": app.url}])
    sent = Sent(page)
    page.goto(f"{app.url}/draw?run={run}")
    expect(verdict(page)).to_have_text(BLANK)
    return sent


def verdict(page: Page) -> Any:
    return page.get_by_test_id("live-verdict")


def shares(page: Page) -> list[float]:
    """The ten probabilities as the bars show them."""
    told: list[float] = page.get_by_test_id("live-bars").evaluate(
        "bars => [...bars.children].map(bar => Number(bar.style.getPropertyValue('--share')))"
    )
    return told


def picture(page: Page) -> NDArray[np.uint8]:
    """What the network sees, read back from the page."""
    values = page.get_by_test_id("live-picture").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]"
    )
    return np.array(values, np.uint8).reshape(28, 28, 4)[..., 0]


def is_seen(page: Page, expected: NDArray[np.uint8]) -> bool:
    return np.array_equal(picture(page), expected)


def becomes_other(page: Page, before: NDArray[np.uint8]) -> None:
    wait_until(lambda: not is_seen(page, before), PATIENCE, "another picture")


def becomes(page: Page, expected: NDArray[np.uint8]) -> None:
    wait_until(lambda: is_seen(page, expected), PATIENCE, "the picture of before")


def tool(page: Page, name: str) -> Any:
    return page.get_by_test_id("live-reading").get_by_role("button", name=name, exact=True)


def test_the_mouse_draws_and_is_read_meanwhile_and_the_drawing_stays(page: Page, app: App, runs: Any) -> None:
    """On one page, because to open it costs far more than to draw."""
    sent = open_live(page, app, runs[0])
    the_bars_move_while_the_button_is_down(page, sent)
    the_server_reads_what_the_browser_reads(page, sent)
    tools_and_their_keys_take_back_and_bring_again(page)
    keys_draw_too(page)
    a_step_that_is_left_out_changes_what_is_read(page)
    another_width_changes_what_is_drawn(page, sent)
    what_is_no_digit_is_refused_and_said_so(page)
    two_digits_are_read_as_a_number(page)
    the_drawing_stays_for_another_run_another_page_and_a_reload(page, sent)


def the_bars_move_while_the_button_is_down(page: Page, sent: Sent) -> None:
    box = box_of(page.locator(LIVE_CANVAS))
    (start, *rest) = SEVEN[0]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, *rest)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=6)
    expect(verdict(page)).not_to_have_text(BLANK)
    after_the_bar = shares(page)
    assert sum(after_the_bar) == pytest.approx(1, abs=0.01)
    for place in places[2:]:
        page.mouse.move(*place, steps=6)
    expect(verdict(page)).to_have_text(READS_SEVEN)
    assert shares(page) != after_the_bar
    assert sent.texts == []  # all this without the server
    page.mouse.up()
    expect(page.get_by_role("status").filter(has_text=READS_SEVEN)).to_have_count(1)
    assert "100" not in verdict(page).inner_text()


def the_server_reads_what_the_browser_reads(page: Page, sent: Sent) -> None:
    sent.wait_for(bool, "strokes that are sent")
    seen = to_network_input(fitted_ink(parse_strokes(sent.texts[-1])))
    shown = picture(page)
    assert np.abs(shown.astype(int) - seen).max() <= 1
    raw = ready_made.ready_made_network().predict(shown[np.newaxis]).probabilities[0]
    expected = calibrated(raw, sent.temperature)
    np.testing.assert_allclose(shares(page), expected, atol=1.5e-4)


def tools_and_their_keys_take_back_and_bring_again(page: Page) -> None:
    seven = picture(page)
    draw(page, ONE, LIVE_CANVAS)
    becomes_other(page, seven)
    both = picture(page)
    tool(page, "Undo").click()
    becomes(page, seven)
    tool(page, "Redo").click()
    becomes(page, both)
    page.keyboard.press("Control+z")
    becomes(page, seven)
    page.keyboard.press("Control+y")
    becomes(page, both)
    page.keyboard.press("Control+z")
    expect(tool(page, "Undo")).to_have_attribute("title", "Undo (Ctrl+Z)")
    page.keyboard.press("e")
    expect(tool(page, "Eraser")).to_have_attribute("aria-pressed", "true")
    draw(page, [[(0.2, 0.17), (0.8, 0.17)]], LIVE_CANVAS)
    becomes_other(page, seven)
    page.keyboard.press("Control+z")
    becomes(page, seven)
    page.keyboard.press("p")
    expect(tool(page, "Eraser")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Delete")
    expect(verdict(page)).to_have_text(BLANK)
    assert max(shares(page)) == 0
    assert not picture(page).any()
    page.keyboard.press("Control+z")
    becomes(page, seven)
    tool(page, "Clear").click()
    expect(verdict(page)).to_have_text(BLANK)
    tool(page, "Undo").click()
    becomes(page, seven)


def keys_draw_too(page: Page) -> None:
    seven = picture(page)
    tool(page, "Clear").click()
    canvas = page.locator(LIVE_CANVAS)
    canvas.press("ArrowUp")  # brings the cross to the middle
    for key in ("Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowUp", "Space"):
        canvas.press(key)
    for _time in range(6):
        canvas.press("Shift+ArrowDown")
    expect(verdict(page)).to_have_text(re.compile(" a 1"))
    canvas.press("Space")
    canvas.press("Shift+ArrowRight")  # the pen is lifted
    canvas.press("Control+z")
    expect(verdict(page)).to_have_text(BLANK)  # that was all one stroke
    canvas.press("Control+z")
    becomes(page, seven)


def a_step_that_is_left_out_changes_what_is_read(page: Page) -> None:
    tool(page, "Clear").click()
    draw(page, [[(0.3 + x / 3, y / 3) for x, y in SEVEN[0]]], LIVE_CANVAS)  # small, and near the edge
    expect(verdict(page)).to_have_text(re.compile("%|can't"))
    seven, before, changed = picture(page), shares(page), []
    for name in ("Scaled", "Centred", "Cropped"):
        switch = page.get_by_role("switch", name=name)
        switch.click()
        expect(switch).to_have_attribute("aria-checked", "false")
        becomes_other(page, seven)
        changed.append(shares(page) != before)
        switch.click()
        becomes(page, seven)
        assert shares(page) == before
    assert any(changed)
    for _time in range(2):  # the stroke, and the clearing
        page.keyboard.press("Control+z")
    expect(verdict(page)).to_have_text(READS_SEVEN)


def another_width_changes_what_is_drawn(page: Page, sent: Sent) -> None:
    seven = picture(page)
    slider = page.get_by_role("slider", name="Stroke width")
    usual = slider.input_value()
    slider.press("End")
    becomes_other(page, seven)
    wide = picture(page)
    assert wide.sum() > 1.2 * seven.sum()
    sent.wait_for(
        lambda texts: bool(texts) and json.loads(texts[-1])["strokes"][0]["width"] == 0.16,
        "the wide stroke to be sent",
    )
    slider.fill(usual)
    becomes(page, seven)


def what_is_no_digit_is_refused_and_said_so(page: Page) -> None:
    tool(page, "Clear").click()
    draw(page, [[(0.2, 0.15), (0.8, 0.85)], [(0.8, 0.15), (0.2, 0.85)]], LIVE_CANVAS)
    expect(verdict(page)).to_have_text("I can't read this.")
    expect(page.get_by_role("status").filter(has_text="It looks like no digit")).to_have_count(1)
    two_strokes_and_the_clearing_are_taken_back(page)


def two_digits_are_read_as_a_number(page: Page) -> None:
    tool(page, "Clear").click()
    draw(page, [[(0.15, 0.2), (0.15, 0.8)], [(0.5, 0.2), (0.85, 0.2), (0.6, 0.8)]], LIVE_CANVAS)
    expect(verdict(page)).to_have_text("It reads 17")
    expect(page.locator(".boxed li")).to_have_count(2)
    two_strokes_and_the_clearing_are_taken_back(page)
    expect(page.locator(".boxed li")).to_have_count(0)


def two_strokes_and_the_clearing_are_taken_back(page: Page) -> None:
    for _time in range(3):
        page.keyboard.press("Control+z")
    expect(verdict(page)).to_have_text(READS_SEVEN)


def the_drawing_stays_for_another_run_another_page_and_a_reload(page: Page, sent: Sent) -> None:
    seven, before = picture(page), shares(page)
    page.get_by_test_id("stSelectbox").first.click()
    page.get_by_role("option").first.click()  # the newest
    expect(verdict(page)).to_have_text(re.compile(r"^[^7]* a 3\b"))
    becomes(page, seven)
    page.go_back()
    expect(verdict(page)).to_have_text(READS_SEVEN)
    assert shares(page) == before
    page.get_by_role("link", name="Evaluate").click()
    expect(page.get_by_role("heading", name="Evaluate")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(verdict(page)).to_have_text(READS_SEVEN)
    becomes(page, seven)
    del sent.texts[:]
    page.reload()
    expect(verdict(page)).to_have_text(READS_SEVEN)
    becomes(page, seven)
    sent.wait_for(bool, "the new session to be told of the drawing")


def test_a_finger_draws_on_a_phone_where_the_verdict_stands_above_it_and_changes_pixels(
    phone_page: Page, app: App, runs: tuple[str, str]
) -> None:
    page = phone_page
    open_live(page, app, runs[0])
    the_whole_canvas_is_in_sight(page)
    canvas = page.locator(LIVE_CANVAS)
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollBy(0, 200)")
    draw_with_finger(page, SEVEN, LIVE_CANVAS)
    expect(verdict(page)).to_have_text(READS_SEVEN)
    expect(verdict(page)).to_be_in_viewport()
    above, below = verdict(page).bounding_box(), canvas.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] + 0.15 * below["height"] > above["y"] + above["height"]
    # The finger has drawn and not moved the page.
    assert box_of(canvas) == below
    for name in ("Pen", "Eraser", "Undo", "Redo", "Clear"):
        size = tool(page, name).bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    a_finger_changes_pixels(page)


def the_whole_canvas_is_in_sight(phone_page: Page) -> None:
    """Also where the browser's own bars leave 664 lines of the 844, as on many phones."""
    labels, pages = phone_page.locator(".st-key-labels"), phone_page.locator(".st-key-bottom_bar")
    canvas, bars = phone_page.locator(LIVE_CANVAS), phone_page.get_by_test_id("live-bars")
    for height, seen, below in ((664, canvas, pages), (844, bars, labels)):
        phone_page.set_viewport_size({"width": 390, "height": height})
        wait_until(partial(is_whole_above, seen, below), 20.0, f"all to be in sight of {height} lines")


def test_a_browser_that_cannot_fetch_the_weights_is_sent_them(
    other_page: Page, app: App, runs: tuple[str, str], page_errors: list[str]
) -> None:
    other_page.route("**/app/static/weights/*", lambda route: route.fulfill(status=404))
    open_live(other_page, app, runs[0])
    draw(other_page, SEVEN, LIVE_CANVAS)
    expect(verdict(other_page)).to_have_text(READS_SEVEN)
    page_errors[:] = [error for error in page_errors if "404" not in error]
    # One that cannot even load the program has the simple canvas.
    other_page.route("**/app/static/live_reading-*/*.js", lambda route: route.abort())
    other_page.reload()
    expect(other_page.get_by_text("this is the simple one")).to_be_visible()
    expect(other_page.locator("canvas.upper-canvas")).to_be_visible()
    page_errors.clear()
