"""How often a run is saved where saving takes long, or fails after long."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.training.callbacks import checkpoints
from core.training.callbacks.checkpoints import Checkpoints


@pytest.mark.parametrize(
    ("seconds", "is_written", "pause"),
    [
        (0.001, True, 2.0),
        (0.1, True, 10.0),  # a hundredth of the time
        (0.001, False, 2.0),  # a full disk is tried again soon
        (10.0, False, 50.0),  # an object store that is away takes a fifth of the time and not all of it
    ],
)
def test_the_time_that_checkpoints_take_is_bounded(
    monkeypatch: pytest.MonkeyPatch, seconds: float, is_written: bool, pause: float
) -> None:
    clock = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(checkpoints, "time", SimpleNamespace(monotonic=lambda: clock.seconds))
    monkeypatch.setattr(checkpoints, "save_checkpoint", lambda *_: b"")

    def save(_data: bytes, _step: int, *, is_needed: bool) -> bool:
        clock.seconds += seconds
        return is_written

    nothing: Any = SimpleNamespace(global_step=0)
    recorder: Any = SimpleNamespace(flush=lambda: None)
    callback = Checkpoints(save, nothing, nothing, nothing, recorder, ())
    callback.set_model(SimpleNamespace())
    monkeypatch.setattr(callback, "state", lambda *, ended: None)
    callback.save()
    assert callback._next - clock.seconds == pytest.approx(pause)
