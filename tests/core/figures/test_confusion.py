"""What the confusion figure and the digit cards show, and that colours leave the numbers readable."""

import io
import json

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from core.figures.charts.confusion import confusion_figure, confusion_info, confusion_matrix_figure
from core.figures.html.digits import digit_cards, digit_cards_info, picture_png
from core.figures.palette import NEUTRAL, RIGHT, WRONG

DIGITS = tuple("0123456789")
# Background and text of Streamlit's light and dark themes.
THEMES = {"light": ("#FFFFFF", "#31333F"), "dark": ("#0E1117", "#FAFAFA")}


@pytest.fixture
def confusion() -> np.ndarray:
    """Counts: 4 is read as 9 in 10 of 200 images, nothing else is wrong; there is no 0."""
    counts = np.diag(np.full(10, 100)).astype(np.int64)
    counts[0, 0] = 0
    counts[4, 4], counts[4, 9] = 190, 10
    return counts


def test_counts_and_colours(confusion: np.ndarray) -> None:
    info = confusion_info(confusion, DIGITS)
    assert info.numbers[4].tolist() == ["·", "·", "·", "·", "190", "·", "·", "·", "·", "10"]
    assert info.right[4, 4] == 0.95
    assert info.wrong[4, 9] == 1  # 5 % of a row is the strongest
    assert np.count_nonzero(~np.isnan(info.right)) == 9  # nine classes have images
    assert np.count_nonzero(~np.isnan(info.wrong)) == 1
    assert info.hover[4, 9] == "4 read as 9 (wrong):<br>10 images, 5.0 % of all 4"


def test_row_percent(confusion: np.ndarray) -> None:
    info = confusion_info(confusion, DIGITS, percent=True)
    assert info.read_as == "Read as (percent of row)"
    assert (info.numbers[4, 4], info.numbers[4, 9], info.numbers[3, 3]) == ("95.0", "5.0", "100")
    assert info.numbers[0, 0] == "·"


def test_each_cell_is_a_square_that_knows_its_place(confusion: np.ndarray) -> None:
    figure = confusion_matrix_figure(confusion, DIGITS)
    targets = figure.data[-1]
    assert isinstance(targets, go.Scatter)
    assert targets.marker.opacity == 0
    # As the browser gets it: a list of lists, true by row from the top, predicted by column.
    drawn = json.loads(figure.to_json())["data"][-1]
    assert drawn["customdata"] == [[true, read] for true in range(10) for read in range(10)]
    assert list(zip(targets.y, targets.x, strict=True)) == [tuple(pair) for pair in drawn["customdata"]]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.layout.xaxis.title.text == "Read as (number of images)"
    assert figure.layout.yaxis.title.text == "True"
    assert [note.text for note in figure.layout.annotations][49] == "10"


def test_the_frame_is_around_the_selected_cell(confusion: np.ndarray) -> None:
    info = confusion_info(confusion, DIGITS)
    assert not confusion_figure(info).layout.shapes
    (frame,) = confusion_figure(info, selected=(4, 9)).layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (8.5, 9.5, 3.5, 4.5)
    assert frame.line.color == WRONG
    assert confusion_figure(info, selected=(3, 3)).layout.shapes[0].line.color == RIGHT


def test_an_empty_matrix_is_still_a_titled_figure() -> None:
    figure = confusion_matrix_figure(np.zeros((10, 10), dtype=np.int64), DIGITS)
    assert figure.layout.xaxis.title.text
    assert {note.text for note in figure.layout.annotations} == {"·"}


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_are_readable_on_the_strongest_colours(confusion: np.ndarray, theme: str) -> None:
    background, text = (_rgb(colour) for colour in THEMES[theme])
    for trace in confusion_matrix_figure(confusion, DIGITS).data[:2]:
        red, green, blue, alpha = (float(part) for part in trace.colorscale[-1][1][5:-1].split(","))
        cell = alpha * np.array([red, green, blue]) + (1 - alpha) * background
        assert _contrast(cell, text) >= 4.5  # WCAG 2.2, success criterion 1.4.3


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], dtype=float)


def _contrast(one: np.ndarray, other: np.ndarray) -> float:
    def luminance(colour: np.ndarray) -> float:
        share = colour / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_cards_tell_the_likeliest_classes_and_the_true_one() -> None:
    row = np.array([0.5, 0.3, 0.1, 0.06, 0.04, 0, 0, 0, 0, 0], dtype=np.float32)
    image = np.arange(784, dtype=np.uint16).reshape(28, 28).astype(np.uint8)
    (card,) = digit_cards_info(np.array([17]), image[None], np.array([4], np.uint8), row[None], DIGITS)
    assert (card.number, card.true, card.read_as) == (17, "4", "0")
    assert [chance.name for chance in card.chances] == ["0", "1", "2", "4"]
    assert [chance.colour for chance in card.chances] == [WRONG, NEUTRAL, NEUTRAL, RIGHT]
    assert card.chances[0].percent == pytest.approx(50)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(card.png))), image)
    html = digit_cards([card])
    assert "Really <b>4</b>, read as <b>0</b>" in html
    assert "50.0 %" in html
    assert "image-rendering: pixelated" in html


def test_class_names_cannot_become_markup() -> None:
    names = ("<b>", *DIGITS[1:])
    row = np.eye(10, dtype=np.float32)[:1]
    image = np.zeros((1, 28, 28), np.uint8)
    html = digit_cards(digit_cards_info(np.array([0]), image, np.array([0], np.uint8), row, names))
    assert "Really <b>&lt;b&gt;</b>" in html
    assert picture_png(image[0]).startswith(b"\x89PNG")
