"""One unit of a network: what it looks for, what it adds up for a picture, which images excite it most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config import IMAGE_SHAPE
from core.inside.diagram import Diagram
from core.inside.reading import Reading
from core.prediction.forward import Numbers

MOST_PRODUCTS = 8
MOST_IMAGES = 9


@dataclass(frozen=True, eq=False)
class Products:
    """The largest terms of a unit's sum, largest size first; each array has one number a term.

    `inputs` says which pixel (counted along the rows from 0) or which unit of the layer before.
    """

    inputs: NDArray[np.intp]
    weights: Numbers
    values: Numbers

    @property
    def terms(self) -> Numbers:
        """Weight times value."""
        return self.weights * self.values


@dataclass(frozen=True, eq=False)
class UnitDetail:
    """All that is shown of one unit.

    Attributes
    ----------
    layer, unit
        The layer from 0, the last is the output; the unit from 0.
    weights
        float32 (28, 28): its weights to the pixels. In deeper layers those it would have if all layers
        between passed on their sums as they are: `is_projected`.
    products, others
        The largest terms of its sum for the picture on show, and what all others come to together.
    bias, total, output
        Their sum with the bias, and what the activation makes of it.
    excited_by, excitement
        Places in the sample of the images for which it puts out most, highest first, and how much, (n,).
    """

    layer: int
    unit: int
    weights: Numbers
    is_projected: bool
    products: Products
    others: float
    bias: float
    total: float
    output: float
    excited_by: NDArray[np.intp]
    excitement: Numbers


def has_unit(reading: Reading, layer: int, unit: int) -> bool:
    """Tell whether the network has this unit, both counted from 0."""
    return 0 <= layer < len(reading.layers) and 0 <= unit < reading.layers[layer].units


def look_at_unit(reading: Reading, diagram: Diagram, layer: int, unit: int) -> UnitDetail:
    """Return what is shown of a unit that the network has, for the picture of `diagram`."""
    dense = reading.layers[layer]
    before = diagram.image.reshape(1, -1) * np.float32(1 / 255) if layer == 0 else diagram.outputs[layer - 1]
    inputs = dense.inputs(before)[0]
    weights = dense.kernel[:, unit]
    terms = weights * inputs
    total = float(terms.sum() + dense.bias[unit])
    order = np.argsort(-np.abs(terms), kind="stable")[:MOST_PRODUCTS]
    order = order[terms[order] != 0]
    output = reading.sample[layer][:, unit]
    excited = np.argsort(-output, kind="stable")[:MOST_IMAGES]
    return UnitDetail(
        layer,
        unit,
        projection(reading, layer, unit).reshape(IMAGE_SHAPE),
        layer > 0,
        Products(order, weights[order], inputs[order]),
        float(terms.sum() - terms[order].sum()),
        float(dense.bias[unit]),
        total,
        float(diagram.outputs[layer][0, unit]),
        excited,
        output[excited],
    )


def projection(reading: Reading, layer: int, unit: int) -> Numbers:
    """Return the weights (784,) of a unit to the pixels, if all layers before it only added up.

    For the first layer these are its weights; for the others the product of all kernels up to it, with
    the scales of batch normalization, which leaves out what the activations cut off.
    """
    weights = reading.layers[layer].kernel[:, unit]
    for number in range(layer, 0, -1):
        scale = reading.layers[number].scale
        weights = weights if scale is None else weights * scale
        weights = reading.layers[number - 1].kernel @ weights
    return np.ascontiguousarray(weights)
