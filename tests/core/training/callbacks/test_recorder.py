"""The points of a curve: means over the steps since the one before, from the untrained network on."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.store import CurvePoint
from core.training.callbacks import recorder as module
from core.training.callbacks.place import Place
from core.training.callbacks.points import point_ends
from core.training.callbacks.recorder import Recorder
from core.training.course import Course, Position

# 31 steps of 40 images but the last, which has 10; in chunks of 16 and 15.
COURSE = Course(images=1_210, batch_size=40, epochs=2, steps_per_chunk=16)
UNTRAINED = CurvePoint(0, 0.0, 2.31, 0.09, "training")
CHANCE = np.random.default_rng(0)
LOSSES, HITS = CHANCE.random((2, 2, 2, 16))  # sums, by what, epoch, chunk and step


def recorded(course: Course, untrained: CurvePoint | None) -> tuple[list[list[CurvePoint]], dict[str, Any]]:
    """Train as Keras would, and return what was written, and the logs of the last epoch."""
    writes: list[list[CurvePoint]] = []
    place = Place(course)
    vitals: Any = SimpleNamespace(take=list)
    recorder = Recorder(lambda points, progress, _: writes.append(points), place, vitals, 0.0, untrained)
    recorder.on_train_begin()
    logs: dict[str, Any] = {}
    for epoch in range(course.start.epochs, course.epochs):
        place.on_epoch_begin(epoch)
        for chunk in range(course.chunks_per_epoch):
            logs = {"step_losses": LOSSES[epoch, chunk], "step_hits": HITS[epoch, chunk], "loss": 0.5}
            place.on_train_batch_end(chunk)
            recorder.on_train_batch_end(chunk, logs)
        logs |= {"val_loss": 0.4, "val_accuracy": 0.8}
        recorder.on_epoch_end(epoch, logs)
    return writes, logs


def by_hand(epoch: int) -> list[CurvePoint]:
    """Return the training points of an epoch, step by step."""
    points, done = [], 0
    for chunk in range(2):
        begin = 0
        for end in point_ends(COURSE, epoch, chunk).tolist():
            images = sum(40 if 16 * chunk + step < 30 else 10 for step in range(begin, end))
            loss, hits = (sums[epoch, chunk, begin:end].sum() / images for sums in (LOSSES, HITS))
            done += end - begin
            points.append(CurvePoint(31 * epoch + done, epoch + done / 31, loss, hits, "training"))
            begin = end
    return points


def assert_equal(points: list[CurvePoint], expected: list[CurvePoint]) -> None:
    assert [(point.step, point.kind) for point in points] == [(one.step, one.kind) for one in expected]
    for name in ("epoch", "loss", "accuracy"):
        assert [getattr(one, name) for one in points] == pytest.approx(
            [getattr(one, name) for one in expected]
        )


def test_points_are_means_and_the_first_is_the_untrained_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_A_WRITE", 0.0)
    writes, logs = recorded(COURSE, UNTRAINED)
    validations = [CurvePoint(31 * epoch, epoch, 0.4, 0.8, "validation") for epoch in (1, 2)]
    assert_equal(
        [point for points in writes for point in points],
        [UNTRAINED, *by_hand(0), validations[0], *by_hand(1), validations[1]],
    )
    assert writes[0][0] == UNTRAINED
    assert len(writes[0]) > 1  # with the first chunk's points, not before: until then it is compiled
    # Keras' History keeps what is in an epoch's logs.
    assert logs.keys() == {"loss", "val_loss", "val_accuracy"}


def test_many_points_are_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_A_WRITE", 3_600.0)
    writes, _ = recorded(COURSE, None)
    assert len(writes) == 3  # the first chunk at once, then an epoch each: nobody has waited so long
    assert sum(map(len, writes)) == len(by_hand(0)) + len(by_hand(1)) + 2


def test_a_run_that_goes_on_records_what_is_left() -> None:
    course = Course(1_210, 40, 2, 16, Position(1, 1, 16))
    writes, _ = recorded(course, None)
    of_second = [point for point in by_hand(1) if point.step > 31 + 16]
    assert_equal([point for points in writes for point in points if point.kind == "training"], of_second)
