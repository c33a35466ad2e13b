"""What the two sides of a duel have in common where training begins: every setting, by the engine itself."""

from typing import Any

import keras
import numpy as np
import pytest

from core.config import DRAWINGS, HiddenLayer, TrainingConfig
from core.data.split import drawings_shown, epoch_order, rows_of_run
from core.experiments.duel import OFFERED, duel_plan, same_start, sides_of
from core.training.engine.layers import build_layers

# SGD and early stopping, so that settings count which else would not.
A = TrainingConfig(
    hidden_layers=(HiddenLayer(units=6), HiddenLayer(units=5)),
    optimizer="sgd",
    early_stopping="loss",
    drawings="mine",
    seed=3,
)
OTHER: dict[str, Any] = {
    "learning_rate": 0.01,
    "batch_size": 100,
    "epochs": 2,
    "optimizer": "adam",
    "units": 7,
    "layers": 3,
    "activation": "tanh",
    "dropout": 0.2,
    "momentum": 0.5,
    "l2": 0.1,
    "validation_split": 0.2,
    "label_encoding": "one-hot",
    "input_form": "flat",
    "learning_rate_schedule": "cosine",
    "warm_up_epochs": 1.0,
    "gradient_clipping": 1.0,
    "batch_normalization": True,
    "initializer": "he",
    "early_stopping": "off",
    "patience": 1,
    "restore_best": False,
    "stop_at_accuracy": 0.9,
    "l1": 0.1,
    "label_smoothing": 0.1,
    "label_noise": 0.1,
    "training_fraction": 0.5,
    "augmentation_shift": 1.0,
    "augmentation_rotation": 10.0,
    "augmentation_scale": 0.1,
    "augmentation_shear": 0.1,
    "augmentation_elastic": 1.0,
    "drawings": "everyone",
    "drawings_share": 0.4,
}


def first_weights(config: TrainingConfig) -> list[np.ndarray]:
    """Return kernels and biases of the network that a worker builds, before its first step."""
    network = keras.Sequential(build_layers(config))
    return [
        weights
        for layer in network.layers
        if isinstance(layer, keras.layers.Dense)
        for weights in layer.get_weights()
    ]


def first_orders(config: TrainingConfig) -> list[np.ndarray]:
    """Return which of 200 images, and drawings, are learnt in the first two epochs, in their order."""
    rows, _ = rows_of_run(config, 200)
    if config.learns_drawings:
        whose = 1_000 * DRAWINGS.index(config.drawings)  # others have drawn others
        rows = np.append(rows, whose + np.arange(drawings_shown(len(rows), config.drawings_share)))
    return [epoch_order(rows, config.seed, epoch) for epoch in range(2)]


def are_equal(some: list[np.ndarray], others: list[np.ndarray]) -> bool:
    return len(some) == len(others) and all(map(np.array_equal, some, others))


def test_every_setting_of_a_duel_is_looked_at() -> None:
    assert set(OTHER) | {"weight_decay"} == set(OFFERED)  # that one counts with another optimizer


@pytest.mark.parametrize("setting", OTHER)
def test_what_a_duel_says_of_its_start_is_so(setting: str) -> None:
    a, b = sides_of(duel_plan(A, setting, OTHER[setting], 1))
    assert a.seed == b.seed
    start = same_start(a, b)
    assert are_equal(first_weights(a), first_weights(b)) == start.weights
    assert are_equal(first_orders(a), first_orders(b)) == start.order


def test_weight_decay_changes_neither() -> None:
    a, b = sides_of(duel_plan(A.model_copy(update={"optimizer": "adamw"}), "weight_decay", 0.1, 1))
    assert are_equal(first_weights(a), first_weights(b)) == same_start(a, b).weights is True
    assert are_equal(first_orders(a), first_orders(b)) == same_start(a, b).order is True


def test_another_seed_changes_both() -> None:
    other = A.model_copy(update={"seed": 4})
    assert not are_equal(first_weights(A), first_weights(other))
    assert not are_equal(first_orders(A), first_orders(other))
