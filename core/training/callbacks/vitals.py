"""Vitals: how the hidden units fare, measured on a few training images as a run goes on.

What is dead and what saturated: `core.evaluation.unit_health`.
"""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.evaluation.unit_health import CAN_DIE, CAN_SATURATE, dead_units, saturated_units
from core.store import LayerVitals
from core.training.callbacks.place import Logs, Place
from core.training.engine.layers import input_shape

# Enough to tell a dead unit from a rare one, in about 1.5 ms for two layers of 128.
SAMPLE_IMAGES = 300


def measure(outputs: NDArray[np.float32], activation: str) -> tuple[float | None, float | None]:
    """Return the shares of dead and of saturated units of one hidden layer.

    Parameters
    ----------
    outputs
        What its units put out, (images, units), finite.
    activation
        Of these units. Only "relu" can be dead, only "tanh" and "sigmoid" saturated: else None.
    """
    dead, saturated = dead_units(outputs, activation), saturated_units(outputs, activation)
    return (
        None if dead is None else float(np.mean(dead)),
        None if saturated is None else float(np.mean(saturated)),
    )


class Vitals(keras.callbacks.Callback):
    """Measures each hidden layer after the first chunk of a run and at the end of every epoch.

    Nothing of the network changes: its layers are called as they stand, eagerly, as compiling
    would take a second.

    Parameters
    ----------
    config
        Its hidden layers' activations, the form of its inputs.
    place
        Where the run is.
    images
        Of which to use a sample, uint8 (n, 28, 28), in no order that matters.
    """

    def __init__(self, config: TrainingConfig, place: Place, images: NDArray[np.uint8]) -> None:
        super().__init__()
        self._activations = [layer.activation for layer in config.hidden_layers]
        self._place = place
        self._images = images.reshape(-1, *input_shape(config))
        self._inputs: Any = None
        self._taken: list[LayerVitals] = []
        self._layers: list[keras.layers.Layer] = []

    def take(self) -> list[LayerVitals]:
        """Return what was measured since the last call."""
        taken, self._taken = self._taken, []
        return taken

    def on_train_begin(self, logs: Logs = None) -> None:
        layers = self.model.layers[:-1]
        first = next((place for place, layer in enumerate(layers) if layer.weights), len(layers))
        self._inputs = self._images
        for layer in layers[:first]:  # what they do never changes: rescaling, flattening
            self._inputs = layer(self._inputs, training=False)
        self._layers = layers[first:]

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._place.epoch == batch == 0 and not self._place.is_skipped:
            self._measure()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._measure()

    def _measure(self) -> None:
        if (CAN_DIE | CAN_SATURATE).isdisjoint(self._activations):
            return
        outputs = self._hidden_outputs()
        if not all(np.isfinite(values).all() for values in outputs):
            return  # a network that has diverged tells nothing
        step, epoch = self._place.global_step, self._place.epochs_done
        for number, (values, activation) in enumerate(zip(outputs, self._activations, strict=True), 1):
            self._taken.append(LayerVitals(step, epoch, number, *measure(values, activation)))

    def _hidden_outputs(self) -> list[NDArray[np.float32]]:
        """Return what each hidden layer puts out for the sample, (images, units)."""
        values, found = self._inputs, []
        for layer in self._layers:
            # Not `layer(…)`: Keras' care for masks and dtypes would take longer than the product.
            values = layer.call(values, training=False)
            if isinstance(layer, keras.layers.Dense):
                found.append(values.numpy())
        return found


def sample(rows: NDArray[np.int32], most: int) -> NDArray[np.int32]:
    """Return at most so many of `rows`, evenly spread; all where there are no more."""
    return rows[:: max(1, -(-len(rows) // most))]
