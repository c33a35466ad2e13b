"""Slow motion: a rest after each chunk, over as soon as something else is asked, and no training."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.config import TrainingConfig
from core.store import Request
from core.training.callbacks import recorder as recorder_module
from core.training.callbacks import requests
from core.training.callbacks.assembly import assemble
from core.training.callbacks.recorder import Recorder
from core.training.callbacks.requests import MOST_REST, SECONDS_OF_REST, Control
from core.training.checkpoint import Checkpoint
from core.training.course import Course


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Pulse:
    """Says what is asked, and from a moment on something else."""

    def __init__(self, clock: Clock, request: Request, later: Request | None = None, at: float = 0.0) -> None:
        self._clock, self._request, self._later, self._at = clock, request, later, at

    @property
    def request(self) -> Request:
        is_later = self._later is not None and self._clock.now >= self._at
        return self._later if is_later and self._later is not None else self._request


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moment = Clock()
    monkeypatch.setattr(requests, "time", moment)
    return moment


def control(pulse: Pulse, rests: list[float]) -> Any:
    place = SimpleNamespace(is_skipped=False, is_whole=True)
    saved: list[bool] = []
    checkpoints = SimpleNamespace(rest=rests.append, save=lambda **_: saved.append(True))
    made: Any = Control(pulse, place, checkpoints, SimpleNamespace())  # type: ignore[arg-type]
    made.set_model(SimpleNamespace(stop_training=False))
    made.on_train_begin()
    return made


@pytest.mark.parametrize("request_", [Request.SLOW, Request.VERY_SLOW])
def test_a_chunk_is_followed_by_its_rest(clock: Clock, request_: Request) -> None:
    rests: list[float] = []
    control(Pulse(clock, request_), rests).on_train_batch_end(0)
    assert rests == [pytest.approx(SECONDS_OF_REST[request_])]
    control(Pulse(clock, Request.NONE), rests).on_train_batch_end(0)
    assert len(rests) == 1


def test_a_stop_ends_the_rest_and_the_run(clock: Clock) -> None:
    rests: list[float] = []
    stopped = control(Pulse(clock, Request.VERY_SLOW, Request.STOP, at=clock.now + 0.3), rests)
    stopped.on_train_batch_end(0)
    assert rests == [pytest.approx(0.3, abs=0.06)]
    assert stopped.stopped


def test_others_get_the_worker_in_the_end(clock: Clock) -> None:
    rests: list[float] = []
    slow = control(Pulse(clock, Request.VERY_SLOW), rests)
    for batch in range(200):
        slow.on_train_batch_end(batch)
    assert sum(rests) == pytest.approx(MOST_REST)
    assert rests[-1] == 0


def test_a_rest_is_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("core.training.callbacks.recorder.time", clock)
    recorder = Recorder(lambda *_: None, SimpleNamespace(), SimpleNamespace(), seconds=1.0)  # type: ignore[arg-type]
    recorder.on_train_begin()
    clock.sleep(5.0)
    recorder.rest(2.0)
    assert recorder.train_seconds == pytest.approx(4.0)


def test_the_time_left_has_its_rests(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "SECONDS_A_WRITE", 0.0)
    monkeypatch.setattr(recorder_module, "time", clock)
    pulse = Pulse(clock, Request.VERY_SLOW, Request.NONE, at=clock.now + 11.0)
    left: list[float | None] = []
    # 40 chunks an epoch, a second and 10 images each.
    course = Course(images=400, batch_size=10, epochs=3, steps_per_chunk=1)
    made = assemble(
        TrainingConfig(),
        course,
        Checkpoint(),
        images=np.zeros((4, 28, 28), np.uint8),
        first_loss=None,
        untrained=None,
        pulse=pulse,  # type: ignore[arg-type]
        write=lambda _points, progress, _vitals: left.append(progress.seconds_left),
        save=lambda *_, **__: True,
        snapshots=SimpleNamespace(),  # type: ignore[arg-type]
    )
    made.control.set_model(SimpleNamespace(stop_training=False))
    made.recorder.on_train_begin()
    made.place.on_epoch_begin(0)
    logs = {"step_losses": np.ones(1), "step_hits": np.ones(1)}
    for chunk in range(8):
        clock.sleep(1.0)
        made.place.on_train_batch_end(chunk)
        made.recorder.on_train_batch_end(chunk, dict(logs))
        made.control.on_train_batch_end(chunk)
    # Three chunks with a rest, then at full speed; a worker rests only so long in all.
    rest = SECONDS_OF_REST[Request.VERY_SLOW]
    expected = [118 + min(118 * rest, MOST_REST - rest), 117 + min(117 * rest, MOST_REST - 2 * rest)]
    assert left[:3] == [None, *map(pytest.approx, expected)]
    assert left[-2:] == [pytest.approx(113.0), pytest.approx(112.0)]


def test_a_short_run_rests_after_each_chunk_that_is_left(clock: Clock) -> None:
    slow = control(Pulse(clock, Request.VERY_SLOW), [])
    assert slow.rest_ahead(5) == 0
    slow.on_train_batch_end(0)
    assert slow.rest_ahead(5) == 5 * SECONDS_OF_REST[Request.VERY_SLOW]
    slow.on_train_begin()
    assert slow.rest_ahead(5) == 0
