"""What goes wrong with a run, read from its curve and its hidden units' vitals.

Every rule has its thresholds above it, with the reason. They are wide apart from what healthy
runs of the recipes show, so that noise does not trigger them.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.config import CLASS_COUNT, TrainingConfig
from core.evaluation.diagnosis.advice import (
    Finding,
    against_dead_units,
    against_divergence,
    against_overfitting,
    against_saturation,
    against_stalling,
)
from core.numbers import percent
from core.sentences import say
from core.store import Curve, LayerVitals

# The loss of a network that gives every digit the same probability: 2.30.
GUESSING_LOSS = math.log(CLASS_COUNT)

# A loss this many times what guessing costs has run away: the run is ended.
DIVERGED_LOSS = 50 * GUESSING_LOSS
# And at so many times it is about to; healthy runs stay below guessing after their first steps.
RISING = 2.0
# Single points jump at high learning rates and come back: the middle one of the last third of an epoch
# counts, of at least and at most so many.
RISING_EPOCHS = 1 / 3
RISING_POINTS = (3, 9)

# Networks that learn well have up to an eighth of a layer dead; a step too long kills nearly all.
DEAD_SHARE = 0.5
# Networks that learn well have at most a fourteenth of a layer saturated, even after 40 epochs;
# wide first weights make it a third of the first layer and half of the next.
SATURATED_SHARE = 0.3

# Validation losses of neighbouring epochs differ by up to a tenth: so much more than the best …
OVERFITTING_RISE = 1.2
# … in so many epochs in a row is no chance, if the training loss has fallen meanwhile to
OVERFITTING_EPOCHS = 5
OVERFITTING_TRAINING = 0.9
# … and if the validation loss has not come back meanwhile to
OVERFITTING_OVER = 1.1

# Stretches of the curve are compared: at least an epoch and so many steps each.
STALLED_STEPS = 100
# A stretch with a loss of more than this share of the best one before has not come further …
STALLED_LOSS = 0.99
# … one of up to this many times the one just before it stays where it is, and does not rise …
STALLED_RISE = 1.1
# … and one that reads fewer than this share of the digits has not converged either: a network
# without any hidden layer reads nine of ten.
STALLED_ACCURACY = 0.5
# Up to this many times what guessing costs a loss is one of guessing.
ABOUT_GUESSING = 1.2


def diagnose(
    config: TrainingConfig,
    curve: Curve,
    vitals: Sequence[LayerVitals],
    steps_per_epoch: int,
    *,
    has_failed: bool = False,
) -> list[Finding]:
    """Return what is wrong with a run as it stands, causes before what follows from them.

    Parameters
    ----------
    config, curve, vitals
        Of the run, as far as it has come.
    steps_per_epoch
        Optimizer steps; 0 where it is not known yet.
    has_failed
        Whether the run has ended as failed: its last point is then not waited out.
    """
    if config.learning_rate_schedule == "rising":
        return []  # it is there to see from where on a rate is too high
    if diverging := _diverging(config, curve, has_failed):
        return [diverging]
    causes = [finding for finding in (_dead(config, vitals), _saturated(config, vitals)) if finding]
    others = [
        finding
        for finding in (
            _overfitting(config, curve),
            None if causes else _stalled(config, curve, steps_per_epoch),
        )
        if finding
    ]
    return causes + others


def diagnose_divergence(config: TrainingConfig, loss: float, epoch: int) -> str:
    """Explain why a run was ended whose loss ran away in `epoch`, and what to try."""
    advice, _ = against_divergence(config)
    if not math.isfinite(loss):
        return say(
            "The training diverged in epoch {epoch}: the loss is no longer a number (NaN). {advice}",
            epoch=epoch,
            advice=advice,
        )
    return say(
        "The training diverged in epoch {epoch}: the loss rose to {loss}. {advice}",
        epoch=epoch,
        loss=f"{loss:,.0f}",
        advice=advice,
    )


def _diverging(config: TrainingConfig, curve: Curve, has_failed: bool) -> Finding | None:
    losses = np.nan_to_num(curve.training_loss, nan=np.inf, posinf=np.inf)
    fewest, most = RISING_POINTS
    latest = int(np.count_nonzero(curve.training_epochs > curve.training_epochs[-1:].sum() - RISING_EPOCHS))
    looked_at = 1 if has_failed else min(max(fewest, latest), most)
    if len(losses) < looked_at:
        return None
    loss = float(np.median(losses[-looked_at:]))
    lowest = float(losses[:-looked_at].min(initial=np.inf))
    # Wide first weights begin far above guessing: there only a loss that had been lower has risen.
    before = lowest if config.initializer == "wide" else GUESSING_LOSS
    if loss < RISING * max(before, GUESSING_LOSS):
        return None
    advice, remedy = against_divergence(config)
    return Finding(
        "diverging",
        say("The training diverges: the loss rises instead of falling"),
        _risen(loss, lowest if lowest < loss / RISING else None),
        advice,
        remedy,
    )


def _risen(loss: float, earlier: float | None) -> str:
    """Say where the loss is, and where it had been if that is worth telling."""
    guessing = f"{GUESSING_LOSS:.2f}"
    if earlier is None and math.isfinite(loss):
        return say("The loss is {loss}; guessing costs {guessing}.", loss=f"{loss:,.1f}", guessing=guessing)
    if earlier is None:
        return say("The loss is no longer a number; guessing costs {guessing}.", guessing=guessing)
    if math.isfinite(loss):
        return say(
            "The loss is {loss}, and had been {earlier}; guessing costs {guessing}.",
            loss=f"{loss:,.1f}",
            earlier=f"{earlier:,.2f}",
            guessing=guessing,
        )
    return say(
        "The loss is no longer a number, and had been {earlier}; guessing costs {guessing}.",
        earlier=f"{earlier:,.2f}",
        guessing=guessing,
    )


def _latest(vitals: Sequence[LayerVitals]) -> list[LayerVitals]:
    return [layer for layer in vitals if layer.step == vitals[-1].step]


def _dead(config: TrainingConfig, vitals: Sequence[LayerVitals]) -> Finding | None:
    shares = {layer.layer: layer.dead for layer in _latest(vitals) if layer.dead is not None}
    if max(shares.values(), default=0.0) < DEAD_SHARE:
        return None
    advice, remedy = against_dead_units(config)
    return Finding(
        "dead",
        say("Dead ReLUs: units that never fire"),
        say(
            "These units put out 0 for every image looked at: {shares}. No gradient passes such "
            "a unit, so it cannot learn its way back.",
            shares=_of_layers(shares),
        ),
        advice,
        remedy,
    )


def _saturated(config: TrainingConfig, vitals: Sequence[LayerVitals]) -> Finding | None:
    shares = {layer.layer: layer.saturated for layer in _latest(vitals) if layer.saturated is not None}
    if max(shares.values(), default=0.0) < SATURATED_SHARE:
        return None
    advice, remedy = against_saturation(config)
    return Finding(
        "saturated",
        say("Saturation: units stuck at their limits"),
        say(
            "These units are at a limit of their activation for nearly all images: {shares}. It "
            "is flat there, so hardly any gradient passes and they learn slowly.",
            shares=_of_layers(shares),
        ),
        advice,
        remedy,
    )


def _of_layers(shares: dict[int, float]) -> str:
    *others, (share, layer) = ((percent(share, 0), layer) for layer, share in shares.items())
    if not others:
        return say("{what} of hidden layer {number}", what=share, number=layer)
    earlier = [say("{what} of hidden layer {number}", what=what, number=number) for what, number in others]
    return say(
        "{others} and {share} of hidden layer {number}", others=", ".join(earlier), share=share, number=layer
    )


def _overfitting(config: TrainingConfig, curve: Curve) -> Finding | None:
    losses = np.nan_to_num(curve.validation_loss, nan=np.inf, posinf=np.inf)
    if len(losses) <= OVERFITTING_EPOCHS:
        return None
    best = int(losses.argmin())
    is_above = losses[best:] >= OVERFITTING_RISE * losses[best]
    is_long = np.convolve(is_above, np.ones(OVERFITTING_EPOCHS)).max() >= OVERFITTING_EPOCHS
    if not is_long or losses[-1] < OVERFITTING_OVER * losses[best]:
        return None
    best_epoch = math.ceil(curve.validation_epochs[best])
    then = _training_loss(curve, best_epoch)
    now = _training_loss(curve, math.ceil(curve.validation_epochs[-1]))
    if not (now <= OVERFITTING_TRAINING * then and now < losses[-1]):
        return None
    advice, remedy = against_overfitting(config, best_epoch)
    return Finding(
        "overfitting",
        say("Overfitting: it learns the training images by heart"),
        say(
            "Since epoch {epoch} the validation loss has risen from {best} to {latest}, while "
            "the training loss went on falling, from {then} to {now}.",
            epoch=best_epoch,
            best=f"{losses[best]:.3f}",
            latest=f"{losses[-1]:.3f}",
            then=_small(then),
            now=_small(now),
        ),
        advice,
        remedy,
    )


def _small(loss: float) -> str:
    return f"{loss:.3f}" if loss >= 0.001 else say("less than 0.001")


def _training_loss(curve: Curve, epoch: int) -> float:
    """Return the mean training loss of one epoch, counted from 1; NaN where it has no point."""
    of_epoch = np.ceil(curve.training_epochs) == epoch
    if not of_epoch.any():
        return math.nan
    return float(np.average(curve.training_loss[of_epoch], weights=_lengths(curve)[of_epoch]))


def _lengths(curve: Curve) -> NDArray[np.float64]:
    """Return over how many epochs each training point is the mean: those since the one before."""
    return np.diff(curve.training_epochs, prepend=0.0)


def _stalled(config: TrainingConfig, curve: Curve, steps_per_epoch: int) -> Finding | None:
    if not len(curve.training_epochs) or not steps_per_epoch:
        return None
    stretch = max(1.0, STALLED_STEPS / steps_per_epoch)
    ages = curve.training_epochs[-1] - curve.training_epochs
    # 0 for the last stretch, 1 for the one before; each is open at its old end.
    stretches = np.floor(ages / stretch + 1e-9).astype(int)
    if stretches[0] == 0:
        return None
    lengths = _lengths(curve)
    latest = stretches == 0
    accuracy = float(np.average(curve.training_accuracy[latest], weights=lengths[latest]))
    if len(curve.validation_accuracy):
        accuracy = max(accuracy, float(curve.validation_accuracy[-1]))
    trained = np.bincount(stretches, lengths)
    losses = np.bincount(stretches, curve.training_loss * lengths)
    means = losses[trained > 0] / trained[trained > 0]
    if len(means) < 2:  # before it there is the untrained network alone
        return None
    loss, earlier = float(means[0]), float(means[1:].min())
    stays = STALLED_LOSS * earlier < loss < STALLED_RISE * means[1]
    if not stays or accuracy >= STALLED_ACCURACY:
        return None
    is_guessing = loss < ABOUT_GUESSING * GUESSING_LOSS
    advice, remedy = against_stalling(config, is_guessing=is_guessing)
    return Finding(
        "stalled",
        say("Stalled: the loss does not fall"),
        say(
            "The loss stays at {loss}, {compared} ({guessing}), and {share} of the digits are read right.",
            loss=f"{loss:.2f}",
            compared=say("about what guessing costs") if is_guessing else say("more than guessing costs"),
            guessing=f"{GUESSING_LOSS:.2f}",
            share=percent(accuracy, 0),
        ),
        advice,
        remedy,
    )
