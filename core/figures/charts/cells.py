"""A square of cells by class and class, every cell a button.

The colours let the page's background through, so that the numbers, in the theme's
own text colour, are readable in light and dark.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.palette import NEUTRAL

_WEAKEST, _STRONGEST = 0.08, 0.55  # opacity of a cell: text keeps a contrast of 4.5 on both themes
_TARGET_PIXELS = 40  # side of the invisible square that takes a click
_HEIGHT = 460
_EDGE = 0.54  # half a cell and room for the frame of one at the edge


@dataclass(frozen=True)
class Cells:
    """What is in each cell; all arrays (classes, classes), by row and column.

    Attributes
    ----------
    columns, rows
        The titles of the columns and of the rows.
    numbers
        The text in each cell.
    hover
        A sentence for each cell.
    layers
        Strengths of a colour from 0 to 1, NaN where a cell has no such colour; and the colour.
    """

    columns: str
    rows: str
    class_names: tuple[str, ...]
    numbers: NDArray[np.str_]
    hover: NDArray[np.str_]
    layers: tuple[tuple[NDArray[np.float64], str], ...]


def cells_figure(cells: Cells, *, selected: tuple[int, int] | None, frame: str) -> go.Figure:
    """Draw `cells`; the one `selected` (row, column) has a frame of the colour `frame`.

    The last trace holds invisible squares whose `customdata` is (row, column):
    a click on a heatmap tells Streamlit nothing, one on a scatter point does.
    """
    count = len(cells.class_names)
    positions = list(range(count))
    figure = go.Figure([_layer(strength, colour) for strength, colour in cells.layers])
    rows, columns = (grid.ravel() for grid in np.indices((count, count)))
    figure.add_trace(
        go.Scatter(
            x=columns,
            y=rows,
            # Lists: of an array, the browser would make {"0": row, "1": column}.
            customdata=np.stack([rows, columns], axis=1).tolist(),
            hovertext=cells.hover.ravel(),
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
            "text": str(cells.numbers[row, column]),
            "showarrow": False,
            "font": {"size": 12},
        }
        for row in positions
        for column in positions
    ]
    axis = {
        "tickvals": positions,
        "ticktext": cells.class_names,
        "range": [-_EDGE, count - 1 + _EDGE],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,  # a finger on the matrix scrolls the page
        "automargin": True,
        "ticks": "",
    }
    figure.update_xaxes(axis, title=cells.columns, side="top")
    figure.update_yaxes(axis, title=cells.rows, range=[count - 1 + _EDGE, -_EDGE])
    figure.update_layout(
        annotations=annotations,
        shapes=[] if selected is None else [_frame(*selected, frame)],
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        hoverdistance=_TARGET_PIXELS,
        showlegend=False,
        dragmode=False,
    )
    return figure


def _frame(row: int, column: int, colour: str) -> dict[str, object]:
    return {
        "type": "rect",
        "x0": column - 0.5,
        "x1": column + 0.5,
        "y0": row - 0.5,
        "y1": row + 0.5,
        "line": {"width": 3, "color": colour},
    }


def _layer(strength: NDArray[np.float64], colour: str) -> go.Heatmap:
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
