"""The dense layers of a network's file: its numbers for whoever computes with them without ONNX Runtime."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.prediction.forward import DenseLayer, Numbers
from core.prediction.network import INPUT
from core.prediction.network_file import TRAIN_AGAIN, check_network_file
from core.sentences import say

_ACTIVATIONS = {
    "Elu": "elu",
    "Gelu": "gelu",
    "Identity": "linear",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "Tanh": "tanh",
}


def layers_of(content: bytes) -> tuple[DenseLayer, ...]:
    """Return the layers of a `network.onnx`, from input to output; the last has the ten probabilities.

    Raises
    ------
    ModelError
        If the file is damaged or not a network of Digit Lab.
    """
    import onnx  # 12 MB, for those who draw

    check_network_file(content, INPUT)
    graph = onnx.load_model_from_string(content).graph
    try:
        constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
        return _layers(graph.node, constants)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise ModelError(
            say("The network's file is damaged and cannot be loaded. {advice}", advice=TRAIN_AGAIN)
        ) from error


def weights_of(content: bytes) -> list[Numbers]:
    """Return the weights of a `network.onnx` in the order of `core.weights`, to train on from.

    Unlike `layers_of` with batch normalization as it is learnt: gamma, beta, mean and variance.

    Raises
    ------
    ModelError
        If the file is damaged or not a network of Digit Lab.
    """
    import onnx

    layers_of(content)
    graph = onnx.load_model_from_string(content).graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    learnt = (node for node in graph.node if node.op_type in ("Gemm", "BatchNormalization"))
    return [constants[name] for node in learnt for name in node.input[1:]]


def _layers(nodes: Any, constants: dict[str, NDArray[Any]]) -> tuple[DenseLayer, ...]:
    layers: list[DenseLayer] = []
    scale: Numbers | None = None
    offset: Numbers | None = None
    sums: tuple[Numbers, Numbers] | None = None
    for node in nodes:
        if node.op_type == "BatchNormalization":
            gamma, beta, mean, variance = (constants[name] for name in node.input[1:5])
            (epsilon,) = (each.f for each in node.attribute if each.name == "epsilon")
            with np.errstate(all="ignore"):
                scale = (gamma / np.sqrt(variance + np.float32(epsilon))).astype(np.float32)
                offset = (beta - mean * scale).astype(np.float32)
        elif node.op_type == "Gemm" and sums is None:
            sums = constants[node.input[1]], constants[node.input[2]]
        elif node.op_type in _ACTIVATIONS and sums is not None:
            kernel, bias = sums
            layers.append(DenseLayer(kernel, bias, _ACTIVATIONS[node.op_type], scale, offset))
            scale = offset = sums = None
        elif layers or sums is not None:
            raise ValueError(node.op_type)
    if sums is not None or not layers or layers[-1].activation != "softmax":
        raise ValueError
    return tuple(layers)
