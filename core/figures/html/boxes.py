"""A picture with a box around each digit and what was read written over it.

The boxes are HTML over the picture, not pixels in it: sharp on every screen, and text for who only hears.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from core.figures.palette import NEUTRAL, READING, WRONG

_JPEG = b"\xff\xd8\xff"

_STYLE = f"""<style>
.boxed {{ position: relative; margin: 0; width: fit-content; max-width: 100%; border-radius: 4px;
  border: 1px solid {NEUTRAL}66; background: #fff; }}
.boxed img {{ display: block; max-width: 100%; max-height: 70vh; border-radius: 4px; }}
.boxed ol {{ list-style: none; margin: 0; padding: 0; }}
.boxed li {{ position: absolute; margin: 0; border: 2px solid {READING}; border-radius: 3px; }}
.boxed li.weakest {{ border: 3px dashed {WRONG}; }}
.boxed li b {{ position: absolute; left: -2px; bottom: 100%; padding: 0 3px; border-radius: 3px 3px 0 0;
  font-size: 0.78rem; line-height: 1.2; color: #fff; background: #8f3f6e; }}
.boxed li.weakest b {{ background: #a84300; }}
.boxed li.unread {{ border: 2px dotted {NEUTRAL}; }}
.boxed li.unread b {{ background: #5c5c5c; }}
.boxed li i {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
</style>"""


@dataclass(frozen=True)
class ReadDigit:
    """One digit and where it lies, in shares of the picture's width and height.

    Attributes
    ----------
    left, top, width, height
        0 to 1.
    name
        What was read.
    certainty
        How surely, in words.
    is_weakest
        Whether the network is less sure of no other.
    is_read
        Whether it reads it at all.
    """

    left: float
    top: float
    width: float
    height: float
    name: str
    certainty: str
    is_weakest: bool
    is_read: bool = True


def boxed_picture(picture: bytes, digits: Sequence[ReadDigit], description: str) -> str:
    """Return HTML: the picture (a PNG or JPEG) as wide as the place allows, each digit in a box.

    Parameters
    ----------
    description
        Of the whole picture, for those who do not see it.
    """
    kind = "jpeg" if picture.startswith(_JPEG) else "png"
    image = f'<img src="data:image/{kind};base64,{b64encode(picture).decode()}" alt="{escape(description)}">'
    return f'{_STYLE}<figure class="boxed">{image}<ol>{"".join(map(_box, digits))}</ol></figure>'


def _box(digit: ReadDigit) -> str:
    place = (
        f"left:{100 * digit.left:.2f}%;top:{100 * digit.top:.2f}%;"
        f"width:{100 * digit.width:.2f}%;height:{100 * digit.height:.2f}%"
    )
    kind = "weakest" if digit.is_weakest else "" if digit.is_read else "unread"
    kind = f' class="{kind}"' if kind else ""
    name, certainty = escape(digit.name), escape(digit.certainty)
    return f'<li{kind} style="{place}" title="{name}: {certainty}"><b>{name}</b><i>: {certainty}</i></li>'
