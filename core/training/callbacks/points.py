"""Where the points of a training curve lie: each is the mean over the steps since the one before.

They are a function of the course alone, whatever the clock says: a run that was interrupted has the
points of one that was not. Every chunk ends with one, so that a checkpoint holds none that is half done.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.training.course import Course

# An epoch has at least so many, or one a step. Where chunks are so short that it has more of them, each
# ends with a point: then an epoch takes seconds, and people watch it.
POINTS_AN_EPOCH = 25


def point_ends(course: Course, epoch: int, chunk: int) -> NDArray[np.int64]:
    """Return the steps of one chunk, counted within it, after which a point is taken: ascending.

    Evenly, the last at the chunk's end. Before the first of a run's first chunk there are points after
    1, 2, 4, 8 … steps, as nothing changes faster than the loss in the first steps.
    """
    steps = course.steps_after(chunk + 1) - course.steps_after(chunk)
    parts = min(_parts(course), steps)
    ends = -(-np.arange(1, parts + 1) * steps // parts)
    if epoch == chunk == 0:
        doubling = 2 ** np.arange(int(ends[0]).bit_length())
        ends = np.union1d(doubling[doubling < ends[0]], ends)
    return ends.astype(np.int64)


@lru_cache(maxsize=16)
def _parts(course: Course) -> int:
    """Return into how many parts a chunk must be cut for an epoch to have its points."""
    whole, rest = divmod(course.steps_per_epoch, course.steps_per_chunk)
    wanted, parts = min(POINTS_AN_EPOCH, course.steps_per_epoch), 1
    while whole * min(parts, course.steps_per_chunk) + min(parts, rest) < wanted:
        parts += 1
    return parts
