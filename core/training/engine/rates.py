"""The learning rate as a function of the step: a run that was interrupted finds it again."""

import numpy as np
from numpy.typing import NDArray

from core.config import RISING_FROM, TrainingConfig
from core.training.course import Course

# The usual steps: a tenth at half of the way and a hundredth at three quarters.
_STEP_FACTOR = 0.1
_STEPS_AT = (0.5, 0.75)
# What the exponential schedule ends at, as a share of the first rate.
_EXPONENTIAL_END = 0.01


def learning_rates(config: TrainingConfig, course: Course, steps: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the learning rate of each of these optimizer steps of the run, counted from 0.

    Over the warm-up the rate rises in a straight line (Goyal et al. 2017). Then, with
    t from 0 to 1 over the rest of the run and r the configured rate:

    - constant: r;
    - step: r, from t = 1/2 on r/10, from t = 3/4 on r/100 (Huang et al. 2017);
    - exponential: r · 0.01^t;
    - cosine: r · (1 + cos πt) / 2 (Loshchilov & Hutter 2017, without restarts);
    - rising: r · (10⁻⁷)^(1 − t), to see from which rate on a network learns and from which it runs away
      (the range test of Smith 2017, with the rate's logarithm in a straight line).
    """
    warm_up = min(config.warm_up_epochs, course.epochs) * course.steps_per_epoch
    rest = course.epochs * course.steps_per_epoch - warm_up
    way = np.clip((steps - warm_up) / rest, 0.0, 1.0) if rest > 0 else np.ones(len(steps))
    match config.learning_rate_schedule:
        case "constant":
            shares = np.ones(len(steps))
        case "step":
            shares = _STEP_FACTOR ** np.sum([way >= at for at in _STEPS_AT], axis=0)
        case "exponential":
            shares = _EXPONENTIAL_END**way
        case "cosine":
            shares = (1 + np.cos(np.pi * way)) / 2
        case "rising":
            shares = RISING_FROM ** (1 - way)
    if warm_up:
        shares = np.where(steps < warm_up, np.minimum(1.0, (steps + 1) / warm_up), shares)
    return (config.learning_rate * shares).astype(np.float32)
