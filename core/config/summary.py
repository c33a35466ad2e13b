"""The rows of a network's summary and the number of its parameters, as Keras counts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from core.config.images import CLASS_COUNT, IMAGE_SHAPE
from core.config.layers import HiddenLayer
from core.numbers import percent
from core.sentences import say


@dataclass(frozen=True)
class LayerSummary:
    """One row of the model summary: what the layer is, its output shape, its parameters."""

    name: str
    output_shape: tuple[int, ...]
    parameters: int


def layer_summaries(
    layers: Sequence[HiddenLayer], *, flattens: bool, batch_normalization: bool
) -> list[LayerSummary]:
    """Return the rows of the model summary, from input to output.

    Parameters
    ----------
    layers
        The hidden layers.
    flattens
        Whether the network gets images and flattens them itself.
    batch_normalization
        Whether each hidden layer is followed by batch normalization.
    """
    inputs = prod(IMAGE_SHAPE)
    rows = [
        LayerSummary(
            say("784 pixels (Flatten)") if flattens else say("784 pixels (already in a row)"), (inputs,), 0
        )
    ]
    for number, layer in enumerate(layers, 1):
        rows.append(
            LayerSummary(
                say(
                    "Layer {number}: {units} neurons, {activation} (Dense)",
                    number=number,
                    units=layer.units,
                    activation=layer.activation,
                ),
                (layer.units,),
                (inputs + 1) * layer.units,
            )
        )
        if batch_normalization:
            # Scale and offset, learnt; mean and variance, counted along.
            rows.append(LayerSummary(say("Batch normalization"), (layer.units,), 4 * layer.units))
        if layer.dropout:
            share = percent(layer.dropout, None)
            rows.append(LayerSummary(say("Dropout {share}", share=share), (layer.units,), 0))
        inputs = layer.units
    rows.append(LayerSummary(say("Ten answers, softmax (Dense)"), (CLASS_COUNT,), (inputs + 1) * CLASS_COUNT))
    return rows
