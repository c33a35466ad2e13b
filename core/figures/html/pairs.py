"""Cards of digit pictures that two networks have read: what each of them reads, and how surely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from core.evaluation.against import Against
from core.figures.html.digits import Chance, card_html, cards_html, picture_png
from core.figures.palette import RIGHT, WRONG
from core.sentences import say


@dataclass(frozen=True)
class PairCard:
    """One picture: its number in the test set, PNG bytes, true class, and what each network reads."""

    number: int
    png: bytes
    true: str
    by_a: Chance
    by_b: Chance


def pair_cards_info(
    rows: NDArray[np.int64], compared: Against, images: NDArray[np.uint8], class_names: Sequence[str]
) -> list[PairCard]:
    """Return a card for each of these `rows` of the test set with the images (n, 28, 28)."""
    cards = []
    for row in rows.tolist():
        label = int(compared.labels[row])
        by_a = _chance(compared.read_by_a[row], compared.surely_a[row], label, class_names)
        by_b = _chance(compared.read_by_b[row], compared.surely_b[row], label, class_names)
        cards.append(PairCard(row, picture_png(images[row]), class_names[label], by_a, by_b))
    return cards


def pair_cards(cards: Sequence[PairCard], *, say: Callable[..., str] = say) -> str:
    """Draw the cards as one piece of HTML that wraps to the width it gets; `say` may translate."""
    return cards_html([_card(card, say) for card in cards])


def _chance(read: np.int64, surely: np.float32, label: int, class_names: Sequence[str]) -> Chance:
    return Chance(class_names[int(read)], 100 * float(surely), RIGHT if read == label else WRONG)


def _card(card: PairCard, say: Callable[..., str]) -> str:
    alt = say(
        "Test image {number}: {true}, A reads {by_a}, B reads {by_b}",
        number=card.number,
        true=card.true,
        by_a=card.by_a.name,
        by_b=card.by_b.name,
    )
    # By a mark too: green and vermillion are no difference to everybody.
    chances = [
        Chance(f"{network} {_mark(chance)} {chance.name}", chance.percent, chance.colour)
        for network, chance in (("A", card.by_a), ("B", card.by_b))
    ]
    heading = say("Really {true}", true=f"<b>{escape(card.true)}</b>")
    return card_html(card.number, card.png, heading, chances, alt=alt, say=say)


def _mark(chance: Chance) -> str:
    return "✓" if chance.colour == RIGHT else "✗"
