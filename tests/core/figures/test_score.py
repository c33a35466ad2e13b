"""The score of a duel as cards."""

import re

from core.figures.html.score import SeedScore, seed_scores


def test_who_is_ahead_has_a_mark() -> None:
    html = seed_scores([SeedScore(3, "96.34 %", "96.17 %", "A"), SeedScore(4, "failed", "<b>", "")])
    assert re.findall(r"<span[^>]*>(.*?)</span>", html) == [
        *("Seed 3", "A 96.34 % ✓", "B 96.17 %"),
        *("Seed 4", "A failed", "B &lt;b&gt;"),
    ]
    assert html.count('class="ahead"') == 1
