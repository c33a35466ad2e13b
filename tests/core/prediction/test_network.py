"""The ONNX reader, against the same network in NumPy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.errors import ModelError
from core.prediction import network_file
from core.prediction.network import Network
from tests.support.network_samples import WEIGHTS, onnx_file

IMAGES = np.random.default_rng(8).integers(0, 256, (5, 28, 28), dtype=np.uint8)


def in_numpy(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row = images.reshape(-1, 784).astype(np.float64) / 255
    first = np.maximum(row @ WEIGHTS["weights_1"] + WEIGHTS["bias_1"], 0)
    second = np.maximum(first @ WEIGHTS["weights_2"] + WEIGHTS["bias_2"], 0)
    powers = np.exp(second @ WEIGHTS["weights_3"] + WEIGHTS["bias_3"])
    return first, second, powers / powers.sum(axis=1, keepdims=True)


def test_probabilities_and_activations_equal_numpy():
    prediction = Network(onnx_file()).predict(IMAGES)
    first, second, probabilities = in_numpy(IMAGES)
    assert prediction.probabilities.dtype == np.float32
    assert [layer.shape for layer in prediction.activations] == [(5, 16), (5, 7)]
    np.testing.assert_allclose(prediction.activations[0], first, atol=1e-5)
    np.testing.assert_allclose(prediction.activations[1], second, atol=1e-5)
    np.testing.assert_allclose(prediction.probabilities, probabilities, atol=1e-5)


def test_reads_any_number_of_images_and_a_slice_of_an_array():
    network = Network(onnx_file())
    assert network.predict(IMAGES[:0]).probabilities.shape == (0, 10)
    backwards = network.predict(IMAGES[::-1]).probabilities
    np.testing.assert_allclose(backwards, in_numpy(IMAGES)[2][::-1], atol=1e-5)


def test_several_threads_may_predict_at_once():
    network = Network(onnx_file())
    expected = in_numpy(IMAGES)[2]

    def predict(number: int) -> np.ndarray:
        return network.predict(IMAGES[number % 5][np.newaxis]).probabilities[0]

    with ThreadPoolExecutor(8) as threads:
        for number, row in enumerate(threads.map(predict, range(200))):
            np.testing.assert_allclose(row, expected[number % 5], atol=1e-5)


@pytest.mark.parametrize("damage", ["empty", "text", "half"])
def test_a_damaged_file_is_told(damage):
    whole = onnx_file()
    content = {"empty": b"", "text": b"not a network", "half": whole[: len(whole) // 2]}[damage]
    with pytest.raises(ModelError, match=r"damaged .* Choose another run"):
        Network(content)


@pytest.mark.parametrize(
    "change",
    [
        {"input_name": "pictures"},
        {"input_type": TensorProto.FLOAT},
        {"last": "answers"},
        {"weights_3": np.zeros((7, 9), np.float32), "bias_3": np.zeros(9, np.float32)},
    ],
)
def test_another_networks_file_is_refused(change):
    with pytest.raises(ModelError, match="not a network of Digit Lab"):
        Network(onnx_file(**change))


@pytest.mark.parametrize(
    "images", [IMAGES.astype(np.float32), IMAGES[0], IMAGES.reshape(5, 784), IMAGES[:, :27]]
)
def test_other_pictures_than_28_by_28_bytes_are_refused(images):
    with pytest.raises(ModelError, match=r"uint8 pictures of shape \(n, 28, 28\)"):
        Network(onnx_file()).predict(images)


def test_a_network_whose_training_ran_away_is_told():
    broken = onnx_file(bias_3=np.full(10, np.nan, np.float32))
    with pytest.raises(ModelError, match=r"not numbers.*smaller learning rate"):
        Network(broken).predict(IMAGES)


def edited(change) -> bytes:
    model = onnx.load_model_from_string(onnx_file())
    change(model)
    return model.SerializeToString()


def with_an_endless_loop(model: onnx.ModelProto) -> None:
    node, value = helper.make_node, helper.make_tensor_value_info
    body = helper.make_graph(
        [node("Identity", ["go_on"], ["go_on_still"]), node("Identity", ["carried"], ["carried_on"])],
        "body",
        [
            value("turn", TensorProto.INT64, []),
            value("go_on", TensorProto.BOOL, []),
            value("carried", TensorProto.FLOAT, ["n", 10]),
        ],
        [value("go_on_still", TensorProto.BOOL, []), value("carried_on", TensorProto.FLOAT, ["n", 10])],
    )
    last = model.graph.node[-1]
    last.output[0] = "before"
    model.graph.initializer.append(numpy_helper.from_array(np.array(2**62), "turns"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    model.graph.node.append(node("Loop", ["turns", "yes", "before"], ["probabilities"], body=body))
    onnx.checker.check_model(model)


def with_weights_elsewhere(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[-1]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")


def with_crossed_vectors(model: onnx.ModelProto) -> None:
    tall = numpy_helper.from_array(np.ones((100_000, 1), np.float32), "tall")
    wide = numpy_helper.from_array(np.ones((1, 100_000), np.float32), "wide")
    model.graph.initializer.extend([tall, wide])
    model.graph.node.append(helper.make_node("Mul", ["tall", "wide"], ["huge"]))


def with_a_spread_picture(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.ones((100_000, 1, 1, 1), np.float32), "spread"))
    model.graph.node.append(helper.make_node("Mul", ["float", "spread"], ["huge"]))


def with_an_operator_of_another_domain(model: onnx.ModelProto) -> None:
    model.graph.node[-1].domain = "com.example"


def with_a_function(model: onnx.ModelProto) -> None:
    model.functions.append(
        helper.make_function(
            "", "Relu", ["x"], ["y"], [helper.make_node("Identity", ["x"], ["y"])], model.opset_import
        )
    )


def with_a_thousand_steps(model: onnx.ModelProto) -> None:
    model.graph.node.extend(helper.make_node("Identity", ["row"], [f"copy_{n}"]) for n in range(1_000))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_an_endless_loop, "it has a step “Loop”"),
        (with_weights_elsewhere, "its weights are in another file"),
        (with_crossed_vectors, "its steps are not a chain"),
        (with_a_spread_picture, "its steps are not a chain"),
        (with_an_operator_of_another_domain, "it has a step “Softmax”"),
        (with_a_function, "it has functions"),
        (with_a_thousand_steps, "it has 1009 steps"),
    ],
)
def test_a_file_that_is_more_than_a_chain_of_layers_is_refused_before_it_runs(change, reason, monkeypatch):
    monkeypatch.setattr(onnxruntime, "InferenceSession", None)
    with pytest.raises(ModelError, match=f"not a network of Digit Lab: {reason}.* Choose another run"):
        Network(edited(change))


def test_a_file_larger_than_the_largest_network_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(network_file, "MAX_BYTES", 1_000)
    monkeypatch.setattr(onnx, "load_model_from_string", None)
    with pytest.raises(ModelError, match="it has 0 MB, and 0 is the most"):
        Network(onnx_file())
