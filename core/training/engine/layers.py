"""TrainingConfig → Keras layers and optimizer.

The rescaling to 0…1 is part of the network, so whoever loads the saved model
feeds it raw pixels and cannot forget it.
"""

from math import prod

import keras
import numpy as np

from core.config import CLASS_COUNT, IMAGE_SHAPE, TrainingConfig
from core.training.engine.dense import TransposedDense
from core.training.engine.dropout import HashedDropout


def input_shape(config: TrainingConfig) -> tuple[int, ...]:
    """Return the shape of one input: (28, 28), or (784,) if flattened beforehand."""
    return IMAGE_SHAPE if config.input_form == "image" else (prod(IMAGE_SHAPE),)


def build_layers(config: TrainingConfig, *, plain: bool = False) -> list[keras.layers.Layer]:
    """Return fresh layers whose initial weights are a function of the seed.

    Weights start as `config.initializer` says: uniform as Glorot & Bengio (2010), which is
    Keras' own choice, or He et al. (2015); or badly, to show why that matters. Biases are zero.
    Batch normalization (Ioffe & Szegedy 2015) comes after the activation and not before, as
    in that paper: so a hidden layer's output is its activation, with and without it.
    `plain` layers are Keras' own, with the penalties on them, for whoever trains the saved model
    on; otherwise dense layers and dropout are the engine's, and the penalties are left to it.
    """
    penalty = _penalty(config) if plain else None
    dense_layer = keras.layers.Dense if plain else TransposedDense
    dropout = keras.layers.Dropout if plain else HashedDropout
    seeds = iter(
        np.random.SeedSequence(config.seed).generate_state(2 * len(config.hidden_layers) + 1).tolist()
    )

    def dense(units: int, activation: str, name: str) -> keras.layers.Dense:
        return dense_layer(
            units,
            activation=activation,
            kernel_initializer=_initializer(config, next(seeds)),
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
        if config.batch_normalization:
            layers.append(keras.layers.BatchNormalization(name=f"normalization_{number}"))
        dropout_seed = next(seeds)
        if layer.dropout:
            layers.append(dropout(layer.dropout, seed=dropout_seed, name=f"dropout_{number}"))
    layers.append(dense(CLASS_COUNT, "softmax", "probabilities"))
    return layers


def _initializer(config: TrainingConfig, seed: int) -> keras.initializers.Initializer:
    match config.initializer:
        case "glorot":
            return keras.initializers.GlorotUniform(seed=seed)
        case "he":
            return keras.initializers.HeUniform(seed=seed)
        case "zeros":
            return keras.initializers.Zeros()
        case "wide":
            return keras.initializers.RandomNormal(stddev=1.0, seed=seed)


def _penalty(config: TrainingConfig) -> keras.regularizers.Regularizer | None:
    if config.l1:
        return keras.regularizers.L1L2(config.l1, config.l2)
    return keras.regularizers.L2(config.l2) if config.l2 else None


def build_optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    """Return the optimizer that the configuration names, clipping gradients if it says so."""
    rate = config.learning_rate
    # The length of all gradients as one vector (Pascanu et al. 2013).
    longest = config.gradient_clipping or None
    match config.optimizer:
        case "adam":
            return keras.optimizers.Adam(rate, global_clipnorm=longest)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=config.momentum, global_clipnorm=longest)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, global_clipnorm=longest)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, global_clipnorm=longest)


def build_loss(config: TrainingConfig) -> keras.losses.Loss:
    """Return the cross-entropy that fits the label encoding, one value an example."""
    if config.label_encoding == "one-hot":
        return keras.losses.CategoricalCrossentropy(reduction="none")
    return keras.losses.SparseCategoricalCrossentropy(reduction="none")


def build_smoothed_loss(config: TrainingConfig) -> keras.losses.Loss | None:
    """Return the loss to learn from with one-hot targets where labels are smoothed, else None.

    A share `label_smoothing` of each target is spread evenly over all classes (Szegedy et
    al. 2016), so that the network need not be certain.
    """
    if not config.label_smoothing:
        return None
    return keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing, reduction="none")
