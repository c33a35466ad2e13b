"""TrainingConfig → Keras layers and optimizer.

The rescaling to 0…1 is part of the network, so whoever loads the saved model
feeds it raw pixels and cannot forget it.
"""

from math import prod

import keras
import numpy as np

from core.config import CLASS_COUNT, IMAGE_SHAPE, TrainingConfig


def input_shape(config: TrainingConfig) -> tuple[int, ...]:
    """Return the shape of one input: (28, 28), or (784,) if flattened beforehand."""
    return IMAGE_SHAPE if config.input_form == "image" else (prod(IMAGE_SHAPE),)


def build_layers(config: TrainingConfig, *, regularized: bool = False) -> list[keras.layers.Layer]:
    """Return fresh layers whose initial weights are a function of the seed.

    Weights start as Keras starts them: Glorot uniform (Glorot & Bengio 2010), biases zero.
    `regularized` hangs the L2 penalty on the layers, for whoever trains the saved model on;
    the engine adds it itself.
    """
    penalty = keras.regularizers.L2(config.l2) if regularized and config.l2 else None
    seeds = iter(
        np.random.SeedSequence(config.seed).generate_state(2 * len(config.hidden_layers) + 1).tolist()
    )

    def dense(units: int, activation: str, name: str) -> keras.layers.Dense:
        return keras.layers.Dense(
            units,
            activation=activation,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            kernel_regularizer=penalty,
            name=name,
        )

    layers: list[keras.layers.Layer] = [
        keras.layers.InputLayer(input_shape(config), dtype="uint8", name="images"),
        keras.layers.Rescaling(1 / 255, name="rescaling"),
    ]
    if config.input_form == "image":
        layers.append(keras.layers.Flatten(name="flatten"))
    for number, layer in enumerate(config.hidden_layers, 1):
        layers.append(dense(layer.units, layer.activation, f"hidden_{number}"))
        dropout_seed = next(seeds)
        if layer.dropout:
            layers.append(keras.layers.Dropout(layer.dropout, seed=dropout_seed, name=f"dropout_{number}"))
    layers.append(dense(CLASS_COUNT, "softmax", "probabilities"))
    return layers


def build_optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    """Return the optimizer that the configuration names."""
    rate = config.learning_rate
    match config.optimizer:
        case "adam":
            return keras.optimizers.Adam(rate)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=config.momentum)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)


def build_loss(config: TrainingConfig) -> keras.losses.Loss:
    """Return the cross-entropy that fits the label encoding, one value an example."""
    if config.label_encoding == "one-hot":
        return keras.losses.CategoricalCrossentropy(reduction="none")
    return keras.losses.SparseCategoricalCrossentropy(reduction="none")
