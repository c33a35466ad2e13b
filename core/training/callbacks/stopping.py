"""Stopping before the last epoch: when validation gets no better, or is good enough.

Only whole epochs count. A run that is stopped within one is validated there too, for its curve,
but goes on from that place without it.
"""

from dataclasses import replace

import keras

from core.config import TrainingConfig
from core.numbers import percent
from core.sentences import say
from core.training.callbacks.place import Logs, Place
from core.training.checkpoint import Arrays, Checkpoint, Record, StoppingState
from core.training.engine.model import ChunkedNetwork

_MODES = {"loss": "min", "accuracy": "max"}


class EarlyStopping(keras.callbacks.EarlyStopping):
    """Keras' early stopping, which goes on where an interrupted run was and says why it stopped.

    The best weights come back by `restore` and not, as in Keras, whenever `fit` ends: a run that
    is only interrupted must go on from its own weights.

    Parameters
    ----------
    config
        What to watch (`early_stopping` is not "off"), for how long, and whether to go back.
    place
        Where the run is.
    past
        What was saved with the checkpoint from which the run goes on.
    """

    model: ChunkedNetwork

    def __init__(self, config: TrainingConfig, place: Place, past: Checkpoint) -> None:
        super().__init__(
            monitor=f"val_{config.early_stopping}",
            mode=_MODES[config.early_stopping],
            patience=config.patience,
        )
        self._config = config
        self._place = place
        self._past = past.stopping
        self.kept, self.kept_weights = past.stopping.kept, past.kept_weights
        self.reason: str | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin with what the epochs already done have shown."""
        super().on_train_begin(logs)
        self.reason = None
        self.wait = self._past.waited
        if self._past.best is not None:
            self.best, self.best_epoch = self._past.best.value, self._past.best.epoch - 1

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare, keep the weights if there were none better, and end the run if it is time."""
        if not self._place.is_whole:
            return
        is_stopping = self.model.stop_training
        super().on_epoch_end(epoch, logs)
        value = float((logs or {})[self.monitor])
        if self._config.restore_best and (self.kept is None or self.monitor_op(value, self.kept.value)):
            self.kept, self.kept_weights = Record(epoch=epoch + 1, value=value), (*self.model.get_weights(),)
        if self.model.stop_training and not is_stopping:
            self.reason = self._words(epoch + 1)

    @property
    def best_so_far(self) -> Record | None:
        """The best epoch since patience began."""
        return None if self.best is None else Record(epoch=self.best_epoch + 1, value=float(self.best))

    def _words(self, epoch: int) -> str:
        best = self.best_so_far
        assert best is not None  # else there would have been nothing to be no better than
        waited = say("one epoch")
        if self.patience > 1:
            waited = say("{count} epochs in a row", count=self.patience)
        if self._config.early_stopping == "loss":
            return say(
                "Stopped early at epoch {epoch}: for {waited} the validation loss was no better than the "
                "{best} of epoch {best_epoch}.",
                epoch=epoch,
                waited=waited,
                best=_in_words(self._config, best),
                best_epoch=best.epoch,
            )
        return say(
            "Stopped early at epoch {epoch}: for {waited} the validation accuracy was no better than the "
            "{best} of epoch {best_epoch}.",
            epoch=epoch,
            waited=waited,
            best=_in_words(self._config, best),
            best_epoch=best.epoch,
        )


class StopAtAccuracy(keras.callbacks.Callback):
    """Ends the run after the epoch whose validation accuracy is as wanted."""

    def __init__(self, wanted: float, place: Place) -> None:
        super().__init__()
        self._wanted = wanted
        self._place = place
        self.reason: str | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self.reason = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        accuracy = float((logs or {})["val_accuracy"])
        if self.model.stop_training or not self._place.is_whole:  # somebody stopped it
            return
        if accuracy >= self._wanted:
            self.reason = say(
                "Stopped early at epoch {epoch}: the validation accuracy is {accuracy}, and {wanted} was "
                "wanted.",
                epoch=epoch + 1,
                accuracy=percent(accuracy),
                wanted=percent(self._wanted, None),
            )
            self.model.stop_training = True


