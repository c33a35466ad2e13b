"""Learning curves: loss and accuracy over the epochs, as plain data and as a figure.

`curves_info` turns a recorded curve into few, rounded numbers; `compact` writes them small
enough to be sent to a browser twice a second; `draw_curves` draws the same numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from plotly import graph_objects as go
from plotly.subplots import make_subplots

from core.figures.palette import TRAINING, VALIDATION
from core.sentences import say
from core.store import Curve

Floats = NDArray[np.float64]

# Rows a line that the live chart is sent: with these the longest run stays below 8 KiB an update.
LIVE_POINTS = 180
LIVE_POINTS_SMOOTHED = 120  # the measured line stays visible behind the smoothed one

_MEASURED_OPACITY = 0.25

# Earlier runs: how many points each of their lines has, and how they are told apart, the newest first.
GHOST_POINTS = 48
GHOST_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_GHOST_OPACITY = 0.35
# A ghost's loss is shown up to so many times the highest of the run on show, or of guessing: one that
# has diverged must not press all others to the ground.
_GHOST_REACH = 1.2
_GUESSING_LOSS = 2.31


@dataclass(frozen=True)
class Line:
    """Points of one line in both panels; None stands for a value that is not a number.

    Epochs have 3 decimals, losses 4 significant digits, accuracies (0 to 1) 4 decimals.
    """

    epochs: tuple[float, ...] = ()
    loss: tuple[float | None, ...] = ()
    accuracy: tuple[float | None, ...] = ()

    def __len__(self) -> int:
        return len(self.epochs)


@dataclass(frozen=True)
class CurvesInfo:
    """What a chart of a run shows.

    Attributes
    ----------
    training
        Smoothed where smoothing was asked for, as measured otherwise.
    measured
        The same rows before smoothing; None where nothing was smoothed.
    validation
        Always as measured: each point is a mean over thousands of images already, and
        smoothing a handful of them would show accuracies that the network never had.
    """

    training: Line
    validation: Line
    measured: Line | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return not (self.training or self.validation)


@dataclass(frozen=True)
class Ghost:
    """An earlier run, drawn pale behind the one on show."""

    name: str
    training: Line
    validation: Line


def curves_info(curve: Curve, *, smoothing: float = 0.0, max_points: int = 200) -> CurvesInfo:
    """Return at most `max_points` rounded rows a line of what was recorded.

    Parameters
    ----------
    curve
        Loss and accuracy may hold NaN or infinity.
    smoothing
        Weight of the past, 0 (none) to below 1, as in `smooth`.
    max_points
        At least 8. Which rows are kept is told at `kept_rows`.

    Raises
    ------
    ValueError
        If `smoothing` or `max_points` is out of bounds.
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing is {smoothing}; it must be at least 0 and below 1")
    loss, accuracy = curve.training_loss, curve.training_accuracy
    rows = kept_rows(loss, accuracy, max_points)
    measured = rounded_line(curve.training_epochs[rows], loss[rows], accuracy[rows])
    training = measured
    if smoothing:
        # All recorded points are smoothed, not the few kept: the line must not depend on max_points.
        training = rounded_line(
            curve.training_epochs[rows], smooth(loss, smoothing)[rows], smooth(accuracy, smoothing)[rows]
        )
    kept = kept_rows(curve.validation_loss, curve.validation_accuracy, max_points)
    validation = rounded_line(
        curve.validation_epochs[kept], curve.validation_loss[kept], curve.validation_accuracy[kept]
    )
    return CurvesInfo(training, validation, measured if smoothing else None)


def live_info(curve: Curve, *, smoothing: float = 0.0) -> CurvesInfo:
    """Return `curves_info` with as many points as a live update may have."""
    points = LIVE_POINTS_SMOOTHED if smoothing else LIVE_POINTS
    return curves_info(curve, smoothing=smoothing, max_points=points)


def smooth(values: Floats, weight: float) -> Floats:
    """Return the debiased exponential moving average of `values`; NaN and infinity stay as they are.

    average = weight · average + (1 - weight) · value, divided by 1 - weight^n after n values, since
    the average starts at 0. Source: TensorBoard, `resmoothDataset` in
    tensorboard/components/vz_line_chart2/line-chart.ts; the division is that of Kingma and Ba,
    "Adam: A Method for Stochastic Optimization" (2015), section 3.
    """
    average, remaining = 0.0, 1.0
    smoothed: list[float] = []
    for value in values.tolist():
        if not isfinite(value):
            smoothed.append(value)
            continue
        average = weight * average + (1 - weight) * value
        remaining *= weight
        smoothed.append(average / (1 - remaining))
    return np.array(smoothed, dtype=np.float64)


