"""A network without any arithmetic and a `fit` without Keras, for hundreds of interrupted trainings.

What it has learnt is a number that depends on every step, its images and its rate, in their order:
two trainings end with the same number only if they took the same steps. The callbacks, the chunks
and the job around them are the real ones.
"""

import zlib
from collections.abc import Callable, Iterator
from itertools import repeat
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from core.config import TrainingConfig
from core.store import CurvePoint, Progress, Request
from core.store.snapshots import SnapshotPlan
from core.training.course import Course
from core.training.engine.chunks import Rates, Rows, training_chunks
from tests.support.interruptions import Killed


class Value:
    """A variable, as far as checkpoints know it."""

    def __init__(self, *values: float) -> None:
        self._array = np.array(values)
        self.shape, self.dtype = self._array.shape, self._array.dtype

    def numpy(self) -> np.ndarray[Any, Any]:
        return self._array.copy()

    def assign(self, values: Any) -> None:
        self._array = np.array(values)


class FakeNetwork:
    """Stands in for a `ChunkedNetwork`."""

    layers: tuple[Any, ...] = ()
    stop_training = False

    def __init__(self) -> None:
        self._learnt, self._steps, self._sums = Value(0.0), Value(0.0), Value(0.0, 0.0)
        self.variables, self.metrics_variables = [self._learnt], [self._sums]
        self.optimizer = SimpleNamespace(variables=[self._steps])
        self.last_epoch_loss: float | None = None

    def learn(self, chunk: Rows, rates: Rates) -> dict[str, Any]:
        """Take the steps of a chunk; return its logs."""
        learnt, taken, losses, counts = self._learnt.numpy()[0], 0, [], []
        for rows, rate in zip(chunk, rates, strict=True):
            if (rows >= 0).any():
                learnt = np.float64(zlib.crc32(rows.tobytes() + rate.tobytes() + learnt.tobytes()))
                taken += 1
            counts.append(int((rows >= 0).sum()))
            losses.append(_loss(learnt) * counts[-1])
        total, images = sum(losses), sum(counts)
        self._learnt.assign([learnt])
        self._steps.assign(self._steps.numpy() + taken)
        self._sums.assign(self._sums.numpy() + np.array([total, images]))
        return {
            "chunk_loss": total / images if images else 0.0,
            "step_losses": np.array(losses),
            "step_hits": np.array(counts) - np.array(losses),
        }

    def measure(self, rows: Rows) -> tuple[float, float]:
        loss = _loss(self._learnt.numpy()[0])
        return loss, 1 - loss

    def reset_metrics(self) -> None:
        self._sums.assign([0.0, 0.0])

    def end_epoch(self) -> dict[str, float]:
        """Return the running mean of the epoch, which is over."""
        total, images = self._sums.numpy()
        self.last_epoch_loss = float(total / images)
        return {"loss": self.last_epoch_loss}

    def validate(self) -> dict[str, float]:
        """Return the validation logs; the running means are gone then, as in Keras."""
        self.reset_metrics()
        loss = _loss(self._learnt.numpy()[0])
        return {"val_loss": loss, "val_accuracy": 1 - loss}

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        return [self._learnt.numpy()]

    def set_weights(self, weights: list[np.ndarray[Any, Any]]) -> None:
        self._learnt.assign(weights[0])

    def training_images(self, rows: Rows) -> np.ndarray[Any, Any]:
        return np.zeros((len(rows), 28, 28), np.uint8)

    @property
    def result(self) -> list[float]:
        """What was learnt, and in how many steps."""
        return [*self._learnt.numpy(), *self._steps.numpy()]


def _loss(learnt: Any) -> float:
    return float(learnt % 1_000) / 1_000


def fake_fit(
    network: FakeNetwork,
    config: TrainingConfig,
    course: Course,
    training_rows: Rows,
    validation_rows: Rows,
    *,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    """Call the callbacks as `keras.Model.fit` does."""

    def call(event: str, *arguments: Any) -> None:
        for callback in callbacks:
            getattr(callback, event)(*arguments)

    chunks = training_chunks(training_rows, config, course)
    network.stop_training = False
    call("set_model", network)
    call("on_train_begin", {})
    for epoch in range(course.start.epochs, course.epochs):
        network.reset_metrics()
        call("on_epoch_begin", epoch, {})
        for batch in range(course.chunks_per_epoch):
            call("on_train_batch_begin", batch, {})
            logs = network.learn(*next(chunks))
            call("on_train_batch_end", batch, logs)
            if network.stop_training:
                break
        logs = network.end_epoch()
        if len(validation_rows):
            logs |= network.validate()
        call("on_epoch_end", epoch, logs)
        if network.stop_training:
            break
    call("on_train_end", {})


class FakeStore:
    """Stands in for the store, the pulse, the snapshots and the saved state of one run, all in memory."""

    def __init__(self, config: TrainingConfig) -> None:
        self.run = SimpleNamespace(
            id="run",
            config=config,
            request=Request.NONE,
            train_seconds=None,
            rate_changes=(),
            attempts=1,
            fork_epoch=None,
        )
        self.kept: dict[int, list[float]] = {}
        self.points: dict[tuple[str, int], CurvePoint] = {}
        self.checkpoint: bytes | None = None
        self.heard: Iterator[Request | None] = repeat(Request.NONE)

    # What the job asks of the store and of its claim
    def lay_out(self, steps_per_epoch: int) -> None:
        pass

    def rewind(self, step: int) -> None:
        self.points = {key: point for key, point in self.points.items() if key[1] <= step}

    def curve(self, run_id: str) -> Any:
        losses = [point.loss for (kind, _), point in sorted(self.points.items()) if kind == "training"]
        return SimpleNamespace(training_loss=losses)

    # … of the pulse
    @property
    def request(self) -> Request:
        request = next(self.heard)
        if request is None:
            raise Killed
        return request

    def record(self, points: list[CurvePoint], progress: Progress, vitals: Any) -> None:
        for point in points:
            key = (point.kind, point.step)
            assert key not in self.points, "a point was recorded twice"
            self.points[key] = point

    def flush(self) -> None:
        pass

    # … of the snapshots
    plan = SnapshotPlan(most=1_000, are_whole=True, has_live=True)
    seconds = live_seconds = 0.0
    is_idle = True

    def begin(self, epochs: int) -> bool:
        self.kept = {epoch: network for epoch, network in self.kept.items() if epoch <= epochs}
        return epochs in self.kept

    def keep(self, epoch: int, arrays: dict[str, Any]) -> None:
        assert epoch not in self.kept, "an epoch was kept twice"
        self.kept[epoch] = arrays["variable_0"].tolist()

    def show(self, arrays: dict[str, Any]) -> None:
        pass

    # … and of the saved state
    def save(self, checkpoint: bytes, step: int, *, is_needed: bool = False) -> bool:
        self.checkpoint = checkpoint
        return True

    def load(self) -> bytes | None:
        return self.checkpoint

    def persist(self, attempt: Callable[[], Any], meanwhile: str) -> Any:
        return attempt()
