"""The confusion matrix: which class is read as which, every cell a button.

Right cells are green and wrong cells vermillion, each the stronger the larger its
share of its row; being on the diagonal says the same without colour.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.evaluation.scores import row_percent
from core.figures.charts.cells import Cells, cells_figure
from core.figures.palette import RIGHT, WRONG
from core.numbers import percent as in_percent
from core.numbers import percent_number
from core.sentences import say

_FULL_MISTAKE = 5.0  # percent of a row at which a wrong cell has its strongest colour


@dataclass(frozen=True)
class ConfusionInfo:
    """What the figure shows, cell by cell; all arrays (classes, classes), rows are the truth.

    Attributes
    ----------
    read_as, true
        The titles of the columns and of the rows.
    numbers
        The text in each cell; a dot where no image is.
    right, wrong
        Strength of the colour from 0 to 1; NaN where the cell has no such colour.
    hover
        A sentence for each cell.
    """

    read_as: str
    true: str
    class_names: tuple[str, ...]
    numbers: NDArray[np.str_]
    right: NDArray[np.float64]
    wrong: NDArray[np.float64]
    hover: NDArray[np.str_]


def confusion_info(
    confusion: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    percent: bool = False,
    say: Callable[..., str] = say,
) -> ConfusionInfo:
    """Return what a confusion matrix of counts (classes, classes) shows, in counts or row percent.

    `say` may translate.
    """
    shares = row_percent(confusion)
    count = len(class_names)
    diagonal = np.eye(count, dtype=bool)
    numbers = np.full((count, count), "·", dtype=object)
    hover = np.full((count, count), "", dtype=object)
    right, wrong = say("right"), say("wrong")
    for true in range(count):
        for read in range(count):
            images, share = int(confusion[true, read]), shares[true, read]
            written = f"{images:,}"
            if images:
                number = say("{images}", images=written)
                numbers[true, read] = percent_number(share / 100) if percent else number
            hover[true, read] = say(
                "{true} read as {read} ({verdict}):<br>{images} images, {share} of all {true}",
                true=class_names[true],
                read=class_names[read],
                verdict=right if true == read else wrong,
                images=written,
                share=in_percent(share / 100, 1),
            )
    return ConfusionInfo(
        read_as=say("Read as (percent of row)") if percent else say("Read as (number of images)"),
        true=say("True"),
        class_names=tuple(class_names),
        numbers=numbers,
        right=np.where(diagonal & (confusion > 0), shares / 100, np.nan),
        wrong=np.where(~diagonal & (confusion > 0), np.minimum(shares / _FULL_MISTAKE, 1), np.nan),
        hover=hover,
    )


def confusion_figure(info: ConfusionInfo, *, selected: tuple[int, int] | None = None) -> go.Figure:
    """Draw `info`; the cell `selected` (true, predicted) has a frame."""
    cells = Cells(
        columns=info.read_as,
        rows=info.true,
        class_names=info.class_names,
        numbers=info.numbers,
        hover=info.hover,
        layers=((info.right, RIGHT), (info.wrong, WRONG)),
    )
    frame = RIGHT if selected and selected[0] == selected[1] else WRONG
    return cells_figure(cells, selected=selected, frame=frame)


def confusion_matrix_figure(
    confusion: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    percent: bool = False,
    selected: tuple[int, int] | None = None,
    say: Callable[..., str] = say,
) -> go.Figure:
    """Return the drawn confusion matrix of counts (classes, classes); `say` may translate."""
    info = confusion_info(confusion, class_names, percent=percent, say=say)
    return confusion_figure(info, selected=selected)
