"""The bytes of a picture from outside become a small picture: upright, RGBA, 640 pixels at most.

Nothing about the file is trusted. What decoding will cost is read from its header, and what would
cost much is refused in a sentence or decoded in parts, so that no picture takes more than
about 40 MB for a moment, whatever it is.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from core.errors import PictureError
from core.handwriting.headers import jpeg_header, orientation_of, webp_size
from core.handwriting.png import MAX_INTERLACED_PIXELS, SIGNATURE, Png
from core.sentences import say

KINDS = say("PNG, JPEG, WebP, GIF or BMP")
EXTENSIONS = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp")
MAX_PIXELS = 25_000_000
# A row of a PNG is decoded whole.
MAX_SIDE = 16_384
# A JPEG that comes in several scans is kept as coefficients until the last: these are 12 megapixels as
# cameras save them.
MAX_COEFFICIENT_BYTES = 40_000_000
# Files of cameras and programs have about ten scans; each costs a walk over the whole picture.
MAX_SCANS = 64
# Pillow needs 16 bytes for each pixel of a WebP. This is the screen of a phone.
MAX_WEBP_PIXELS = 2_600_000

# A GIF or BMP is decoded whole and then made RGBA: at most five bytes a pixel.
MAX_PLAIN_PIXELS = 6_000_000

# Larger pictures are reduced to this: a digit needs no more, and all that follows is quick.
WORKING_SIDE = 640

_SMALLER = say("Make the picture smaller and try again.")


def decode(data: bytes, name: str) -> NDArray[np.uint8]:
    """Return the pixels of a picture file, as upright as the camera was held.

    Parameters
    ----------
    data
        The content of a PNG, JPEG, WebP, GIF or BMP; which of them, it says itself.
    name
        For the sentences.

    Returns
    -------
    uint8 (height, width, 4), at most 640 on a side.

    Raises
    ------
    PictureError
        If the content is nothing of these, is damaged, or would cost too much.
    """
    try:
        if data.startswith(SIGNATURE):
            picture, orientation = _from_png(data, name)
        elif data.startswith(b"\xff\xd8\xff"):
            picture, orientation = _from_jpeg(data, name)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            picture, orientation = _from_webp(data, name)
        elif data.startswith((b"GIF87a", b"GIF89a")):
            picture, orientation = _from_plain(data, name, "GIF"), 1
        elif data.startswith(b"BM"):
            picture, orientation = _from_plain(data, name, "BMP"), 1
        else:
            raise ValueError("none of these")
        return _upright(picture, orientation)
    except PictureError:
        raise
    except Exception as error:  # Pillow and zlib have a class of their own for every kind of damage
        raise PictureError(
            say(
                "“{name}” cannot be read as a {kinds}: the file is damaged or something else. Open "
                "it in a picture program, save it again and try once more.",
                name=name,
                kinds=KINDS,
            )
        ) from error


def _from_png(data: bytes, name: str) -> tuple[Image.Image, int]:
    png = Png.parse(data)
    _check_size(png.width, png.height, name)
    if png.interlaced and png.width * png.height > MAX_INTERLACED_PIXELS:
        raise PictureError(
            say(
                "“{name}” is an interlaced PNG of {width}×{height} pixels; {millions} million is the "
                "most. Save it without interlacing and try again.",
                name=name,
                width=png.width,
                height=png.height,
                millions=MAX_INTERLACED_PIXELS // 10**6,
            )
        )
    return png.reduced(max(1, max(png.width, png.height) // WORKING_SIDE)), png.orientation


def _from_jpeg(data: bytes, name: str) -> tuple[Image.Image, int]:
    header = jpeg_header(data)
    _check_size(header.width, header.height, name)
    if not header.is_whole_at_once and header.coefficient_bytes > MAX_COEFFICIENT_BYTES:
        raise PictureError(
            say(
                "“{name}” is a progressive JPEG of {width}×{height} pixels: too large to be decoded "
                "here. {advice}",
                name=name,
                width=header.width,
                height=header.height,
                advice=_SMALLER,
            )
        )
    if header.scans > MAX_SCANS:
        raise ValueError("an unreasonable number of scans")
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        # By both sides alike: Pillow goes by the shorter one, and a strip would be decoded whole.
        times = max(picture.size) / WORKING_SIDE
        picture.draft(None, (max(1, int(picture.width / times)), max(1, int(picture.height / times))))
        picture.load()
        return picture, orientation_of(picture.getexif)


def _from_webp(data: bytes, name: str) -> tuple[Image.Image, int]:
    width, height = webp_size(data)
    _check_size(width, height, name)
    if width * height > MAX_WEBP_PIXELS:
        raise PictureError(
            say(
                "“{name}” is a WebP of {width}×{height} pixels; {millions} million is the most. Save "
                "it as a JPEG, or make it smaller, and try again.",
                name=name,
                width=width,
                height=height,
                millions=MAX_WEBP_PIXELS / 10**6,
            )
        )
    with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
        picture.load()
        return picture, orientation_of(picture.getexif)


def _from_plain(data: bytes, name: str, kind: str) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
        # Nothing is decoded yet. Frames of a GIF may reach beyond the size in its header; this is with them.
        _check_size(*picture.size, name)
        if picture.width * picture.height > MAX_PLAIN_PIXELS:
            raise PictureError(
                say(
                    "“{name}” is a {kind} of {width}×{height} pixels; {millions} million is the most. "
                    "Save it as a JPEG or PNG, or make it smaller, and try again.",
                    name=name,
                    kind=kind,
                    width=picture.width,
                    height=picture.height,
                    millions=MAX_PLAIN_PIXELS // 10**6,
                )
            )
        picture.load()
        # A palette's numbers cannot be averaged.
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise PictureError(
            say(
                "“{name}” has {width}×{height} pixels; {millions} million is the most. {advice}",
                name=name,
                width=width,
                height=height,
                millions=MAX_PIXELS // 10**6,
                advice=_SMALLER,
            )
        )
    if max(width, height) > MAX_SIDE:
        raise PictureError(
            say(
                "“{name}” is {side} pixels long; {most} is the most. {advice}",
                name=name,
                side=f"{max(width, height):,}",
                most=f"{MAX_SIDE:,}",
                advice=_SMALLER,
            )
        )


def _upright(picture: Image.Image, orientation: int) -> NDArray[np.uint8]:
    """Return the picture with its longest side at most 640, turned as the camera was held."""
    picture.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX, reducing_gap=None)
    upright = Image.fromarray(np.asarray(picture.convert("RGBA")))  # without all else that the file says
    upright.getexif()[ExifTags.Base.Orientation] = orientation
    return np.asarray(ImageOps.exif_transpose(upright))
