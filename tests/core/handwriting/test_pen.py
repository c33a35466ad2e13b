"""Strokes: their text is checked, and their ink is what distances to segments say."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import PictureError
from core.handwriting import pen
from core.handwriting.mnist_form import to_network_input
from core.handwriting.pen import (
    INK_CANVAS,
    Stroke,
    fitted_ink,
    parse_strokes,
    share_of_pen,
    strokes_json,
    strokes_to_ink,
)
from tests.support.pen_samples import random_strokes, stroke

CENTRES = (np.arange(INK_CANVAS) + 0.5) / INK_CANVAS


def text_of(**changed: Any) -> str:
    return json.dumps({"strokes": [{"width": 0.1, "eraser": False, "points": [0.5, 0.5, 0.5], **changed}]})


def sampled(strokes: tuple[Stroke, ...]) -> NDArray[np.float64]:
    """Return the ink as many dots along each segment leave it, by another way than the module's."""
    ink = np.zeros((INK_CANVAS, INK_CANVAS))
    for each in strokes:
        for start, end in zip(each.points[[0, *range(len(each.points) - 1)]], each.points, strict=True):
            for share in np.linspace(0, 1, 200):
                x, y, pressure = (1 - share) * start.astype(float) + share * end
                distance = np.hypot(CENTRES - x, (CENTRES - y)[:, None]) * INK_CANVAS
                covered = np.clip(each.width / 2 * INK_CANVAS * (0.5 + pressure) + 0.5 - distance, 0, 1)
                ink = np.minimum(ink, 1 - covered) if each.is_eraser else np.maximum(ink, covered)
    return ink


def test_a_dot_is_a_disc_of_the_pens_width() -> None:
    ink = strokes_to_ink([stroke((0.5, 0.25), width=0.2)])
    assert ink.dtype == np.float32
    assert ink.sum() == pytest.approx(np.pi * 28**2, rel=2e-3)
    rows, columns = np.nonzero(ink)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (42, 97, 112, 167)


def test_a_line_is_as_long_and_as_wide_as_it_was_drawn() -> None:
    ink = strokes_to_ink([stroke((0.2, 0.5), (0.8, 0.5), width=0.1)])
    np.testing.assert_allclose(ink[:, 140], np.abs(np.arange(280) - 139.5) < 14)
    np.testing.assert_allclose(ink[140].sum(), 0.6 * 280 + 28, atol=0.1)


@pytest.mark.parametrize(("pressure", "wide"), [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)])
def test_pressure_makes_the_line_thinner_and_thicker(pressure: float, wide: float) -> None:
    ink = strokes_to_ink([stroke((0.2, 0.5, pressure), (0.8, 0.5, pressure), width=0.1)])
    assert ink[:, 140].sum() == pytest.approx(wide * 28, abs=1e-4)


def test_ink_is_what_many_dots_along_the_segments_leave() -> None:
    strokes = (
        stroke((0.2, 0.3, 0.1), (0.7, 0.6, 0.9), (0.3, 0.8, 0.5), width=0.07),
        stroke((0.1, 0.9), (0.8, 0.4), width=0.05, is_eraser=True),
        stroke((0.4, 0.4), width=0.03),
    )
    assert np.abs(strokes_to_ink(strokes) - sampled(strokes)).max() < 0.06


@pytest.mark.parametrize(
    ("size", "share"), [(1.2, 1.0), (0.65, 1.0), (18 / 56, 0.5), (0.2, 5 / 16), (0.0, 0.25)]
)
def test_who_draws_in_small_has_a_smaller_pen(size: float, share: float) -> None:
    small = stroke((0.1, 0.1), (0.1, 0.1 + size))
    rubber = stroke((0.0, 0.9), (1.0, 0.9), is_eraser=True)
    assert share_of_pen([small, rubber]) == share
    np.testing.assert_array_equal(
        fitted_ink([small, rubber]),
        strokes_to_ink([stroke((0.1, 0.1), (0.1, 0.1 + size), width=0.08 * share), rubber]),
    )


def test_without_ink_nothing_is_fitted() -> None:
    assert share_of_pen([]) == 1.0
    assert share_of_pen([stroke((0.5, 0.5), is_eraser=True)]) == 1.0


