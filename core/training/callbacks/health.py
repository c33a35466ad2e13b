"""Health: ends a run whose loss has run away."""

import math
from typing import Any

import keras

from core.config import TrainingConfig
from core.evaluation.diagnosis.rules import DIVERGED_LOSS, diagnose_divergence

Logs = dict[str, Any] | None


class Health(keras.callbacks.Callback):
    """Ends a run whose loss is no number any more or has run away, and says why."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self._config = config
        self._epoch = 0
        self._bound = DIVERGED_LOSS
        self.diagnosis: str | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._bound = DIVERGED_LOSS
        self.diagnosis = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss = float((logs or {})["chunk_loss"])
        if self._config.initializer == "wide" and self._bound == DIVERGED_LOSS and math.isfinite(loss):
            # It starts at many times what guessing costs; that is its lesson, not a divergence.
            self._bound = max(DIVERGED_LOSS, 4 * loss)
        if math.isfinite(loss) and loss < self._bound:
            return
        self.diagnosis = diagnose_divergence(self._config, loss, self._epoch + 1)
        self.model.stop_training = True
