"""Weights of networks that nobody trained, and a source that hands them out, for all that looks inside."""

from dataclasses import dataclass, field

import numpy as np

from core.config import CLASS_COUNT, HiddenLayer, TrainingConfig
from core.inside.pictures import FixedPictures

Weights = list[np.ndarray]


def random_weights(config: TrainingConfig, seed: int = 0) -> Weights:
    """Return weights of a network as training leaves them, in the order of Keras' `get_weights`."""
    rng = np.random.default_rng(seed)
    weights, inputs = [], 784
    for units in [*(layer.units for layer in config.hidden_layers), CLASS_COUNT]:
        weights += [rng.normal(0, 1.5 / np.sqrt(inputs), (inputs, units)), rng.normal(0, 0.1, units)]
        inputs = units
        if config.batch_normalization and len(weights) < 6 * len(config.hidden_layers):
            weights += [rng.normal(1, 0.1, units), rng.normal(0, 0.1, units)]
            weights += [rng.normal(0, 0.2, units), rng.uniform(0.5, 2, units)]
    return [array.astype(np.float32) for array in weights]


def layered(*units: int, activation: str = "relu", **changes: object) -> TrainingConfig:
    """Return a configuration with hidden layers of so many units."""
    layers = tuple(HiddenLayer(units=count, activation=activation) for count in units)
    return TrainingConfig.build({"hidden_layers": layers, **changes})


def noise_pictures(count: int = 60) -> FixedPictures:
    """Return pictures with ink where digits have it, a bright bar at another place for each label."""
    rng = np.random.default_rng(3)
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 4:24] = rng.integers(0, 256, (count, 20, 20)) * (rng.random((count, 20, 20)) < 0.25)
    labels = (np.arange(count) % CLASS_COUNT).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * label : 8 + 2 * label, 8:20] = 255
    return FixedPictures(images[:10], labels[:10], np.arange(10), images, labels, np.arange(count))


@dataclass
class FakeSource:
    """A `WeightsSource` whose weights a test sets; counts how often they were read.

    `seconds` is for whoever makes them up as it goes, to tell what that took.
    """

    live: tuple[str, int, Weights] | None = None
    epochs: dict[int, Weights] = field(default_factory=dict)
    read: int = 0
    seconds: float = 0.0

    def live_stamp(self, run_id: str) -> str | None:
        return self.live[0] if self.live else None

    def live_weights(self, run_id: str, newer_than: str | None = None) -> tuple[str, int, Weights] | None:
        self.read += 1
        return self.live if self.live and self.live[0] != newer_than else None

    def weights_at(self, run_id: str, epoch: int) -> Weights:
        self.read += 1
        return self.epochs[epoch]

    def epochs_kept(self, run_id: str) -> list[int]:
        return sorted(self.epochs)
