"""The Draw page in Chromium without the live canvas: mouse, finger and a file; undo, clear, return."""

import io
import re

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.strokes import BARS, CANVAS, ONE, SEVEN, choose_simple_canvas, draw, draw_with_finger
from tests.support.number_samples import number_ink
from tests.support.picture_samples import file_of, picture_of
from tests.support.serve import wait_until

BLANK = "The canvas is empty: draw a digit from 0 to 9."
PATIENCE = 20.0
VERDICT = re.compile(r"(It reads|Probably) .*%|I can't read this")


def open_draw(page: Page, app, run) -> None:
    page.goto(f"{app.url}/draw?run={run.id}")
    choose_simple_canvas(page)
    expect(page.get_by_text(BLANK)).to_be_visible()


def verdict(page: Page):
    return page.get_by_role("heading", name=VERDICT)


def inked_pixels(page: Page) -> int:
    """Number of black pixels on the canvas itself."""
    return page.locator("canvas.dc-canvas.lower-canvas").evaluate(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let i = 0; i < data.length; i += 4) if (data[i] < 128 && data[i + 3] > 128) count++;
            return count;
        }"""
    )


def seen_picture(page: Page) -> np.ndarray:
    """The 28×28 picture that the page shows, read back from its pixels."""
    values = page.get_by_alt_text("The picture that the network sees").evaluate(
        """image => {
            const canvas = document.createElement("canvas");
            canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            return [canvas.height, canvas.width,
                    ...context.getImageData(0, 0, canvas.width, canvas.height).data];
        }"""
    )
    return np.array(values[2:]).reshape(values[0], values[1], 4)[..., 0]


def test_the_mouse_draws_takes_back_clears_and_finds_its_drawing_again(page, app, finished_run):
    """On one page, because to open it costs far more than to draw."""
    open_draw(page, app, finished_run)
    a_seven_is_read_as_a_seven(page)
    clear(page)
    the_whole_canvas_takes_strokes_and_its_own_toolbar_is_out_of_the_way(page)
    clear(page)
    undo_takes_the_last_stroke_back_and_clear_all(page)
    clear(page)
    the_drawing_is_there_again_after_another_page(page)
    clear(page)
    a_wider_pen_leaves_more_ink_and_what_is_drawn_stays(page)


def button(page: Page, name: str):
    """The page's own button: the canvas has such ones too, which are hidden."""
    return page.locator('[data-testid="stButton"]').get_by_role("button", name=name)


def clear(page: Page) -> None:
    button(page, "Clear").click()
    expect(page.get_by_text(BLANK)).to_be_visible()
    expect(page.locator(BARS)).to_have_count(0)
    wait_until(lambda: inked_pixels(page) == 0, PATIENCE, "the canvas to be white again")


def a_seven_is_read_as_a_seven(page: Page) -> None:
    draw(page, SEVEN)
    expect(page.get_by_role("heading", name=re.compile("(It reads|Probably) a 7"))).to_be_visible()
    rows = page.locator(f"{BARS} li")
    expect(rows).to_have_count(10)
    shares = [float(text) for text in re.findall(r"(\d+(?:\.\d)?) %", page.locator(BARS).inner_text())]
    assert len(shares) == 10
    assert abs(sum(shares) - 100) < 1.5
    seen = seen_picture(page)
    assert seen.shape == (28, 28)
    rows_with_ink = np.flatnonzero(seen.any(axis=1))
    assert rows_with_ink[-1] - rows_with_ink[0] + 1 == 20
    expect(page.get_by_text(BLANK)).to_be_hidden()


def undo_takes_the_last_stroke_back_and_clear_all(page: Page) -> None:
    undo = button(page, "Undo")
    expect(undo).to_be_disabled()
    draw(page, ONE)
    expect(verdict(page)).to_be_visible()
    one, one_ink = page.locator(BARS).inner_text(), inked_pixels(page)
    draw(page, [[(0.2, 0.5), (0.8, 0.5)]])
    expect(page.locator(BARS)).not_to_have_text(one, use_inner_text=True)
    assert inked_pixels(page) > one_ink
    undo.click()
    expect(page.locator(BARS)).to_have_text(one, use_inner_text=True)
    wait_until(lambda: inked_pixels(page) == one_ink, PATIENCE, "the canvas to have one stroke again")
    clear(page)
    draw(page, ONE)
    expect(page.locator(BARS)).to_have_text(one, use_inner_text=True)


def a_wider_pen_leaves_more_ink_and_what_is_drawn_stays(page: Page) -> None:
    draw(page, [[(0.2, 0.3), (0.2, 0.7)]])
    expect(verdict(page)).to_be_visible()
    usual, bars = inked_pixels(page), page.locator(BARS).inner_text()
    page.get_by_role("button", name="Pen", exact=True).click()
    page.get_by_role("slider", name="Stroke width").press("End")
    page.keyboard.press("Escape")
    expect(page.get_by_role("slider", name="Stroke width")).to_be_hidden()

    def leaves_a_wide_stroke() -> bool:
        draw(page, [[(0.2, 0.3), (0.5, 0.7)]])  # from the other on: two strokes apart are two digits
        expect(page.locator(BARS)).not_to_have_text(bars, use_inner_text=True)
        if inked_pixels(page) > 2.5 * usual:
            return True
        button(page, "Undo").click()
        expect(page.locator(BARS)).to_have_text(bars, use_inner_text=True)
        return False

    # Nothing on the page tells when the canvas has been given its new pen.
    wait_until(leaves_a_wide_stroke, PATIENCE, "a stroke as wide as the pen")


