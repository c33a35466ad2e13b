"""The score of a duel, seed by seed, as small cards that wrap to the width they get."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from core.figures.palette import NEUTRAL
from core.sentences import say

_STYLE = f"""<style>
.duel-score {{ display: flex; flex-wrap: wrap; gap: 6px; }}
.duel-score > div {{ padding: 4px 8px; border: 1px solid {NEUTRAL}66; border-radius: 6px;
  font-size: 0.8rem; line-height: 1.4; font-variant-numeric: tabular-nums; }}
.duel-score span {{ display: block; white-space: nowrap; }}
.duel-score .ahead {{ font-weight: 700; }}
</style>"""


@dataclass(frozen=True)
class SeedScore:
    """What both sides reached with one seed, in words; `ahead` is "A", "B", or nothing."""

    seed: int
    a: str
    b: str
    ahead: str = ""


def seed_scores(scores: Sequence[SeedScore], *, say: Callable[..., str] = say) -> str:
    """Draw the scores as one piece of HTML; who is ahead has a mark and stands bold."""
    cards = "".join(_card(score, say) for score in scores)
    return f'{_STYLE}<div class="duel-score" role="list">{cards}</div>'


def _card(score: SeedScore, say: Callable[..., str]) -> str:
    title = escape(say("Seed {seed}", seed=score.seed))
    rows = _row("A", score.a, score.ahead) + _row("B", score.b, score.ahead)
    return f'<div role="listitem"><span>{title}</span>{rows}</div>'


def _row(side: str, words: str, ahead: str) -> str:
    if ahead == side:
        return f'<span class="ahead">{side} {escape(words)} ✓</span>'
    return f"<span>{side} {escape(words)}</span>"
