"""The layers of a file against ONNX Runtime; tests/core/training/test_export.py has every activation."""

import numpy as np
import onnx
import pytest

from core.errors import ModelError
from core.prediction.forward import outputs_of
from core.prediction.network import Network
from core.prediction.onnx_layers import layers_of, weights_of
from tests.support.network_samples import WEIGHTS, onnx_file

IMAGES = np.random.default_rng(1).integers(0, 256, (23, 28, 28), dtype=np.uint8)


def test_the_layers_of_a_file_give_what_the_file_gives() -> None:
    layers = layers_of(onnx_file())
    assert [(layer.units, layer.activation) for layer in layers] == [
        (16, "relu"),
        (7, "relu"),
        (10, "softmax"),
    ]
    expected = Network(onnx_file()).predict(IMAGES)
    *hidden, last = outputs_of(layers, IMAGES)
    for mine, theirs in zip(hidden, expected.activations, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)
    np.testing.assert_allclose(last, expected.probabilities, rtol=0, atol=1e-6)


def without(*operators: str) -> bytes:
    model = onnx.load_model_from_string(onnx_file())
    for node in [node for node in model.graph.node if node.op_type in operators]:
        model.graph.node.remove(node)
    return model.SerializeToString()


@pytest.mark.parametrize(
    "content",
    [b"no network", onnx_file()[:-400], without("Softmax"), without("Relu"), without("Gemm")],
    ids=["text", "cut off", "no probabilities", "sums of sums", "no layers"],
)
def test_another_file_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(ModelError, match="train this one again"):
        layers_of(content)


def test_the_weights_of_a_file_come_in_the_order_of_its_layers() -> None:
    names = [f"{kind}_{layer}" for layer in (1, 2, 3) for kind in ("weights", "bias")]
    found = weights_of(onnx_file())
    assert len(found) == len(names)
    for array, name in zip(found, names, strict=True):
        np.testing.assert_array_equal(array, WEIGHTS[name])
    with pytest.raises(ModelError):
        weights_of(onnx_file()[:-400])