def the_drawing_is_there_again_after_another_page(page: Page) -> None:
    draw(page, SEVEN)
    expect(verdict(page)).to_be_visible()
    bars, ink = page.locator(BARS).inner_text(), inked_pixels(page)
    page.get_by_role("link", name="Evaluate").click()
    expect(page.get_by_role("heading", name="Evaluate")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(page.locator(BARS)).to_have_text(bars, use_inner_text=True)
    wait_until(lambda: inked_pixels(page) == ink, PATIENCE, "the drawing to be on the canvas again")
    draw(page, [[(0.3, 0.5), (0.7, 0.5)]])
    expect(page.locator(BARS)).not_to_have_text(bars, use_inner_text=True)


def the_whole_canvas_takes_strokes_and_its_own_toolbar_is_out_of_the_way(page: Page) -> None:
    expect(page.locator(".dc-toolbar")).to_be_hidden()
    draw(page, [[(0.97, 0.02), (0.6, 0.03), (0.4, 0.9)]])
    expect(verdict(page)).to_be_visible()


def test_a_finger_draws_on_a_phone_and_nothing_scrolls_sideways(phone_page, app, finished_run):
    open_draw(phone_page, app, finished_run)
    draw_with_finger(phone_page, SEVEN)
    expect(phone_page.get_by_role("heading", name=re.compile("(It reads|Probably) a 7"))).to_be_visible()
    expect(phone_page.get_by_role("heading", name=VERDICT)).to_be_in_viewport()
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone_page.evaluate(SIDEWAYS) == []
    phone_page.get_by_text("A number", exact=True).click()
    expect(phone_page.get_by_text("draw a number, its digits side by side")).to_be_visible()
    expect(phone_page.locator(CANVAS)).to_have_count(1)  # the other stays until the page has been drawn
    wait_until(lambda: box_of_canvas(phone_page)["width"] <= 390, PATIENCE, "the wide canvas to fit")
    draw_with_finger(phone_page, [[(0.7, 0.2), (0.7, 0.8)], [(0.9, 0.2), (0.9, 0.8)]])
    expect(phone_page.get_by_role("heading", name="It reads 11")).to_be_visible()
    expect(phone_page.locator(".boxed li")).to_have_count(2)
    boxes = phone_page.locator(".boxed li").evaluate_all(
        "boxes => boxes.map((box) => parseFloat(box.style.left))"
    )
    assert [abs(left - expected) < 4 for left, expected in zip(boxes, (68, 88), strict=True)] == [True, True]
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390


def box_of_canvas(page: Page) -> dict[str, float]:
    return page.locator(CANVAS).bounding_box() or {"width": 1_000.0}


# The camera of no machine is asked; how often it would have been is counted.
_COUNT_CAMERA = """
window.camerasAsked = 0;
navigator.mediaDevices.getUserMedia = () => {
    window.camerasAsked += 1;
    return Promise.reject(new DOMException("no camera", "NotAllowedError"));
};
"""


def test_uploaded_digits_are_read_and_the_camera_is_asked_only_when_chosen(page, app, finished_run):
    page.add_init_script(_COUNT_CAMERA)
    open_draw(page, app, finished_run)
    page.get_by_text("Upload a picture").click()
    is_read = page.get_by_role("heading", name=re.compile("(It reads|Probably) a 7"))
    for paper, pen in ((235, 30), (20, 230)):
        picture = Image.new("L", (400, 300), paper)
        ImageDraw.Draw(picture).line([(120, 60), (250, 60), (170, 250)], fill=pen, width=24, joint="curve")
        file = io.BytesIO()
        picture.save(file, "JPEG")
        upload(page, f"seven-on-{paper}.jpg", "image/jpeg", file.getvalue())
        expect(is_read).to_be_visible()
        upload(page, "text.png", "image/png", b"this is text")
        expect(page.get_by_text("“text.png” cannot be read")).to_be_visible()
        expect(is_read).to_be_hidden()
    number = picture_of(number_ink((1, 7), 40, np.random.default_rng(0)))
    upload(page, "seventeen.png", "image/png", file_of(number))
    boxes_lie_around_the_digits_of_the_picture(page)
    assert page.evaluate("window.camerasAsked") == 0
    button(page, "Remove").click()
    page.get_by_text("Camera", exact=True).click()
    wait_until(lambda: page.evaluate("window.camerasAsked") > 0, PATIENCE, "the camera to be asked")


def boxes_lie_around_the_digits_of_the_picture(page: Page) -> None:
    expect(page.get_by_role("heading", name=re.compile("It reads \\d\\d"))).to_be_visible()
    boxes = page.locator(".boxed li")
    expect(boxes).to_have_count(2)
    shown = page.locator(".boxed img").bounding_box()
    one, seven = (boxes.nth(number).bounding_box() for number in range(2))
    assert shown["x"] < one["x"] < one["x"] + one["width"] < seven["x"] + 2
    assert seven["x"] + seven["width"] < shown["x"] + shown["width"]
    assert 0.5 < one["height"] / shown["height"] < 0.75


def upload(page: Page, name: str, mime_type: str, content: bytes) -> None:
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": mime_type, "buffer": content}
    )


SIDEWAYS = """() => [...document.querySelectorAll("section *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.offsetParent)
    .map((element) => element.outerHTML.slice(0, 120))"""
