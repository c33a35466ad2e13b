"""The learning rate as a function of the step: a run that was interrupted finds it again."""

import math
from typing import Any

import keras

from core.config import TrainingConfig

# The usual steps: a tenth at half of the way and a hundredth at three quarters.
_STEP_FACTOR = 0.1
_STEPS_AT = (0.5, 0.75)
# What the exponential schedule ends at, as a share of the first rate.
_EXPONENTIAL_END = 0.01


def learning_rate_at(config: TrainingConfig, step: int, steps_per_epoch: int) -> float:
    """Return the learning rate of optimizer step `step`, counted from 0.

    Over the warm-up the rate rises in a straight line (Goyal et al. 2017). Then, with
    t from 0 to 1 over the rest of the run and r the configured rate:

    - constant: r;
    - step: r, from t = 1/2 on r/10, from t = 3/4 on r/100 (Huang et al. 2017);
    - exponential: r · 0.01^t;
    - cosine: r · (1 + cos πt) / 2 (Loshchilov & Hutter 2017, without restarts).
    """
    rate = config.learning_rate
    warm_up = min(config.warm_up_epochs, config.epochs) * steps_per_epoch
    if step < warm_up:
        return rate * min(1.0, (step + 1) / warm_up)
    total = config.epochs * steps_per_epoch
    way = min(1.0, (step - warm_up) / (total - warm_up)) if total > warm_up else 1.0
    match config.learning_rate_schedule:
        case "constant":
            return rate
        case "step":
            drops = sum(way >= at for at in _STEPS_AT)
            return rate * math.pow(_STEP_FACTOR, drops)
        case "exponential":
            return rate * math.pow(_EXPONENTIAL_END, way)
        case "cosine":
            return rate * (1 + math.cos(math.pi * way)) / 2


class LearningRate(keras.callbacks.Callback):
    """Sets the learning rate at the beginning of each chunk, where the schedule asks for it.

    The rate is a variable of the optimizer, so nothing is compiled anew. Within a chunk,
    about a tenth of a second, it stays.
    """

    def __init__(self, config: TrainingConfig, *, steps_per_epoch: int, steps_per_chunk: int) -> None:
        super().__init__()
        self._config = config
        self._steps_per_epoch = steps_per_epoch
        self._steps_per_chunk = steps_per_chunk
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._config.learning_rate_schedule == "constant" and not self._config.warm_up_epochs:
            return
        step = self._epoch * self._steps_per_epoch + batch * self._steps_per_chunk
        rate = learning_rate_at(self._config, step, self._steps_per_epoch)
        self.model.optimizer.learning_rate = rate
