"""Which units of a hidden layer have stopped working: dead ones, and saturated ones.

A ReLU unit is dead when it puts out 0 for every image of a sample: no gradient passes it, so
no step can bring it back (Maas et al. 2013; Lu et al. 2020, "Dying ReLU and initialization").
A tanh or sigmoid unit is saturated when it is at one of its limits for nearly all images
(Glorot & Bengio 2010, section 3): there its slope, and with it the gradient, is next to nothing.
"""

import numpy as np
from numpy.typing import NDArray

CAN_DIE = frozenset({"relu"})
CAN_SATURATE = frozenset({"tanh", "sigmoid"})
# At its limit: |tanh| above this, where its slope is below 2 % of the steepest; sigmoid likewise,
# as sigmoid(z) = (1 + tanh(z/2)) / 2.
NEAR_THE_LIMIT = 0.99
# Nearly all images. Units that are at one limit for some digits and at the other for the rest are
# not meant: training makes many of those, and they tell digits apart.
NEARLY_ALL = 0.8


def dead_units(outputs: NDArray[np.float32], activation: str) -> NDArray[np.bool_] | None:
    """Return which units, (units,), are dead; None where units of this activation cannot be.

    Parameters
    ----------
    outputs
        What the units put out, (images, units), finite.
    activation
        Of these units.
    """
    if activation not in CAN_DIE:
        return None
    return np.asarray(~(outputs > 0).any(axis=0))


def saturated_units(outputs: NDArray[np.float32], activation: str) -> NDArray[np.bool_] | None:
    """Return which units, (units,), are saturated; None where they cannot be: see `dead_units`."""
    if activation not in CAN_SATURATE:
        return None
    distance = np.abs(outputs if activation == "tanh" else 2 * outputs - 1)
    return np.asarray((distance > NEAR_THE_LIMIT).mean(axis=0) >= NEARLY_ALL)
