"""The fewest pixels that turn a picture into a digit of one's choice.

Which set of pixels is the smallest nobody can tell without trying them all. Found is a set of which none can
be left out, and no two replaced by one, as far as the search has looked in its time:

1. Greedy: again and again the one pixel after which the network believes most in the wanted digit. Which
   pixels are tried at all is told by the slopes, as in the saliency maps of Papernot et al. 2016 ("The
   limitations of deep learning in adversarial settings"); what they do is computed exactly.
2. Whatever has become needless is taken back.
3. Every two of the pixels are replaced by one, where there is one, until there is none or the time is over.

Each pixel becomes full ink or bare paper: what goes all the way goes furthest.
"""

from dataclasses import dataclass
from itertools import combinations
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from core.config import IMAGE_SHAPE
from core.errors import ModelError
from core.prediction.forward import Numbers, outputs_of, scaled
from core.prediction.gradients import Layers, log_odds, log_odds_slopes, pixel_slopes, sums_of
from core.sentences import say

MOST_PIXELS = 100
SECONDS = 1.0
# How far the wanted digit's sum is above all others: 50.1 % against 49.9 %. Less may be rounding.
MARGIN = 0.004
# Of the time: until when pixels are replaced, and until when any is tried. The last step may take the rest.
_REPLACING, _TRYING = 0.6, 0.9
# Multiplications of one step's trials, and how many pixels they try at least and at most.
_STEP_COST = 50_000_000
_TRIED = (16, 128)
# Pixels that are tried in place of two.
_TRIED_FOR_TWO = 4
_INK = 255


@dataclass(frozen=True)
class Change:
    """One pixel of 28×28, what it was and what it became, 0 paper to 255 ink."""

    row: int
    column: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Edit:
    """A picture that was turned into another digit.

    Attributes
    ----------
    target
        What the network reads in it now.
    changes
        Each time the one next that helps most; empty where it was read so already.
    picture
        uint8 (28, 28): with all changes.
    probabilities
        float32 (changes + 1, 10): before the first change and after each.
    """

    target: int
    changes: tuple[Change, ...]
    picture: NDArray[np.uint8]
    probabilities: Numbers


def smallest_edit(
    layers: Layers,
    picture: NDArray[np.uint8],
    target: int | None,
    *,
    most: int = MOST_PIXELS,
    seconds: float = SECONDS,
) -> Edit | None:
    """Return few pixels that make the network read another digit; None if none were found.

    Parameters
    ----------
    layers
        The network.
    picture
        uint8 (28, 28).
    target
        The digit to be read; None for whichever other than now takes the fewest.
    most
        Pixels that may be changed.
    seconds
        How long to look; what was found until then is returned.

    Raises
    ------
    ModelError
        If there is no such digit, the picture has another type or shape, or the network gives no numbers.
    """
    if target is not None and not 0 <= target < layers[-1].units:
        raise ModelError(say("The network knows no class {target}.", target=target))
    search = _Search(layers, picture, monotonic(), seconds)
    if target is not None:
        found = search.toward(target, most)
        return None if found is None else _edit(layers, picture, target, found)
    best: tuple[int, _Pixels] | None = None
    for other in search.others():
        found = search.toward(other, most if best is None else len(best[1]) - 1)
        if found is not None:
            best = other, found
    return None if best is None else _edit(layers, picture, *best)


# Pixel to its new value, in order.
_Pixels = dict[int, int]


