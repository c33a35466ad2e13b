"""Hands: how widely those differ who write the digits."""

from dataclasses import dataclass
from functools import cached_property

from core.data.pen_strokes.skeletons import WAYS, Skeletons, Ways, lay_out
from core.data.pen_strokes.wide_ways import MORE_WAYS


@dataclass(frozen=True, eq=False)
class Hand:
    """The ways of writing each digit, and the spread of all that a hand does to them.

    Spreads are standard deviations.

    Attributes
    ----------
    ways
        By digit: the ways to write it as `core.data.pen_strokes.skeletons` reads them, each with its weight.
    width
        Of the logarithm of the digit's width.
    slant, slant_of_one
        Of how far the head stands right of the foot; a 1 is a stroke alone, and leans more freely.
    rotation
        Of the angle in radians by which the digit is turned.
    pen, pen_spread, thinnest, thickest
        Half width of the usual pen in pixels of the final picture, spread of its logarithm, and its bounds.
    """

    ways: Ways
    width: float = 0.25
    slant: float = 0.26
    slant_of_one: float = 0.35
    rotation: float = 0.12
    pen: float = 1.25
    pen_spread: float = 0.3
    thinnest: float = 0.65
    thickest: float = 2.3

    @cached_property
    def skeletons(self) -> Skeletons:
        """The ways, laid out once."""
        return lay_out(self.ways)


CLERKS = Hand(WAYS)
"""Those who wrote MNIST, as far as a program can tell."""

# Both kinds of ways have a weight of their own, so that the more unusual half is written as often.
_BOTH = {
    digit: (
        *((weight / sum(each for each, _ in usual), text) for weight, text in usual),
        *((weight / sum(each for each, _ in MORE_WAYS[digit]), text) for weight, text in MORE_WAYS[digit]),
    )
    for digit, usual in WAYS.items()
}

EVERYONE = Hand(_BOTH, width=0.3, slant=0.24, rotation=0.1, pen_spread=0.45, thinnest=0.5, thickest=2.6)
"""Those who learnt to write elsewhere too, with whatever lies at hand: ball pen to marker."""
