"""The learning curves: what is kept, how it is smoothed, how small it is, what is drawn."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from plotly import graph_objects as go

from core.figures.charts.curves import (
    GHOST_DASHES,
    GHOST_POINTS,
    CurvesInfo,
    Line,
    compact,
    compact_ghost,
    curves_info,
    draw_curves,
    ghost_of,
    kept_rows,
    live_info,
    smooth,
)
from core.figures.palette import TRAINING, VALIDATION
from core.store import Curve

EIGHT_KIB = 8 * 1024
ENVELOPE = 1024  # what Streamlit adds to a payload; measured: about 850 bytes


def make_curve(
    epochs: Sequence[float] = (),
    loss: Sequence[float] = (),
    accuracy: Sequence[float] = (),
    validation: Sequence[tuple[float, float, float]] = (),
) -> Curve:
    columns = np.array(validation, dtype=np.float64).reshape(-1, 3).T
    return Curve(*(np.array(values, dtype=np.float64) for values in (epochs, loss, accuracy)), *columns)


def long_curve(points: int, epochs: int, *, seed: int = 0) -> Curve:
    noise = np.random.default_rng(seed).lognormal(0, 0.3, (2, points))
    at = np.arange(1, points + 1) * epochs / points
    # Down to 1e-6, so that losses are as long as they get: 1.234e-06.
    loss = noise[0] * np.exp(-14 * at / epochs)
    accuracy = 1 - 0.5 * np.minimum(1, noise[1] * np.exp(-5 * at / epochs))
    validation = [(epoch, 0.05 + 1 / (epoch * 7), 0.98 - 0.3 / epoch) for epoch in range(1, epochs + 1)]
    return make_curve(at, loss, accuracy, validation)


def test_short_curve_is_rounded_and_complete() -> None:
    curve = make_curve([0.12345, 1.0], [2.302585, 0.000123456], [0.1, 0.98765], [(1.0, 0.123456, 0.96)])

    info = curves_info(curve)

    assert info.training == Line((0.123, 1.0), (2.303, 0.0001235), (0.1, 0.9877))
    assert info.validation == Line((1.0,), (0.1235,), (0.96,))
    assert info.measured is None


def test_values_that_are_no_numbers_become_none() -> None:
    curve = make_curve([0.5, 1, 1.5], [1.0, np.nan, np.inf], [np.nan, 0.5, -np.inf])

    for smoothing in (0.0, 0.6):
        info = curves_info(curve, smoothing=smoothing)
        assert info.training.loss == (1.0, None, None)
        assert info.training.accuracy == (None, 0.5, None)
        json.dumps(compact(info), allow_nan=False)


def test_nothing_recorded_is_empty() -> None:
    info = curves_info(make_curve(), smoothing=0.5)

    assert info.is_empty
    assert compact(info) == {"training": [[], [], []], "validation": [[], [], []], "measured": [[], []]}


@pytest.mark.parametrize(("smoothing", "max_points"), [(-0.1, 200), (1.0, 200), (np.nan, 200), (0.5, 7)])
def test_settings_out_of_bounds_are_refused(smoothing: float, max_points: int) -> None:
    with pytest.raises(ValueError, match=r"must be at least"):
        curves_info(make_curve([1], [1], [1]), smoothing=smoothing, max_points=max_points)


def test_smoothing_is_the_debiased_average() -> None:
    values = np.array([4.0, 2.0, 8.0])

    # The weighted mean with weights w^age, written out: an independent form of the same average.
    expected = [4.0, (0.6 * 4 + 2) / 1.6, (0.36 * 4 + 0.6 * 2 + 8) / 1.96]

    np.testing.assert_allclose(smooth(values, 0.6), expected, rtol=1e-12)


def test_smoothing_agrees_with_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    values = np.random.default_rng(1).normal(size=500)
    expected = pandas.Series(values).ewm(alpha=0.1, adjust=True).mean().to_numpy()

    np.testing.assert_allclose(smooth(values, 0.9), expected, rtol=1e-9)


def test_smoothing_steps_over_values_that_are_no_numbers() -> None:
    smoothed = smooth(np.array([1.0, np.nan, 3.0, np.inf]), 0.5)

    np.testing.assert_allclose(smoothed[[0, 2]], [1.0, (0.5 * 1 + 3) / 1.5])
    assert np.isnan(smoothed[1])
    assert smoothed[3] == np.inf


def test_smoothed_line_lies_on_all_recorded_points() -> None:
    curve = long_curve(3000, 20)

    few = curves_info(curve, smoothing=0.9, max_points=50)
    exact = dict(zip(np.round(curve.training_epochs, 3), smooth(curve.training_loss, 0.9), strict=True))

    assert few.measured is not None
    assert few.training.epochs == few.measured.epochs
    for epoch, loss in zip(few.training.epochs, few.training.loss, strict=True):
        assert loss == pytest.approx(exact[epoch], rel=1e-3)


@pytest.mark.parametrize("count", [1, 8, 160, 161, 1500, 20_001])
def test_kept_rows_hold_ends_and_extremes(count: int) -> None:
    loss, accuracy = np.random.default_rng(count).normal(size=(2, count))

    rows = kept_rows(loss, accuracy, 160)

    assert len(rows) <= 160
    assert len(rows) >= min(count, 70)
    assert (np.diff(rows) > 0).all()
    wanted = {0, count - 1, loss.argmin(), loss.argmax(), accuracy.argmin(), accuracy.argmax()}
    assert wanted <= set(rows.tolist())


def test_old_points_stay_where_they_are_while_a_run_grows() -> None:
    loss = np.random.default_rng(3).normal(size=5000)
    accuracy = np.arange(5000.0)  # its extremes are the ends: only the buckets choose

    before = set(kept_rows(loss[:2000], accuracy[:2000], 160).tolist())
    for count in range(2001, 5001, 37):
        after = set(kept_rows(loss[:count], accuracy[:count], 160).tolist())
        # Of the old points none comes back and none is new; only the unfinished end may change.
        full = 1792  # a multiple of every bucket length that occurs
        assert {row for row in after if row < full} <= {row for row in before if row < full}
        before = after


def test_rows_that_are_no_numbers_do_not_hide_the_others() -> None:
    loss = np.full(1000, np.nan)
    loss[[200, 700]] = 5.0, -5.0

    rows = kept_rows(loss, loss, 100)

    assert {0, 200, 700, 999} <= set(rows.tolist())
    assert rows.max() == 999


@pytest.mark.parametrize("smoothing", [0.0, 0.9])
@pytest.mark.parametrize(
    ("points", "epochs"), [(1500, 100), (180, 180), (120, 120), (2784, 180), (40_000, 200)]
)
def test_update_stays_small(smoothing: float, points: int, epochs: int) -> None:
    payload = json.dumps(
        compact(live_info(long_curve(points, epochs), smoothing=smoothing)), separators=(",", ":")
    )

    assert len(payload) + ENVELOPE <= EIGHT_KIB


def test_compact_numbers_can_be_read_back() -> None:
    info = curves_info(long_curve(300, 3), smoothing=0.5)
    lines = json.loads(json.dumps(compact(info)))
    assert info.measured is not None

    for name, line in (("training", info.training), ("validation", info.validation)):
        steps, loss, accuracy = lines[name]
        assert tuple(np.cumsum(steps) / 1000) == pytest.approx(line.epochs)
        assert tuple(loss) == line.loss
        assert tuple(value / 10_000 for value in accuracy) == pytest.approx(line.accuracy)
    assert tuple(lines["measured"][0]) == info.measured.loss


def titles(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_figure_shows_the_same_numbers() -> None:
    info = CurvesInfo(
        Line((0.5, 1.0), (2.0, 1.0), (0.4, 0.6)),
        Line((1.0,), (0.9,), (0.7,)),
        Line((0.5, 1.0), (2.1, 0.9), (0.3, 0.7)),
    )

    figure = draw_curves(info, epochs=5)

    assert titles(figure) == ["Loss", "Accuracy"]
    drawn = {trace.name: (trace.x, trace.y, trace.line.color) for trace in figure.data}
    assert drawn == {
        "training loss (measured)": ((0.5, 1.0), (2.1, 0.9), TRAINING),
        "training accuracy (measured)": ((0.5, 1.0), (0.3, 0.7), TRAINING),
        "training loss": ((0.5, 1.0), (2.0, 1.0), TRAINING),
        "training accuracy": ((0.5, 1.0), (0.4, 0.6), TRAINING),
        "validation loss": ((1.0,), (0.9,), VALIDATION),
        "validation accuracy": ((1.0,), (0.7,), VALIDATION),
    }
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range == (0, 5)
    assert figure.layout.yaxis2.tickformat == ".0%"


@pytest.mark.parametrize(("logarithmic", "kind"), [(True, "log"), (False, "linear")])
def test_only_the_loss_axis_becomes_logarithmic(logarithmic: bool, kind: str) -> None:
    figure = draw_curves(curves_info(long_curve(10, 1)), logarithmic=logarithmic)

    assert figure.layout.yaxis.type == kind
    assert figure.layout.yaxis2.type is None


def test_empty_figure_has_its_titles() -> None:
    figure = draw_curves(curves_info(make_curve()), epochs=3)

    assert len(figure.data) == 0
    assert figure.layout.title.text == "Learning curves: nothing recorded yet"
    assert titles(figure) == ["Loss", "Accuracy"]


@pytest.mark.parametrize("count", [0, 1, 2, 47, 48, 49, 4_701])
def test_a_ghost_is_the_mean_of_neighbours_and_begins_where_its_run_began(count: int) -> None:
    epochs = np.arange(count) / 25
    loss, accuracy = np.random.default_rng(0).random((2, count))

    ghost = ghost_of("#6", make_curve(epochs, loss, accuracy, [(epoch, 0.1, 0.9) for epoch in range(1, 201)]))

    assert len(ghost.training) == min(count, GHOST_POINTS)
    assert len(ghost.validation) == GHOST_POINTS
    assert ghost.validation.epochs[0] == 1
    assert ghost.validation.epochs[-1] == 200
    if count:
        assert ghost.training.epochs[0] == 0
        assert ghost.training.loss[0] == pytest.approx(loss[0], rel=1e-3)
    if count == 4_701:
        # Of a hundred neighbours each, so that their mean is that of all.
        assert np.mean(ghost.training.loss[1:]) == pytest.approx(loss[1:].mean(), rel=1e-2)


def test_five_ghosts_travel_in_ten_kilobytes_once() -> None:
    ghosts = [compact_ghost(ghost_of(f"#{number}", long_curve(4_000, 200))) for number in range(5)]

    assert len(json.dumps(ghosts, separators=(",", ":"), allow_nan=False)) < 10 * 1024


def test_a_ghost_with_values_that_are_no_numbers_has_gaps() -> None:
    ghost = ghost_of("#6", make_curve([0, 1, 2], [2.3, np.nan, np.inf], [0.1, 0.2, 0.3]))

    assert ghost.training.loss == (2.3, None, None)


def test_ghosts_are_drawn_behind_and_one_that_diverged_does_not_stretch_the_axis() -> None:
    own = curves_info(make_curve([0.5, 1], [2.0, 1.0], [0.4, 0.6], [(1, 0.9, 0.7)]))
    ghosts = [
        ghost_of("#6", make_curve([0, 1], [2.3, 1.5], [0.1, 0.5], [(1, 1.4, 0.6)])),
        ghost_of("#5", make_curve([0, 1], [2.3, 400.0], [0.1, 0.1])),
    ]

    figure = draw_curves(own, epochs=5, ghosts=ghosts)

    behind = [trace for trace in figure.data if trace.zorder == -1]
    assert len(behind) == 8  # two lines in two panels for each
    dashes = {trace.name: trace.line.dash for trace in behind}
    assert dashes == dict(zip(("#6", "#5"), GHOST_DASHES, strict=False))
    assert [trace.name for trace in behind if trace.showlegend] == ["#6", "#5"]
    losses = {trace.name: trace.y for trace in behind if trace.yaxis == "y" and trace.line.color == TRAINING}
    assert losses == {"#6": (2.3, 1.5), "#5": (2.3, None)}


def test_axes_never_show_what_cannot_be() -> None:
    figure = draw_curves(curves_info(make_curve([1], [1], [0.97])), epochs=5)

    assert (figure.layout.yaxis2.minallowed, figure.layout.yaxis2.maxallowed) == (0, 1)
    assert (figure.layout.xaxis.minallowed, figure.layout.xaxis2.minallowed) == (0, 0)
    assert all(trace.cliponaxis is False for trace in figure.data)
