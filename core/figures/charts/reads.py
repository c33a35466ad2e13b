"""What network A reads by row, what network B reads by column: where they disagree, every cell a button.

Agreement, the diagonal, is grey. A disagreement has the colour of what networks say, whoever is right.
"""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.charts.cells import Cells, cells_figure
from core.figures.palette import NEUTRAL, READING
from core.sentences import say

_AGREED = 0.2  # strength of the diagonal, however many images are there


def reads_info(
    reads: NDArray[np.int64], class_names: Sequence[str], *, say: Callable[..., str] = say
) -> Cells:
    """Return what a matrix of counts (classes, classes) shows, A by row; `say` may translate.

    A disagreement's colour is the stronger the more images are in it, compared with the commonest.
    """
    count = len(class_names)
    diagonal = np.eye(count, dtype=bool)
    most = max(1, int(reads[~diagonal].max(initial=0)))
    numbers = np.full((count, count), "·", dtype=object)
    hover = np.full((count, count), "", dtype=object)
    for by_a in range(count):
        for by_b in range(count):
            images = int(reads[by_a, by_b])
            written = f"{images:,}"
            if images:
                numbers[by_a, by_b] = say("{images}", images=written)
            hover[by_a, by_b] = say(
                "A reads {by_a}, B reads {by_b}:<br>{images} images",
                by_a=class_names[by_a],
                by_b=class_names[by_b],
                images=written,
            )
    return Cells(
        columns=say("Read by B as (number of images)"),
        rows=say("Read by A as"),
        class_names=tuple(class_names),
        numbers=numbers,
        hover=hover,
        layers=(
            (np.where(diagonal & (reads > 0), _AGREED, np.nan), NEUTRAL),
            (np.where(~diagonal & (reads > 0), reads / most, np.nan), READING),
        ),
    )


def reads_figure(
    reads: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    selected: tuple[int, int] | None = None,
    say: Callable[..., str] = say,
) -> go.Figure:
    """Return the drawn matrix of counts (classes, classes); the cell `selected` (by A, by B) has a frame."""
    frame = NEUTRAL if selected and selected[0] == selected[1] else READING
    return cells_figure(reads_info(reads, class_names, say=say), selected=selected, frame=frame)