class _Search:
    """Looks for sets of pixels of one picture, which is kept as the sums of the first layer."""

    def __init__(self, layers: Layers, picture: NDArray[np.uint8], began: float, seconds: float) -> None:
        inputs = scaled(picture[np.newaxis])
        self._layers = layers
        self._stop_replacing = began + _REPLACING * seconds
        self._stop_trying = began + _TRYING * seconds
        self._before = picture.reshape(-1).astype(np.int64)
        self._first = layers[0].sums(inputs)[0]
        first = layers[0]
        kernel = first.kernel if first.scale is None else first.kernel * first.scale[:, np.newaxis]
        # (784, units): what a step of grey in each pixel adds to each sum.
        self._effects = kernel * np.float32(1 / _INK)
        cost = sum(layer.kernel.size for layer in layers[1:]) or 1
        self._tried = int(np.clip(_STEP_COST // cost, *_TRIED))

    def others(self) -> list[int]:
        """Return the digits that are not read now, likeliest first."""
        last = sums_of(self._layers, self._first[np.newaxis])[-1][0]
        return [int(digit) for digit in np.argsort(-last, kind="stable")[1:]]

    def toward(self, target: int, most: int) -> _Pixels | None:
        """Return pixels after which `target` is read, at most so many; None if none were found."""
        pixels = self._greedily(target, most)
        if pixels is None:
            return None
        pixels = self._needed(pixels, target)
        while monotonic() < self._stop_replacing:
            fewer = self._one_for_two(pixels, target)
            if fewer is None:
                break
            pixels = self._needed(fewer, target)
        return self._in_order(pixels, target)

    def _greedily(self, target: int, most: int) -> _Pixels | None:
        pixels: _Pixels = {}
        first = self._first[np.newaxis]
        while True:
            sums = sums_of(self._layers, first)
            if _margins(sums[-1], target)[0] >= MARGIN:
                return pixels
            if len(pixels) >= most or monotonic() >= self._stop_trying:
                return None
            numbers, values = self._promising(sums, target, [list(pixels)], self._tried)
            if not numbers.size:
                return None
            trials = first + self._steps(numbers, values)
            last = sums_of(self._layers, trials)[-1]
            margins = _margins(last, target)
            # Once it is done by one of them, by the one that does it most clearly.
            done = margins.max() >= MARGIN
            best = int(np.argmax(margins if done else log_odds(last)[:, target]))
            pixels[int(numbers[best])] = int(values[best])
            # Not added up: summed anew, so that rounding does not add up either.
            first = self._first_sums(pixels)

    def _promising(
        self, sums: list[Numbers], target: int, taken: list[list[int]], count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each picture, the pixels and values that by the slopes raise `target` most.

        `taken` are the pixels of each picture that are left alone. Flat arrays, `count` a picture; nothing
        where no pixel of any picture has a slope that leads there.
        """
        slopes = pixel_slopes(self._layers, sums, log_odds_slopes(sums[-1])[:, target])
        values = np.where(slopes > 0, _INK, 0)
        gains = slopes * (values - self._before)
        for row, pixels in enumerate(taken):
            gains[row, pixels] = -np.inf
        if not (gains > 0).any():
            return np.empty(0, np.int64), np.empty(0, np.int64)
        numbers = np.argpartition(-gains, count, axis=1)[:, :count]
        return numbers.reshape(-1), np.take_along_axis(values, numbers, axis=1).reshape(-1)

    def _steps(self, numbers: NDArray[np.int64], values: NDArray[np.int64]) -> Numbers:
        """Return what each pixel's new value adds to the first sums, (pixels, units)."""
        steps = (values - self._before[numbers]).astype(np.float32)
        return np.asarray(steps[:, np.newaxis] * self._effects[numbers])

    def _first_sums(self, pixels: _Pixels) -> Numbers:
        """Return the first sums with all these pixels changed, (1, units)."""
        return np.asarray(self._first + self._all_steps(pixels).sum(axis=0, keepdims=True))

    def _all_steps(self, pixels: _Pixels) -> Numbers:
        return self._steps(np.fromiter(pixels, np.int64), np.fromiter(pixels.values(), np.int64))

    def _needed(self, pixels: _Pixels, target: int) -> _Pixels:
        """Take back, one by one, what is not needed: the pixel first without which it is clearest."""
        # Among those that were tried there may be some that are so already.
        pixels = {pixel: value for pixel, value in pixels.items() if value != self._before[pixel]}
        while pixels and monotonic() < self._stop_trying:
            without = self._first_sums(pixels) - self._all_steps(pixels)
            margins = _margins(sums_of(self._layers, without)[-1], target)
            best = int(np.argmax(margins))
            if margins[best] < MARGIN:
                break
            del pixels[list(pixels)[best]]
        return pixels

    def _one_for_two(self, pixels: _Pixels, target: int) -> _Pixels | None:
        """Return one pixel fewer, by one in the place of two; None where none of those tried does it."""
        pairs = np.array(list(combinations(range(len(pixels)), 2)), dtype=np.int64).reshape(-1, 2)
        names, steps, whole = np.fromiter(pixels, np.int64), self._all_steps(pixels), self._first_sums(pixels)
        best: tuple[float, _Pixels] | None = None
        # As many at once as a step of the greedy search tries.
        at_once = max(1, self._tried // _TRIED_FOR_TWO)
        for start in range(0, len(pairs), at_once):
            if monotonic() >= self._stop_replacing:
                break
            some = pairs[start : start + at_once]
            first = whole - steps[some].sum(axis=1)
            taken = [list(names)] * len(some)
            numbers, values = self._promising(sums_of(self._layers, first), target, taken, _TRIED_FOR_TWO)
            if not numbers.size:
                continue
            trials = np.repeat(first, _TRIED_FOR_TWO, axis=0) + self._steps(numbers, values)
            margins = _margins(sums_of(self._layers, trials)[-1], target)
            place = int(np.argmax(margins))
            if margins[place] >= MARGIN and (best is None or margins[place] > best[0]):
                gone = set(names[some[place // _TRIED_FOR_TWO]].tolist())
                kept = {pixel: value for pixel, value in pixels.items() if pixel not in gone}
                best = float(margins[place]), kept | {int(numbers[place]): int(values[place])}
        return None if best is None else best[1]

    def _in_order(self, pixels: _Pixels, target: int) -> _Pixels:
        """Return the same pixels, each time the one next that helps most."""
        left, ordered = dict(pixels), _Pixels()
        first = self._first[np.newaxis]
        while left and monotonic() < self._stop_trying:
            trials = first + self._all_steps(left)
            best = int(np.argmax(log_odds(sums_of(self._layers, trials)[-1])[:, target]))
            first = trials[best : best + 1]
            pixel = list(left)[best]
            ordered[pixel] = left.pop(pixel)
        return ordered | left


def _margins(last: Numbers, target: int) -> Numbers:
    """Return how far the target's sum is above the highest of the others, (n,)."""
    others = np.delete(last, target, axis=1)
    return np.asarray(last[:, target] - others.max(axis=1))


def _edit(layers: Layers, picture: NDArray[np.uint8], target: int, pixels: _Pixels) -> Edit:
    changes, pictures = [], [picture]
    for pixel, value in pixels.items():
        row, column = divmod(pixel, IMAGE_SHAPE[1])
        changes.append(Change(row, column, int(picture[row, column]), value))
        edited = pictures[-1].copy()
        edited[row, column] = value
        pictures.append(edited)
    return Edit(target, tuple(changes), pictures[-1], outputs_of(layers, np.stack(pictures))[-1])
