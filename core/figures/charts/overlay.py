"""Curves of several runs in one chart: by epoch, step or second, each run or several seeds as mean and band.

`run_line` and `seeds_line` turn recorded curves into few, rounded numbers, as `core.figures.charts.curves`
does; `compact_overlay` writes them small, and `draw_overlay` draws the same numbers. All are by epochs: what
a step and a second are is one number a line, so another axis needs no other points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from plotly import graph_objects as go
from plotly.subplots import make_subplots

from core.figures.charts.curves import Line, compact_line, curves_info, kept_rows, rounded_line, smooth
from core.figures.palette import NEUTRAL
from core.figures.run_colours import INK, RunStyle
from core.sentences import say
from core.store import Curve, Run

Axis = Literal["epoch", "step", "seconds"]
Kind = Literal["training", "validation"]
AXES: tuple[Axis, ...] = ("epoch", "step", "seconds")
KINDS: tuple[Kind, ...] = ("training", "validation")

# So many points all lines have together, and each at least and at most: twenty runs are drawn as quickly as
# a few, and a line of a screen's width needs no more.
_POINTS_IN_ALL = 1_600
_LEAST_POINTS, _MOST_POINTS = 80, 200
_BAND_OPACITY = 0.15
_TRAINING_OPACITY = 0.55


@dataclass(frozen=True)
class Band:
    """Between what several seeds lie: the lowest and the highest at the places of a line."""

    low: Line
    high: Line


@dataclass(frozen=True)
class OverlayLine:
    """One run, or several seeds of one setting, as a chart of several shows it.

    Attributes
    ----------
    id
        Of the run, or of the first of the seeds: by it the chart knows the line again.
    training, validation
        Of several seeds their mean, where as many as have got that far are counted.
    bands
        Of several seeds, by kind; empty for one run.
    steps_per_epoch
        Optimizer steps of an epoch.
    seconds_per_epoch
        Seconds of training of an epoch, None where that is not known.
    end
        Epochs, planned ones if it is still under way.
    """

    id: str
    name: str
    style: RunStyle
    training: Line
    validation: Line
    bands: tuple[tuple[Kind, Band], ...]
    steps_per_epoch: float
    seconds_per_epoch: float | None
    end: float


def points_for(lines: int) -> int:
    """Return how many points each of so many lines may have."""
    return max(_LEAST_POINTS, min(_MOST_POINTS, _POINTS_IN_ALL // max(1, lines)))


def run_line(
    run: Run, curve: Curve, name: str, style: RunStyle, *, smoothing: float = 0.0, max_points: int = 200
) -> OverlayLine:
    """Return a run as a line; see `curves_info` for what of it is smoothed and kept."""
    info = curves_info(curve, smoothing=smoothing, max_points=max_points)
    return OverlayLine(
        run.id,
        name,
        style,
        info.training,
        info.validation,
        (),
        float(run.steps_per_epoch),
        seconds_per_epoch(run, curve),
        _end(run, curve),
    )


def seeds_line(
    members: Sequence[tuple[Run, Curve]],
    name: str,
    style: RunStyle,
    *,
    smoothing: float = 0.0,
    max_points: int = 200,
) -> OverlayLine:
    """Return several seeds of one setting as their mean, with bands from the lowest to the highest.

    Each is smoothed first. Seeds that have not got as far as others count up to where they are.
    """
    lines: dict[Kind, Line] = {}
    bands: list[tuple[Kind, Band]] = []
    for kind in KINDS:
        weight = smoothing if kind == "training" else 0.0
        found = [_columns(curve, kind, weight) for _, curve in members]
        lines[kind], band = _mean([columns for columns in found if len(columns[0])], max_points)
        if band is not None:
            bands.append((kind, band))
    seconds = [known for run, curve in members if (known := seconds_per_epoch(run, curve)) is not None]
    run = members[0][0]
    return OverlayLine(
        run.id,
        name,
        style,
        lines["training"],
        lines["validation"],
        tuple(bands),
        float(max(one.steps_per_epoch for one, _ in members)),
        sum(seconds) / len(seconds) if seconds else None,
        max(_end(*member) for member in members),
    )


def seconds_per_epoch(run: Run, curve: Curve) -> float | None:
    """Return how long an epoch of a run took in training, None where nothing is known of it.

    Points have no time: what all of them took is spread evenly over the run. A run that is under way has
    the speed that its worker told last.
    """
    if run.status.is_alive:
        if not run.images_per_second:
            return None
        return run.steps_per_epoch * run.config.batch_size / run.images_per_second
    last = _last_epoch(curve)
    return run.train_seconds / last if run.train_seconds and last else None


def compact_overlay(line: OverlayLine) -> dict[str, object]:
    """Return a line as short JSON for the overlay chart, its points as `compact_line` writes them."""
    seconds = line.seconds_per_epoch
    return {
        "id": line.id,
        "name": line.name,
        "colour": line.style.colour,
        "dash": line.style.dash,
        "steps": line.steps_per_epoch,
        "seconds": None if seconds is None else float(f"{seconds:.4g}"),
        "end": line.end,
        "training": compact_line(line.training),
        "validation": compact_line(line.validation),
        # They have the epochs of their line.
        "bands": {
            kind: [compact_line(edge)[1:] for edge in (band.low, band.high)] for kind, band in line.bands
        },
    }


def draw_overlay(
    lines: Sequence[OverlayLine],
    *,
    axis: Axis = "epoch",
    kinds: Sequence[Kind] = KINDS,
    logarithmic: bool = False,
    logarithmic_axis: bool = False,
    height: int = 380,
    say: Callable[..., str] = say,
) -> go.Figure:
    """Draw loss and accuracy beside each other; no lines give an empty, titled figure."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=(say("Loss"), say("Accuracy")))
    for line in lines:
        factor = _factor(line, axis)
        if factor is None:
            continue
        colour = NEUTRAL if line.style.colour == INK else line.style.colour
        for kind, band in line.bands:
            if kind in kinds:
                _add_band(figure, band, colour, factor)
        for kind in kinds:
            points: Line = getattr(line, kind)
            for column, numbers in enumerate((points.loss, points.accuracy), start=1):
                trace = go.Scatter(
                    x=[factor * epoch for epoch in points.epochs],
                    y=numbers,
                    name=line.name,
                    legendgroup=line.id,
                    mode="lines",
                    line={
                        "color": colour,
                        "dash": line.style.dash.replace(",", "px,") + "px" if line.style.dash else "solid",
                        "width": 1 if kind == "training" and len(kinds) > 1 else 2,
                    },
                    opacity=_TRAINING_OPACITY if kind == "training" and len(kinds) > 1 else 1.0,
                    showlegend=column == 1 and kind == kinds[-1],
                )
                figure.add_trace(trace, row=1, col=column)
    titles = {"epoch": say("Epoch"), "step": say("Step"), "seconds": say("Seconds of training")}
    figure.update_xaxes(title={"text": titles[axis]}, type="log" if logarithmic_axis else "linear")
    figure.update_yaxes(type="log" if logarithmic else "linear", row=1, col=1)
    figure.update_yaxes(tickformat=".0%", minallowed=0, maxallowed=1, row=1, col=2)
    figure.update_layout(
        title=say("Learning curves") if lines else say("Learning curves: nothing recorded yet"),
        height=height,
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.25},
        margin={"l": 50, "r": 20, "t": 70, "b": 40},
    )
    return figure


