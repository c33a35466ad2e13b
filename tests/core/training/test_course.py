"""All arithmetic of place, against counting one by one."""

import numpy as np
import pytest

from core.training.callbacks.place import Place
from core.training.course import Course, Position


def courses(count: int) -> list[Course]:
    """Return courses of all sizes, drawn by seed, half of which begin somewhere on the way."""
    chance = np.random.default_rng(0)
    drawn = []
    for _ in range(count):
        images, batch_size, epochs = (int(chance.integers(1, top)) for top in (60, 25, 5))
        steps = int(chance.integers(1, -(-images // batch_size) + 2))
        course = Course(images, batch_size, epochs, steps)
        if chance.random() < 0.5:
            epoch, chunks = int(chance.integers(epochs)), int(chance.integers(course.chunks_per_epoch + 1))
            course = Course(images, batch_size, epochs, steps, course.position(epoch, chunks))
        drawn.append(course)
    return drawn


def counted(course: Course) -> list[list[int]]:
    """Return the images of each step of each chunk of an epoch, by cutting a list."""
    images = list(range(course.images))
    steps = [len(images[i : i + course.batch_size]) for i in range(0, course.images, course.batch_size)]
    return [steps[i : i + course.steps_per_chunk] for i in range(0, len(steps), course.steps_per_chunk)]


def test_a_course_counts_as_one_does_by_hand() -> None:
    for course in courses(1_000):
        chunks = counted(course)
        assert course.chunks_per_epoch == len(chunks)
        assert course.steps_per_epoch == sum(map(len, chunks))
        for epoch in range(course.epochs):
            for done in range(len(chunks) + 1):
                steps, images = sum(map(len, chunks[:done])), sum(map(sum, chunks[:done]))
                assert course.steps_after(done) == steps
                assert course.images_after(done) == images
                assert course.steps_done(epoch, done) == epoch * course.steps_per_epoch + steps
                assert course.epochs_done(epoch, done) == epoch + steps / course.steps_per_epoch
                assert course.images_left(epoch, done) == (course.epochs - epoch) * course.images - images
                assert course.is_whole(done) is (done == len(chunks))


def test_a_place_follows_what_is_done_wherever_the_run_begins() -> None:
    for course in courses(1_000):
        place, start = Place(course), course.start
        assert place.position == (start if start.chunks else Position(start.epochs))
        steps = course.first_step
        for epoch in range(start.epochs, course.epochs):
            place.on_epoch_begin(epoch)
            for batch in range(course.chunks_per_epoch):
                place.on_train_batch_end(batch)
                is_done = (epoch, batch) < (start.epochs, start.chunks)
                assert place.is_skipped is is_done
                if not is_done:
                    steps += -(-place.images_of_chunk // course.batch_size)
                    assert place.position == Position(epoch, batch + 1, course.steps_per_chunk)
                assert place.global_step == steps
            assert place.is_whole
            # Learnt, but not yet validated: a run that is interrupted here does that first.
            assert place.position == Position(epoch, course.chunks_per_epoch, course.steps_per_chunk)
            assert place.is_last is (epoch + 1 == course.epochs)
            place.on_epoch_end(epoch)
            assert place.position == Position(epoch + 1)
            assert place.step == course.steps_per_epoch
        assert steps == course.epochs * course.steps_per_epoch
        assert place.images_left == 0


def test_an_epoch_that_is_stopped_within_is_not_over() -> None:
    place = Place(Course(images=10, batch_size=2, epochs=3, steps_per_chunk=2))
    place.on_epoch_begin(1)
    place.on_train_batch_end(0)
    place.on_epoch_end(1)
    assert place.position == Position(1, 1, 2)
    assert (place.global_step, place.epochs_done) == (7, pytest.approx(1.4))
