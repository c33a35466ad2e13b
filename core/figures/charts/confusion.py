"""The confusion matrix: which class is read as which, every cell a button.

Right cells are green and wrong cells vermillion, each the stronger the larger its
share of its row; being on the diagonal says the same without colour. The
colours let the page's background through, so that the numbers, in the theme's
own text colour, are readable in light and dark.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.evaluation.scores import row_percent
from core.figures.palette import NEUTRAL, RIGHT, WRONG
from core.numbers import percent as in_percent
from core.numbers import percent_number
from core.sentences import say

_WEAKEST, _STRONGEST = 0.08, 0.55  # opacity of a cell: text keeps a contrast of 4.5 on both themes
_FULL_MISTAKE = 5.0  # percent of a row at which a wrong cell has its strongest colour
_TARGET_PIXELS = 40  # side of the invisible square that takes a click
_HEIGHT = 460
_EDGE = 0.54  # half a cell and room for the frame of one at the edge


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
            if images:
                numbers[true, read] = percent_number(share / 100) if percent else f"{images}"
            hover[true, read] = say(
                "{true} read as {read} ({verdict}):<br>{images} images, {share} of all {true}",
                true=class_names[true],
                read=class_names[read],
                verdict=right if true == read else wrong,
                images=f"{images:,}",
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
    """Draw `info`; the cell `selected` (true, predicted) has a frame.

    The last trace holds invisible squares whose `customdata` is (true, predicted):
    a click on a heatmap tells Streamlit nothing, one on a scatter point does.
    """
    count = len(info.class_names)
    positions = list(range(count))
    figure = go.Figure([_cells(info.right, RIGHT), _cells(info.wrong, WRONG)])
    rows, columns = (grid.ravel() for grid in np.indices((count, count)))
    figure.add_trace(
        go.Scatter(
            x=columns,
            y=rows,
            # Lists: of an array, the browser would make {"0": true, "1": predicted}.
            customdata=np.stack([rows, columns], axis=1).tolist(),
            hovertext=info.hover.ravel(),
            hoverinfo="text",
            mode="markers",
            marker={"symbol": "square", "size": _TARGET_PIXELS, "opacity": 0, "color": NEUTRAL},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
        )
    )
    # Annotations and not heatmap texts: these take the theme's text colour. All at once,
    # because adding them one by one takes most of a second.
    annotations = [
        {
            "x": column,
            "y": row,
            "text": str(info.numbers[row, column]),
            "showarrow": False,
            "font": {"size": 12},
        }
        for row in positions
        for column in positions
    ]
    axis = {
        "tickvals": positions,
        "ticktext": info.class_names,
        "range": [-_EDGE, count - 1 + _EDGE],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,  # a finger on the matrix scrolls the page
        "automargin": True,
        "ticks": "",
    }
    figure.update_xaxes(axis, title=info.read_as, side="top")
    figure.update_yaxes(axis, title=info.true, range=[count - 1 + _EDGE, -_EDGE])
    figure.update_layout(
        annotations=annotations,
        shapes=[] if selected is None else [_frame(*selected)],
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        hoverdistance=_TARGET_PIXELS,
        showlegend=False,
        dragmode=False,
    )
    return figure


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


def _frame(true: int, read: int) -> dict[str, object]:
    return {
        "type": "rect",
        "x0": read - 0.5,
        "x1": read + 0.5,
        "y0": true - 0.5,
        "y1": true + 0.5,
        "line": {"width": 3, "color": RIGHT if true == read else WRONG},
    }


def _cells(strength: NDArray[np.float64], colour: str) -> go.Heatmap:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return go.Heatmap(
        z=strength,
        zmin=0,
        zmax=1,
        colorscale=[
            [0, f"rgba({red},{green},{blue},{_WEAKEST})"],
            [1, f"rgba({red},{green},{blue},{_STRONGEST})"],
        ],
        showscale=False,
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )
