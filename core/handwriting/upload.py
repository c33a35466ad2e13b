"""A picture file that somebody hands in: checked, decoded small, its ink found; one at a time."""

import io
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import PictureError
from core.handwriting.decode import EXTENSIONS, KINDS, decode
from core.handwriting.paper import ink_on_paper
from core.handwriting.turns import Turns
from core.memory import trim
from core.sentences import say

MAX_BYTES = 5 * 1024**2
# Side of the small picture that is shown: twice what it measures on the page, for sharp screens.
SHOWN_SIDE = 560

# A class of thirty that hands in at once is served; the slowest picture takes a second.
_turns = Turns(most_waiting=40, patience=60)


@dataclass(frozen=True, eq=False)
class Upload:
    """What is kept of an uploaded picture.

    Attributes
    ----------
    name
        Of the file.
    shown
        The picture as it was read, upright, a JPEG or PNG of at most 560 pixels a side.
    grey
        uint8 (height, width), 0 = paper, 255 = ink.
    """

    name: str
    shown: bytes
    grey: NDArray[np.uint8]

    @property
    def ink(self) -> NDArray[np.float32]:
        """The ink, float32 (height, width), 0 = paper, 1 = ink."""
        return np.asarray(self.grey / np.float32(255), np.float32)


def read_upload(data: bytes, filename: str) -> Upload:
    """Read an uploaded picture of digits, dark on light or light on dark.

    Waits while others' pictures are read: one takes up to 60 MB for up to a second.

    Parameters
    ----------
    data
        The file's content, at most 5 MB.
    filename
        Its name, for the extension and for messages.

    Raises
    ------
    PictureError
        If it is not a readable picture, is too large, or shows no digit; or if too many wait.
    """
    name = PurePath(filename).name[:80]
    if PurePath(name).suffix.lower() not in EXTENSIONS:
        raise PictureError(
            say("“{name}” is not a {kinds}: save it as .png or .jpg and try again.", name=name, kinds=KINDS)
        )
    if len(data) > MAX_BYTES:
        raise PictureError(
            say(
                "“{name}” has {megabytes} MB; {most} MB is the most. Make the picture smaller and try again.",
                name=name,
                megabytes=f"{len(data) / 1024**2:.1f}",
                most=MAX_BYTES // 1024**2,
            )
        )
    with _turns.turn():
        try:
            rgba = decode(data, name)
            ink = ink_on_paper(rgba)
            if ink is None:
                raise PictureError(
                    say(
                        "No digit was found in “{name}”: take a picture of digits, dark on light paper or "
                        "light on dark, and leave a margin on all sides.",
                        name=name,
                    )
                )
            return Upload(name, _to_show(rgba), np.round(ink * 255).astype(np.uint8))
        finally:
            trim()


def _to_show(rgba: NDArray[np.uint8]) -> bytes:
    picture = Image.fromarray(rgba)
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    file = io.BytesIO()
    if rgba[..., 3].min() == 255:
        picture.convert("RGB").save(file, "JPEG", quality=85)
    else:
        picture.save(file, "PNG")
    return file.getvalue()
