"""The rules of the diagnosis: each at its threshold, and silent on what healthy runs show."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.evaluation.diagnosis import rules as diagnosis
from core.evaluation.diagnosis.advice import Finding
from core.evaluation.diagnosis.rules import GUESSING_LOSS, diagnose, diagnose_divergence
from core.store import Curve, LayerVitals

STEPS = 400  # an epoch
CONFIG = TrainingConfig(epochs=20)


def curve(
    training: list[float], validation: list[float] | None = None, *, accuracy: float = 0.9, points: int = 4
) -> Curve:
    """Return a curve with so many equal training points in each epoch, and one validation point."""
    epochs = (np.arange(len(training) * points) + 1) / points
    losses = np.repeat(np.array(training, dtype=float), points)
    validation = validation or []
    return Curve(
        epochs,
        losses,
        np.full(len(losses), accuracy),
        np.arange(1, len(validation) + 1, dtype=float),
        np.array(validation, dtype=float),
        np.full(len(validation), accuracy),
    )


HEALTHY = curve([0.3, 0.2, 0.15, 0.12], [0.25, 0.2, 0.19, 0.18])


def vitals(**shares: list[float]) -> list[LayerVitals]:
    """Return one measurement: `dead=[0.1, 0.2]` are the shares of layers 1 and 2."""
    ((kind, values),) = shares.items()
    empty: dict[str, Any] = {"dead": None, "saturated": None}
    return [LayerVitals(100, 1.0, number, **empty | {kind: share}) for number, share in enumerate(values, 1)]


def kinds(found: list[Finding]) -> list[str]:
    return [finding.kind for finding in found]


def test_a_healthy_run_and_one_that_has_not_begun_have_no_finding() -> None:
    assert diagnose(CONFIG, HEALTHY, vitals(dead=[0.12, 0.05]), STEPS) == []
    assert diagnose(CONFIG, HEALTHY, vitals(saturated=[0.07, 0.0]), STEPS) == []
    assert diagnose(CONFIG, curve([]), [], 0) == []
    assert diagnose(CONFIG, curve([]), [], 0, has_failed=True) == []


@pytest.mark.parametrize("kind", ["dead", "saturated"])
def test_units_count_from_their_threshold_on_in_any_layer_at_the_latest_measurement(kind: str) -> None:
    bound = {"dead": diagnosis.DEAD_SHARE, "saturated": diagnosis.SATURATED_SHARE}[kind]
    assert diagnose(CONFIG, HEALTHY, vitals(**{kind: [0.0, bound - 0.01]}), STEPS) == []
    (finding,) = diagnose(CONFIG, HEALTHY, vitals(**{kind: [0.0, bound]}), STEPS)
    assert finding.kind == kind
    assert f"0 % of hidden layer 1 and {100 * bound:.0f} % of hidden layer 2" in finding.seen
    later = [LayerVitals(200, 2.0, number, 0.0, 0.0) for number in (1, 2)]
    assert diagnose(CONFIG, HEALTHY, vitals(**{kind: [1.0, 1.0]}) + later, STEPS) == []


def test_a_rising_loss_is_told_before_it_has_run_away() -> None:
    at = diagnosis.RISING * GUESSING_LOSS
    assert diagnose(CONFIG, curve([0.3, at - 0.01]), [], STEPS) == []
    (finding,) = diagnose(CONFIG, curve([0.3, at]), [], STEPS)
    assert (finding.kind, finding.seen) == (
        "diverging",
        "The loss is 4.6, and had been 0.30; guessing costs 2.30.",
    )
    assert at < diagnosis.DIVERGED_LOSS


def test_single_high_points_are_waited_out_unless_the_run_has_failed() -> None:
    jumps = curve([0.3, 0.3, 0.3, 40.0], points=1)
    assert diagnose(CONFIG, jumps, [], STEPS) == []
    assert kinds(diagnose(CONFIG, jumps, [], STEPS, has_failed=True)) == ["diverging"]
    assert diagnose(CONFIG, curve([31.0, 2.0], points=1), [], STEPS) == []
    assert kinds(diagnose(CONFIG, curve([0.3, 9.0, 40.0], points=1), [], STEPS)) == ["diverging"]


def test_of_many_points_in_an_epoch_more_are_waited_for() -> None:
    jumps = [0.3] * 20 + [40.0] * 4
    epochs = 1 + np.arange(len(jumps)) / 25
    dense = replace(curve(jumps, points=1), training_epochs=epochs)
    assert diagnose(CONFIG, dense, [], STEPS) == []
    longer = curve([*jumps, 40.0], points=1)
    assert kinds(diagnose(CONFIG, longer, [], STEPS)) == ["diverging"]
    dense = replace(longer, training_epochs=1 + np.arange(len(jumps) + 1) / 25)
    assert kinds(diagnose(CONFIG, dense, [], STEPS)) == ["diverging"]


def test_points_count_by_the_steps_that_they_stand_for() -> None:
    """The first epoch is denser at its beginning, where the loss is high: its mean is no higher for that."""
    validation = [0.2, *[0.3] * 6]
    for first, expected in ((0.24, []), (0.5, ["overfitting"])):
        even = curve([first, *[0.23] * 6], validation)
        epochs = np.concatenate([[0.0, 0.001, 0.002, 0.004], even.training_epochs])
        losses = np.concatenate([[2.4, 2.4, 2.3, 2.2], even.training_loss])
        dense = replace(
            even, training_epochs=epochs, training_loss=losses, training_accuracy=np.full(len(losses), 0.9)
        )
        assert kinds(diagnose(CONFIG, dense, [], STEPS)) == expected


def test_no_number_is_a_divergence() -> None:
    for loss in (math.nan, math.inf):
        (finding,) = diagnose(CONFIG, curve([0.3, loss]), vitals(dead=[1.0]), STEPS)
        assert finding.kind == "diverging"
        assert finding.seen.startswith("The loss is no longer a number, and had been 0.30")


def test_a_wide_start_is_high_and_no_divergence_until_it_rises() -> None:
    wide = CONFIG.model_copy(update={"initializer": "wide"})
    falling = curve([300.0, 110.0, 60.0, 20.0], points=1)
    assert diagnose(wide, falling, [], STEPS) == []
    assert kinds(diagnose(CONFIG, falling, [], STEPS)) == ["diverging"]
    assert kinds(diagnose(wide, curve([300.0, 20.0, 41.0]), [], STEPS)) == ["diverging"]


def overfitting(rise: float, epochs: int) -> Curve:
    """Return a run whose validation loss is best after three epochs, 0.2, and then so much higher."""
    training = [0.5 * 0.8**epoch for epoch in range(3 + epochs)]
    return curve(training, [0.3, 0.25, 0.2, *[0.2 * rise] * epochs])


def test_overfitting_takes_a_clear_rise_over_several_epochs() -> None:
    rise, epochs = diagnosis.OVERFITTING_RISE, diagnosis.OVERFITTING_EPOCHS
    assert diagnose(CONFIG, overfitting(rise - 0.01, epochs), [], STEPS) == []
    assert diagnose(CONFIG, overfitting(rise + 0.01, epochs - 1), [], STEPS) == []
    (finding,) = diagnose(CONFIG, overfitting(rise + 0.01, epochs), [], STEPS)
    assert finding.kind == "overfitting"
    assert finding.seen == (
        "Since epoch 3 the validation loss has risen from 0.200 to 0.242, "
        "while the training loss went on falling, from 0.320 to 0.105."
    )


def test_a_validation_loss_that_comes_back_is_no_overfitting() -> None:
    risen = overfitting(1.3, 6)
    assert kinds(diagnose(CONFIG, risen, [], STEPS)) == ["overfitting"]
    for last, expected in ((0.25, ["overfitting"]), (0.21, []), (0.19, [])):
        losses = [*risen.validation_loss.tolist(), last]
        training = [0.5 * 0.8**epoch for epoch in range(len(losses))]
        assert kinds(diagnose(CONFIG, curve(training, losses), [], STEPS)) == expected


def test_a_training_loss_that_rises_too_or_stays_above_is_no_overfitting() -> None:
    validation = [0.3, 0.25, 0.2, *[0.3] * 6]
    assert diagnose(CONFIG, curve([0.5, 0.4, 0.3, *[0.28] * 6], validation), [], STEPS) == []
    # Dropout and distorted images make training harder than validation.
    assert diagnose(CONFIG, curve([0.9, 0.7, 0.6, *[0.35] * 6], validation), [], STEPS) == []


def test_a_loss_that_does_not_fall_at_a_low_accuracy_has_stalled() -> None:
    assert kinds(diagnose(CONFIG, curve([2.3, 2.3], accuracy=0.11), [], STEPS)) == ["stalled"]
    just_falling = [2.3, 2.3 * diagnosis.STALLED_LOSS - 0.01]
    assert diagnose(CONFIG, curve(just_falling, accuracy=0.11), [], STEPS) == []
    assert diagnose(CONFIG, curve([2.3, 2.3 * diagnosis.STALLED_RISE], accuracy=0.11), [], STEPS) == []
    assert kinds(diagnose(CONFIG, curve([2.3, 2.7, 2.7], accuracy=0.11), [], STEPS)) == ["stalled"]
    (finding,) = diagnose(CONFIG, curve([3.5, 3.6], accuracy=0.2), [], STEPS)
    assert finding.seen == (
        "The loss stays at 3.60, more than guessing costs (2.30), and 20 % of the digits are read right."
    )


def test_a_network_that_has_converged_has_not_stalled() -> None:
    bound = diagnosis.STALLED_ACCURACY
    assert diagnose(CONFIG, curve([0.3] * 9, accuracy=bound), [], STEPS) == []
    assert kinds(diagnose(CONFIG, curve([0.3] * 9, accuracy=bound - 0.01), [], STEPS)) == ["stalled"]
    # Wrong labels keep the accuracy of training low, while the network reads well.
    noisy = curve([2.0] * 3, [0.5] * 3, accuracy=0.2)
    noisy.validation_accuracy[:] = 0.9
    assert diagnose(CONFIG, noisy, [], STEPS) == []


def test_the_untrained_network_alone_is_nothing_to_have_stalled_since() -> None:
    # A point at step 0 lies a whole stretch back, and is the mean of no training.
    epochs = np.array([0.0, 0.5, 1.0])
    whole = Curve(epochs, np.full(3, 2.3), np.full(3, 0.1), np.array([]), np.array([]), np.array([]))
    assert diagnose(CONFIG, whole, [], STEPS) == []


def test_a_loss_is_given_an_epoch_and_enough_steps_before_it_has_stalled() -> None:
    flat = curve([2.3] * 4, accuracy=0.1)
    assert diagnose(CONFIG, curve([2.3], accuracy=0.1), [], STEPS) == []
    # 25 steps an epoch: four epochs are compared with those before.
    assert diagnose(CONFIG, flat, [], 25) == []
    assert kinds(diagnose(CONFIG, curve([2.3] * 8, accuracy=0.1), [], 25)) == ["stalled"]
    assert diagnose(CONFIG, flat, [], 0) == []


def test_one_point_an_epoch_is_enough() -> None:
    assert kinds(diagnose(CONFIG, curve([2.3, 2.3], accuracy=0.1, points=1), [], STEPS)) == ["stalled"]


def test_a_cause_is_told_and_not_the_stalling_that_follows_from_it() -> None:
    flat = curve([2.3] * 4, accuracy=0.1)
    assert kinds(diagnose(CONFIG, flat, vitals(dead=[1.0]), STEPS)) == ["dead"]
    assert kinds(diagnose(CONFIG, flat, vitals(saturated=[1.0]), STEPS)) == ["saturated"]
    both = [LayerVitals(100, 1.0, 1, 0.9, None), LayerVitals(100, 1.0, 2, None, 0.9)]
    assert kinds(diagnose(CONFIG, overfitting(2.0, 6), both, STEPS)) == ["dead", "saturated", "overfitting"]


def test_the_end_of_a_diverged_run_names_epoch_loss_and_advice() -> None:
    config = TrainingConfig(optimizer="sgd", learning_rate=0.5, hidden_layers=(HiddenLayer(units=8),))
    assert diagnose_divergence(config, 1_234.5, 3) == (
        "The training diverged in epoch 3: the loss rose to 1,234. A learning rate of 0.5 is the likely "
        "cause: each step overshoots, and the next overshoots further. Try 0.01."
    )
    assert "no longer a number (NaN)" in diagnose_divergence(config, math.nan, 1)