def kept_rows(loss: Floats, accuracy: Floats, max_points: int) -> NDArray[np.intp]:
    """Choose at most `max_points` rows that keep the shape of the line, ascending.

    Kept are the first and the last row, the extremes of both values, and the lowest and highest loss
    of every bucket. Buckets begin at row 0 and are as long as the smallest power of two that fits:
    while a run grows, a full bucket never changes its rows until the length doubles, and then only
    drops some. So points that were drawn stay where they are.
    """
    if max_points < 8:
        raise ValueError(f"max_points is {max_points}; it must be at least 8")
    count = len(loss)
    if count <= max_points:
        return np.arange(count)
    length = 1
    while 2 * -(-count // length) + 6 > max_points:  # 2 a bucket, 2 ends, 4 extremes
        length *= 2
    lowest = np.full(-(-count // length) * length, np.inf)
    highest = np.full(lowest.shape, -np.inf)
    finite = np.flatnonzero(np.isfinite(loss))
    lowest[finite] = highest[finite] = loss[finite]
    starts = np.arange(0, count, length)
    in_buckets = (
        starts + lowest.reshape(-1, length).argmin(axis=1),
        starts + highest.reshape(-1, length).argmax(axis=1),
    )
    rows = np.unique(np.concatenate([*in_buckets, _extremes(loss), _extremes(accuracy), [0, count - 1]]))
    return rows.astype(np.intp)


def _extremes(values: Floats) -> list[int]:
    finite = np.flatnonzero(np.isfinite(values))
    if not finite.size:
        return []
    return [int(finite[values[finite].argmin()]), int(finite[values[finite].argmax()])]


def rounded_line(epochs: Floats, loss: Floats, accuracy: Floats) -> Line:
    """Return the points of a line, rounded as `Line` says."""
    return Line(
        tuple(np.round(epochs, 3).tolist()),
        tuple(float(f"{value:.4g}") if isfinite(value) else None for value in loss.tolist()),
        tuple(round(value, 4) if isfinite(value) else None for value in accuracy.tolist()),
    )


def compact(info: CurvesInfo) -> dict[str, list[list[float | int | None]]]:
    """Return the numbers of `info` as short JSON for the live chart.

    Each line is three lists: epochs as whole thousandths, each counted from the one before; losses;
    accuracies as whole ten-thousandths. Whole numbers without the leading "0." are a third shorter.
    The measured line repeats no epochs, it has those of the training line.
    """
    lines = {"training": compact_line(info.training), "validation": compact_line(info.validation)}
    if info.measured is not None:
        lines["measured"] = compact_line(info.measured)[1:]
    return lines


def ghost_of(name: str, curve: Curve, *, max_points: int = GHOST_POINTS) -> Ghost:
    """Return an earlier run as it stands behind another one: at most `max_points` a line, calm.

    A training point is the mean of neighbours, as many for each; the first stays as it is, so that all
    begin with the untrained network. Of the validation points some are left out.
    """
    count = len(curve.training_epochs)
    parts = np.array_split(np.arange(1, count), min(count - 1, max_points - 1)) if count > 1 else []
    rows = [np.arange(min(count, 1)), *parts]
    training = (
        np.array([values[row].mean() for row in rows if row.size])
        for values in (curve.training_epochs, curve.training_loss, curve.training_accuracy)
    )
    validated = len(curve.validation_epochs)
    kept = np.linspace(0, validated - 1, min(validated, max_points)).round().astype(int)
    return Ghost(
        name,
        rounded_line(*training),
        rounded_line(
            curve.validation_epochs[kept], curve.validation_loss[kept], curve.validation_accuracy[kept]
        ),
    )


def compact_ghost(ghost: Ghost) -> dict[str, object]:
    """Return a ghost as short JSON, its lines as `compact` writes them."""
    lines = {"training": compact_line(ghost.training), "validation": compact_line(ghost.validation)}
    return {"name": ghost.name, "lines": lines}


def compact_line(line: Line) -> list[list[float | int | None]]:
    """Return epochs, losses and accuracies of a line as `compact` says."""
    thousandths = [round(epoch * 1000) for epoch in line.epochs]
    steps = [after - before for before, after in zip([0, *thousandths], thousandths, strict=False)]
    accuracy = [None if value is None else round(value * 10_000) for value in line.accuracy]
    return [[*steps], [*line.loss], [*accuracy]]


def draw_curves(
    info: CurvesInfo,
    *,
    epochs: int | None = None,
    logarithmic: bool = False,
    height: int = 360,
    ghosts: Sequence[Ghost] = (),
    cursor: int | None = None,
    say: Callable[..., str] = say,
) -> go.Figure:
    """Draw loss and accuracy beside each other; an empty `info` gives an empty, titled figure.

    `epochs` is the planned number: the axis ends there, so that the curve grows into the space.
    The `ghosts`, at most as many as there are dashes, stand pale behind. A line stands at the epoch
    `cursor`. `say` may translate.
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=(say("Loss"), say("Accuracy")))
    training = say("training loss"), say("training accuracy")
    validation = say("validation loss"), say("validation accuracy")
    measured = say("training loss (measured)"), say("training accuracy (measured)")
    lines = [
        (measured, info.measured or Line(), TRAINING, _MEASURED_OPACITY),
        (training, info.training, TRAINING, 1.0),
        (validation, info.validation, VALIDATION, 1.0),
    ]
    for labels, line, colour, opacity in lines:
        if not line:
            continue
        mode = "lines+markers" if labels is validation else "lines"
        values: list[tuple[str, Sequence[float | None], str]] = [
            (labels[0], line.loss, "%{y:.4g}"),
            (labels[1], line.accuracy, "%{y:.2%}"),
        ]
        for column, (label, numbers, form) in enumerate(values, start=1):
            trace = go.Scatter(
                x=line.epochs,
                y=numbers,
                name=label,
                mode=mode,
                line={"color": colour, "width": 1 if labels is measured else 2},
                marker={"size": 6},
                opacity=opacity,
                showlegend=labels is not measured,
                cliponaxis=False,  # the marker of the last epoch stands on the edge
                hovertemplate=f"{label} {form}<extra></extra>",
            )
            figure.add_trace(trace, row=1, col=column)
    _add_ghosts(figure, info, ghosts)
    if cursor is not None:
        figure.add_vline(x=cursor, line={"width": 1.5, "dash": "dot"})
    axis = {"title": {"text": say("Epoch")}, "rangemode": "tozero", "minallowed": 0}
    figure.update_xaxes(**axis, range=[0, epochs] if epochs else None)
    figure.update_yaxes(type="log" if logarithmic else "linear", row=1, col=1)
    # Around a single point Plotly would show -10 % to 190 %.
    figure.update_yaxes(tickformat=".0%", minallowed=0, maxallowed=1, row=1, col=2)
    figure.update_layout(
        title=say("Learning curves: nothing recorded yet") if info.is_empty else say("Learning curves"),
        height=height,
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.25},
        margin={"l": 50, "r": 20, "t": 70, "b": 40},
    )
    return figure


def _add_ghosts(figure: go.Figure, info: CurvesInfo, ghosts: Sequence[Ghost]) -> None:
    own = [loss for line in (info.training, info.validation) for loss in line.loss if loss is not None]
    reach = _GHOST_REACH * max([_GUESSING_LOSS, *own])
    for ghost, dash in zip(ghosts, GHOST_DASHES, strict=False):
        for kind, line, colour in (
            ("training", ghost.training, TRAINING),
            ("validation", ghost.validation, VALIDATION),
        ):
            losses = [loss if loss is not None and loss <= reach else None for loss in line.loss]
            for column, numbers in enumerate((losses, line.accuracy), start=1):
                trace = go.Scatter(
                    x=line.epochs,
                    y=numbers,
                    name=ghost.name,
                    legendgroup=ghost.name,
                    mode="lines",
                    line={"color": colour, "width": 1, "dash": dash},
                    opacity=_GHOST_OPACITY,
                    zorder=-1,
                    showlegend=kind == "training" and column == 1,
                    hoverinfo="skip",
                )
                figure.add_trace(trace, row=1, col=column)
