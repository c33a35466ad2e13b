"""A drawing on the canvas becomes ink; what no canvas sends is refused."""

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.handwriting.strokes import MAX_DRAWING_BYTES, canvas_to_ink, drawing_to_ink
from tests.support.picture_samples import file_of, ink_of, picture_of, seven


def test_a_canvas_gives_the_same_ink_on_paper_of_any_colour_or_none():
    ink = ink_of(seven)
    grey = np.round(ink * 255).astype(np.uint8)
    full = np.full_like(grey, 255)
    white_paper = np.dstack([255 - grey, 255 - grey, 255 - grey, full])
    black_paper = np.dstack([grey, grey, grey, full])
    transparent = np.dstack([0 * grey, 0 * grey, 0 * grey, grey])
    for rgba in (white_paper, black_paper, transparent):
        np.testing.assert_allclose(canvas_to_ink(rgba), ink, atol=0.003)
    blank = np.full((280, 280, 4), 255, np.uint8)
    assert canvas_to_ink(blank).max() == 0


def test_a_drawing_that_arrives_as_a_png_is_read():
    ink = ink_of(seven)
    found = drawing_to_ink(file_of(picture_of(ink, paper=1, pen=0)))
    np.testing.assert_allclose(found, ink, atol=0.003)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"text",
        file_of(Image.new("L", (280, 280)), "JPEG"),
        file_of(Image.new("L", (641, 10))),
        file_of(Image.new("L", (5, 5))) + bytes(MAX_DRAWING_BYTES),
        file_of(Image.new("L", (280, 280)))[:60],
    ],
    ids=["empty", "text", "jpeg", "too wide", "too many bytes", "truncated"],
)
def test_what_no_canvas_sends_is_refused_in_a_sentence(sent):
    with pytest.raises(PictureError, match="Clear the canvas and draw again"):
        drawing_to_ink(sent)
