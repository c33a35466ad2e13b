"""Stopping before the last epoch: when validation gets no better, or is good enough."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from core.config import TrainingConfig
from core.errors import ModelError
from core.numbers import percent
from core.store import Curve

Logs = dict[str, Any] | None

_MODES = {"loss": "min", "accuracy": "max"}


class EarlyStopping(keras.callbacks.EarlyStopping):
    """Keras' early stopping, which goes on where an interrupted run was and says why it stopped.

    The best weights are handed to `save` whenever there are better ones. They come back
    by `restore` and not, as in Keras, whenever `fit` ends: a run that is only interrupted
    must go on from its own weights.

    Parameters
    ----------
    config
        What to watch (`early_stopping` is not "off"), for how long, and whether to go back.
    save, load
        Keep the best weights as bytes, and return them.
    past
        Validation loss or accuracy of the epochs already done, from the first.
    """

    def __init__(
        self,
        config: TrainingConfig,
        *,
        save: Callable[[bytes], None],
        load: Callable[[], bytes],
        past: Sequence[float] = (),
    ) -> None:
        super().__init__(
            monitor=f"val_{config.early_stopping}",
            mode=_MODES[config.early_stopping],
            patience=config.patience,
        )
        self._config = config
        self._save = save
        self._load = load
        self._past = past
        self.reason: str | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin with what the epochs already done have shown."""
        super().on_train_begin(logs)
        self.reason = None
        for epoch, value in enumerate(self._past):
            super().on_epoch_end(epoch, {self.monitor: value})
        # Had these figures ended the run, no checkpoint would have been written after them.
        self.model.stop_training = False

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare, keep the weights if there were none better, and end the run if it is time."""
        stopping = self.model.stop_training
        super().on_epoch_end(epoch, logs)
        if self._config.restore_best and self.best_epoch == epoch:
            self._save(_to_bytes(self.model.get_weights()))
        if self.model.stop_training and not stopping:
            self.reason = f"Stopped early at epoch {epoch + 1}: {self._words()}"

    def restore(self) -> str | None:
        """Give the model the weights of its best epoch, if the run asks for that and there was one.

        Returns
        -------
        str or None
            A sentence that says which epoch's network is kept.
        """
        if not self._config.restore_best or self.best is None:
            return None
        self.model.set_weights(_from_bytes(self._load()))
        return (
            f"The network of epoch {self.best_epoch + 1} is kept, "
            f"the best by validation {self._config.early_stopping} ({self._best_in_words()})."
        )

    def _best_in_words(self) -> str:
        return f"{self.best:.4f}" if self._config.early_stopping == "loss" else percent(self.best)

    def _words(self) -> str:
        epochs = "one epoch" if self.patience == 1 else f"{self.patience} epochs in a row"
        return (
            f"for {epochs} the validation {self._config.early_stopping} was no better "
            f"than the {self._best_in_words()} of epoch {self.best_epoch + 1}."
        )


class StopAtAccuracy(keras.callbacks.Callback):
    """Ends the run after the epoch whose validation accuracy is as wanted."""

    def __init__(self, wanted: float) -> None:
        super().__init__()
        self._wanted = wanted
        self.reason: str | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self.reason = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        accuracy = float((logs or {})["val_accuracy"])
        if self.model.stop_training:  # somebody stopped it: the epoch is not whole
            return
        if accuracy >= self._wanted:
            self.reason = (
                f"Stopped early at epoch {epoch + 1}: the validation accuracy is {percent(accuracy)}, "
                f"and {percent(self._wanted, None)} was wanted."
            )
            self.model.stop_training = True


class Stopping:
    """All that may end a run early, and what is said at its end.

    Parameters
    ----------
    config
        Of the run.
    curve
        What was recorded before the run was interrupted.
    epochs_done
        Whole epochs already done.
    save, load
        As `EarlyStopping` takes them.
    """

    def __init__(
        self,
        config: TrainingConfig,
        curve: Curve,
        epochs_done: int,
        *,
        save: Callable[[bytes], None],
        load: Callable[[], bytes],
    ) -> None:
        self._wanted = StopAtAccuracy(config.stop_at_accuracy) if config.stop_at_accuracy else None
        self._early: EarlyStopping | None = None
        if config.early_stopping != "off":
            values = curve.validation_loss if config.early_stopping == "loss" else curve.validation_accuracy
            # Whole epochs only: a run that is stopped within one is validated there too.
            whole = np.isin(curve.validation_epochs, np.arange(1, epochs_done + 1))
            self._early = EarlyStopping(config, save=save, load=load, past=values[whole].tolist())

    @property
    def callbacks(self) -> list[keras.callbacks.Callback]:
        """Return the Keras callbacks, those that the configuration asks for."""
        return [callback for callback in (self._wanted, self._early) if callback is not None]

    def conclude(self) -> str | None:
        """Put the best weights back when a run has ended; return why it ended early, what is kept."""
        if self._wanted is not None and self._wanted.reason is not None:
            return self._wanted.reason  # the network that is as good as wanted is the last one
        if self._early is None:
            return None
        sentences = [self._early.reason, self._early.restore()]
        return " ".join(sentence for sentence in sentences if sentence is not None) or None


def _to_bytes(weights: list[np.ndarray[Any, Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{f"weight_{number}": array for number, array in enumerate(weights)})  # type: ignore[arg-type]
    return buffer.getvalue()


def _from_bytes(data: bytes) -> list[np.ndarray[Any, Any]]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as saved:
            return [saved[f"weight_{number}"] for number in range(len(saved.files))]
    except Exception as error:  # zipfile and NumPy have a class of their own for every kind of damage
        raise ModelError(f"The best weights cannot be read ({error}). Train again.") from error
