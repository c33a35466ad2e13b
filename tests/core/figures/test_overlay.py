"""Curves of several runs: one line each, seeds as mean and band, on three axes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.figures.charts.overlay import (
    OverlayLine,
    compact_overlay,
    draw_overlay,
    points_for,
    run_line,
    seconds_per_epoch,
    seeds_line,
)
from core.figures.palette import NEUTRAL
from core.figures.run_colours import STYLES
from core.store import Curve, RunStatus
from tests.support.run_samples import a_curve, a_run

SOLID, DASHED = STYLES[0], STYLES[7]


def seeds(*losses: float, epochs: tuple[int, ...] = ()) -> OverlayLine:
    lasting = epochs or (5,) * len(losses)
    members = [
        (a_run(number, config={"seed": number}), a_curve(epochs=end, loss=loss))
        for number, (loss, end) in enumerate(zip(losses, lasting, strict=True), 1)
    ]
    return seeds_line(members, "seeds", SOLID)


def test_a_run_has_a_line_and_knows_what_steps_and_seconds_are() -> None:
    line = run_line(a_run(7, train_seconds=20.0), a_curve(), "#7", SOLID)
    assert (line.id, line.name, line.style) == ("000000000007", "#7", SOLID)
    assert line.training.epochs[-1] == line.validation.epochs[-1] == line.end == 5
    assert (line.steps_per_epoch, line.seconds_per_epoch) == (100, 4)
    assert line.bands == ()
    assert line.validation.loss[0] == pytest.approx(0.55)


def test_seconds_are_told_only_where_they_are_known() -> None:
    training = a_run(status=RunStatus.RUNNING, train_seconds=None, images_per_second=2_000.0)
    # 100 steps of 40 images.
    assert seconds_per_epoch(training, a_curve(epochs=2)) == 2
    assert run_line(training, a_curve(epochs=2), "#1", SOLID).end == 5  # planned
    assert seconds_per_epoch(replace(training, images_per_second=None), a_curve()) is None
    ended = a_run(train_seconds=None)
    assert seconds_per_epoch(ended, a_curve()) is None
    assert seconds_per_epoch(a_run(), a_curve(epochs=0)) is None
    # One that was stopped halfway took all its seconds for what it did.
    assert seconds_per_epoch(a_run(status=RunStatus.STOPPED), a_curve(epochs=2)) == 5


def test_seeds_are_their_mean_between_the_lowest_and_the_highest() -> None:
    line = seeds(0.4, 0.5, 0.9)
    (kind, band), (other, _) = line.bands
    assert (kind, other) == ("training", "validation")
    at = np.array(line.training.epochs)
    np.testing.assert_allclose(np.array(line.training.loss), 0.6 / at, rtol=1e-3)
    np.testing.assert_allclose(np.array(band.low.loss), 0.4 / at, rtol=1e-3)
    np.testing.assert_allclose(np.array(band.high.loss), 0.9 / at, rtol=1e-3)
    assert band.low.epochs == band.high.epochs == line.training.epochs


def test_a_seed_that_has_not_got_as_far_counts_up_to_where_it_is() -> None:
    line = seeds(0.4, 0.8, epochs=(5, 2))
    validation = dict(zip(line.validation.epochs, line.validation.loss, strict=True))
    assert validation[2] == pytest.approx(1.1 * 0.6 / 2, rel=1e-3)
    assert validation[3] == pytest.approx(1.1 * 0.4 / 3, rel=1e-3)
    assert line.end == 5


def test_seeds_without_points_or_numbers_are_no_trouble() -> None:
    nothing = a_curve(epochs=0)
    waiting = a_run(2, status=RunStatus.QUEUED, steps_per_epoch=0, train_seconds=None)
    line = seeds_line([(a_run(), a_curve()), (waiting, nothing)], "seeds", SOLID)
    assert line.bands == ()  # of one seed
    assert line.training.loss
    empty = seeds_line([(waiting, nothing)], "seeds", SOLID)
    assert not empty.training
    columns = [*vars(a_curve()).values()]
    columns[1] = np.full_like(columns[1], np.nan)
    lost = seeds_line([(a_run(), Curve(*columns)), (a_run(2), Curve(*columns))], "seeds", SOLID)
    assert set(lost.training.loss) == {None}
    json.dumps(compact_overlay(lost), allow_nan=False)


def test_twenty_long_runs_are_few_points_and_few_bytes() -> None:
    curve = a_curve(epochs=20, points=100)
    lines = [
        run_line(a_run(number), curve, f"#{number}", STYLES[number], max_points=points_for(20))
        for number in range(1, 21)
    ]
    assert max(len(line.training) for line in lines) <= 80
    assert len(json.dumps([compact_overlay(line) for line in lines], separators=(",", ":"))) < 64 * 1024
    assert points_for(1) == points_for(0) == 200


def test_smoothing_is_of_all_points_and_of_training_alone() -> None:
    noisy = a_curve(epochs=4, points=50)
    noisy = replace(noisy, training_loss=noisy.training_loss + np.random.default_rng(0).normal(0, 0.05, 200))
    rough, calm = (run_line(a_run(), noisy, "#1", SOLID, smoothing=weight) for weight in (0.0, 0.9))
    together = seeds_line([(a_run(), noisy)], "#1", SOLID, smoothing=0.9)

    def swing(line: OverlayLine) -> float:
        return float(np.abs(np.diff(np.array(line.training.loss[20:], dtype=float))).sum())

    assert swing(calm) < swing(rough) / 3
    assert together.training.loss[-1] == pytest.approx(calm.training.loss[-1], rel=1e-3)
    assert calm.validation == rough.validation


def test_what_is_sent_has_all_there_is_to_draw() -> None:
    sent = json.loads(json.dumps(compact_overlay(seeds(0.4, 0.5))))
    assert (sent["id"], sent["name"], sent["colour"]) == ("000000000001", "seeds", SOLID.colour)
    assert (sent["steps"], sent["seconds"], sent["end"]) == (100, 2, 5)
    epochs, losses, accuracies = sent["validation"]
    assert np.cumsum(epochs).tolist() == [1_000, 2_000, 3_000, 4_000, 5_000]
    assert losses[0] == pytest.approx(1.1 * 0.45)
    assert accuracies[0] == 9_000
    low, high = sent["bands"]["validation"]
    assert (low[0][0], high[0][0]) == (pytest.approx(0.44), pytest.approx(0.55))


@pytest.mark.parametrize(("axis", "factor"), [("epoch", 1), ("step", 100), ("seconds", 2)])
def test_the_figure_has_each_line_in_both_panels(axis: str, factor: float) -> None:
    lines = [run_line(a_run(), a_curve(), "#1", SOLID), run_line(a_run(2), a_curve(), "#2", DASHED)]
    figure = draw_overlay(lines, axis=axis, logarithmic=True)  # type: ignore[arg-type]
    assert [trace.name for trace in figure.data] == ["#1"] * 4 + ["#2"] * 4
    assert max(figure.data[0].x) == 5 * factor
    assert (figure.data[0].line.dash, figure.data[4].line.dash) == ("solid", "8px,4px")
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis2.type is None
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2


def test_a_figure_of_seeds_has_bands_and_one_of_nothing_is_titled() -> None:
    grey = replace(seeds(0.4, 0.5), style=STYLES[6])
    figure = draw_overlay([grey], kinds=("validation",))
    band, _, line, _ = figure.data
    assert (band.fill, band.fillcolor, line.line.color) == ("toself", NEUTRAL, NEUTRAL)
    assert max(band.y) == pytest.approx(0.55)
    unknown = replace(grey, seconds_per_epoch=None)
    assert not draw_overlay([unknown], axis="seconds").data
    assert draw_overlay([]).layout.title.text == "Learning curves: nothing recorded yet"
