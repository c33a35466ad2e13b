"""A picture with the pixels marked that speak for a digit and against it; the same in words and numbers."""

import io
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from core.figures.palette import AGAINST, FOR, NEUTRAL
from core.sentences import say

PLACES = (
    (say("top left"), say("top middle"), say("top right")),
    (say("middle left"), say("centre"), say("middle right")),
    (say("bottom left"), say("bottom middle"), say("bottom right")),
)
# Rows and columns where a ninth of the picture begins; the last is its end.
_THIRDS = (0, 9, 19, 28)
# Of all that speaks: a place with less is not named in words.
_WORTH_NAMING = 0.05
_MOST_NAMED = 3
# How bright full ink is where nothing speaks.
_INK = 0.45
# Weak values are lifted, so that they can be told from nothing.
_LIFT = 0.7

_STYLE = f"""<style>
.speaking {{ display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: flex-start; }}
.speaking img {{ display: block; width: min(280px, 100%); aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px; border: 1px solid {NEUTRAL}66; }}
.speaking ul {{ list-style: none; margin: 0 0 10px; padding: 0; }}
.speaking i {{ display: inline-block; width: 0.9em; height: 0.9em; margin-right: 6px;
  border: 1px solid {NEUTRAL}; border-radius: 3px; vertical-align: -0.1em; }}
.speaking table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.875rem; }}
.speaking caption {{ text-align: left; padding-bottom: 4px; }}
.speaking td {{ border: 1px solid {NEUTRAL}66; padding: 2px 8px; text-align: right; }}
.speaking td span {{ display: block; font-size: 0.8rem; text-align: left; }}
</style>"""


@dataclass(frozen=True, eq=False)
class SpeakingInfo:
    """What is to be shown of one digit.

    Attributes
    ----------
    png
        28×28 pixels in colour.
    places
        float64 (3, 3): how much of all that speaks, either way, is in each ninth of the picture; above 0
        where more speaks for the digit than against it. All 0 where nothing speaks.
    speaks_for, speaks_against
        Names of the places that count most, strongest first.
    """

    png: bytes
    places: NDArray[np.float64]
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


def speaking_info(values: NDArray[np.float32], picture: NDArray[np.uint8]) -> SpeakingInfo:
    """Return what is to be shown; `values` (28, 28) are above 0 for the digit, `picture` uint8 (28, 28)."""
    sums = np.add.reduceat(np.add.reduceat(values.astype(float), _THIRDS[:3], axis=0), _THIRDS[:3], axis=1)
    places = sums / (np.abs(values).sum(dtype=float) or 1.0)
    return SpeakingInfo(_png(values, picture), places, _strongest(places), _strongest(-places))


def speaking_pixels(
    info: SpeakingInfo,
    *,
    alt: str,
    supports: str,
    opposes: str,
    caption: str,
    named: Callable[..., str] = str,
) -> str:
    """Draw the picture with a legend and a table of its nine places; `named` may translate their names.

    `alt` is said of the picture where it is not seen; `supports` and `opposes` are the lines of the legend,
    and `caption` stands above the table.
    """
    rows = "".join(
        f"<tr>{''.join(_cell(named(name), share) for name, share in zip(names, shares, strict=True))}</tr>"
        for names, shares in zip(PLACES, info.places, strict=True)
    )
    png = b64encode(info.png).decode()
    return (
        f'{_STYLE}<div class="speaking"><img src="data:image/png;base64,{png}" alt="{escape(alt)}"><div><ul>'
        f'<li><i style="background:{FOR}"></i>{escape(supports)}</li>'
        f'<li><i style="background:{AGAINST}"></i>{escape(opposes)}</li></ul>'
        f"<table><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table></div></div>"
    )


def _strongest(places: NDArray[np.float64]) -> tuple[str, ...]:
    order = np.argsort(-places, axis=None, kind="stable")[:_MOST_NAMED]
    return tuple(
        PLACES[place // 3][place % 3] for place in order.tolist() if places.flat[place] >= _WORTH_NAMING
    )


def _png(values: NDArray[np.float32], picture: NDArray[np.uint8]) -> bytes:
    strength = (np.abs(values) / (np.abs(values).max() or 1))[..., np.newaxis] ** _LIFT
    colours = np.where(
        values[..., np.newaxis] > 0, ImageColor.getrgb(FOR)[:3], ImageColor.getrgb(AGAINST)[:3]
    )
    blended = (1 - strength) * _INK * picture[..., np.newaxis] + strength * colours
    file = io.BytesIO()
    Image.fromarray(blended.round().astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def _cell(name: str, share: float) -> str:
    whole = round(100 * share)
    number = f"{whole:+d} %".replace("-", "−") if whole else "0 %"
    return f"<td><span>{escape(name)}</span>{number}</td>"
