"""What a run costs: seconds of training and bytes of memory, estimated from its configuration.

The figures were measured with two cores of an x86-64 server (README, *Measured*); another machine
is `speed` times as fast. They are right within a factor of two, which is what limits, queues and
"about 12 s" need.
"""

from math import ceil

from core.config.images import IMAGE_SHAPE
from core.config.training import MAX_BATCH_SIZE, TrainingConfig
from core.errors import LimitExceeded
from core.numbers import duration
from core.sentences import say

_PIXELS = IMAGE_SHAPE[0] * IMAGE_SHAPE[1]
# A step: its products, what it takes however little it does, and one pass over all parameters.
_FLOPS_A_SECOND = 1.5e11
_SECONDS_A_STEP = 2e-5
_SECONDS_A_PARAMETER = 3e-10
# Adam reads and writes some thirty bytes a parameter; beyond the processor's cache they come from memory.
_CACHED_PARAMETERS = 500_000
_SECONDS_A_PARAMETER_IN_MEMORY = 2e-9
# What comes to it besides.
_SECONDS_AN_AFFINE_IMAGE = 2e-6
_SECONDS_AN_ELASTIC_IMAGE = 3e-6
_SECONDS_AN_EPOCH = 0.02
_SECONDS_A_RUN = 2.0
_SECONDS_A_LAYER = 0.3

_BYTES_A_NUMBER = 4
# Weights, gradients, two moments of Adam, and the best epoch's weights or a checkpoint in writing.
_COPIES_OF_PARAMETERS = 6
# What a layer puts out, before and after its activation, and both gradients.
_COPIES_OF_ACTIVATIONS = 4


def step_seconds(config: TrainingConfig, training_images: int) -> float:
    """Return about how long one optimizer step takes on the machine of the figures above.

    A product of an (m, k) and a (k, n) matrix takes 2·m·k·n operations, and each layer needs one
    forward and two backward (Golub & Van Loan 2013, section 1.1; Rumelhart, Hinton & Williams 1986).
    """
    images = min(config.batch_size, training_images)
    return (
        6 * config.parameters * images / _FLOPS_A_SECOND
        + _SECONDS_A_STEP
        + config.parameters * _SECONDS_A_PARAMETER
        + max(0, config.parameters - _CACHED_PARAMETERS) * _SECONDS_A_PARAMETER_IN_MEMORY
    )


def estimated_seconds(config: TrainingConfig, training_images: int = 60_000, speed: float = 1.0) -> float:
    """Return about how long a run takes from a worker's claim to its written results.

    Parameters
    ----------
    training_images
        Images of the dataset, before any are kept aside for validation.
    speed
        Of the workers, in machines of the figures above.
    """
    return _fixed_seconds(config, speed) + config.epochs * _epoch_seconds(config, training_images, speed)


def estimated_memory(config: TrainingConfig) -> int:
    """Return about how many bytes a worker needs for a run, besides what it holds without one."""
    widths = [_PIXELS, *(layer.units for layer in config.hidden_layers)]
    copies = _COPIES_OF_ACTIVATIONS + (2 if config.batch_normalization else 0)
    activations = config.batch_size * (copies * sum(widths) + (4 * _PIXELS if config.augments else 0))
    return _BYTES_A_NUMBER * (_COPIES_OF_PARAMETERS * config.parameters + activations)


def _fixed_seconds(config: TrainingConfig, speed: float) -> float:
    return (_SECONDS_A_RUN + _SECONDS_A_LAYER * len(config.hidden_layers)) / speed


def _epoch_seconds(config: TrainingConfig, training_images: int, speed: float) -> float:
    left = training_images * (1 - config.validation_split)
    images = max(1.0, left * config.training_fraction)
    if config.learns_drawings:
        images /= 1 - config.drawings_share
    steps = ceil(images / config.batch_size)
    looked_at = training_images - left
    seconds = (
        steps * step_seconds(config, ceil(images))
        + looked_at * 2 * config.parameters / _FLOPS_A_SECOND
        + _SECONDS_AN_EPOCH
    )
    if config.augments:
        elastic = config.augmentation_elastic > 0
        seconds += images * (_SECONDS_AN_AFFINE_IMAGE + (_SECONDS_AN_ELASTIC_IMAGE if elastic else 0.0))
    return seconds / speed


def in_words(seconds: float) -> str:
    """Return an estimated duration, no more exact than it is: “4 s”, “42 s”, “15 min 00 s”, “4 h 54 min”."""
    return f"{max(1, round(seconds))} s" if seconds < 10 else duration(seconds)


def check_cost(
    config: TrainingConfig,
    *,
    max_seconds: float,
    max_bytes: int,
    training_images: int = 60_000,
    speed: float = 1.0,
) -> float:
    """Return about how many seconds a run takes.

    Raises
    ------
    LimitExceeded
        If it takes longer or needs more memory than one run may; says what to change.
    """
    needed = estimated_memory(config)
    if needed > max_bytes:
        raise LimitExceeded(
            say(
                "This training would need about {needed} MB of memory; this server allows {allowed} "
                "MB for a run. Take a smaller batch size, fewer units or fewer layers.",
                needed=f"{needed / 1e6:,.0f}",
                allowed=f"{max_bytes / 1e6:,.0f}",
            )
        )
    seconds = estimated_seconds(config, training_images, speed)
    if seconds > max_seconds:
        raise LimitExceeded(
            say(
                "This training would take about {time}; this server allows {allowed} for a run. {advice}",
                time=in_words(seconds),
                allowed=in_words(max_seconds),
                advice=_cheaper(config, max_seconds, training_images, speed),
            )
        )
    return seconds


def _cheaper(config: TrainingConfig, max_seconds: float, training_images: int, speed: float) -> str:
    """Say what would bring a run below the limit, each change by itself."""
    an_epoch = _epoch_seconds(config, training_images, speed)
    epochs = int((max_seconds - _fixed_seconds(config, speed)) / an_epoch)
    size = config.batch_size
    while (size := 2 * size) <= MAX_BATCH_SIZE:
        larger = config.model_copy(update={"batch_size": size})
        if estimated_seconds(larger, training_images, speed) <= max_seconds:
            break
    # Whole sentences: a translator cannot put one together of pieces.
    has_size = size <= MAX_BATCH_SIZE
    if epochs > 1 and has_size:
        return say(
            "Take at most {epochs} epochs or a batch size of at least {size} or a smaller network.",
            epochs=epochs,
            size=size,
        )
    if epochs > 1:
        return say("Take at most {epochs} epochs or a smaller network.", epochs=epochs)
    if epochs == 1 and has_size:
        return say("Take at most 1 epoch or a batch size of at least {size} or a smaller network.", size=size)
    if epochs == 1:
        return say("Take at most 1 epoch or a smaller network.")
    if has_size:
        return say("Take a batch size of at least {size} or a smaller network.", size=size)
    return say("Take a smaller network.")
