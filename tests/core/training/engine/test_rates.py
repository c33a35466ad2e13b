"""The learning rate by number, and that each step is taken at its own, as in plain Keras."""

from typing import Any

import keras
import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.training.course import Course, Position
from core.training.engine.rates import learning_rates
from tests.core.training.engine.test_model import assert_close, train_plainly
from tests.support.network_pool import POOL
from tests.support.training_samples import fit, same_bits, small_config, step_through

pytestmark = pytest.mark.xla

schedules = keras.optimizers.schedules


def rates(steps: list[int], **changes: Any) -> list[float]:
    """Rates at these steps of ten epochs of 100 steps."""
    config = small_config(learning_rate=0.1, epochs=10, **changes)
    return learning_rates(config, Course(100, 1, 10, 7), np.array(steps)).tolist()


def test_constant_stays() -> None:
    assert rates([0, 1, 999, 5_000]) == pytest.approx([0.1] * 4)


def test_step_falls_to_a_tenth_at_half_and_a_hundredth_at_three_quarters() -> None:
    found = rates([0, 499, 500, 749, 750, 999], learning_rate_schedule="step")
    assert found == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_exponential_falls_by_the_same_share_everywhere() -> None:
    found = rates([0, 250, 500, 1_000, 2_000], learning_rate_schedule="exponential")
    assert found == pytest.approx([0.1, 0.1 / 10**0.5, 0.01, 0.001, 0.001])


def test_cosine() -> None:
    found = rates([0, 250, 500, 750, 1_000, 9_999], learning_rate_schedule="cosine")
    assert found == pytest.approx([0.1, 0.05 * (1 + 0.5**0.5), 0.05, 0.05 * (1 - 0.5**0.5), 0, 0], abs=1e-8)


def test_rising_goes_through_seven_powers_of_ten_evenly() -> None:
    found = rates([0, 500, 900, 1_000], learning_rate_schedule="rising")
    assert found == pytest.approx([1e-8, 0.1 * 10**-3.5, 0.1 * 10**-0.7, 0.1])


def test_warm_up_rises_in_a_line_and_the_schedule_has_the_rest() -> None:
    found = rates([0, 99, 199, 200, 600, 1_000], learning_rate_schedule="cosine", warm_up_epochs=2)
    assert found == pytest.approx([0.0005, 0.05, 0.1, 0.1, 0.05, 0], abs=1e-8)
    assert rates([0, 49, 50, 900], warm_up_epochs=0.5) == pytest.approx([0.002, 0.1, 0.1, 0.1])
    # A warm-up of the length of the run, or longer, is all there is.
    assert rates([499, 999, 1_000], warm_up_epochs=10) == rates([499, 999, 1_000], warm_up_epochs=30)
    assert rates([499, 999, 1_000], warm_up_epochs=10) == pytest.approx([0.05, 0.1, 0.1])


class WarmUp(schedules.LearningRateSchedule):
    """A line from 0 to `rate` in so many steps, of which the first is taken; then `rate`."""

    def __init__(self, rate: float, steps: int) -> None:
        super().__init__()
        self._rate, self._steps = rate, steps

    def __call__(self, step: Any) -> Any:
        return self._rate * keras.ops.minimum(1.0, (keras.ops.cast(step, "float32") + 1) / self._steps)


def keras_schedule(config: TrainingConfig, steps: int) -> Any:
    """Return the schedule as a user of Keras would write it for a run of so many steps."""
    rate = config.learning_rate
    if config.warm_up_epochs:
        return WarmUp(rate, steps)
    return {
        "step": schedules.PiecewiseConstantDecay(
            # Keras' boundaries are the last steps at the rate before.
            [steps // 2 - 1, steps * 3 // 4 - 1],
            [rate, rate / 10, rate / 100],
        ),
        "exponential": schedules.ExponentialDecay(rate, steps, 0.01),
        "cosine": schedules.CosineDecay(rate, steps),
        "rising": schedules.ExponentialDecay(rate * 1e-7, steps, 1e7),
    }[config.learning_rate_schedule]


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate_schedule": "step", "optimizer": "adam"},
        {"learning_rate_schedule": "exponential", "optimizer": "sgd", "learning_rate": 0.1},
        {"learning_rate_schedule": "cosine", "optimizer": "rmsprop"},
        # Its weight decay too is as strong as the rate of the step.
        {"learning_rate_schedule": "cosine", "optimizer": "adamw", "weight_decay": 0.5},
        {"learning_rate_schedule": "rising", "optimizer": "sgd", "learning_rate": 0.5},
        {"warm_up_epochs": 1.0, "optimizer": "adam", "learning_rate": 0.01},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
def test_each_step_is_taken_at_its_own_rate_as_in_plain_keras(
    dataset: Dataset, changes: dict[str, Any]
) -> None:
    config = small_config(batch_size=30, epochs=1, **changes)  # 20 steps
    model = POOL.take(config, dataset)
    start = model.get_weights()
    step_through(model, config, dataset, 1)
    scheduled = train_plainly(config, dataset, start, 1, keras_schedule(config, 20)).get_weights()
    assert_close(model.get_weights(), scheduled)
    # The same with all steps in one chunk …
    model.restart(config)
    step_through(model, config, dataset, 20)
    assert_close(model.get_weights(), scheduled)
    # … and not what one rate for all would have made.
    constant = train_plainly(config, dataset, start, 1).get_weights()
    assert max(float(np.abs(a - b).max()) for a, b in zip(constant, scheduled, strict=True)) > 1e-3


def test_a_schedule_goes_on_after_an_interruption_and_needs_no_program_of_its_own(dataset: Dataset) -> None:
    config = small_config(
        hidden_layers=(HiddenLayer(units=4),), learning_rate_schedule="cosine", warm_up_epochs=1, epochs=4
    )
    saved: list[bytes] = []

    class Save(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            saved.append(save_checkpoint(self.model, Checkpoint(Position(epoch + 1))))

    network, _ = fit(config, dataset, steps=4, callbacks=[Save()])
    whole, traced = network.get_weights(), network.train_step.experimental_get_tracing_count()
    constant = config.model_copy(update={"learning_rate_schedule": "constant", "warm_up_epochs": 0.0})
    # One compiled network begins anew: that this changes no bit test_programs.py holds.
    network.restart(constant)
    fit(constant, dataset, model=network, steps=4, epochs=1)
    assert not same_bits(network.get_weights(), whole)
    start = load_checkpoint(network, saved[1]).position
    fit(config, dataset, model=network, steps=4, start=start)
    assert network.train_step.experimental_get_tracing_count() == traced
    assert same_bits(network.get_weights(), whole)
