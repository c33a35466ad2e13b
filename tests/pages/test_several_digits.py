"""The Draw page with several digits: a number, a page of them, the camera."""

import re

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.handwriting.mnist_form import to_network_input
from core.handwriting.segments import Box, Segment, segments
from core.handwriting.upload import read_upload
from core.prediction.ready_made import ready_made_network
from core.prediction.refusal import digits_refusal
from pages.parts.draw.several import UNREAD, Number, read_lines, read_number, show_several
from pages.parts.draw.upload import Reading
from pages.parts.shared import state
from pages.parts.shared.canvas.drawing import Drawing
from pages.parts.shared.judging import Judging
from tests.pages.test_draw import click, open_page, stroke
from tests.support.non_digits import scribble
from tests.support.number_samples import number_ink, page_of_digits
from tests.support.picture_samples import file_of, ink_of, picture_of, seven


def test_seventeen_is_two_digits_in_boxes_and_the_weakest_is_named(home):
    app = open_page()
    app.button_group(key=state.PICTURE_SOURCE).set_value("Upload a picture").run()
    shown = picture_of(number_ink((1, 7), 40, np.random.default_rng(0)))
    app.file_uploader(key=state.upload(0)).set_value(("seventeen.png", file_of(shown), "image/png")).run()
    assert app.header[0].value == "It reads 17"
    assert any("There is more than one digit" in one.value for one in app.markdown)
    (boxes,) = [one.proto.body for one in app.get("html") if 'class="boxed"' in one.proto.body]
    assert re.findall(r"<b>(.)</b>", boxes) == ["1", "7"]
    assert boxes.count('<li class="weakest"') == 1
    assert not app.code


def test_a_page_is_shown_as_lines_of_text(home):
    app = open_page()
    app.button_group(key=state.PICTURE_SOURCE).set_value("Upload a picture").run()
    shown, labels = page_of_digits(3, 6, 1)
    app.file_uploader(key=state.upload(0)).set_value(("page.jpg", file_of(shown, "JPEG"), "image/jpeg")).run()
    assert app.header[0].value == "It reads 18 digits in 3 lines"
    assert app.code[0].value.replace(" ", "").splitlines() == ["".join(map(str, row)) for row in labels]


def test_a_number_has_a_canvas_of_its_own_and_one_digit_there_is_read_as_one(home):
    number = Drawing(
        [{"type": "Path"}], file_of(picture_of(number_ink((2, 5), 30, np.random.default_rng(1))))
    )
    app = open_page()
    app.session_state[state.WIDE_DRAWING] = number
    app.button_group(key=state.PICTURE_SOURCE).set_value("A number").run()
    assert not app.exception
    assert app.header[0].value == "It reads 25"
    click(app, "Clear")
    assert "draw a number" in app.info[-1].value
    app.session_state[state.WIDE_DRAWING] = Drawing([{"type": "Path"}], stroke())
    app.run()
    assert "sure" in app.header[0].value
    app.button_group(key=state.PICTURE_SOURCE).set_value("Simple canvas").run()
    assert "canvas is empty: draw a digit" in app.info[-1].value


def test_the_camera_is_there_when_chosen_and_not_before(home):
    app = open_page()
    assert not app.get("camera_input")
    app.button_group(key=state.PICTURE_SOURCE).set_value("Camera").run()
    assert [one.proto.label for one in app.get("camera_input")] == ["Photograph your digits"]
    assert "in front of the camera" in app.info[-1].value
    app.session_state[state.READING] = Reading(read_upload(file_of(picture_of(ink_of(seven))), "camera.jpg"))
    app.run()
    assert not app.get("camera_input")  # the photo is in its place
    assert "a 7" in app.header[0].value
    click(app, "Remove")
    assert app.get("camera_input")


def test_a_wide_gap_parts_two_numbers():
    def digit(left: int, row: int) -> Segment:
        return Segment(Box(50 * row, left, 50 * row + 40, left + 20), np.ones((40, 20), np.float32), row)

    digits = [digit(0, 0), digit(30, 0), digit(100, 0), digit(0, 1)]
    assert read_lines(digits, list("1234")) == ["12 3", "4"]


def read(pictures: np.ndarray) -> tuple[Number, NDArray[np.float32], tuple[Segment, ...]]:
    """Return what the network that comes along reads in pictures (n, 28, 28), enlarged, side by side."""
    inks = (np.kron(picture, np.ones((3, 3))).astype(np.float32) / 255 for picture in pictures)
    gap = np.zeros((84, 18), np.float32)
    parts = [gap, *(part for ink in inks for part in (ink[:, ink.max(axis=0) > 0.2], gap))]
    ink = np.pad(np.hstack(parts), 20)
    found = segments(ink)
    judging = Judging(1.0, digits_refusal(), "", is_digits=True)
    return read_number(ready_made_network(), judging, found, list("0123456789")), ink, found


def test_a_box_with_no_digit_is_marked_and_not_read(monkeypatch: pytest.MonkeyPatch):
    shown: list[str] = []
    monkeypatch.setattr(st, "html", shown.append)
    digit, other = to_network_input(ink_of(seven)), scribble(np.random.default_rng(3))
    number, ink, found = read(np.stack([digit, other, digit]))
    assert number.names == ("7", UNREAD, "7")
    assert number.shares[1] is None
    assert number.weakest in (0, 2)
    assert number.verdict == "It reads 7?7"
    assert "One box looks like no digit that it has learnt" in number.in_words
    show_several(number, ink, found, with_verdict=False)
    assert re.findall(r"<b>(.)</b>", shown[0]) == ["7", UNREAD, "7"]
    assert re.search(r'<li class="unread"[^>]* title="\?: can&#x27;t read this">', shown[0])
    nothing, _, _ = read(np.stack([other, other]))
    assert (nothing.verdict, nothing.weakest) == ("I can't read this.", None)
    assert nothing.in_words.startswith("2 boxes look like no digit")


@pytest.mark.mnist
def test_of_digits_in_numbers_hardly_one_is_refused(mnist: Dataset):
    shares = [share for row in range(0, 500, 5) for share in read(mnist.test_images[row : row + 5])[0].shares]
    assert len(shares) > 475  # a few are found in two parts, or two as one
    assert shares.count(None) <= 0.01 * len(shares)
