"""Place: where a run is, for all callbacks that come after it."""

from typing import Any

import keras

from core.training.course import Course, Position

# What Keras tells a callback.
Logs = dict[str, Any] | None


class Place(keras.callbacks.Callback):
    """The first callback: it alone counts; the others ask it where the run is.

    Parameters
    ----------
    course
        Of the run. Chunks that were done before its start are skipped.

    Attributes
    ----------
    epoch
        Number of the current epoch, from 0.
    chunks
        Chunks of it that are done, earlier workers' included.
    is_skipped
        Whether the chunk that Keras has just been given was done by an earlier worker.
    """

    def __init__(self, course: Course) -> None:
        super().__init__()
        self.course = course
        self.epoch = course.start.epochs
        self.chunks = course.start.chunks
        self.is_skipped = False
        self._is_validated = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.epoch = epoch
        self.chunks = self.course.chunks_at_begin(epoch)
        self._is_validated = False

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self.is_skipped = self.course.is_skipped(self.epoch, batch)
        if not self.is_skipped:
            self.chunks = batch + 1

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._is_validated = self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether all chunks of the epoch are done: not where the run was stopped within it."""
        return self.course.is_whole(self.chunks)

    @property
    def is_last(self) -> bool:
        """Whether the current epoch is the run's last."""
        return self.epoch + 1 == self.course.epochs

    @property
    def position(self) -> Position:
        """Where a run must go on that is interrupted now."""
        if self._is_validated:
            return Position(self.epoch + 1)
        return self.course.position(self.epoch, self.chunks)

    @property
    def step(self) -> int:
        """Steps of the current epoch that are done."""
        return self.course.steps_after(self.chunks)

    @property
    def global_step(self) -> int:
        """Steps of the run that are done."""
        return self.course.steps_done(self.epoch, self.chunks)

    @property
    def epochs_done(self) -> float:
        """Epochs that are done, with the share of the current one: 1.25."""
        return self.course.epochs_done(self.epoch, self.chunks)

    @property
    def images_of_chunk(self) -> int:
        """Images of the chunk that has just been done."""
        return self.course.images_after(self.chunks) - self.course.images_after(self.chunks - 1)

    @property
    def images_left(self) -> int:
        """Images that the run has still to learn."""
        return self.course.images_left(self.epoch, self.chunks)

    @property
    def chunks_left(self) -> int:
        """Chunks that the run has still to learn."""
        return (self.course.epochs - self.epoch) * self.course.chunks_per_epoch - self.chunks
