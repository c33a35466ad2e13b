"""Course: all arithmetic of place in a run, from images to steps, chunks, epochs and back.

Epochs and chunks are counted from 0, steps within an epoch and over the run as how many are done.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Position:
    """How far a run has come.

    Attributes
    ----------
    epochs
        Whole epochs done, each with its validation.
    chunks
        Chunks done of the next epoch; 0 at its beginning. All of them where its validation is
        still to come.
    steps_per_chunk
        As it was then: another version of this program may cut the epoch elsewhere. 0 where no
        chunk has been done.
    """

    epochs: int = 0
    chunks: int = 0
    steps_per_chunk: int = 0


@dataclass(frozen=True)
class Course:
    """How the training of one run is laid out, and where it begins.

    Attributes
    ----------
    images
        That are learnt in each epoch, at least 1.
    batch_size
        Images of a step; the last of an epoch may have fewer.
    epochs
        Of the whole run.
    steps_per_chunk
        Steps that the engine takes at a time; the last chunk of an epoch may have fewer.
    start
        Where this worker begins; not the beginning where an earlier one was interrupted.
    """

    images: int
    batch_size: int
    epochs: int
    steps_per_chunk: int
    start: Position = Position()

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps of an epoch."""
        return -(-self.images // self.batch_size)

    @property
    def chunks_per_epoch(self) -> int:
        """Chunks of an epoch."""
        return -(-self.steps_per_epoch // self.steps_per_chunk)

    @property
    def first_step(self) -> int:
        """Steps of the run that are done at its start."""
        return self.steps_done(self.start.epochs, self.start.chunks)

    def chunks_at_begin(self, epoch: int) -> int:
        """Return how many chunks of this epoch were done before the run was interrupted."""
        return self.start.chunks if epoch == self.start.epochs else 0

    def is_skipped(self, epoch: int, chunk: int) -> bool:
        """Tell whether this chunk was done before the run was interrupted."""
        return epoch < self.start.epochs or chunk < self.chunks_at_begin(epoch)

    def steps_after(self, chunks: int) -> int:
        """Return the steps that so many chunks of an epoch have."""
        return min(chunks * self.steps_per_chunk, self.steps_per_epoch)

    def images_after(self, chunks: int) -> int:
        """Return the images that so many chunks of an epoch have."""
        return min(self.steps_after(chunks) * self.batch_size, self.images)

    def images_left(self, epoch: int, chunks: int) -> int:
        """Return how many images the run has still to learn after so many chunks of this epoch."""
        return (self.epochs - epoch) * self.images - self.images_after(chunks)

    def steps_done(self, epoch: int, chunks: int) -> int:
        """Return the steps of the run up to so many chunks of this epoch."""
        return epoch * self.steps_per_epoch + self.steps_after(chunks)

    def epochs_done(self, epoch: int, chunks: int) -> float:
        """Return the same in epochs, for example 1.25."""
        return epoch + self.steps_after(chunks) / self.steps_per_epoch

    def is_whole(self, chunks: int) -> bool:
        """Tell whether so many chunks are an epoch."""
        return chunks >= self.chunks_per_epoch

    def position(self, epoch: int, chunks: int) -> Position:
        """Return where the run is after so many chunks of this epoch and before its validation."""
        return Position(epoch, chunks, self.steps_per_chunk) if chunks else Position(epoch)
