"""What can be found wrong with a run, in plain words, and what to try instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.config import Activation, TrainingConfig, bounds_of
from core.numbers import percent, six_figures
from core.sentences import say

FindingKind = Literal["diverging", "dead", "saturated", "overfitting", "stalled"]

# Keras' own choices, at which these small networks learn.
USUAL_LEARNING_RATE = {"adam": 0.001, "adamw": 0.001, "rmsprop": 0.001, "sgd": 0.01}
_DROPOUT = 0.3
# What a penalty this strong costs outweighs what is left to learn about the digits.
_STRONG_L1, _STRONG_L2 = 0.001, 0.01
# Mean and variance of so few images are mostly chance.
_TINY_BATCH = 8
_USUAL_BATCH = 32
# From this share on, wrong labels leave too little to learn.
_MOSTLY_WRONG = 0.8


@dataclass(frozen=True)
class Finding:
    """One thing that goes wrong with a run.

    Attributes
    ----------
    kind
        Which of the failures it is.
    headline
        What it is, in a few words without a full stop.
    seen
        Sentences with the figures that show it.
    advice
        Sentences that say what to try.
    remedy
        The run's configuration with that advice followed.
    """

    kind: FindingKind
    headline: str
    seen: str
    advice: str
    remedy: TrainingConfig


Advice = tuple[str, TrainingConfig]


def changed(config: TrainingConfig, **values: Any) -> TrainingConfig:
    """Return the configuration with these values, checked."""
    return TrainingConfig.build(config.model_dump() | values)


def calmer_rate(config: TrainingConfig) -> float:
    """Return a lower learning rate: the usual one, or a tenth, where one may be so low."""
    usual = USUAL_LEARNING_RATE[config.optimizer]
    if config.learning_rate > usual:
        return usual
    return max(bounds_of("learning_rate").lowest, float(f"{config.learning_rate / 10:.3g}"))


def is_hasty(config: TrainingConfig) -> bool:
    """Tell whether the learning rate is well above what is usual for the optimizer."""
    return config.learning_rate > 2 * USUAL_LEARNING_RATE[config.optimizer]


def against_divergence(config: TrainingConfig) -> Advice:
    """Advise on a loss that runs away: shorter steps."""
    rate = calmer_rate(config)
    remedy = changed(config, learning_rate=rate)
    if is_hasty(config):
        return (
            say(
                "A learning rate of {rate} is the likely cause: each step overshoots, and the next "
                "overshoots further. Try {lower}.",
                rate=six_figures(config.learning_rate),
                lower=six_figures(rate),
            ),
            remedy,
        )
    is_linear = any(layer.activation == "linear" for layer in config.hidden_layers)
    if is_linear:
        sentence = say(
            "Try a lower learning rate, {lower}, or relu or tanh instead of linear layers.",
            lower=six_figures(rate),
        )
        return sentence, remedy
    return say("Try a lower learning rate, {lower}.", lower=six_figures(rate)), remedy


def against_dead_units(config: TrainingConfig) -> Advice:
    """Advise on ReLU units that never fire: better first weights, shorter steps, or another activation."""
    if config.initializer == "zeros":
        return (
            say(
                "All first weights are zero, so every sum is zero too, and a ReLU unit is silent "
                "there. Start with He weights, which were made for relu."
            ),
            changed(config, initializer="he"),
        )
    if is_hasty(config):
        rate = calmer_rate(config)
        return (
            say(
                "A learning rate of {rate} is the likely cause: one step too long pushes a unit's "
                "sum below 0 for every image. Try {lower}, and He first weights, made for relu.",
                rate=six_figures(config.learning_rate),
                lower=six_figures(rate),
            ),
            changed(config, learning_rate=rate, initializer="he"),
        )
    return (
        say("Try elu, which lets a gradient pass below 0 too; or a lower learning rate."),
        changed(config, hidden_layers=_with_activation(config, ("relu",), "elu")),
    )


def against_saturation(config: TrainingConfig) -> Advice:
    """Advise on tanh or sigmoid units at their limits: smaller sums."""
    if config.initializer == "wide":
        return (
            say(
                "The first weights are far too wide, so the sums are too large from the start. Start "
                "with Glorot weights, which were made for tanh and sigmoid."
            ),
            changed(config, initializer="glorot"),
        )
    if is_hasty(config):
        rate = calmer_rate(config)
        return (
            say(
                "A learning rate of {rate} is the likely cause: long steps make large weights, and "
                "large weights large sums. Try {lower}.",
                rate=six_figures(config.learning_rate),
                lower=six_figures(rate),
            ),
            changed(config, learning_rate=rate),
        )
    return (
        say("Try relu, which has no upper limit; or an L2 penalty, which keeps the weights small."),
        changed(config, hidden_layers=_with_activation(config, ("tanh", "sigmoid"), "relu")),
    )


def against_overfitting(config: TrainingConfig, best_epoch: int) -> Advice:
    """Advise on images learnt by heart: more of them, or a network that cannot do that so easily."""
    found = _against_learning_by_heart(config)
    if found is None:
        sentence = say("Train for fewer epochs: {epochs}.", epochs=best_epoch)
        return sentence, changed(config, epochs=best_epoch)
    advice, remedy = found
    if config.early_stopping != "off":
        return advice, remedy
    advice = say(
        "{advice} Early stopping on the validation loss keeps the network of the best epoch, here {epoch}.",
        advice=advice,
        epoch=best_epoch,
    )
    return advice, changed(remedy, early_stopping="loss")


def _against_learning_by_heart(config: TrainingConfig) -> Advice | None:
    """Advise on what makes images harder to learn by heart; None where all of it is done already."""
    if config.label_noise:
        return (
            say(
                "{share} of the labels are wrong, and the network learns even those by heart. "
                "Give it the right ones.",
                share=percent(config.label_noise, None),
            ),
            changed(config, label_noise=0.0),
        )
    if config.training_fraction < 1:
        return (
            say(
                "It has only {share} of the training images, few enough to learn by heart. "
                "Give it all of them.",
                share=percent(config.training_fraction, None),
            ),
            changed(config, training_fraction=1.0),
        )
    if config.hidden_layers and not any(layer.dropout for layer in config.hidden_layers):
        layers = [layer.model_dump() | {"dropout": _DROPOUT} for layer in config.hidden_layers]
        return (
            say(
                "Try a dropout of {share} in the hidden layers; an L2 penalty of 0.0001 or distorted "
                "training images (augmentation) help too.",
                share=six_figures(_DROPOUT),
            ),
            changed(config, hidden_layers=layers),
        )
    if not config.augments:
        return (
            say(
                "Try distorted training images (augmentation): shift 1.5, rotation 10, scale 0.1. "
                "No image comes twice then."
            ),
            changed(config, augmentation_shift=1.5, augmentation_rotation=10.0, augmentation_scale=0.1),
        )
    return None


def against_stalling(config: TrainingConfig, *, is_guessing: bool) -> Advice:
    """Advise on a loss that does not fall.

    Parameters
    ----------
    is_guessing
        Whether the loss is about what guessing costs, and not well above it.
    """
    usual = USUAL_LEARNING_RATE[config.optimizer]
    if config.initializer == "zeros":
        return (
            say(
                "All first weights are zero: every unit of a layer puts out the same, and no "
                "gradient reaches the hidden layers. Start with Glorot weights, small and random."
            ),
            changed(config, initializer="glorot"),
        )
    if config.l1 >= _STRONG_L1 or config.l2 >= _STRONG_L2:
        return (
            say(
                "The penalties (L1 {l1}, L2 {l2}) cost more than the digits: weights of zero are "
                "cheapest. Switch them off.",
                l1=six_figures(config.l1),
                l2=six_figures(config.l2),
            ),
            changed(config, l1=0.0, l2=0.0),
        )
    if config.label_noise >= _MOSTLY_WRONG:
        return (
            say(
                "{share} of the labels are wrong: there is next to nothing to learn. Give it the right ones.",
                share=percent(config.label_noise, None),
            ),
            changed(config, label_noise=0.0),
        )
    if config.batch_normalization and config.batch_size < _TINY_BATCH:
        return (
            say(
                "Batch normalization scales a layer's outputs by mean and variance of the batch, and "
                "a batch of {size} tells next to nothing about them. Take batches of {usual} images.",
                size=config.batch_size,
                usual=_USUAL_BATCH,
            ),
            changed(config, batch_size=_USUAL_BATCH),
        )
    if config.learning_rate < usual / 2:
        return (
            say(
                "A learning rate of {rate} makes steps too short to see. Try {usual}, the usual one "
                "for this optimizer.",
                rate=six_figures(config.learning_rate),
                usual=six_figures(usual),
            ),
            changed(config, learning_rate=usual),
        )
    if is_hasty(config) or not is_guessing:
        rate = calmer_rate(config)
        return (
            say(
                "A learning rate of {rate} makes steps so long that they jump over what they look "
                "for. Try {lower}.",
                rate=six_figures(config.learning_rate),
                lower=six_figures(rate),
            ),
            changed(config, learning_rate=rate),
        )
    if config.optimizer == "sgd":
        return (
            say(
                "Try Adam with its usual learning rate of 0.001: it lengthens the steps of weights "
                "whose gradients are small."
            ),
            changed(config, optimizer="adam", learning_rate=USUAL_LEARNING_RATE["adam"]),
        )
    return (
        say("Try relu with He first weights and fewer layers: gradients then reach the first layer."),
        changed(
            config,
            initializer="he",
            hidden_layers=_with_activation(config, ("tanh", "sigmoid", "linear"), "relu")[:2],
        ),
    )


def _with_activation(
    config: TrainingConfig, old: Sequence[Activation], new: Activation
) -> list[dict[str, Any]]:
    return [
        layer.model_dump() | ({"activation": new} if layer.activation in old else {})
        for layer in config.hidden_layers
    ]
