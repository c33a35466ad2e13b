"""What is drawn on the canvas becomes ink."""

import numpy as np
from numpy.typing import NDArray

from core.errors import PictureError
from core.handwriting.decode import WORKING_SIDE, decode
from core.handwriting.mnist_form import border, brightness
from core.handwriting.png import SIGNATURE, Png
from core.sentences import say

# A canvas of 280×280 is 20 KB as a PNG, and 300 KB if every pixel had another colour.
MAX_DRAWING_BYTES = 512 * 1024
_NAME = say("The drawing")


def drawing_to_ink(png: bytes) -> NDArray[np.float32]:
    """Return the ink of a canvas that comes as a PNG.

    Unlike an upload it is read at once, beside others: it is small or it is refused.

    Returns
    -------
    float32 (height, width), 0 = paper, 1 = ink.

    Raises
    ------
    PictureError
        If this is not what a canvas sends.
    """
    try:
        picture = Png.parse(png) if png.startswith(SIGNATURE) and len(png) <= MAX_DRAWING_BYTES else None
    except Exception:  # the chunks of a damaged file go wrong in many ways
        picture = None
    if picture is None or max(picture.width, picture.height) > WORKING_SIDE:
        raise PictureError(
            say("The drawing did not arrive as the canvas sends it. Clear the canvas and draw again.")
        )
    return canvas_to_ink(decode(png, _NAME))


def canvas_to_ink(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the ink of a canvas' pixels.

    On a transparent canvas ink is what covers; on paper it is what differs from
    the paper, whose colour is the median along the border.

    Parameters
    ----------
    rgba
        uint8 (height, width, 4).

    Returns
    -------
    float32 (height, width), 0 = paper, 1 = ink.
    """
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.size == 0:
        raise PictureError(
            say("A drawing of shape {shape} cannot be read: it must be a colour picture.", shape=rgba.shape)
        )
    alpha = np.asarray(rgba[..., 3] / 255, dtype=np.float32)
    if alpha.min() < 1:
        return alpha
    grey = brightness(rgba)
    paper = float(np.median(border(grey)))
    return np.asarray(np.abs(grey - paper) / max(paper, 1 - paper), dtype=np.float32)
