"""Lessons: drawings that a run learns, kept with it; runs that go on from a trained network to learn them."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import as_npz, read_npz
from core.config import CLASS_COUNT, IMAGE_SHAPE, TrainingConfig
from core.config.teaching import DRAWINGS_SHARE, LEAST_DRAWINGS, MOST_DRAWINGS
from core.errors import ArrayDamaged, ConfigError, ModelError
from core.sentences import say
from core.settings import Settings
from core.store.artifacts import RunArtifacts
from core.store.clock import now
from core.store.files import CHECKPOINT_FILE, LESSON_FILE
from core.store.queries import insert_run, read_run
from core.store.records import Run
from core.store.room import TRAINING_IMAGES, Asker, check_room, checked_cost
from core.store.shelf import LONGEST_NAME
from core.weights import variables, weight_shapes

_PARTS = ("learnt_images", "learnt_labels", "held_back_images", "held_back_labels")
_FIGURES = ("share", "right_before", "test_accuracy_before")
# All that a file of so many drawings can have.
_MOST_BYTES = 2 * MOST_DRAWINGS * (np.prod(IMAGE_SHAPE).item() + 1) + 10_000


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a run is taught and how its network did before.

    Attributes
    ----------
    learnt_images, learnt_labels
        uint8 (n, 28, 28) and (n,): the drawings to learn, at least one.
    held_back_images, held_back_labels
        The same of drawings that nobody learns; there may be none.
    share
        Of what an epoch shows, the drawings'.
    right_before
        How many of those held back the network read before; NaN for one that begins untrained.
    test_accuracy_before
        Its accuracy on its dataset's test images before; NaN where that is not known.
    """

    learnt_images: NDArray[np.uint8]
    learnt_labels: NDArray[np.uint8]
    held_back_images: NDArray[np.uint8]
    held_back_labels: NDArray[np.uint8]
    share: float
    right_before: float
    test_accuracy_before: float


def lesson_of(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    held_back: NDArray[np.bool_],
    *,
    count_right: Callable[[NDArray[np.uint8], NDArray[np.uint8]], int] | None = None,
    test_accuracy_before: float | None = None,
    share: float = DRAWINGS_SHARE,
) -> Lesson:
    """Return the lesson of these drawings; of too many the last ones.

    A picture that one person holds back is not learnt as another one's either.

    Parameters
    ----------
    images, labels, held_back
        uint8 (n, 28, 28) and (n,), bool (n,).
    count_right
        Returns how many of some images the network, as it is, reads as their labels; None for one
        that begins untrained.

    Raises
    ------
    ConfigError
        If fewer than `LEAST_DRAWINGS` are there to learn.
    """
    unseen = {image.tobytes() for image in images[held_back]}
    is_learnt = ~held_back & np.array([image.tobytes() not in unseen for image in images], np.bool_)
    learnt, measured = np.flatnonzero(is_learnt)[-MOST_DRAWINGS:], np.flatnonzero(held_back)[-MOST_DRAWINGS:]
    if len(learnt) < LEAST_DRAWINGS:
        raise ConfigError(
            say(
                "{count} labelled drawings are too few to learn from. Draw and label at least {least}, "
                "better three of each digit.",
                count=len(learnt),
                least=LEAST_DRAWINGS,
            )
        )
    nothing = float("nan")
    return Lesson(
        images[learnt],
        labels[learnt],
        images[measured],
        labels[measured],
        share,
        nothing if count_right is None else count_right(images[measured], labels[measured]),
        nothing if test_accuracy_before is None else test_accuracy_before,
    )


