"""A small picture of paper becomes ink: a scan, a photo or a screenshot, dark on light or light on dark.

What the ink is, is not known beforehand: darker, lighter or of another colour, a hair's or a thumb's width.
So each possibility is looked at, those that cannot be writing are dropped, and the one that explains the
others is taken.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.handwriting.blots import thickest, thickness, without_hollows, writing
from core.handwriting.colour import BRIGHTNESS, along, axes
from core.handwriting.decode import WORKING_SIDE
from core.handwriting.light import ink_share, paper_level
from core.handwriting.lines import line_pixels
from core.handwriting.mnist_form import border
from core.handwriting.sheet import beside_the_sheet, is_sheet

Box = tuple[int, int, int, int]

# Ink must take away this share of the paper's light (or of its darkness)…
LEAST_CONTRAST = 0.05
# … and be this many standard deviations above the paper's grain.
LEAST_SIGNAL = 5.0
# Ink covers at most this share: more is a pattern or a scene, not a digit on paper.
MOST_INK = 0.6
# Strokes are narrower than one of these shares of the shorter side.
_WINDOWS = (0.12, 0.26, 0.5)
# Ink ends within so many pixels of a picture of 640; light changes more slowly.
_SOFTEST = 25
# A stroke may end as softly as so many of its widths, but not as softly as light does.
_SOFT_STROKE, _SOFT_LIGHT = 0.6, 40
# What a wider window adds belongs to the ink if it is this much more and this dark.
_MORE, _AS_DARK = 0.1, 0.8
# At most this share of a blot's outline may lie where the paper would be as dark as the ink.
_MOST_OPEN = 0.05
# A picture cut to the ink is two levels, nothing between them but edges, and its strokes are no wider than
# this share of its longer side.
LEAST_CUT, _MOST_CUT, _MOST_SPREAD, _THICKEST_CUT = 0.35, 0.8, 0.08, 0.4
# What fills bays and holes of ink lies in it by this share of its box.
_MOSTLY_IN = 0.85
# Writing is larger than this, in pixels: grain is not.
_LEAST_SIDE = 8
# Pictures smaller than this are enlarged.
_SMALLEST_SIDE = 160
# Strokes that cover so much count as cut if less than this share of the shorter side is left around them.
_THICKLY, _MARGIN = 0.22, 0.06
# Grain is evened out by this many pixels of 640; more if the ink falls to pieces otherwise.
_SMOOTH, _SMOOTHER = 1.0, 3.0
_PIECES = 3


@dataclass(frozen=True, eq=False)
class _Found:
    """What may be the writing: shares of light taken away, bool marks, and their usual strength."""

    share: NDArray[np.float32]
    kept: NDArray[np.bool_]
    floor: float
    level: float
    slope: float
    box: Box


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
        ink = _ink(_laid(rgba, paper))
        if ink is not None:
            return ink
        if rgba[..., 3].min() == 255:
            break
    return None


def _laid(rgba: NDArray[np.uint8], paper: float) -> NDArray[np.float32]:
    """Return a picture laid on paper of this brightness, float32 (height, width, 3), 0 to 1."""
    colour = rgba[..., :3].astype(np.float32) / 255
    alpha = rgba[..., 3:].astype(np.float32) / 255
    return np.asarray(colour * alpha + paper * (1 - alpha), np.float32)


def _ink(rgb: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return the ink of a picture of any size: what follows counts in pixels, and needs some."""
    height, width, _ = rgb.shape
    times = -(-_SMALLEST_SIDE // max(height, width))
    if times == 1:
        return _ink_of_usual_size(rgb)
    size = (width * times, height * times)
    large = np.stack([_resized(rgb[..., c], size, Image.Resampling.BICUBIC) for c in range(3)], axis=-1)
    ink = _ink_of_usual_size(large.clip(0, 1))
    return None if ink is None else _resized(ink, (width, height), Image.Resampling.BOX)


def _resized(
    plane: NDArray[np.float32], size: tuple[int, int], resampling: Image.Resampling
) -> NDArray[np.float32]:
    return np.array(Image.fromarray(np.ascontiguousarray(plane)).resize(size, resampling), np.float32)


def _ink_of_usual_size(rgb: NDArray[np.float32]) -> NDArray[np.float32] | None:
    found = _best(_smoothed(rgb, _SMOOTH))
    rough = 0 if found is None else _pieces(found.kept)
    if found is None or rough > _PIECES:
        smoother = _best(_smoothed(rgb, _SMOOTHER))
        if found is None or (smoother is not None and rough >= _PIECES * _pieces(smoother.kept)):
            found = smoother
    return None if found is None else _drawn(found)


def _smoothed(rgb: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    from scipy import ndimage

    width *= max(rgb.shape) / WORKING_SIDE
    return np.asarray(ndimage.gaussian_filter(rgb, (width, width, 0)), np.float32)


def _pieces(kept: NDArray[np.bool_]) -> int:
    from scipy import ndimage

    return int(ndimage.label(kept, np.ones((3, 3)))[1])


def _best(rgb: NDArray[np.float32]) -> _Found | None:
    """Return what is most likely the writing."""
    cut = _cut_to_the_ink(along(rgb, BRIGHTNESS))
    if cut is not None:
        return cut
    shorter = min(rgb.shape[:2])
    found: list[_Found] = []
    for axis in axes(rgb):
        signal = along(rgb, axis)
        for each in (signal, 1 - signal):
            one: _Found | None = None
            for window in _WINDOWS:
                wider = _look(each, max(5, round(window * shorter)))
                if one is not None and not (wider is not None and _was_part_of(one, wider)):
                    break
                one = wider
            if one is not None:
                found.append(one)
    return _explains_most(found)


def _look(signal: NDArray[np.float32], window: int) -> _Found | None:
    """Return what is darker than the paper around it, None if that is no writing."""
    from scipy import ndimage

    paper = paper_level(signal, window)
    share, grain = ink_share(signal, paper)
    least = max(LEAST_SIGNAL * grain, LEAST_CONTRAST)
    marked = share > max(_otsu(share), least)
    if not marked.any() or marked.mean() > MOST_INK:
        return None
    lines = line_pixels(marked)
    if lines.any():
        share[ndimage.binary_dilation(lines, iterations=1) & ~(marked & ~lines)] = 0
        marked = share > max(_otsu(share), least)
    beside = beside_the_sheet(paper, marked, _otsu(paper))
    if beside is not None and not beside[marked].all():
        share[ndimage.binary_dilation(beside)] = 0
        marked &= ~beside
    threshold = max(_otsu(share), least)
    kept, box = writing(marked)
    if max(_extent(kept)) < _LEAST_SIDE:
        return None
    level = float(np.median(share[kept]))
    slope = _slope(share, kept)
    scale = max(share.shape) / WORKING_SIDE
    stroke = thickness(kept)
    softest = min(max(_SOFTEST * scale, _SOFT_STROKE * stroke), _SOFT_LIGHT * scale)
    if slope * softest < level or _is_open(signal, paper, kept, level, stroke):
        return None
    if is_sheet(kept):
        return None
    return _Found(share, kept, min(2.5 * grain, threshold), level, slope, box)


def _extent(kept: NDArray[np.bool_]) -> tuple[int, int]:
    """Return height and width of the largest blot."""
    from scipy import ndimage

    labels, _ = ndimage.label(kept, np.ones((3, 3)))
    sizes = [
        (rows.stop - rows.start, columns.stop - columns.start)
        for rows, columns in ndimage.find_objects(labels)
    ]
    return max(sizes, key=max, default=(0, 0))


def _slope(share: NDArray[np.float32], kept: NDArray[np.bool_]) -> float:
    """Return how steeply the marks begin, a pixel, where they do so gently: ink ends, light fades away."""
    from scipy import ndimage

    edge = kept & ~ndimage.binary_erosion(kept)
    down, across = np.gradient(share, axis=0), np.gradient(share, axis=1)
    return float(np.quantile(np.hypot(down[edge], across[edge]), 0.3))


def _cut_to_the_ink(signal: NDArray[np.float32]) -> _Found | None:
    """Return strokes that reach to all four sides of the picture, thick ones nearly; None if none do."""
    outside = float(np.median(border(signal)))
    if outside < float(signal.mean()):
        signal, outside = 1 - signal, 1 - outside
    share = ((outside - signal) / max(outside, 0.1)).clip(0, 1)
    threshold = _otsu(share)
    marked = share > threshold
    covered = float(marked.mean())
    margin = round(_MARGIN * min(marked.shape)) if covered >= _THICKLY else 2
    if covered > _MOST_CUT or not all(side.any() for side in _sides(marked, margin)):
        return None
    level, paper = float(np.median(share[marked])), float(np.median(share[~marked]))
    spread = float(np.abs(share - np.where(marked, level, paper)).mean())
    if level < LEAST_CUT or spread > _MOST_SPREAD * level:
        return None
    # A frame or a table around something is not cut writing.
    if writing(marked)[0].sum() < 0.9 * marked.sum():
        return None
    if thickest(marked) > _THICKEST_CUT * max(marked.shape) or is_sheet(marked):
        return None
    return _Found(share, marked, paper, level, 1.0, (0, 0, marked.shape[0] - 1, marked.shape[1] - 1))


def _sides(picture: NDArray[np.bool_], margin: int) -> tuple[NDArray[np.bool_], ...]:
    margin = max(2, margin)
    return picture[:margin], picture[-margin:], picture[:, :margin], picture[:, -margin:]


def _is_open(
    signal: NDArray[np.float32],
    paper: NDArray[np.float32],
    kept: NDArray[np.bool_],
    level: float,
    stroke: float,
) -> bool:
    """Tell whether the ink goes on where it was taken for paper."""
    from scipy import ndimage

    near = ndimage.binary_dilation(kept, iterations=3)
    ring = ndimage.binary_dilation(near, iterations=1) & ~near
    # As dark as the ink is in the middle of its stroke, not at its soft edge.
    darkest = ndimage.minimum_filter(np.where(kept, signal, 1), 11 + 2 * round(stroke / 2))
    goes_on = paper[ring] - darkest[ring] < 0.6 * level * paper[ring]
    return bool(goes_on.size) and bool(goes_on.mean() > _MOST_OPEN)


def _explains_most(found: list[_Found]) -> _Found | None:
    """Return the strongest that does not merely fill the bays and holes of another."""
    left = [one for one in found if not any(_lies_in(one, other) for other in found if other is not one)]
    return max(left or found, key=lambda one: one.slope, default=None)


def _was_part_of(one: _Found, wider: _Found) -> bool:
    """Tell whether a wider window found more of the same ink: strokes as wide as the narrower one."""
    more = wider.kept & ~one.kept
    if more.sum() < _MORE * one.kept.sum():
        return False
    return float(np.median(wider.share[more])) >= _AS_DARK * one.level


def _lies_in(one: _Found, other: _Found) -> bool:
    """Tell whether the first reaches over less than the second, and hardly beyond it."""
    top, left, bottom, right = one.box
    over, before, under, after = other.box
    area = (bottom - top + 1) * (right - left + 1)
    shared = max(min(bottom, under) - max(top, over) + 1, 0) * max(
        min(right, after) - max(left, before) + 1, 0
    )
    return shared >= _MOSTLY_IN * area and area < (under - over + 1) * (after - before + 1)


def _drawn(found: _Found) -> NDArray[np.float32]:
    """Return the ink with its soft edges, nothing beside it."""
    from scipy import ndimage

    # Grey edges belong to the ink, so look a little beyond the marked pixels.
    reach = ndimage.binary_dilation(found.kept, iterations=2)
    ink = np.where(reach, ((found.share - found.floor) / (found.level - found.floor)).clip(0, 1), 0)
    return without_hollows(np.asarray(ink, np.float32), found.kept)


def _otsu(values: NDArray[np.float32]) -> float:
    """Return the threshold that parts the values best in two groups (N. Otsu, 1979)."""
    step = max(float(values.max()), 1e-6) / 256
    counts = np.bincount(np.minimum(values / step, 255).astype(np.uint8).ravel(), minlength=256)
    middles = (np.arange(256) + 0.5) * step
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (total / below - (total[-1] - total) / above) ** 2
    return step * (1 + int(np.argmax(np.nan_to_num(between))))
