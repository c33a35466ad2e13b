"""Where the points of a training curve lie."""

import numpy as np
import pytest

from core.config import TrainingConfig
from core.recipes import FAILURES, RECIPES
from core.training.callbacks.points import POINTS_AN_EPOCH, point_ends
from core.training.course import Course
from core.training.engine.chunks import steps_per_chunk


def steps_of_points(course: Course, epoch: int) -> list[int]:
    """Return the steps of the epoch, counted within it, after which there are points."""
    return [
        int(course.steps_after(chunk) + end)
        for chunk in range(course.chunks_per_epoch)
        for end in point_ends(course, epoch, chunk)
    ]


def test_points_are_even_enough_and_every_chunk_ends_with_one() -> None:
    chance = np.random.default_rng(0)
    for _ in range(500):
        images, batch_size = int(chance.integers(1, 5_000)), int(chance.integers(1, 600))
        steps = -(-images // batch_size)
        course = Course(images, batch_size, 3, int(chance.integers(1, steps + 1)))
        for epoch in (0, 1):
            points = steps_of_points(course, epoch)
            assert points == sorted(set(points))
            assert len(points) >= min(POINTS_AN_EPOCH, steps)
            ends = {course.steps_after(chunk + 1) for chunk in range(course.chunks_per_epoch)}
            assert ends <= set(points)
        # No more than it takes: a chunk is cut into as few parts as will do.
        assert len(points) < min(POINTS_AN_EPOCH, steps) + course.chunks_per_epoch


def test_a_run_begins_with_points_that_double() -> None:
    course = Course(images=60_000, batch_size=40, epochs=2, steps_per_chunk=375)
    assert steps_of_points(course, 0)[:8] == [1, 2, 4, 8, 16, 32, 54, 108]
    assert steps_of_points(course, 1)[:2] == [54, 108]
    assert len(steps_of_points(course, 1)) == 28


def test_an_epoch_of_few_steps_has_a_point_a_step() -> None:
    course = Course(images=60_000, batch_size=4_096, epochs=1, steps_per_chunk=6)
    assert steps_of_points(course, 0) == list(range(1, 16))


@pytest.mark.parametrize("recipe", [*RECIPES.values(), *FAILURES.values()], ids=lambda recipe: recipe.name)
def test_every_recipe_has_its_points(recipe: object) -> None:
    config: TrainingConfig = recipe.config  # type: ignore[attr-defined]
    images = max(1, round(60_000 * (1 - config.validation_split) * config.training_fraction))
    course = Course(images, config.batch_size, config.epochs, steps_per_chunk(config, images))
    for epoch in range(2):
        assert len(steps_of_points(course, epoch)) >= POINTS_AN_EPOCH
