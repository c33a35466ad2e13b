"""Ten bars: how much of its belief a network gives to each class.

Drawn as a piece of HTML and not as a Plotly figure: it changes after every stroke
on the Draw page, and a chart would be built anew in the browser each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from core.figures.palette import NEUTRAL, READING
from core.numbers import percent

_STYLE = f"""<style>
.probability-bars {{ display: grid; grid-template-columns: max-content minmax(0, 1fr) 7.6ch; gap: 5px 10px;
  align-items: center; margin: 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }}
.probability-bars li {{ display: contents; }}
.probability-bars .track {{ height: 14px; border-radius: 3px; background: {NEUTRAL}33; overflow: hidden; }}
.probability-bars .track i {{ display: block; height: 100%; min-width: 1px; background: {NEUTRAL}; }}
.probability-bars .share {{ text-align: right; white-space: nowrap; }}
.probability-bars .verdict {{ font-weight: 700; }}
.probability-bars .verdict + .track i {{ background: {READING}; }}
</style>"""


@dataclass(frozen=True)
class ProbabilityBar:
    """One class, its probability in percent, and whether it is the network's answer."""

    name: str
    percent: float
    is_verdict: bool

    @property
    def text(self) -> str:
        """The probability in words; a network is never entirely sure."""
        return percent(self.percent / 100, 1, never_whole=True)


@dataclass(frozen=True)
class ProbabilitiesInfo:
    """The bars in the order of the classes, and the two likeliest of them, likeliest first."""

    bars: tuple[ProbabilityBar, ...]
    first: ProbabilityBar
    second: ProbabilityBar


def probabilities_info(probabilities: NDArray[np.floating], class_names: Sequence[str]) -> ProbabilitiesInfo:
    """Return the bars of one picture; `probabilities` has one value a class, at least two, adding up to 1."""
    order = np.argsort(-probabilities, kind="stable")
    bars = tuple(
        ProbabilityBar(name, 100 * float(share), index == order[0])
        for index, (name, share) in enumerate(zip(class_names, probabilities, strict=True))
    )
    return ProbabilitiesInfo(bars, bars[order[0]], bars[order[1]])


def probability_bars(info: ProbabilitiesInfo) -> str:
    """Draw the bars as a list in HTML that takes the width it gets; the verdict's bar stands out."""
    return f'{_STYLE}<ul class="probability-bars">{"".join(_row(bar) for bar in info.bars)}</ul>'


def _row(bar: ProbabilityBar) -> str:
    mark = " verdict" if bar.is_verdict else ""
    return (
        f'<li><span class="name{mark}">{escape(bar.name)}</span>'
        f'<span class="track" aria-hidden="true"><i style="width:{bar.percent:.1f}%"></i></span>'
        f'<span class="share{mark}">{escape(bar.text)}</span></li>'
    )
