"""Two networks on the same test images: who is right on which, what each reads, whether it may be luck."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT
from core.sentences import say

# Below this a difference is said to be hardly luck, as is the custom.
SIGNIFICANT = 0.05


class Group(StrEnum):
    """Who reads an image right."""

    BOTH = "both"
    ONLY_A = "only-a"
    ONLY_B = "only-b"
    NONE = "none"


@dataclass(frozen=True, eq=False)
class Against:
    """What networks A and B make of the same n test images.

    Attributes
    ----------
    labels
        uint8 (n,): what the images are.
    read_by_a, read_by_b
        int64 (n,): the class that each network reads.
    surely_a, surely_b
        float32 (n,): the probability of that class, 0 to 1.
    """

    labels: NDArray[np.uint8]
    read_by_a: NDArray[np.int64]
    read_by_b: NDArray[np.int64]
    surely_a: NDArray[np.float32]
    surely_b: NDArray[np.float32]

    def count(self, group: Group) -> int:
        """Return how many images are in a group; the four add up to all."""
        return int(self._is_in(group).sum())

    def reads(self) -> NDArray[np.int64]:
        """Return int64 (10, 10): images that A reads as a class (row) and B as a class (column)."""
        cells = CLASS_COUNT * self.read_by_a + self.read_by_b
        return np.bincount(cells, minlength=CLASS_COUNT**2).reshape(CLASS_COUNT, CLASS_COUNT)

    def images_of(self, group: Group) -> NDArray[np.int64]:
        """Return the rows of a group's images, those first of which both networks are surest."""
        return self._surest_first(np.flatnonzero(self._is_in(group)))

    def images_read_as(self, by_a: int, by_b: int) -> NDArray[np.int64]:
        """Return the rows of the images that A and B read so, in the same order."""
        return self._surest_first(np.flatnonzero((self.read_by_a == by_a) & (self.read_by_b == by_b)))

    def _is_in(self, group: Group) -> NDArray[np.bool_]:
        is_a: NDArray[np.bool_] = self.read_by_a == self.labels
        is_b: NDArray[np.bool_] = self.read_by_b == self.labels
        match group:
            case Group.BOTH:
                return is_a & is_b
            case Group.ONLY_A:
                return is_a & ~is_b
            case Group.ONLY_B:
                return ~is_a & is_b
            case Group.NONE:
                return ~is_a & ~is_b

    def _surest_first(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        # A sure mistake teaches more than a close call. Equally sure ones keep the order of the test set.
        return rows[np.argsort(-(self.surely_a[rows] + self.surely_b[rows]), kind="stable")]


def against(a: NDArray[np.float32], b: NDArray[np.float32], labels: NDArray[np.uint8]) -> Against:
    """Return how two networks compare by their probabilities (n, 10) of images with these labels (n,)."""
    return Against(labels, a.argmax(axis=1), b.argmax(axis=1), a.max(axis=1), b.max(axis=1))


def mcnemar(only_a: int, only_b: int) -> float:
    """Return how often two equally good networks would differ at least so much: the p-value, 0 to 1.

    Images that both read alike say nothing. Of the others, each network would be right on half, as a coin
    falls: P(at most the fewer of the two) of a binomial distribution, twice because either may have
    come out better (McNemar 1947, Psychometrika 12, 153–157; in its exact form, which
    holds for few images too). With whole numbers, so that it is exact for any count.
    """
    count, fewer = only_a + only_b, min(only_a, only_b)
    term = total = 1  # (count over 0)
    for number in range(fewer):
        term = term * (count - number) // (number + 1)
        total += term
    return min(1.0, 2 * total / (1 << count))


def verdict(only_a: int, only_b: int) -> str:
    """Say what the images mean that only one of the networks reads right: whether it may be luck."""
    if not only_a + only_b:
        return say("A and B are right and wrong on the same images.")
    better, worse, most, fewest = (
        ("A", "B", only_a, only_b) if only_a > only_b else ("B", "A", only_b, only_a)
    )
    few = f"{fewest:,}"
    counted = (
        say(
            "{better} alone is right on 1 image, {worse} alone on {fewest}.",
            better=better,
            worse=worse,
            fewest=few,
        )
        if most == 1
        else say(
            "{better} alone is right on {most} images, {worse} alone on {fewest}.",
            better=better,
            worse=worse,
            most=f"{most:,}",
            fewest=few,
        )
    )
    if only_a == only_b:
        return say("{counted} Neither is better.", counted=counted)
    chance = mcnemar(only_a, only_b)
    often = _often(chance)
    if chance >= SIGNIFICANT:
        return say(
            "{counted} If they were equally good, a difference like this would come up in {often} cases: "
            "it may be luck.",
            counted=counted,
            often=often,
        )
    return say(
        "{counted} If they were equally good, a difference like this would come up in {often} cases: "
        "{better} is better on such images.",
        counted=counted,
        often=often,
        better=better,
    )


def _often(chance: float) -> str:
    if chance < 0.001:
        return say("fewer than 1 of 1,000")
    if chance < 0.0095:
        return say("{count} of 1,000", count=round(1_000 * chance))
    return say("{count} of 100", count=round(100 * chance))
