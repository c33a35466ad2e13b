"""What a pen drew, as strokes: their form in JSON, and the ink that they leave.

pages/parts/draw/live_reading/pen.js does the same in the browser, operation by operation in float64, so that
both leave the same ink to the last bit; tests/browser/test_live_arithmetic.py holds one against the other.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from core.errors import PictureError
from core.sentences import say

INK_CANVAS = 280
"""Pixels on a side of the ink: ten for each of the network's picture."""

MAX_STROKES = 200
MAX_POINTS = 20_000
MIN_WIDTH, MAX_WIDTH = 0.005, 0.4
# Of the canvas' side: what the middle of the lines of MNIST's digits fills of their field, the box of 20
# pixels without the pen's width. Who draws so large has the whole pen.
USUAL_SIZE = 18 / 28
# A smaller pen would leave a line of five pixels, of which the edge is as wide as the rest.
_LEAST_SHARE = 0.25
# In so many steps, so that who draws in small and goes on has few of them.
_STEPS_OF_SHARE = 16
# A pointer that is held goes on beyond the canvas.
LOWEST_PLACE, HIGHEST_PLACE = -1.0, 2.0
DECIMALS = 4
# A number takes seven characters, a comma one; the rest is for what stands around them.
MAX_CHARACTERS = 3 * 8 * MAX_POINTS + 100 * MAX_STROKES
# Half a second of work. A digit takes a hundredth of it; only strokes made up by a program take more.
MAX_PIXELS_TOUCHED = 40_000_000

_AGAIN = say("Clear the canvas and draw again.")


@dataclass(frozen=True, eq=False)
class Stroke:
    """What the pen drew from putting it down to lifting it.

    Attributes
    ----------
    points
        float32 (n, 3), n at least 1: x and y in 0…1 of the canvas' side, y pointing down (a pointer may
        leave the canvas a little); and the pressure, 0…1, 0.5 where the pointer has none.
    width
        Of the pen, as a share of the canvas' side, at the pressure 0.5.
    is_eraser
        Whether it takes ink away.
    """

    points: NDArray[np.float32]
    width: float
    is_eraser: bool = False


class _StrokeForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    width: FiniteFloat
    eraser: bool = False
    points: Annotated[list[FiniteFloat], Field(min_length=3, max_length=3 * MAX_POINTS)]


class _DrawingForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    strokes: list[_StrokeForm]


def parse_strokes(text: str) -> tuple[Stroke, ...]:
    """Return the strokes that a JSON text holds; nothing of it is trusted.

    Parameters
    ----------
    text
        `{"strokes": [{"width": 0.08, "eraser": false, "points": [x0, y0, p0, x1, y1, p1, …]}]}`

    Raises
    ------
    PictureError
        If it is anything else, has more than 200 strokes or 20,000 points, or a number out of bounds.
    """
    if len(text) > MAX_CHARACTERS:
        raise PictureError(
            say(
                "The drawing has {count} characters; at most {most} are read. {advice}",
                count=f"{len(text):,}",
                most=f"{MAX_CHARACTERS:,}",
                advice=_AGAIN,
            )
        )
    try:
        forms = _DrawingForm.model_validate_json(text).strokes
    except ValidationError as error:
        raise PictureError(
            say("The drawing did not arrive as the canvas sends it. Clear the canvas and draw again.")
        ) from error
    if len(forms) > MAX_STROKES:
        raise PictureError(
            say(
                "The drawing has {count} strokes; at most {most} are read. {advice}",
                count=f"{len(forms):,}",
                most=MAX_STROKES,
                advice=_AGAIN,
            )
        )
    count = sum(len(form.points) for form in forms) // 3
    if count > MAX_POINTS:
        raise PictureError(
            say(
                "The drawing has {count} points; at most {most} are read. {advice}",
                count=f"{count:,}",
                most=f"{MAX_POINTS:,}",
                advice=_AGAIN,
            )
        )
    return tuple(_checked(form) for form in forms)


def strokes_json(strokes: Sequence[Stroke]) -> str:
    """Return strokes as `parse_strokes` reads them, numbers rounded to four decimals."""
    forms = [
        {
            "width": round(float(stroke.width), DECIMALS),
            "eraser": stroke.is_eraser,
            "points": [round(number, DECIMALS) for number in stroke.points.ravel().tolist()],
        }
        for stroke in strokes
    ]
    return json.dumps({"strokes": forms}, separators=(",", ":"))


def share_of_pen(strokes: Sequence[Stroke]) -> float:
    """Return how much smaller a pen goes with what is drawn in small, as a share of its width, 0.25…1.

    A digit of half the usual size has strokes twice as thick for its size, and once it fills 20 pixels it
    looks like none of MNIST's. It is read as if it was drawn in the usual size, with the same pen.
    """
    drawn = [stroke.points[:, :2] for stroke in strokes if not stroke.is_eraser]
    if not drawn:
        return 1.0
    places = np.concatenate(drawn).astype(np.float64).clip(0, 1)
    size = float((places.max(axis=0) - places.min(axis=0)).max())
    return max(_LEAST_SHARE, min(1.0, ceil(size * _STEPS_OF_SHARE / USUAL_SIZE) / _STEPS_OF_SHARE))


