"""A trained network as files: for Keras, and as ONNX with the hidden activations as outputs.

The ONNX file is written node by node: these networks are a handful of matrix products, so this takes
milliseconds where a converter that traces the TensorFlow graph takes seconds after
every run. A test holds the file against Keras.

Format: https://onnx.ai/onnx/operators/ (operator set 20, the first with Gelu).
"""

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from keras.layers import BatchNormalization, Dense
from onnx import TensorProto, helper, numpy_helper

from core.config import CLASS_COUNT, IMAGE_SHAPE

_OPERATOR_SET = 20
_OPERATORS = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "elu": "Elu", "gelu": "Gelu"}

# What Keras has begun to write since 3.12, with the values that say nothing.
_NEWS: dict[str, Any] = {
    "quantization_config": None,
    "input_axes": None,
    "output_axes": None,
    "optional": False,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
}


def to_onnx(model: keras.Sequential) -> bytes:
    """Return the network as the bytes of an ONNX file.

    Input `images`, uint8 (n, 28, 28). Outputs `hidden_1` … `hidden_k`, float32
    (n, units), and last `probabilities`, float32 (n, 10).
    """
    constants = [
        numpy_helper.from_array(np.array([0, -1], dtype=np.int64), "flat_shape"),
        numpy_helper.from_array(np.float32(1 / 255), "scale"),
    ]
    nodes = [
        helper.make_node("Reshape", ["images", "flat_shape"], ["flat"]),
        helper.make_node("Cast", ["flat"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pixels", "scale"], ["scaled"]),
    ]
    outputs = []
    previous = "scaled"
    for layer in model.layers:
        name = layer.name
        if isinstance(layer, BatchNormalization):
            figures = ("gamma", "beta", "moving_mean", "moving_variance")
            values = dict(zip(figures, layer.get_weights(), strict=True))
            constants += [
                numpy_helper.from_array(array, f"{name}_{figure}") for figure, array in values.items()
            ]
            inputs = [previous, *(f"{name}_{figure}" for figure in figures)]
            nodes.append(helper.make_node("BatchNormalization", inputs, [name], epsilon=layer.epsilon))
            previous = name
        if not isinstance(layer, Dense):
            continue
        kernel, bias = layer.get_weights()
        constants += [
            numpy_helper.from_array(kernel, f"{name}_kernel"),
            numpy_helper.from_array(bias, f"{name}_bias"),
        ]
        nodes.append(helper.make_node("Gemm", [previous, f"{name}_kernel", f"{name}_bias"], [f"{name}_sum"]))
        nodes.append(_activation(layer.activation.__name__, f"{name}_sum", name))
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", layer.units]))
        previous = name
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", *IMAGE_SHAPE])
    graph = helper.make_graph(nodes, "digit_lab", [images], outputs, constants)
    file = helper.make_model(
        graph,
        producer_name="Digit Lab",
        ir_version=9,
        opset_imports=[helper.make_opsetid("", _OPERATOR_SET)],
    )
    onnx.checker.check_model(file, full_check=True)
    assert outputs[-1].type.tensor_type.shape.dim[1].dim_value == CLASS_COUNT
    return bytes(file.SerializeToString())


def _activation(activation: str, source: str, target: str) -> onnx.NodeProto:
    if activation == "softmax":
        return helper.make_node("Softmax", [source], [target], axis=-1)
    if activation == "linear":
        return helper.make_node("Identity", [source], [target])
    return helper.make_node(_OPERATORS[activation], [source], [target])


def to_keras(plain: keras.Sequential) -> bytes:
    """Return a network of Keras' own layers as a `.keras` file, which loads without this project."""
    # Keras writes to a path only, and the artifacts may be in an object store.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        plain.save(path)
        return _for_earlier_keras(path.read_bytes())


def _for_earlier_keras(content: bytes) -> bytes:
    """Return a `.keras` file that an earlier Keras 3 opens too: it refuses words that it does not know."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(file, "w") as archive:
        for member in whole.infolist():
            data = whole.read(member)
            if member.filename == "config.json":
                data = json.dumps(_without_news(json.loads(data))).encode()
            archive.writestr(member, data)
    return file.getvalue()


def _without_news(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_news(one) for one in part]
    if not isinstance(part, dict):
        return part
    is_news = {name for name, usual in _NEWS.items() if name in part and part[name] == usual}
    return {name: _without_news(value) for name, value in part.items() if name not in is_news}
