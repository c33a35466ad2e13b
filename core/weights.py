"""How the numbers of a network lie in its files: whoever has the configuration reads them with NumPy alone.

Layer by layer from input to output: a kernel (inputs, units) and a bias (units,), after each hidden
layer with batch normalization gamma, beta, mean and variance, each (units,); and where a layer has dropout
the state of its seed. It is the order of Keras' `Model.variables`, with kernels as Keras has them.
"""

from dataclasses import dataclass
from math import prod

from core.config.images import CLASS_COUNT, IMAGE_SHAPE
from core.config.training import TrainingConfig

_BYTES_A_NUMBER = 4
# Key and counter of a dropout layer's seed, int64.
SEED_SHAPE = (2,)
# What each file of a `.npz` costs besides its numbers: two headers and a place in the list.
_BYTES_A_MEMBER = 400
# Gamma, beta, moving mean, moving variance: the first two are learnt.
_NORMALIZATION, _LEARNT = 4, 2


@dataclass(frozen=True)
class Variable:
    """One array of a network: its shape, and whether it is a weight or a dropout layer's seed."""

    shape: tuple[int, ...]
    is_weight: bool = True


def variables(config: TrainingConfig) -> list[Variable]:
    """Return what a network of this configuration consists of, in order."""
    found: list[Variable] = []
    inputs = prod(IMAGE_SHAPE)
    for layer in config.hidden_layers:
        found += [Variable((inputs, layer.units)), Variable((layer.units,))]
        if config.batch_normalization:
            found += [Variable((layer.units,))] * _NORMALIZATION
        if layer.dropout:
            found.append(Variable(SEED_SHAPE, is_weight=False))
        inputs = layer.units
    return [*found, Variable((inputs, CLASS_COUNT)), Variable((CLASS_COUNT,))]


def weight_shapes(config: TrainingConfig) -> list[tuple[int, ...]]:
    """Return the shapes of a network's weights, in the order of Keras' `get_weights`."""
    return [variable.shape for variable in variables(config) if variable.is_weight]


def weight_bytes(config: TrainingConfig) -> int:
    """Return about how many bytes a `.npz` of a network's weights has."""
    shapes = weight_shapes(config)
    return _BYTES_A_NUMBER * sum(map(prod, shapes)) + _BYTES_A_MEMBER * (len(shapes) + 1)


def state_bytes(config: TrainingConfig) -> int:
    """Return about how many bytes a `.npz` has from which a run goes on: at most, at the end of an epoch."""
    of_network, weights = variables(config), weight_shapes(config)
    moments = moments_a_weight(config)
    learnt = sum(map(prod, weights))
    if config.batch_normalization:
        learnt -= (_NORMALIZATION - _LEARNT) * sum(layer.units for layer in config.hidden_layers)
    kept = weight_bytes(config) if config.keeps_the_best else 0
    members = len(of_network) + moments * len(weights) + 8
    numbers = sum(map(prod, weights)) + moments * learnt
    return _BYTES_A_NUMBER * numbers + kept + _BYTES_A_MEMBER * members


def moments_a_weight(config: TrainingConfig) -> int:
    """Return how many numbers the optimizer keeps beside each weight that is learnt."""
    if config.optimizer == "sgd":
        return int(config.momentum > 0)
    return 1 if config.optimizer == "rmsprop" else 2
