"""A small network as an ONNX file, written node by node and not by the exporter."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GENERATOR = np.random.default_rng(7)
WEIGHTS = {
    "weights_1": GENERATOR.normal(0, 0.1, (784, 16)).astype(np.float32),
    "bias_1": GENERATOR.normal(0, 0.1, 16).astype(np.float32),
    "weights_2": GENERATOR.normal(0, 0.3, (16, 7)).astype(np.float32),
    "bias_2": GENERATOR.normal(0, 0.1, 7).astype(np.float32),
    "weights_3": GENERATOR.normal(0, 0.3, (7, 10)).astype(np.float32),
    "bias_3": GENERATOR.normal(0, 0.1, 10).astype(np.float32),
}


def onnx_file(
    *, input_name: str = "images", input_type: int = TensorProto.UINT8, last: str = "probabilities", **weights
) -> bytes:
    """784-16-7-10 with ReLU, written node by node."""
    constants = {
        "scale": np.array(1 / 255, np.float32), "flat": np.array([-1, 784], np.int64), **WEIGHTS, **weights
    }  # fmt: skip
    node = helper.make_node
    nodes = [
        node("Cast", [input_name], ["float"], to=TensorProto.FLOAT),
        node("Mul", ["float", "scale"], ["scaled"]),
        node("Reshape", ["scaled", "flat"], ["row"]),
        node("Gemm", ["row", "weights_1", "bias_1"], ["sum_1"]),
        node("Relu", ["sum_1"], ["hidden_1"]),
        node("Gemm", ["hidden_1", "weights_2", "bias_2"], ["sum_2"]),
        node("Relu", ["sum_2"], ["hidden_2"]),
        node("Gemm", ["hidden_2", "weights_3", "bias_3"], ["sum_3"]),
        node("Softmax", ["sum_3"], [last], axis=-1),
    ]
    classes = constants["bias_3"].size
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", units])
        # Out of order on purpose: the reader must go by name.
        for name, units in ((last, classes), ("hidden_2", 7), ("hidden_1", 16))
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(input_name, input_type, ["n", 28, 28])],
        outputs,
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def always(probabilities: list[float]) -> bytes:
    """Return a network that gives these probabilities to every picture."""
    return onnx_file(
        weights_3=np.zeros((7, 10), np.float32), bias_3=np.log(np.array(probabilities)).astype(np.float32)
    )