def _factor(line: OverlayLine, axis: Axis) -> float | None:
    """Return what of this axis an epoch is."""
    return {"epoch": 1.0, "step": line.steps_per_epoch, "seconds": line.seconds_per_epoch}[axis]


def _add_band(figure: go.Figure, band: Band, colour: str, factor: float) -> None:
    for column, what in enumerate(("loss", "accuracy"), start=1):
        low, high = (
            [
                (factor * epoch, value)
                for epoch, value in zip(edge.epochs, getattr(edge, what), strict=True)
                if value is not None
            ]
            for edge in (band.low, band.high)
        )
        around = [*low, *reversed(high)]
        trace = go.Scatter(
            x=[x for x, _ in around],
            y=[y for _, y in around],
            fill="toself",
            fillcolor=colour,
            opacity=_BAND_OPACITY,
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_trace(trace, row=1, col=column)


def _end(run: Run, curve: Curve) -> float:
    return round(float(run.config.epochs) if run.status.is_alive else _last_epoch(curve), 3)


def _last_epoch(curve: Curve) -> float:
    return max((float(epochs[-1]) for epochs in _epochs(curve) if len(epochs)), default=0.0)


def _epochs(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return curve.training_epochs, curve.validation_epochs


def _columns(curve: Curve, kind: Kind, weight: float) -> tuple[NDArray[np.float64], ...]:
    """Return epochs, losses and accuracies of one kind, what is no number as NaN."""
    epochs, *values = (getattr(curve, f"{kind}_{what}") for what in ("epochs", "loss", "accuracy"))
    smoothed = [smooth(one, weight) if weight else one for one in values]
    return epochs, *(np.where(np.isfinite(one), one, np.nan) for one in smoothed)


def _mean(found: Sequence[tuple[NDArray[np.float64], ...]], max_points: int) -> tuple[Line, Band | None]:
    """Return the mean of the seeds and, of more than one, between what they lie."""
    if not found:
        return Line(), None
    grid = max((columns[0] for columns in found), key=lambda epochs: epochs[-1])
    loss, accuracy = (
        np.array(
            [np.interp(grid, one[0], one[place], left=np.nan, right=np.nan) for one in found]
        )  # (seeds, places)
        for place in (1, 2)
    )
    mean_loss, mean_accuracy = _over_seeds(np.mean, loss), _over_seeds(np.mean, accuracy)
    rows = kept_rows(mean_loss, mean_accuracy, max_points)

    def line(loss: NDArray[np.float64], accuracy: NDArray[np.float64]) -> Line:
        return rounded_line(grid[rows], loss[rows], accuracy[rows])

    mean = line(mean_loss, mean_accuracy)
    if len(found) == 1:
        return mean, None
    low, high = (line(_over_seeds(edge, loss), _over_seeds(edge, accuracy)) for edge in (np.min, np.max))
    return mean, Band(low, high)


def _over_seeds(what: Callable[..., NDArray[np.float64]], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `what` of the seeds (seeds, places) that are a number at each place, NaN where none is."""
    found = np.ma.masked_invalid(values)
    return np.ma.filled(what(found, axis=0), np.nan)
