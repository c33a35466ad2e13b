"""Weights and outputs of each layer over the epochs, as histograms that stand beside each other."""

from collections.abc import Callable, Sequence

import numpy as np
from plotly import graph_objects as go
from plotly.subplots import make_subplots

from core.figures.palette import READING, TRAINING
from core.inside.history import History, Spread
from core.sentences import say

_ROW_HEIGHT, _EDGES = 150, 90  # pixels: of a layer, of what stands above and below all of them
_MOST_TICKS = 8


def draw_history(history: History, layers: Sequence[str], *, say: Callable[..., str] = say) -> go.Figure:
    """Return the chart: a row a layer, weights left and outputs right, an epoch a column of each.

    Parameters
    ----------
    history
        Of a run.
    layers
        What each layer is called.
    say
        Puts the words of the chart into the language of who looks at it.
    """
    columns = (say("Weights"), say("Outputs"))
    figure = make_subplots(
        rows=len(layers),
        cols=2,
        shared_xaxes=True,
        horizontal_spacing=0.12,
        vertical_spacing=0.2 / len(layers),
        subplot_titles=[f"{layer} · {column}" for layer in layers for column in columns],
    )
    names = [say("untrained") if epoch == 0 else str(epoch) for epoch in history.epochs]
    hover = say(
        "epoch {epoch}: {share} around {value}", epoch="%{x}", share="%{customdata:.1f} %", value="%{y:.3g}"
    )
    for row, spreads in enumerate(zip(history.weights, history.outputs, strict=True), start=1):
        for column, (spread, colour) in enumerate(zip(spreads, (TRAINING, READING), strict=True), start=1):
            figure.add_trace(_heatmap(spread, names, colour, hover), row=row, col=column)
    ticks = np.unique(np.linspace(0, len(names) - 1, min(_MOST_TICKS, len(names))).round().astype(int))
    figure.update_xaxes(type="category", tickvals=[names[place] for place in ticks], fixedrange=True)
    figure.update_yaxes(fixedrange=True, zeroline=True)
    figure.update_xaxes(title_text=say("epoch"), row=len(layers))
    height = _EDGES + _ROW_HEIGHT * len(layers)
    figure.update_layout(height=height, margin={"l": 50, "r": 10, "t": 40, "b": 45}, showlegend=False)
    figure.update_annotations(font_size=13)
    return figure


def _heatmap(spread: Spread, names: Sequence[str], colour: str, hover: str) -> go.Heatmap:
    """Return one histogram an epoch: what lies in few bins, as zeros of ReLU do, must not hide all others."""
    strongest = np.partition(spread.shares, -2, axis=0)[-2]  # the fullest bin of an epoch but one
    return go.Heatmap(
        x=list(names),
        y=spread.middles,
        z=np.sqrt(spread.shares).astype(np.float32),
        zmin=0,
        zmax=float(np.sqrt(np.nanmax(strongest, initial=0.0))) or 1.0,
        colorscale=[(0, _see_through(colour)), (1, colour)],
        showscale=False,
        customdata=(100 * spread.shares).astype(np.float32),
        hovertemplate=f"{hover}<extra></extra>",
        hoverongaps=False,
    )


def _see_through(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0)"
