"""Studies as the pictures that they are known for: the rate's range test, batch size, width × depth, data."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from plotly import graph_objects as go

from core.evaluation.studies import Grid, Level, PowerLaw, RateFinding
from core.figures.palette import NEUTRAL, READING, RIGHT, TRAINING, VALIDATION, WRONG
from core.numbers import text_of
from core.sentences import say

_HEIGHT = 360
_MARGIN = {"l": 60, "r": 20, "t": 30, "b": 50}
Words = Callable[..., str]


def draw_rate(found: RateFinding, *, say: Words = say) -> go.Figure:
    """Return the loss over the learning rate, both logarithmic, with the rate to take."""
    figure = _figure(say("Learning rate"), say("Training loss"))
    figure.update_xaxes(type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(type="log", nticks=6)
    hover = say("rate {rate}: loss {loss}", rate="%{x:.2g}", loss="%{y:.3f}") + "<extra></extra>"
    figure.add_scatter(
        x=found.rates,
        y=found.losses,
        mode="markers",
        marker={"color": NEUTRAL, "size": 5},
        name=say("Each point of the run"),
        hovertemplate=hover,
    )
    figure.add_scatter(
        x=found.rates,
        y=found.smoothed,
        mode="lines",
        line={"color": TRAINING, "width": 2.5},
        name=say("Without its jitter"),
        hovertemplate=hover,
    )
    if found.runs_away is not None:
        figure.add_vrect(
            x0=found.runs_away, x1=float(found.rates[-1]), fillcolor=WRONG, opacity=0.12, line_width=0
        )
        _note(figure, found.runs_away, say("runs away"), xanchor="left", y=1)
    if found.suggested is not None and found.lowest is not None:
        for rate, colour, words, xanchor, y in (
            (found.suggested, RIGHT, say("take {rate}", rate=text_of(found.suggested)), "right", 1),
            (found.lowest, VALIDATION, say("lowest"), "left", 0.93),
        ):
            figure.add_vline(x=rate, line={"color": colour, "dash": "dash"})
            _note(figure, rate, words, xanchor=xanchor, y=y)
    return figure


def draw_batches(levels: Sequence[Level], *, say: Words = say) -> go.Figure:
    """Return accuracy and seconds over the size of the batch."""
    figure = _figure(say("Batch size"), say("Validation accuracy"))
    sizes = [one.value for one in levels]
    figure.update_xaxes(type="log", tickvals=sizes, ticktext=[f"{size:,.0f}" for size in sizes])
    # Of fewer than two points Plotly would make an axis that goes beyond all images.
    figure.update_yaxes(tickformat=".1%", range=None if len(levels) > 1 else [0, 1])
    figure.add_scatter(
        **_means(levels, VALIDATION),
        name=say("Read right, held-back images"),
        hovertemplate=say("batches of {size}: {accuracy}", size="%{x:,.0f}", accuracy="%{y:.2%}")
        + "<extra></extra>",
    )
    figure.add_scatter(
        x=sizes,
        y=[one.seconds for one in levels],
        yaxis="y2",
        mode="lines+markers",
        line={"color": READING, "dash": "dot"},
        marker={"symbol": "square"},
        name=say("Seconds of training"),
        hovertemplate=say("batches of {size}: {seconds} s", size="%{x:,.0f}", seconds="%{y:.1f}")
        + "<extra></extra>",
    )
    figure.update_layout(
        yaxis2={
            "title": say("Seconds of training"),
            "overlaying": "y",
            "side": "right",
            "rangemode": "tozero",
            "showgrid": False,
            "tickmode": "auto",
            "nticks": 6,
            "fixedrange": True,
        },
        margin=_MARGIN | {"r": 60},
    )
    return figure


def draw_shapes(grid: Grid, *, say: Words = say) -> go.Figure:
    """Return the accuracy of each width and depth as a map."""
    figure = _figure(say("Neurons in each hidden layer"), say("Hidden layers"))
    words = np.vectorize(lambda one: "" if np.isnan(one) else f"{100 * one:.1f}")(grid.accuracy)
    figure.add_heatmap(
        x=[str(one) for one in grid.units],
        y=[str(one) for one in grid.layers],
        z=grid.accuracy,
        text=words,
        texttemplate="%{text}",
        customdata=grid.parameters,
        colorscale="Cividis",  # made to be told apart by everybody (Nuñez, Anderton & Renslow 2018)
        colorbar={"tickformat": ".1%", "title": say("read right")},
        hovertemplate=say(
            "{layers} layers of {units}: {accuracy} with {parameters} weights",
            layers="%{y}",
            units="%{x}",
            accuracy="%{z:.2%}",
            parameters="%{customdata:,}",
        )
        + "<extra></extra>",
        hoverongaps=False,
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category")
    return figure


def draw_data(levels: Sequence[Level], law: PowerLaw | None, *, say: Words = say) -> go.Figure:
    """Return the learning curve: mistakes on training and on held-back images over the number of images."""
    figure = _figure(say("Training images"), say("Mistakes"))
    images = [one.value for one in levels]
    figure.update_xaxes(
        type="log", tickvals=images, ticktext=[f"{one:,.0f}" for one in images], tickangle=-35
    )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", range=None if levels else [0, 1])
    hover = say("{images} images: {mistakes} wrong", images="%{x:,.0f}", mistakes="%{y:.2%}")
    figure.add_scatter(
        **_means(levels, VALIDATION, is_error=True),
        name=say("Held-back images"),
        hovertemplate=f"{hover}<extra></extra>",
    )
    known = [one for one in levels if one.training is not None]
    figure.add_scatter(
        x=[one.value for one in known],
        y=[1 - (one.training or 0.0) for one in known],
        mode="lines+markers",
        line={"color": TRAINING},
        name=say("Training images"),
        hovertemplate=f"{hover}<extra></extra>",
    )
    if law is not None and images:
        beyond = np.geomspace(images[0], 4 * images[-1], 40)
        figure.add_scatter(
            x=beyond,
            y=[law.error(one) for one in beyond],
            mode="lines",
            line={"color": NEUTRAL, "dash": "dash", "width": 1.5},
            name=say("As a power of the images"),
            hovertemplate=f"{hover}<extra></extra>",
        )
    return figure


def _note(figure: go.Figure, rate: float, words: str, **where: Any) -> None:
    """Write something beside a rate; on a logarithmic axis notes lie by the logarithm (Plotly's rule)."""
    figure.add_annotation(x=float(np.log10(rate)), yref="paper", text=words, showarrow=False, **where)


def _means(levels: Sequence[Level], colour: str, *, is_error: bool = False) -> dict[str, object]:
    """Return a line through the means, with their intervals as bars where there are several seeds."""
    reaches = [one.accuracy.half if one.accuracy.count > 1 else 0.0 for one in levels]
    return {
        "x": [one.value for one in levels],
        "y": [1 - one.accuracy.mean if is_error else one.accuracy.mean for one in levels],
        "error_y": {"type": "data", "array": reaches, "visible": any(reaches)},
        "mode": "lines+markers",
        "line": {"color": colour},
    }


def _figure(across: str, up: str) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        height=_HEIGHT,
        margin=_MARGIN,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
    )
    figure.update_xaxes(title_text=across, fixedrange=True)
    figure.update_yaxes(title_text=up, fixedrange=True)
    return figure
