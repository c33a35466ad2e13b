"""One digit in every format, kind of pixel, colour and position of a camera that an upload may have."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from tests.support.photo_samples import cover
from tests.support.picture_samples import file_of, picture_of

# What a camera stores is the inverse of what a viewer must do; 6 and 8 undo each other.
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def every_format(digit: int = 5, side: int = 160) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of files that all show the same digit."""
    ink = cover(digit, np.random.default_rng(0), (side, side + 40))
    upright = picture_of(ink)
    rgb = upright.convert("RGB")
    for kind, ending in (("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif"), ("BMP", "bmp")):
        yield f"plain.{ending}", file_of(rgb, kind)
    yield "negative.png", file_of(picture_of(ink, 0.05, 0.95))
    yield "progressive.jfif", file_of(rgb, "JPEG", progressive=True, quality=40)
    yield "rough.jpg", file_of(rgb, "JPEG", quality=5)
    yield "cmyk.jpeg", file_of(rgb.convert("CMYK"), "JPEG")
    yield "lossless.webp", file_of(rgb, "WEBP", lossless=True)
    for mode in ("L", "LA", "P", "1", "RGBA"):
        yield f"{mode}.png", file_of(upright.convert(mode))
    for mode in ("L", "P", "1"):
        yield f"{mode}.bmp", file_of(upright.convert(mode), "BMP")
    yield "sixteen.png", file_of(Image.fromarray(np.asarray(upright).astype(np.uint16) * 257))
    grey = np.round(ink * 255).astype(np.uint8)
    for name, pen in (("black", 0), ("white", 255), ("blue", (30, 60, 200))):
        colour = np.zeros((*grey.shape, 3), np.uint8) + np.array(pen, np.uint8)
        yield f"transparent_{name}.png", file_of(Image.fromarray(np.dstack([colour, grey])))
        yield f"transparent_{name}.webp", file_of(Image.fromarray(np.dstack([colour, grey])), "WEBP")
    for pen, paper in (
        ((200, 60, 60), (60, 130, 60)),
        ((255, 255, 90), (255, 255, 255)),
        ((30, 40, 190), (8, 8, 10)),
    ):
        both = np.array(paper) + (np.array(pen) - np.array(paper)) * ink[..., None]
        yield f"{pen}_on_{paper}.png", file_of(Image.fromarray(np.round(both).astype(np.uint8)))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        method = STORED.get(orientation)
        stored = rgb if method is None else rgb.transpose(method)
        kind, ending = (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"))[orientation % 3]
        yield f"turned_{orientation}.{ending}", file_of(stored, kind, exif=exif)