def test_a_digit_is_the_same_picture_in_half_the_size() -> None:
    """Nearly: the edge of a line is as wide for a small pen as for a large one."""

    def four(size: float) -> list[Stroke]:
        lines = [(0.4, 0.0), (0.0, 0.6), (0.7, 0.6)], [(0.55, 0.3), (0.5, 1.0)]
        return [stroke(*((0.2 + size * x, 0.2 + size * y) for x, y in line), width=0.065) for line in lines]

    usual = to_network_input(fitted_ink(four(18 / 28))).astype(int)
    fitted, unfitted = (
        np.abs(to_network_input(ink).astype(int) - usual).sum()
        for ink in (fitted_ink(four(9 / 28)), strokes_to_ink(four(9 / 28)))
    )
    assert fitted < unfitted / 5


def test_an_eraser_takes_away_what_was_there_before_and_nothing_that_comes_after() -> None:
    line, rubber = stroke((0.1, 0.5), (0.9, 0.5)), stroke((0.5, 0.1), (0.5, 0.9), is_eraser=True)
    rubbed = strokes_to_ink([line, rubber])
    assert rubbed[140, 140] == 0
    assert rubbed[140, 60] == 1
    assert strokes_to_ink([rubber]).max() == 0
    np.testing.assert_array_equal(strokes_to_ink([line, rubber, line]), strokes_to_ink([line]))


@pytest.mark.parametrize("seed", range(60))
def test_any_strokes_give_ink_between_0_and_1_and_come_back_from_their_text(seed: int) -> None:
    strokes = random_strokes(np.random.default_rng(seed))
    text = strokes_json(strokes)
    parsed = parse_strokes(text)
    assert strokes_json(parsed) == text
    for mine, theirs in zip(parsed, strokes, strict=True):
        np.testing.assert_allclose(mine.points, theirs.points, atol=0.5001e-4)
        assert (mine.width, mine.is_eraser) == (theirs.width, theirs.is_eraser)
    ink = strokes_to_ink(parsed)
    assert ink.shape == (280, 280)
    assert np.isfinite(ink).all()
    assert ink.min() >= 0
    assert ink.max() <= 1


def test_no_stroke_is_no_ink() -> None:
    assert parse_strokes('{"strokes": []}') == ()
    assert strokes_to_ink(()).max() == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "did not arrive as the canvas sends it"),
        ("[]", "did not arrive"),
        ('{"strokes": 3}', "did not arrive"),
        (text_of(colour="red"), "did not arrive"),
        (text_of(points=["0.5", 0.5, 0.5]), "did not arrive"),
        (text_of(points=[]), "did not arrive"),
        (text_of(points=[float("nan"), 0, 0]), "did not arrive"),
        (text_of(points=[0.5, 1e999, 0.5]), "did not arrive"),
        (text_of(width=float("inf")), "did not arrive"),
        (text_of(points=[0.1, 0.2, 0.5, 0.7]), "has 4 numbers"),
        (text_of(points=[0.1, 2.5, 0.5]), "has the value 2.5; places must be from -1 to 2"),
        (text_of(points=[0.1, 0.5, 1.5]), "has the value 1.5"),
        (text_of(points=[0.1, 0.5, -0.1]), "pressures from 0 to 1"),
        (text_of(width=0.5), "is 0.5 of the canvas wide; it must be from 0.005 to 0.4"),
        (text_of(width=0), "is 0 of the canvas wide"),
        ('{"strokes": [' + ",".join(["{}"] * 3) + "]}", "did not arrive"),
        (json.dumps({"strokes": [json.loads(text_of())["strokes"][0]] * 201}), "201 strokes; at most 200"),
        (text_of(points=[0.5] * 60_003), "did not arrive"),
        (
            json.dumps({"strokes": [{"width": 0.1, "points": [0.5] * 30_003}] * 2}),
            "20,002 points; at most 20,000",
        ),
        (" " * 600_000, "600,000 characters"),
        ("[" * 100_000, "did not arrive"),
    ],
)
def test_what_no_canvas_sends_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(PictureError, match=sentence) as refused:
        parse_strokes(text)
    assert str(refused.value).endswith("Clear the canvas and draw again.")


def test_strokes_that_would_take_long_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pen, "MAX_PIXELS_TOUCHED", 65_000)
    strokes_to_ink([stroke((0.1, 0.1), (0.9, 0.9))])
    with pytest.raises(PictureError, match="too many long, thick lines"):
        strokes_to_ink([stroke((0.1, 0.1), (0.9, 0.9), (0.1, 0.9))])
