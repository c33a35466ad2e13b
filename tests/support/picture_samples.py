"""Digits drawn in a few lines, as ink and as picture files."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Ink = NDArray[np.float32]


def ink_of(draw: Callable[[ImageDraw.ImageDraw], None], size: tuple[int, int] = (280, 280)) -> Ink:
    """What is drawn, 0 = paper, 1 = ink."""
    picture = Image.new("L", size, 0)
    draw(ImageDraw.Draw(picture))
    return np.asarray(picture, np.float32) / np.float32(255)


def seven(canvas: ImageDraw.ImageDraw) -> None:
    """Draw a 7."""
    canvas.line([(60, 40), (200, 40), (110, 240)], fill=255, width=22, joint="curve")


def file_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    file = io.BytesIO()
    if kind == "PNG":
        options.setdefault("compress_level", 1)  # as usual it takes as long as to read the digit
    picture.save(file, kind, **options)
    return file.getvalue()


def picture_of(ink: Ink, paper: float = 0.95, pen: float = 0.1) -> Image.Image:
    """Return ink on paper, grey."""
    return Image.fromarray(np.round(255 * (paper + (pen - paper) * ink)).astype(np.uint8))
