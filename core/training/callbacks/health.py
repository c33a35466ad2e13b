"""Health: ends a run whose loss has run away."""

import math

import keras

from core.config import TrainingConfig
from core.evaluation.diagnosis.rules import DIVERGED_LOSS, diagnose_divergence
from core.training.callbacks.place import Logs, Place


class Health(keras.callbacks.Callback):
    """Ends a run whose loss is no number any more or has run away, and says why.

    Parameters
    ----------
    config, place
        Of the run, and where it is.
    first_loss
        Of the run's first point: before its first step, or of its first chunk where that is not known.
    """

    def __init__(self, config: TrainingConfig, place: Place, first_loss: float | None = None) -> None:
        super().__init__()
        self._config = config
        self._place = place
        self._first_loss = first_loss
        self.diagnosis: str | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self.diagnosis = None

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._place.is_skipped:
            return
        loss = float((logs or {})["chunk_loss"])
        if self._first_loss is None:
            self._first_loss = loss
        if math.isfinite(loss) and loss < self._bound():
            return
        self.diagnosis = diagnose_divergence(self._config, loss, self._place.epoch + 1)
        self.model.stop_training = True

    def _bound(self) -> float:
        if self._config.initializer == "wide" and self._first_loss is not None:
            # It starts at many times what guessing costs; that is its lesson, not a divergence.
            return max(DIVERGED_LOSS, 4 * self._first_loss)
        return DIVERGED_LOSS
