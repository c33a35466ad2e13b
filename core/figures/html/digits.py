"""Cards of digit pictures: what the network saw, what it is, and what the network thought."""

import io
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.figures.palette import NEUTRAL, RIGHT, WRONG
from core.numbers import percent
from core.sentences import say

_SHOWN_PROBABILITIES = 3

_STYLE = f"""<style>
.digit-cards {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 10px; }}
.digit-card {{ margin: 0; padding: 8px; border: 1px solid {NEUTRAL}66; border-radius: 8px;
  font-size: 0.78rem; line-height: 1.35; min-width: 0; }}
.digit-card img {{ display: block; width: 84px; height: 84px; margin: 0 auto 6px; border-radius: 4px;
  image-rendering: pixelated; }}
.digit-card p {{ margin: 0 0 4px; font-size: 0.78rem; overflow-wrap: anywhere; }}
.digit-card .chance {{ display: flex; justify-content: space-between; gap: 4px;
  font-variant-numeric: tabular-nums; }}
.digit-card .chance span:first-child {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.digit-card .chance span:last-child {{ white-space: nowrap; }}
.digit-card .bar {{ height: 4px; margin-bottom: 3px; border-radius: 2px; background: {NEUTRAL}33; }}
.digit-card .bar i {{ display: block; height: 100%; border-radius: 2px; }}
</style>"""


@dataclass(frozen=True)
class Chance:
    """One class and the probability the network gave it, in percent; `colour` tells right from wrong."""

    name: str
    percent: float
    colour: str


@dataclass(frozen=True)
class DigitCard:
    """One picture: its number in the test set, PNG bytes, true class, and the likeliest classes."""

    number: int
    png: bytes
    true: str
    read_as: str
    chances: tuple[Chance, ...]


def digit_cards_info(
    numbers: NDArray[np.int64],
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    class_names: Sequence[str],
) -> list[DigitCard]:
    """Return a card for each image; all arrays have one row an image, `images` is uint8 (n, 28, 28).

    A card lists the three likeliest classes, and the true one if it is not among them.
    """
    cards = []
    for number, image, label, row in zip(numbers, images, labels, probabilities, strict=True):
        order = np.argsort(-row, kind="stable")
        listed = list(order[:_SHOWN_PROBABILITIES])
        if label not in listed:
            listed.append(label)
        chances = tuple(
            Chance(class_names[index], 100 * float(row[index]), _colour(index, label, order[0]))
            for index in listed
        )
        cards.append(
            DigitCard(int(number), picture_png(image), class_names[label], class_names[order[0]], chances)
        )
    return cards


def digit_cards(cards: Sequence[DigitCard], *, say: Callable[..., str] = say) -> str:
    """Draw the cards as one piece of HTML that wraps to the width it gets; `say` may translate."""
    return cards_html([_card(card, say) for card in cards])


def cards_html(cards: Sequence[str]) -> str:
    """Return cards of `card_html` as one piece of HTML that wraps to the width it gets."""
    return f'{_STYLE}<div class="digit-cards">{"".join(cards)}</div>'


def card_html(
    number: int, png: bytes, heading: str, chances: Sequence[Chance], *, alt: str, say: Callable[..., str]
) -> str:
    """Return the card of test image `number`: the picture, a `heading` in HTML, a bar for each chance."""
    title = say("Test image {number}", number=number)
    bars = "".join(
        f'<div class="chance"><span>{escape(chance.name)}</span><span>{_chance_text(chance)}</span></div>'
        f'<div class="bar"><i style="width:{chance.percent:.1f}%;background:{chance.colour}"></i></div>'
        for chance in chances
    )
    return (
        f'<figure class="digit-card" title="{escape(title)}">'
        f'<img src="data:image/png;base64,{b64encode(png).decode()}" '
        f'alt="{escape(alt)}">'
        f"<p>{heading}</p>{bars}</figure>"
    )


def picture_png(image: NDArray[np.uint8]) -> bytes:
    """Return a grey picture (height, width) as PNG, pixel for pixel."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(file, "PNG")
    return file.getvalue()


def _colour(index: int, label: int, read: int) -> str:
    if index == label:
        return RIGHT
    return WRONG if index == read else NEUTRAL


def _chance_text(chance: Chance) -> str:
    return escape(percent(chance.percent / 100, 1, never_whole=True))


def _card(card: DigitCard, say: Callable[..., str]) -> str:
    alt = say(
        "Test image {number}: {true}, read as {read}", number=card.number, true=card.true, read=card.read_as
    )
    names = say(
        "Really {true}, read as {read}",
        true=f"<b>{escape(card.true)}</b>",
        read=f"<b>{escape(card.read_as)}</b>",
    )
    return card_html(card.number, card.png, names, card.chances, alt=alt, say=say)
