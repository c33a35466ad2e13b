"""A drawing becomes 28×28 pixels the way the MNIST digits were made.

Crop to the ink, bring the longest side to 20 pixels with the proportions kept and
the edges anti-aliased, put the centre of mass in the middle of a 28×28 field
(LeCun, Cortes, Burges: http://yann.lecun.com/exdb/mnist/). In all of MNIST the
centre of mass lies within half a pixel of (14, 14), counted from pixel 0: the
digits were moved by whole pixels, which keeps them sharp, and so they are here.

Ink is a float32 array, 0 for paper and 1 for full ink. Which colour is the ink is
decided once, before this module: see `core.handwriting.strokes` and `core.handwriting.paper`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.config import IMAGE_SHAPE, INK_CENTRE, INK_SIDE
from core.errors import PictureError
from core.sentences import say

# Fainter than this is not a stroke, whatever the contrast.
FAINTEST_INK = 0.05
# Below this share of the strongest ink, a pixel is the soft edge of a stroke;
# cropping there, and not at the last trace of grey, makes enlarged MNIST digits
# come back at the size they had.
EDGE = 0.2

BLANK_CANVAS = say("The canvas is empty: draw a digit from 0 to 9.")


@dataclass(frozen=True)
class Steps:
    """Which steps from a drawing to the network's picture are done; MNIST's digits went through all of them.

    Each switched off does what a program does whose author did not think of it.

    Attributes
    ----------
    crop
        The paper around the ink is cut away. Off: the paper stays, and is made smaller with the ink.
    scale
        The longest side becomes 20 pixels. Off: everything is made smaller as the whole canvas must be to
        fill the 28×28 field, so small digits stay small.
    centre
        The centre of mass goes to the middle of the field. Off: the ink lies where it was drawn: its middle
        is as far from the field's as it was from that of the canvas, unless it would be cut off there.
    stretch
        The strongest ink becomes full white. Off: faint ink and thin lines stay pale.
    """

    crop: bool = True
    scale: bool = True
    centre: bool = True
    stretch: bool = True


ALL_STEPS = Steps()


@dataclass(frozen=True, eq=False)
class NetworkInput:
    """A drawing on its way to the network.

    Attributes
    ----------
    drawn
        float32 (height, width), 0 = paper, 1 = ink: as it was given, between 0 and 1.
    cropped
        float32: what is left of it, in its own pixels.
    scaled
        float32, 28 on a side at most: made smaller (or larger).
    picture
        uint8 (28, 28), put into its place: what the network sees.
    """

    drawn: NDArray[np.float32]
    cropped: NDArray[np.float32]
    scaled: NDArray[np.float32]
    picture: NDArray[np.uint8]


def to_network_input(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the picture that a network trained on MNIST expects.

    Parameters
    ----------
    ink
        (height, width), 0 = paper, 1 = ink; any size.

    Returns
    -------
    uint8 (28, 28), 0 = paper, 255 = the strongest ink.

    Raises
    ------
    PictureError
        If there is no ink.
    """
    return network_input_steps(ink).picture


def network_input_steps(ink: NDArray[np.float32], steps: Steps = ALL_STEPS) -> NetworkInput:
    """Return the picture for the network and what it was after each step.

    pages/parts/draw/live_reading/mnist_form.js does the same in the browser, to the last bit: a change here
    is a change there.

    Parameters
    ----------
    ink
        (height, width), 0 = paper, 1 = ink; any size.
    steps
        Those that are done.

    Raises
    ------
    PictureError
        If there is no ink.
    """
    if ink.ndim != 2 or ink.size == 0:
        raise PictureError(
            say("A picture of shape {shape} cannot be read: it must have height and width.", shape=ink.shape)
        )
    drawn = np.clip(np.nan_to_num(ink), 0.0, 1.0).astype(np.float32)
    strongest = float(drawn.max())
    if strongest < FAINTEST_INK:
        raise PictureError(BLANK_CANVAS)
    stretched = drawn / strongest
    # Where faint ink ends is the same, stretched or not.
    box = _inked(stretched > EDGE) if steps.crop else (slice(0, drawn.shape[0]), slice(0, drawn.shape[1]))
    cropped = (stretched if steps.stretch else drawn)[box]
    scaled = _scaled(cropped, drawn.shape, steps)
    # How far the middle of the box is from that of the canvas, in pixels of the field that is as large as it.
    away = [
        ((part.start + part.stop) / 2 - length / 2) * (IMAGE_SHAPE[0] / max(drawn.shape))
        for part, length in zip(box, drawn.shape, strict=True)
    ]
    return NetworkInput(drawn, cropped, scaled, _placed(scaled, away, steps))


def brightness(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how bright each pixel is, 0 to 1, weighed as the eye does (ITU-R BT.601)."""
    weights = np.array([0.299, 0.587, 0.114], np.float32) / 255
    return np.asarray(rgba[..., :3] @ weights, dtype=np.float32)


def border(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the outermost pixels of a picture as one row."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def _inked(is_ink: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and the columns from the first that has ink to the last."""
    rows, columns = (np.flatnonzero(is_ink.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _scaled(ink: NDArray[np.float32], canvas: tuple[int, ...], steps: Steps) -> NDArray[np.float32]:
    """Scale with the proportions kept; at least one pixel wide, and 1 at the strongest."""
    height, width = ink.shape
    scale = INK_SIDE / max(height, width) if steps.scale else IMAGE_SHAPE[0] / max(canvas)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Area averaging is exact for shrinking; for enlarging it would leave steps.
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    scaled = np.array(Image.fromarray(ink).resize(size, resampling), np.float32).clip(0, None)
    if not steps.stretch:
        return scaled.clip(None, 1)
    # A thin line is pale after averaging; the stretch makes it ink again.
    return np.asarray(scaled / scaled.max(), dtype=np.float32)


def _placed(ink: NDArray[np.float32], away: Sequence[float], steps: Steps) -> NDArray[np.uint8]:
    """Put the ink in a 28×28 field, in whole pixels: by its centre of mass, or so far from the middle."""
    pixels = np.round(ink * 255).astype(np.uint8)
    field = np.zeros(IMAGE_SHAPE, np.uint8)
    targets, sources = [], []
    for axis, (length, side) in enumerate(zip(ink.shape, IMAGE_SHAPE, strict=True)):
        weights = ink.sum(axis=1 - axis)
        first, last, wanted = 0, length - 1, INK_CENTRE + away[axis] - length / 2
        if steps.centre and weights.any():
            wanted = INK_CENTRE - float(weights @ np.arange(length) / weights.sum())
            if not steps.crop:  # paper that was not cut away may leave the field
                first, last = np.flatnonzero(weights)[[0, -1]].tolist()
        # Very lopsided ink would be cut off at the field's edge: it stays inside instead.
        corner = min(max(round(wanted), -first), side - 1 - last)
        targets.append(slice(max(corner, 0), min(corner + length, side)))
        sources.append(slice(max(-corner, 0), min(side - corner, length)))
    field[tuple(targets)] = pixels[tuple(sources)]
    return field
