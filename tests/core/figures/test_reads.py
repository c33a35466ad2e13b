"""What A reads by what B reads, as a chart, and the cards of what both have read."""

import re

import numpy as np

from core.evaluation.against import against
from core.figures.charts.reads import reads_figure, reads_info
from core.figures.html.pairs import pair_cards, pair_cards_info
from core.figures.palette import NEUTRAL, READING, RIGHT, WRONG

NAMES = tuple("0123456789")


def some_reads() -> np.ndarray:
    reads = np.diag(np.arange(1_000, 1_010))
    reads[4, 9], reads[9, 4] = 8, 2
    return reads


def test_disagreements_have_colours_by_their_number() -> None:
    info = reads_info(some_reads(), NAMES)
    (agreed, grey), (disagreed, purple) = info.layers
    assert (grey, purple) == (NEUTRAL, READING)
    assert len(set(np.diag(agreed))) == 1
    assert np.isfinite(agreed).sum() == 10
    assert (disagreed[4, 9], disagreed[9, 4]) == (1, 0.25)
    assert np.isfinite(disagreed).sum() == 2
    assert (info.numbers[4, 9], info.numbers[5, 5], info.numbers[1, 2]) == ("8", "1,005", "·")
    assert info.hover[4, 9] == "A reads 4, B reads 9:<br>8 images"


def test_every_cell_can_be_pressed_and_the_one_chosen_has_a_frame() -> None:
    figure = reads_figure(some_reads(), NAMES, selected=(4, 9))
    squares = figure.data[-1]
    assert len(squares.customdata) == 100
    assert list(squares.customdata[49]) == [4, 9]
    frame = figure.layout.shapes[0]
    assert (frame.x0, frame.y0, frame.line.color) == (8.5, 3.5, READING)
    assert figure.layout.yaxis.title.text == "Read by A as"
    assert not reads_figure(np.zeros((10, 10), np.int64), NAMES).layout.shapes


def test_a_card_tells_what_each_reads_and_how_surely() -> None:
    a, b = np.full((2, 10), 0.01, np.float32), np.full((2, 10), 0.05, np.float32)
    a[1, 9], b[1, 4] = 0.91, 0.55
    images = np.zeros((2, 28, 28), np.uint8)
    (card,) = pair_cards_info(np.array([1]), against(a, b, np.array([0, 4], np.uint8)), images, NAMES)
    assert (card.number, card.true) == (1, "4")
    assert (card.by_a.name, card.by_a.colour, round(card.by_a.percent)) == ("9", WRONG, 91)
    assert (card.by_b.name, card.by_b.colour, round(card.by_b.percent)) == ("4", RIGHT, 55)
    html = pair_cards([card])
    assert 'alt="Test image 1: 4, A reads 9, B reads 4"' in html
    assert re.findall("<span>(.*?)</span>", html) == ["A ✗ 9", "91.0 %", "B ✓ 4", "55.0 %"]