class Stopping:
    """All that may end a run early, and what is said at its end.

    Parameters
    ----------
    config, place
        Of the run, and where it is.
    past
        What was saved with the checkpoint from which the run goes on.
    """

    def __init__(self, config: TrainingConfig, place: Place, past: Checkpoint) -> None:
        self._past = past
        is_wanted = config.stop_at_accuracy and not past.stopping.is_reached
        self._wanted = StopAtAccuracy(config.stop_at_accuracy, place) if is_wanted else None
        self._early = EarlyStopping(config, place, past) if config.early_stopping != "off" else None

    @property
    def callbacks(self) -> list[keras.callbacks.Callback]:
        """Return the Keras callbacks, those that the configuration asks for."""
        return [callback for callback in (self._wanted, self._early) if callback is not None]

    @property
    def kept_weights(self) -> Arrays:
        """Return the weights of the best epoch, where the run may go back to them."""
        return self._past.kept_weights if self._early is None else self._early.kept_weights

    def state(self, *, ended: bool) -> StoppingState:
        """Return what a checkpoint must hold of this; `ended` where the run goes no further."""
        past, wanted, early = self._past.stopping, self._wanted, self._early
        is_reached = wanted is not None and wanted.reason is not None
        changes: dict[str, object] = {
            "ended": ended,
            "is_reached": past.is_reached or is_reached,
        }
        if early is not None:
            changes |= {"waited": early.wait, "best": early.best_so_far, "kept": early.kept}
        if is_reached and wanted is not None:
            changes |= {"by": "accuracy", "reason": wanted.reason}
        elif early is not None and early.reason is not None:
            changes |= {"by": "patience", "reason": early.reason}
        return past.model_copy(update=changes)


def train_further(
    config: TrainingConfig, model: ChunkedNetwork, ended: Checkpoint, epochs_done: float
) -> Checkpoint:
    """Return the checkpoint of an ended run as the beginning of an extension: patience begins anew.

    The network that was on show goes on: where the run went back to its best epoch, `model` is given
    those weights, with the optimizer as it was at the end.
    """
    past, note = ended.stopping, None
    if (kept := _goes_back_to(config, past)) is not None and kept.epoch != epochs_done:
        model.set_weights([*ended.kept_weights])
        note = say(
            "Trained further after epoch {epochs}, from the network of epoch {epoch}.",
            epochs=f"{epochs_done:.4g}",
            epoch=kept.epoch,
        )
    return replace(ended, stopping=StoppingState(kept=past.kept, is_reached=past.is_reached, note=note))


def conclude(
    config: TrainingConfig, model: ChunkedNetwork, state: StoppingState, kept_weights: Arrays
) -> str | None:
    """Give the model of a run that has ended the weights that are kept.

    Returns
    -------
    str or None
        Why it ended early, and which epoch's network is kept.
    """
    sentences = [state.note, state.reason]
    if (kept := _goes_back_to(config, state)) is not None:
        model.set_weights([*kept_weights])
        sentences.append(_told_of(config, kept))
    return " ".join(sentence for sentence in sentences if sentence is not None) or None


def _told_of(config: TrainingConfig, kept: Record) -> str:
    best = _in_words(config, kept)
    if config.early_stopping == "loss":
        return say(
            "The network of epoch {epoch} is kept, the best whole epoch by validation loss ({best}).",
            epoch=kept.epoch,
            best=best,
        )
    return say(
        "The network of epoch {epoch} is kept, the best whole epoch by validation accuracy ({best}).",
        epoch=kept.epoch,
        best=best,
    )


def _goes_back_to(config: TrainingConfig, state: StoppingState) -> Record | None:
    """Return the epoch whose weights a run takes back at its end; None if it keeps its last ones."""
    # A network that is as good as wanted is the last one.
    return state.kept if config.restore_best and state.by != "accuracy" else None


def _in_words(config: TrainingConfig, record: Record) -> str:
    return f"{record.value:.4f}" if config.early_stopping == "loss" else percent(record.value)
