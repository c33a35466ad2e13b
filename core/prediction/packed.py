"""The weights of a network as the browser gets them: one flat run of numbers, with all it takes to compute.

pages/parts/draw/live_reading/network.js unpacks them. All numbers are little-endian, and each array begins at
a multiple of four bytes, so that the browser computes in the bytes that came:

    "DLNW"                        four bytes, this format
    version, bits, layers, 0      a byte each; bits is 32 or 8
    inputs                        uint32, of the first layer: 784
    for each layer:
        units                     uint32
        activation, normalized    a byte each: place in `ACTIVATION_ORDER`; 1 where batch
                                  normalization stands before it
        0                         uint16
    for each layer:
        scale, offset             float32 (inputs,) each, only where normalized
        bias                      float32 (units,)
        with 32 bits: kernel      float32 (inputs, units), row by row
        with 8 bits:  step        float32 (units,)
                      kernel      int8 (inputs, units), row by row, filled up to four bytes; a weight is this
                                  number times the step of its unit
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.prediction.forward import DenseLayer, Numbers
from core.sentences import say

MAGIC = b"DLNW"
VERSION = 1
ACTIVATION_ORDER = ("softmax", "relu", "tanh", "sigmoid", "elu", "gelu", "linear")
_LARGEST = 127

Bits = Literal[32, 8]


def pack(layers: Sequence[DenseLayer], bits: Bits = 32) -> bytes:
    """Return the layers of a network as the browser unpacks them.

    Parameters
    ----------
    layers
        From input to output, as `core.prediction.onnx_layers.layers_of` gives them.
    bits
        32 for the weights as they are. With 8 each unit's weights are whole steps, of which its largest
        weight has 127 (symmetric quantization by output channel: Jacob et al. 2018, section 3): a quarter
        as long, and a little less exact. Biases and batch normalization stay as they are.

    Raises
    ------
    ModelError
        With 8 bits, if a weight is not a finite number.
    """
    parts = [MAGIC, struct.pack("<4BI", VERSION, bits, len(layers), 0, layers[0].kernel.shape[0])]
    for layer in layers:
        activation = ACTIVATION_ORDER.index(layer.activation)
        parts.append(struct.pack("<IBBH", layer.units, activation, layer.scale is not None, 0))
    for layer in layers:
        if layer.scale is not None and layer.offset is not None:
            parts += [_bytes(layer.scale), _bytes(layer.offset)]
        parts.append(_bytes(layer.bias))
        if bits == 8:
            numbers, step = _in_steps(layer.kernel)
            parts += [_bytes(step), numbers.tobytes(), bytes(-numbers.size % 4)]
        else:
            parts.append(_bytes(layer.kernel))
    return b"".join(parts)


def deflated(packed: bytes) -> bytes:
    """Return packed weights without the air in them: raw deflate, the browser's "deflate-raw"."""
    compressor = zlib.compressobj(level=9, wbits=-15)
    return compressor.compress(packed) + compressor.flush()


def as_with_8_bits(layers: Sequence[DenseLayer]) -> tuple[DenseLayer, ...]:
    """Return the layers as a browser has them that got 8 bits a weight, to tell what that costs.

    Raises
    ------
    ModelError
        If a weight is not a finite number.
    """
    coarse = []
    for layer in layers:
        numbers, step = _in_steps(layer.kernel)
        coarse.append(replace(layer, kernel=numbers * step))
    return tuple(coarse)


def _in_steps(kernel: Numbers) -> tuple[NDArray[np.int8], Numbers]:
    """Return int8 (inputs, units) and the float32 steps (units,) by which they are to be multiplied."""
    largest = np.abs(kernel).max(axis=0)
    if not np.isfinite(largest).all():
        raise ModelError(
            say(
                "The network's weights are not all numbers, so they cannot be made small. Choose another run."
            )
        )
    step = (largest / np.float32(_LARGEST)).astype(np.float32)
    # A unit without weights; and weights so small that their step would be none.
    step[step == 0] = 1
    return np.clip(np.round(kernel / step), -_LARGEST, _LARGEST).astype(np.int8), step


def _bytes(array: Numbers) -> bytes:
    return np.ascontiguousarray(array, "<f4").tobytes()
