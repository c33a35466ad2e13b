"""Whether a picture is anything that the network has learnt: who answers everything must be told when not to.

A softmax always adds up to 1, so a network that reads ten digits reads a big X as a 1 and is sure of it. Its
own probabilities cannot tell; another, small network can, which has learnt the ten classes and, as an
eleventh, all kinds of pictures that belong to none (`core.prediction.other_pictures`; Hendrycks, Mazeika &
Dietterich 2019, "Deep Anomaly Detection with Outlier Exposure"). It knows nothing of the network that
answers, so it serves each that learnt from the same kind of images. It looks at edges, which carry over to
unknown pens better than pixels do.

pages/parts/draw/live_reading/refusal.js computes the same in the browser.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.arrays import as_npz, read_npz
from core.config import CLASS_COUNT, IMAGE_SHAPE
from core.errors import ArrayDamaged, ModelError
from core.prediction.calibration import calibrated
from core.prediction.forward import DenseLayer, Numbers, scaled
from core.prediction.packed import pack
from core.sentences import say

Pictures = NDArray[np.uint8]
Reason = Literal["", "unfamiliar", "unsure"]

FILE = Path(__file__).with_name("familiar_digits.npz")
MAGIC = b"DLRF"
VERSION = 1

# What the judge looks at: how bright each 2×2 pixels are, and how steeply each 4×4 rise in each of 8
# directions.
DIRECTIONS = 8
_BRIGHT, _STEEP = 2, 4
STEEPNESS = np.float32(3.0)  # brings both to about the same spread
FEATURES = (IMAGE_SHAPE[0] // _BRIGHT) ** 2 + DIRECTIONS * (IMAGE_SHAPE[0] // _STEEP) ** 2
_AT_ONCE = 1_000
_MOST_BYTES = 300_000


# Judges are never compared number by number: eq=False keeps identity.
@dataclass(frozen=True, eq=False)
class Refusal:
    """A judge of pictures for one kind of images.

    Attributes
    ----------
    layers
        From `features` to `CLASS_COUNT` + 1 sums; the last layer is linear, and its last sum is that of no
        class.
    threshold
        The score, see `scores`, above which a picture is unfamiliar.
    """

    layers: tuple[DenseLayer, ...]
    threshold: float


@dataclass(frozen=True, eq=False)
class Judgement:
    """What may be said of one picture.

    Attributes
    ----------
    probabilities
        float64 (classes,), calibrated.
    first, second
        The two likeliest classes.
    confidence
        The probability of the first.
    familiarity
        From 0 to 1: how much the picture is like those of any class; below 0.5 it is refused. 1 without a
        judge.
    reason
        "unfamiliar" or "unsure" where it is refused, else nothing.
    """

    probabilities: NDArray[np.float64]
    first: int
    second: int
    confidence: float
    familiarity: float
    reason: Reason

    @property
    def is_refused(self) -> bool:
        """Whether the network should rather not answer."""
        return bool(self.reason)


def judge(
    picture: Pictures,
    probabilities: NDArray[np.floating],
    temperature: float = 1.0,
    refusal: Refusal | None = None,
    least_confidence: float = 0.0,
) -> Judgement:
    """Return what may be said of a picture.

    Parameters
    ----------
    picture
        uint8 (28, 28), as the network sees it.
    probabilities
        (classes,) of the network, as its softmax gives them.
    temperature
        See `core.prediction.calibration`.
    refusal
        The judge of pictures for what the network has learnt; None where there is none: then only the
        probabilities count.
    least_confidence
        What the calibrated probability of the answer must reach at least.

    Raises
    ------
    ModelError
        If the picture is of another shape, or the probabilities are not numbers.
    """
    if not np.isfinite(probabilities).all():
        raise ModelError(
            say("This network's probabilities are not numbers: its training ran away. Choose another run.")
        )
    honest = calibrated(probabilities, temperature)
    first, second = (int(place) for place in np.argsort(-honest, kind="stable")[:2])
    confidence = float(honest[first])
    familiarity = 1.0
    if refusal is not None:
        familiarity = float(familiarities(refusal, picture[np.newaxis])[0])
    reason: Reason = ""
    if familiarity < 0.5:
        reason = "unfamiliar"
    elif confidence < least_confidence:
        reason = "unsure"
    return Judgement(honest, first, second, confidence, familiarity, reason)


def familiarities(refusal: Refusal, pictures: Pictures) -> NDArray[np.float64]:
    """Return how familiar each of (n, 28, 28) pictures is: from 0 to 1, and 0.5 at the threshold."""
    above = scores(refusal, pictures) - refusal.threshold
    return np.asarray(1 / (1 + np.exp(np.clip(above, -500, 500))))


def scores(refusal: Refusal, pictures: Pictures) -> NDArray[np.float64]:
    """Return the logarithm of how much likelier no class is than any, float64 (n,).

    Raises
    ------
    ModelError
        If the pictures are not uint8 (n, 28, 28).
    """
    found = np.empty(len(pictures))
    for start in range(0, len(pictures), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        values: Numbers = features(pictures[rows])
        for layer in refusal.layers:
            values = layer.outputs(values)
        sums = values.astype(np.float64)
        highest = sums[:, :-1].max(axis=1)
        of_classes = highest + np.log(np.exp(sums[:, :-1] - highest[:, None]).sum(axis=1))
        found[rows] = sums[:, -1] - of_classes
    return found


def features(pictures: Pictures) -> Numbers:
    """Return what the judge looks at, float32 (n, `FEATURES`), in (n, 28, 28) pictures.

    First the mean brightness of each 2×2 pixels, 0 to 1; then, direction by direction from the right to the
    bottom and round, the mean of how steeply the brightness rises that way in each 4×4 (central differences,
    falls count as nothing), as histograms of oriented gradients do without their normalization (Dalal &
    Triggs 2005).
    """
    bright = scaled(pictures).reshape(-1, *IMAGE_SHAPE)
    padded = np.pad(bright, ((0, 0), (1, 1), (1, 1)))
    across = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2
    down = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2
    parts = [_pooled(bright, _BRIGHT)]
    for direction in range(DIRECTIONS):
        angle = 2 * np.pi * direction / DIRECTIONS
        rise = np.float32(np.cos(angle)) * across + np.float32(np.sin(angle)) * down
        parts.append(STEEPNESS * _pooled(np.maximum(rise, 0), _STEEP))
    return np.concatenate(parts, axis=1).astype(np.float32, copy=False)


def pack_refusal(refusal: Refusal) -> bytes:
    """Return a judge as the browser unpacks it: "DLRF", version (uint32), threshold (float32), and its
    network.

    The network is packed with 8 bits a weight, see `core.prediction.packed`; all numbers are little-endian.
    """
    return MAGIC + struct.pack("<If", VERSION, refusal.threshold) + pack(refusal.layers, bits=8)


def as_file(refusal: Refusal) -> bytes:
    """Return a judge as the npz file that `read_refusal` reads: in 8 bits, as the browser has it."""
    arrays: dict[str, NDArray[np.generic]] = {"threshold": np.array([refusal.threshold], np.float32)}
    for number, layer in enumerate(refusal.layers):
        step = np.maximum(np.abs(layer.kernel).max(axis=0) / np.float32(127), np.float32(1e-12))
        arrays[f"kernel_{number}"] = np.round(layer.kernel / step).astype(np.int8)
        arrays[f"step_{number}"] = step.astype(np.float32)
        arrays[f"bias_{number}"] = layer.bias.astype(np.float32)
    return as_npz(arrays)


def read_refusal(content: bytes) -> Refusal:
    """Return the judge of a file that `as_file` made.

    Raises
    ------
    ModelError
        If the file is damaged or not such a judge.
    """
    try:
        arrays = read_npz(content, most_bytes=_MOST_BYTES)
        count = sum(name.startswith("kernel_") for name in arrays)
        layers = as_layers(
            [
                (arrays[f"kernel_{number}"] * arrays[f"step_{number}"], arrays[f"bias_{number}"])
                for number in range(count)
            ]
        )
        widths = [FEATURES, *(layer.units for layer in layers)]
        fits = all(
            layer.kernel.shape == (inputs, len(layer.bias)) and np.isfinite(layer.kernel).all()
            for layer, inputs in zip(layers, widths, strict=False)
        )
        threshold = float(arrays["threshold"][0])
        if not layers or not fits or widths[-1] != CLASS_COUNT + 1 or not np.isfinite(threshold):
            raise ValueError
    except (ArrayDamaged, KeyError, IndexError, ValueError, TypeError) as error:
        raise ModelError(
            say("The file that tells digits from other pictures is damaged. Install Digit Lab anew.")
        ) from error
    return Refusal(layers, threshold)


def as_layers(weights: Sequence[tuple[NDArray[np.floating], NDArray[np.floating]]]) -> tuple[DenseLayer, ...]:
    """Return layers of (kernel, bias): with ReLU, the last linear."""
    return tuple(
        DenseLayer(
            np.ascontiguousarray(kernel, np.float32),
            np.ascontiguousarray(bias, np.float32),
            "linear" if number == len(weights) - 1 else "relu",
        )
        for number, (kernel, bias) in enumerate(weights)
    )


@lru_cache(maxsize=1)
def digits_refusal() -> Refusal:
    """Return the judge of digits that comes with Digit Lab; see `core.prediction.refusal_fitting`.

    Raises
    ------
    ModelError
        If its file is missing or damaged.
    """
    try:
        content = FILE.read_bytes()
    except OSError as error:
        raise ModelError(
            say(
                "The file that tells digits from other pictures cannot be read ({reason}). Install Digit Lab "
                "anew.",
                reason=error.strerror,
            )
        ) from error
    return read_refusal(content)


def _pooled(values: Numbers, side: int) -> Numbers:
    """Return the means of squares of `side` pixels, (n, squares), of (n, 28, 28)."""
    squares = IMAGE_SHAPE[0] // side
    return np.asarray(
        values.reshape(len(values), squares, side, squares, side).mean(axis=(2, 4)).reshape(len(values), -1)
    )