class RunTeaching(RunArtifacts):
    """The part of `RunStore` that makes runs which learn from drawings."""

    def teach(
        self,
        config: TrainingConfig,
        weights: Sequence[NDArray[np.float32]],
        lesson: Lesson,
        *,
        workspace: str,
        parent: Run | None = None,
        name: str | None = None,
        address: str | None = None,
        limits: Settings | None = None,
        training_images: int = TRAINING_IMAGES,
    ) -> Run:
        """Write a new run that begins with these weights and learns the lesson, queued, and return it.

        It has all that it needs: the other run and the drawings may be deleted at any time.

        Parameters
        ----------
        config
            As `core.config.teaching.teaching_config` makes it.
        weights
            In the order of `core.weights.weight_shapes`.
        parent
            The run that the weights are of; None for those that come with Digit Lab.
        name
            What it is called; cut to `LONGEST_NAME` letters.
        address, limits, training_images
            As in `RunStore.create`.

        Raises
        ------
        LimitExceeded
            As `RunStore.create`.
        ModelError
            If the weights are of another network.
        StoreError
        """
        run_id = secrets.token_hex(6)
        checkpoint = {CHECKPOINT_FILE: _checkpoint(config, weights)}
        with self._files_of_new(run_id, {LESSON_FILE: as_file(lesson)}, checkpoint) as connection:
            of_images = checked_cost(connection, config, limits, training_images)
            cost = of_images / (1 - lesson.share)
            check_room(connection, cost, limits, Asker(workspace, address))
            insert_run(
                connection,
                run_id,
                workspace,
                config,
                cost,
                address=address,
                name=name[:LONGEST_NAME] if name else None,
                checkpoint_step=0,
                heartbeat_at=now(),
                parent=parent.id if parent else None,
                parent_number=parent.number if parent else None,
                fork_epoch=parent.whole_epochs if parent else None,
            )
            return read_run(connection, run_id)

    def has_lesson(self, run_id: str) -> bool:
        """Tell whether a run learns drawings too: its settings alone do not make it again."""
        return self.has_artifact(run_id, LESSON_FILE)

    def lesson(self, run_id: str) -> Lesson | None:
        """Return what drawings a run learns, None for one that learns from its dataset alone.

        Raises
        ------
        ModelError
            If its file is missing or damaged.
        RunNotFound, StoreError
        """
        return _from_file(self.artifact(run_id, LESSON_FILE)) if self.has_lesson(run_id) else None


def _checkpoint(config: TrainingConfig, weights: Sequence[NDArray[np.float32]]) -> bytes:
    """Return the state from which such a run begins: weights alone; a worker makes the rest anew."""
    if [array.shape for array in weights] != weight_shapes(config):
        raise ModelError(say("These weights are of another network. Choose another run."))
    numbers = iter(weights)
    arrays: dict[str, NDArray[Any]] = {
        f"variable_{number}": np.asarray(next(numbers), np.float32)
        for number, one in enumerate(variables(config))
        if one.is_weight
    }
    return as_npz(arrays | {"position": np.zeros(3, np.int64), "seconds": np.array(0.0)})


def as_file(lesson: Lesson) -> bytes:
    """Return a lesson as a file, drawings packed to about a third."""
    arrays = (getattr(lesson, name) for name in _PARTS)
    figures = (np.array(getattr(lesson, name), np.float64) for name in _FIGURES)
    return as_npz(dict(zip((*_PARTS, *_FIGURES), (*arrays, *figures), strict=True)), is_compressed=True)


def _from_file(content: bytes) -> Lesson:
    try:
        arrays = read_npz(content, most_bytes=_MOST_BYTES)
        parts = [arrays[name] for name in _PARTS]
        share, right, accuracy = (float(arrays[name]) for name in _FIGURES)
    except (ArrayDamaged, KeyError, TypeError, ValueError) as error:
        raise _damaged() from error
    for images, labels in (parts[:2], parts[2:]):
        fits = images.dtype == labels.dtype == np.uint8 and images.shape == (len(images), *IMAGE_SHAPE)
        if not fits or labels.shape != (len(images),) or len(images) > MOST_DRAWINGS:
            raise _damaged()
        if (labels >= CLASS_COUNT).any():
            raise _damaged()
    if not (len(parts[0]) and 0 < share < 1 and (isnan(right) or 0 <= right <= len(parts[3]))):
        raise _damaged()
    learnt_images, learnt_labels, held_back_images, held_back_labels = parts
    return Lesson(
        learnt_images,
        learnt_labels,
        held_back_images,
        held_back_labels,
        share=share,
        right_before=right,
        test_accuracy_before=accuracy,
    )


def _damaged() -> ModelError:
    return ModelError(
        say("The drawings that this run learns are damaged. Choose another run, or teach one anew.")
    )
