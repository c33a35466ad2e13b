"""Accuracy against coverage: what a network gains that leaves out what it is not sure of."""

from collections.abc import Callable

import numpy as np
from plotly import graph_objects as go

from core.evaluation.coverage import Coverage
from core.figures.palette import NEUTRAL, RIGHT
from core.sentences import say

_HEIGHT = 280


def draw_coverage(found: Coverage, threshold: float, *, say: Callable[..., str] = say) -> go.Figure:
    """Return the curve from the surest images to all of them, and on it what `threshold` answers.

    Parameters
    ----------
    found
        Of the test images.
    threshold
        Least confidence, 0 to 1.
    say
        Puts the words of the chart into the language of who looks at it.
    """
    shares, accuracies = found.curve()
    chosen = found.at(threshold)
    hover = say("answers {share}, of those {right} right", share="%{x:.1%}", right="%{y:.2%}")
    figure = go.Figure(
        [
            go.Scatter(
                x=shares,
                y=accuracies,
                mode="lines",
                line={"color": NEUTRAL, "width": 2},
                hovertemplate=f"{hover}<extra></extra>",
            ),
            go.Scatter(
                x=[chosen.share] if chosen.answered else [],
                y=[chosen.accuracy] if chosen.answered else [],
                mode="markers",
                marker={"color": RIGHT, "size": 14},
                hovertemplate=f"{hover}<extra></extra>",
            ),
        ]
    )
    lowest = float(np.min(accuracies, initial=1.0))
    figure.update_xaxes(title_text=say("images answered"), tickformat=".0%", fixedrange=True, range=[0, 1.03])
    figure.update_yaxes(
        title_text=say("of those right"),
        tickformat=".4~p",
        fixedrange=True,
        range=[lowest - 0.05 * (1 - lowest) - 1e-4, 1 + 0.08 * (1 - lowest) + 1e-4],
    )
    figure.update_layout(
        title={"text": say("Accuracy against coverage"), "font": {"size": 15}},
        height=_HEIGHT,
        margin={"l": 60, "r": 10, "t": 40, "b": 45},
        showlegend=False,
    )
    return figure
