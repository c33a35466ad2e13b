"""A picture file from outside becomes ink: PNG or JPEG, a scan, a photo or a screenshot.

Nothing about the file is trusted: its name, its size, its header and its pixels
are looked at in this order, each before the next one costs anything.
"""

import io
import struct
import warnings
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from core.errors import PictureError
from core.handwriting.mnist_form import border, brightness

EXTENSIONS = (".png", ".jpg", ".jpeg")
MAX_BYTES = 5 * 1024**2
MAX_PIXELS = 25_000_000

# Larger photos are reduced to this first: a digit needs no more, and all that follows is quick.
WORKING_SIDE = 640
# Ink must take away this share of the paper's light (or of its darkness)…
LEAST_CONTRAST = 0.10
# … and be this many standard deviations above the paper's grain.
LEAST_SIGNAL = 5.0
# Ink covers at most this share: more is a pattern or a scene, not a digit on paper.
MOST_INK = 0.6
# A blot is dropped if both its sides are below this share of the largest blot's longest side.
SPECK = 0.08

# What Pillow raises for damaged files, besides its own OSErrors.
_DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    MemoryError,
)


def upload_to_ink(data: bytes, filename: str) -> NDArray[np.float32]:
    """Return the ink of an uploaded picture, dark on light or light on dark.

    Parameters
    ----------
    data
        The file's content, at most 5 MB and 25 million pixels.
    filename
        Its name, for the extension and for messages.

    Returns
    -------
    float32 (height, width), 0 = paper, 1 = ink.

    Raises
    ------
    PictureError
        If it is not a readable PNG or JPEG, too large, or shows no digit.
    """
    name = PurePath(filename).name[:80]
    if PurePath(name).suffix.lower() not in EXTENSIONS:
        raise PictureError(f"“{name}” is not a PNG or JPEG: save it as .png or .jpg and try again.")
    if len(data) > MAX_BYTES:
        raise PictureError(
            f"“{name}” has {len(data) / 1024**2:.1f} MB; {MAX_BYTES // 1024**2} MB is the most. "
            "Make the picture smaller and try again."
        )
    rgba = read_rgba(data, name)
    for paper in (1.0, 0.0):
        # Transparent pictures lie on white paper; if nothing shows there, the ink is white.
        ink = _ink_on_paper(_grey(rgba, paper))
        if ink is not None:
            return ink
        if rgba[..., 3].min() == 255:
            break
    raise PictureError(
        f"No digit was found in “{name}”: take a picture of one digit, dark on light paper or light on dark."
    )


