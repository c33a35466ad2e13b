"""A small picture of paper becomes ink: a scan, a photo or a screenshot, dark on light or light on dark."""

import numpy as np
from numpy.typing import NDArray

from core.handwriting.decode import WORKING_SIDE
from core.handwriting.mnist_form import border, brightness

# Ink must take away this share of the paper's light (or of its darkness)…
LEAST_CONTRAST = 0.10
# … and be this many standard deviations above the paper's grain.
LEAST_SIGNAL = 5.0
# Ink covers at most this share: more is a pattern or a scene, not a digit on paper.
MOST_INK = 0.6
# A blot is dropped if both its sides are below this share of the largest blot's longest side.
SPECK = 0.08
# A surface as smooth as the light on a page is known from one pixel in each square of this side.
FIT_EVERY = 4


def ink_on_paper(rgba: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Return the ink of a picture, free of shading, grain and specks; None if there is no digit.

    Parameters
    ----------
    rgba
        uint8 (height, width, 4), at most 640 on a side.

    Returns
    -------
    float32 (height, width), 0 = paper, 1 = ink.
    """
    for paper in (1.0, 0.0):
        # Transparent pictures lie on white paper; if nothing shows there, the ink is white.
        ink = _ink(_grey(rgba, paper))
        if ink is not None:
            return ink
        if rgba[..., 3].min() == 255:
            break
    return None


def _grey(rgba: NDArray[np.uint8], paper: float) -> NDArray[np.float32]:
    """Return the brightness 0…1 of a picture laid on paper of this brightness."""
    alpha = rgba[..., 3].astype(np.float32) / 255
    return (brightness(rgba) * alpha + paper * (1 - alpha)).astype(np.float32)


def _ink(grey: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return the ink of a picture, brightness 0 to 1; None if there is no digit."""
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
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    few = grey[::FIT_EVERY, ::FIT_EVERY].astype(np.float64)
    terms = _terms(*np.broadcast_arrays(y[::FIT_EVERY], x[:, ::FIT_EVERY]))
    values = few.reshape(-1)
    surface, coefficients = np.full_like(values, np.median(border(grey))), None
    for tolerance in (0.25, 0.15, 0.10):
        near = np.abs(values - surface) < tolerance
        if near.mean() < 0.2:
            break  # too little paper to fit anything to
        coefficients, *_ = np.linalg.lstsq(terms[near], values[near], rcond=None)
        surface = (terms @ coefficients).clip(0, 1)
    if coefficients is None:
        return np.full_like(grey, surface[0])
    one, along, down, along_square, both, down_square = (float(each) for each in coefficients)
    across = one + along * x + along_square * x * x
    surface = (across + (down + both * x) * y + down_square * y * y).clip(0, 1)
    return np.asarray(surface, np.float32)


def _terms(y: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the terms of a quadratic surface at these places, float64 (places, 6)."""
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6).astype(np.float64)


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
    return np.asarray(np.concatenate([[False], kept])[labels])