def fitted_ink(strokes: Sequence[Stroke]) -> NDArray[np.float32]:
    """Return the ink of a drawing that is to be read: `strokes_to_ink` with a pen as small as it is."""
    return strokes_to_ink(strokes, share_of_pen(strokes))


def strokes_to_ink(strokes: Sequence[Stroke], pen: float = 1.0) -> NDArray[np.float32]:
    """Return the ink that strokes leave, one after another.

    A stroke is a chain of segments with round ends. How much of a pixel is inked is told from its centre's
    distance to the segment: all of it where that is half a pixel less than the pen's radius, nothing where
    it is half a pixel more, evenly in between. The radius goes with the pressure, from half the pen's to
    one and a half, evenly along a segment.

    Parameters
    ----------
    pen
        By which the pen's widths are multiplied, see `share_of_pen`; not those of the eraser.

    Returns
    -------
    float32 (280, 280), 0 = paper, 1 = ink.

    Raises
    ------
    PictureError
        If this would take more than about half a second.
    """
    ink = np.zeros((INK_CANVAS, INK_CANVAS), np.float32)
    touched = 0
    for stroke in strokes:
        for segment in _segments(stroke, pen):
            touched += _add_segment(ink, *segment, is_eraser=stroke.is_eraser)
            if touched > MAX_PIXELS_TOUCHED:
                raise PictureError(
                    say(
                        "The drawing has too many long, thick lines on top of each other to be read in time. "
                        "{advice}",
                        advice=_AGAIN,
                    )
                )
    return ink


def _checked(form: _StrokeForm) -> Stroke:
    if not MIN_WIDTH <= form.width <= MAX_WIDTH:
        raise PictureError(
            say(
                "A stroke is {width} of the canvas wide; it must be from {least} to {most}. {advice}",
                width=f"{form.width:g}",
                least=MIN_WIDTH,
                most=MAX_WIDTH,
                advice=_AGAIN,
            )
        )
    if len(form.points) % 3:
        raise PictureError(
            say(
                "A stroke has {count} numbers; each point must have three, x, y and pressure. {advice}",
                count=f"{len(form.points):,}",
                advice=_AGAIN,
            )
        )
    points = np.array(form.points, np.float64).reshape(-1, 3)
    outside = points[
        (points < (LOWEST_PLACE, LOWEST_PLACE, 0)) | (points > (HIGHEST_PLACE, HIGHEST_PLACE, 1))
    ]
    if outside.size:
        raise PictureError(
            say(
                "A point of the drawing has the value {value}; places must be from {least} to {most}, "
                "pressures from 0 to 1. {advice}",
                value=f"{outside[0]:g}",
                least=f"{LOWEST_PLACE:g}",
                most=f"{HIGHEST_PLACE:g}",
                advice=_AGAIN,
            )
        )
    return Stroke(points.astype(np.float32), form.width, form.eraser)


def _segments(stroke: Stroke, pen: float) -> list[tuple[float, float, float, float, float, float]]:
    """Return x, y and radius at both ends of each segment, in pixels: first a dot, where it begins."""
    points = stroke.points.astype(np.float64)
    width = stroke.width if stroke.is_eraser else stroke.width * pen
    points[:, 2] = (points[:, 2] + 0.5) * (width * INK_CANVAS / 2)
    points[:, :2] *= INK_CANVAS
    ends = points.tolist()
    return [(*start, *end) for start, end in zip(ends[:1] + ends, ends, strict=False)]


def _add_segment(
    ink: NDArray[np.float32],
    from_x: float,
    from_y: float,
    from_radius: float,
    to_x: float,
    to_y: float,
    to_radius: float,
    *,
    is_eraser: bool,
) -> int:
    """Draw or rub out one segment; return how many pixels had to be looked at."""
    reach = max(from_radius, to_radius) + 0.5
    left = max(0, ceil(min(from_x, to_x) - reach - 0.5))
    right = min(INK_CANVAS, floor(max(from_x, to_x) + reach - 0.5) + 1)
    top = max(0, ceil(min(from_y, to_y) - reach - 0.5))
    bottom = min(INK_CANVAS, floor(max(from_y, to_y) + reach - 0.5) + 1)
    if left >= right or top >= bottom:
        return 0
    length_x, length_y = to_x - from_x, to_y - from_y
    squared = length_x * length_x + length_y * length_y
    along_x = length_x / squared if squared else 0.0
    along_y = length_y / squared if squared else 0.0
    x = np.arange(left, right) + 0.5 - from_x
    y = (np.arange(top, bottom) + 0.5 - from_y)[:, np.newaxis]
    # Where along the segment the nearest point lies, 0…1.
    along = x * along_x + y * along_y
    np.maximum(along, 0.0, out=along)
    np.minimum(along, 1.0, out=along)
    away_x = x - along * length_x
    away_y = y - along * length_y
    away_x *= away_x
    away_y *= away_y
    away_x += away_y
    np.sqrt(away_x, out=away_x)
    along *= to_radius - from_radius
    along += from_radius + 0.5
    along -= away_x
    np.maximum(along, 0.0, out=along)
    np.minimum(along, 1.0, out=along)
    part = ink[top:bottom, left:right]
    if is_eraser:
        np.minimum(part, 1.0 - along, out=part, casting="same_kind")
    else:
        np.maximum(part, along, out=part, casting="same_kind")
    return along.size