def read_rgba(data: bytes, name: str) -> NDArray[np.uint8]:
    """Return the checked pixels of a PNG or JPEG, upright and at most 640 on a side.

    Returns
    -------
    uint8 (height, width, 4).

    Raises
    ------
    PictureError
        If the content is not PNG or JPEG, is damaged, or has too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is checked here, more strictly
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise PictureError(
                        f"“{name}” has {width}×{height} pixels; {MAX_PIXELS // 10**6} million is the most. "
                        "Make the picture smaller and try again."
                    )
                picture.verify()
            # `verify` uses the file up: open it again to decode.
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                picture.draft(None, (WORKING_SIDE, WORKING_SIDE))
                return _upright(picture)
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"“{name}” has far too many pixels; {MAX_PIXELS // 10**6} million is the most."
        ) from error
    except _DAMAGE as error:
        raise PictureError(
            f"“{name}” cannot be read as a PNG or JPEG: the file is damaged or something else. "
            "Open it in a picture program, save it again and try once more."
        ) from error


def _upright(picture: Image.Image) -> NDArray[np.uint8]:
    """Decode, turn as the camera was held, reduce to the working size."""
    if picture.mode.startswith("I"):  # 16 bits a pixel: Pillow would clip them to 8
        high = np.asarray(picture).astype(np.float32) / 257
        decoded = Image.fromarray(high.clip(0, 255).astype(np.uint8))
        decoded.info, turned = {}, decoded
    else:
        turned = ImageOps.exif_transpose(picture)
    rgba = turned.convert("RGBA")
    rgba.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(rgba)


def _grey(rgba: NDArray[np.uint8], paper: float) -> NDArray[np.float32]:
    """Return the brightness 0…1 of a picture laid on paper of this brightness."""
    alpha = rgba[..., 3].astype(np.float32) / 255
    return (brightness(rgba) * alpha + paper * (1 - alpha)).astype(np.float32)


def _ink_on_paper(grey: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return the ink, free of shading, noise and specks; None if there is no digit."""
    from scipy import ndimage  # 30 MB, for those who upload

    grey = ndimage.gaussian_filter(grey, max(grey.shape) / WORKING_SIDE)  # evens out a photo's grain
    paper = _paper(grey)
    # How much of the paper's light the ink takes away, or how much it adds to dark paper:
    # as a share, so that ink in the shade counts as much as ink in the light.
    darker, lighter = (paper - grey) / paper.clip(0.1), (grey - paper) / (1 - paper).clip(0.1)
    # Which way the ink differs is decided here, and nowhere else.
    share = max(darker, lighter, key=lambda each: float(np.percentile(each, 99.95)))
    ink = share.clip(0, None)
    noise = 1.4826 * float(np.median(np.abs(share)))  # nearly all of a picture is paper
    # Otsu's threshold alone would part the grain of the paper if the digit is small on it.
    threshold = max(_otsu(ink), LEAST_SIGNAL * noise)
    marked = ink > threshold
    if not marked.any() or marked.all():
        return None
    level = float(np.median(ink[marked]))
    if level < LEAST_CONTRAST or marked.mean() > MOST_INK:
        return None
    kept = _digit_only(marked)
    # Grey edges belong to the ink, so look a little beyond the marked pixels.
    reach = ndimage.binary_dilation(kept, iterations=2)
    floor = min(2.5 * noise, threshold)
    return np.where(reach, ((ink - floor) / (level - floor)).clip(0, 1), 0).astype(np.float32)


def _paper(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the brightness of the paper everywhere: a smooth surface fitted to the picture.

    A quadratic surface follows the light falling off across a page. It is fitted
    to what is near the border's median first, and then to what is near the
    surface, so that the ink has no say.
    """
    height, width = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    values = grey.reshape(-1).astype(np.float64)
    surface = np.full_like(values, np.median(border(grey)))
    for tolerance in (0.25, 0.15, 0.10):
        near = np.abs(values - surface) < tolerance
        if near.mean() < 0.2:
            break  # too little paper to fit anything to
        coefficients, *_ = np.linalg.lstsq(terms[near], values[near], rcond=None)
        surface = (terms @ coefficients).clip(0, 1)
    return surface.reshape(grey.shape).astype(np.float32)


def _otsu(values: NDArray[np.float32]) -> float:
    """Return the threshold that parts the values best in two groups (N. Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=256, range=(0, max(float(values.max()), 1e-6)))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (total / below - (total[-1] - total) / above) ** 2
    return float(edges[1 + int(np.argmax(np.nan_to_num(between)))])


def _digit_only(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep the blots that make up the digit: no specks, no shadow or table at the edge."""
    from scipy import ndimage

    labels, count = ndimage.label(marked, np.ones((3, 3)))
    boxes = ndimage.find_objects(labels)
    height, width = marked.shape
    sides = np.array([max(box[0].stop - box[0].start, box[1].stop - box[1].start) for box in boxes])
    inside = np.array(
        [b[0].start > 0 and b[1].start > 0 and b[0].stop < height and b[1].stop < width for b in boxes]
    )
    # What touches the edge goes only if something of a digit's size is left.
    kept = inside if (sides[inside] >= 0.15 * min(height, width)).any() else np.ones(count, bool)
    kept &= sides >= SPECK * sides[kept].max()
    return np.isin(labels, 1 + np.flatnonzero(kept))
