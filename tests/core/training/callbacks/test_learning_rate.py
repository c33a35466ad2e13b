"""The learning rate by number, and that a run really takes its steps at it."""

from typing import Any

import keras
import numpy as np
import pytest

from core.data.dataset import Dataset
from core.training.callbacks.learning_rate import LearningRate, learning_rate_at
from core.training.callbacks.recorder import Logs
from core.training.checkpoint import Position, load_checkpoint, save_checkpoint
from core.training.engine.model import ChunkedNetwork
from tests.support.training_samples import fit, same_bits, small_config


class Saves(keras.callbacks.Callback):
    """Keeps a checkpoint of each whole epoch."""

    def __init__(self, saved: list[bytes]) -> None:
        super().__init__()
        self._saved = saved

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._saved.append(save_checkpoint(self.model, Position(epochs=epoch + 1)))


def rates(steps: list[int], **changes: Any) -> list[float]:
    """Rates at these steps of ten epochs of 100 steps."""
    config = small_config(learning_rate=0.1, epochs=10, **changes)
    return [learning_rate_at(config, step, 100) for step in steps]


def test_constant_stays() -> None:
    assert rates([0, 1, 999, 5_000]) == [0.1] * 4


def test_step_falls_to_a_tenth_at_half_and_a_hundredth_at_three_quarters() -> None:
    found = rates([0, 499, 500, 749, 750, 999], learning_rate_schedule="step")
    assert found == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_exponential_falls_by_the_same_share_everywhere() -> None:
    found = rates([0, 250, 500, 1_000, 2_000], learning_rate_schedule="exponential")
    assert found == pytest.approx([0.1, 0.1 / 10**0.5, 0.01, 0.001, 0.001])


def test_cosine() -> None:
    found = rates([0, 250, 500, 750, 1_000, 9_999], learning_rate_schedule="cosine")
    assert found == pytest.approx([0.1, 0.05 * (1 + 0.5**0.5), 0.05, 0.05 * (1 - 0.5**0.5), 0, 0], abs=1e-12)


def test_warm_up_rises_in_a_line_and_the_schedule_has_the_rest() -> None:
    found = rates([0, 99, 199, 200, 600, 1_000], learning_rate_schedule="cosine", warm_up_epochs=2)
    assert found == pytest.approx([0.0005, 0.05, 0.1, 0.1, 0.05, 0], abs=1e-12)
    assert rates([0, 49, 50, 900], warm_up_epochs=0.5) == pytest.approx([0.002, 0.1, 0.1, 0.1])
    # A warm-up of the length of the run, or longer, is all there is.
    assert rates([499, 999, 1_000], warm_up_epochs=10) == rates([499, 999, 1_000], warm_up_epochs=30)
    assert rates([499, 999, 1_000], warm_up_epochs=10) == pytest.approx([0.05, 0.1, 0.1])


class Seen(keras.callbacks.Callback):
    """Notes the optimizer's learning rate at the end of each chunk."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self.rates.append(float(self.model.optimizer.learning_rate))


def test_each_chunk_is_trained_at_the_rate_of_its_first_step_also_after_an_interruption(
    dataset: Dataset,
) -> None:
    config = small_config(
        hidden_layers=(), learning_rate=0.01, learning_rate_schedule="cosine", warm_up_epochs=1, epochs=4
    )
    # 600 images are 10 batches; in chunks of 4 steps.
    schedule, seen, saved = LearningRate(config, steps_per_epoch=10, steps_per_chunk=4), Seen(), []
    callbacks = [schedule, seen, Saves(saved)]
    whole, _ = fit(config, dataset, steps=4, callbacks=callbacks)
    expected = [learning_rate_at(config, 10 * epoch + step, 10) for epoch in range(4) for step in (0, 4, 8)]
    assert seen.rates == pytest.approx(expected, rel=1e-6)
    assert len(set(seen.rates)) > 9

    resumed = ChunkedNetwork(config, dataset)
    assert load_checkpoint(resumed, saved[1]).epochs == 2
    again = Seen()
    fit(config, dataset, model=resumed, steps=4, first_epoch=2, callbacks=[schedule, again])
    assert again.rates == seen.rates[6:]
    assert same_bits(resumed.get_weights(), whole.get_weights())

    constant, _ = fit(small_config(hidden_layers=(), learning_rate=0.01, epochs=4), dataset, steps=4)
    assert np.abs(constant.get_weights()[0] - whole.get_weights()[0]).max() > 1e-3


def test_without_a_schedule_the_rate_is_left_alone(dataset: Dataset) -> None:
    model = ChunkedNetwork(small_config(hidden_layers=()), dataset)
    schedule = LearningRate(small_config(), steps_per_epoch=10, steps_per_chunk=4)
    schedule.set_model(model)
    model.optimizer.learning_rate = 0.5
    schedule.on_train_batch_begin(3)
    assert float(model.optimizer.learning_rate) == 0.5
