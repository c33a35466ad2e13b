"""Keras files from elsewhere: what is understood, what is refused in a sentence, and what Keras is given."""

import io
import json
import pickle
import random
import zipfile
from typing import Any

import numpy as np
import pytest

from core.bring_back.archive import most_bytes
from core.bring_back.network import AS_IT_IS, TO_ONE, read_network
from core.bring_back.settings import MAX_BYTES, read_settings
from core.bring_back.steps import Activation, Dense, Dropout, Network, Normalization
from core.config import HiddenLayer, TrainingConfig
from core.errors import ConfigError, ModelError
from core.take_home.files import settings_file
from tests.support.keras_files import (
    FLATTEN,
    LAYERS,
    RESCALING,
    WEIGHTS,
    dense,
    functional,
    image,
    keras_file,
    layer,
    sequential,
)

MOST = 200_000


def refusal(content: bytes, most: int = MOST) -> str:
    with pytest.raises(ModelError) as caught:
        read_network(content, most)
    told = str(caught.value)
    assert told.endswith(".")
    assert len(told) < 400
    return told


def of_layers(*layers: Any) -> bytes:
    return keras_file(sequential([image(28, 28), FLATTEN, *layers]))


# --- what is understood ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (784,)])
@pytest.mark.parametrize("describe", [sequential, functional])
def test_a_dense_network_is_understood_in_all_its_forms(describe: Any, shape: tuple[int, ...]) -> None:
    layers = [image(*shape), RESCALING, FLATTEN, dense(12, "tanh"), layer("Dropout", rate=0.25), *LAYERS[-1:]]
    network = read_network(keras_file(describe(layers)), MOST).network
    assert network.input_shape == shape
    assert network.scale == pytest.approx(1 / 255)
    assert network.parameters == 785 * 12 + 13 * 10
    assert network.has_softmax
    expected = (HiddenLayer(units=12, activation="tanh", dropout=0.25),)
    assert network.config("fashion-mnist").hidden_layers == expected


def test_activations_and_normalization_may_stand_by_themselves() -> None:
    normalization = layer("BatchNormalization", axis=-1, epsilon=0.01, scale=False, center=True)
    steps = [dense(12, "linear"), normalization, layer("ReLU"), dense(10, None), layer("Softmax", axis=-1)]
    network = read_network(of_layers(*steps), MOST).network
    assert [type(step) for step in network.steps] == [Dense, Normalization, Activation, Dense, Activation]
    assert network.config("mnist").hidden_layers == (HiddenLayer(units=12, activation="relu"),)
    assert network.has_softmax
    assert network.shapes[1] == [(12,)] * 3
    assert network.scale is None
    brought = read_network(of_layers(*steps), MOST)
    assert read_network(brought.file(TO_ONE), MOST).network.steps == network.steps


def test_pixels_may_be_scaled_in_steps_and_laid_out_anew() -> None:
    first, second = layer("Rescaling", scale=0.5, offset=0.25), layer("Rescaling", scale=4.0, offset=-3.0)
    shapes = [layer("Reshape", target_shape=[28, 28, 1]), layer("Reshape", target_shape=[784])]
    model = sequential([image(784), first, second, *shapes, dense(10, None)])
    network = read_network(keras_file(model), MOST).network
    assert (network.scale, network.offset) == (2.0, -2.0)
    assert not network.has_softmax
    plain = read_network(of_layers(layer("Rescaling", scale=0.5), dense(10, None)), MOST).network
    assert (plain.scale, plain.offset) == (0.5, 0.0)
    unflat = keras_file(sequential([image(784), shapes[0], dense(10)]))
    assert "laid out as a row" in refusal(unflat)


def test_what_keras_is_given_is_written_anew() -> None:
    """Nothing of the file but numbers and known words comes through: no name, no nested object, no code."""
    lure = {"module": "builtins", "class_name": "exec", "config": {"x": "LURE"}, "registered_name": "LURE"}
    hidden = dense(12, "relu", name="LURE", kernel_initializer=lure, kernel_regularizer=lure, extra=lure)
    model = sequential([image(28, 28), FLATTEN, hidden, LAYERS[-1]]) | {"compile_config": {"loss": lure}}
    brought = read_network(keras_file(model), MOST)
    assert not brought.says_its_scale
    cleaned = brought.file(TO_ONE)
    with zipfile.ZipFile(io.BytesIO(cleaned)) as archive:
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
        description = archive.read("config.json").decode()
        assert archive.read("model.weights.h5") == WEIGHTS
    assert "LURE" not in description
    assert "exec" not in description
    again = read_network(cleaned, MOST).network
    assert again.scale == TO_ONE
    assert again.steps == brought.network.steps
    assert read_network(brought.file(AS_IT_IS), MOST).network.scale == AS_IT_IS


def test_folding_changes_no_answer() -> None:
    """Against the layers computed one by one, in 64 bits."""
    rng = np.random.default_rng(2)
    steps = (
        Normalization(1e-3),
        Dense(9, "linear", has_bias=False),
        Normalization(1e-2, has_scale=False),
        Activation("tanh"),
        Dropout(0.5),
        Normalization(1e-3, has_offset=False),
        Normalization(1e-3),
        Dense(7, "sigmoid"),
        Dense(10, "linear"),
        Normalization(1e-3),
    )
    network = Network((28, 28), 1 / 127.5, -1.0, steps)
    weights = [[rng.uniform(0.5, 1.5, shape) for shape in shapes] for shapes in network.shapes]
    weights[1][0] = rng.normal(0, 0.05, (784, 9))
    pixels = rng.integers(0, 256, (5, 784))
    values = pixels / 127.5 - 1
    for step, arrays in zip(steps, weights, strict=True):
        match step:
            case Dense(_, activation, has_bias):
                values = values @ arrays[0] + (arrays[1] if has_bias else 0)
                if activation == "sigmoid":
                    values = 1 / (1 + np.exp(-values))
            case Normalization(epsilon, has_scale, has_offset):
                gamma = arrays[0] if has_scale else 1
                beta = arrays[int(has_scale)] if has_offset else 0
                values = (values - arrays[-2]) / np.sqrt(arrays[-1] + epsilon) * gamma + beta
            case Activation("tanh"):
                values = np.tanh(values)
    k1, b1, k2, b2, k3, b3 = network.folded(weights)
    mine = np.tanh(pixels / 255 @ k1 + b1)
    mine = 1 / (1 + np.exp(-(mine @ k2 + b2)))
    np.testing.assert_allclose(mine @ k3 + b3, values, rtol=1e-4, atol=1e-4)
    config = network.config("mnist")
    assert [one.activation for one in config.hidden_layers] == ["tanh", "sigmoid"]


# --- what is refused: the file -----------------------------------------------------------------


def flags(content: bytes, flag: int) -> bytes:
    """Return a ZIP whose members say that they are encrypted."""
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + bytes([flag]) + content[at + 1 :]


FILES = {
    "nothing": (b"", "damaged or no .keras file"),
    "a picture": (b"\x89PNG\r\n" + bytes(100), "damaged or no .keras file"),
    "a pickle": (pickle.dumps({"a": 1}), "damaged or no .keras file"),
    "the older form": (b"\x89HDF\r\n\x1a\n" + bytes(100), "older HDF5 form"),
    "cut off": (keras_file()[:-200], "damaged or no .keras file"),
    "a part changed": (keras_file().replace(WEIGHTS[:64], bytes(64), 1), "damaged or no .keras file"),
    "a pickle beside": (keras_file(more={"data.pkl": b"x"}), "“data.pkl”"),
    "a folder": (keras_file(more={"assets/vocabulary.txt": b"x"}), "“assets/vocabulary.txt”"),
    "a way out": (keras_file(more={"../../etc/passwd": b"x"}), "“../../etc/passwd”"),
    "encrypted": (flags(keras_file(), 1), "Keras does not use"),
    "another packing": (keras_file(kind=zipfile.ZIP_LZMA), "Keras does not use"),
    "a bomb of text": (keras_file(" " * 20_000_000, kind=zipfile.ZIP_DEFLATED), "holds 20.0 MB"),
    "a bomb of weights": (keras_file(weights=bytes(30_000_000), kind=zipfile.ZIP_DEFLATED), "holds 30.0 MB"),
    "too large": (bytes(30_000_000), "holds 30.0 MB"),
    "Keras 2": (keras_file(metadata='{"keras_version": "2.15.0"}'), "saved by Keras 2.15.0"),
    "no version": (keras_file(metadata="{}"), "saved by Keras None"),
    "metadata of another kind": (keras_file(metadata="[1]"), "no JSON"),
    "metadata that are none": (keras_file(metadata="\0"), "no JSON"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none_is_refused_in_a_sentence(name: str) -> None:
    content, told = FILES[name]
    assert told in refusal(content)


def test_a_file_without_one_of_its_members_is_refused() -> None:
    for missing in ("metadata.json", "config.json", "model.weights.h5"):
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(keras_file())) as whole, zipfile.ZipFile(file, "w") as archive:
            for name in whole.namelist():
                if name != missing:
                    archive.writestr(name, whole.read(name))
        assert f"has no {missing}" in refusal(file.getvalue())


def test_weights_may_be_as_large_as_a_network_allows_and_texts_may_not() -> None:
    limit = most_bytes(MOST)
    assert limit > 12 * MOST
    assert read_network(keras_file(weights=bytes(limit - 10_000)), MOST).network.parameters == 9_550
    packed = zipfile.ZIP_DEFLATED
    assert "holds 4.4 MB" in refusal(keras_file(weights=bytes(limit + 1), kind=packed))
    assert "holds 1.0 MB" in refusal(keras_file(json.dumps(sequential()) + " " * 1_000_000, kind=packed))


def test_a_member_that_comes_twice_is_refused() -> None:
    file = io.BytesIO(keras_file())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("config.json", "{}")
    assert "“config.json”" in refusal(file.getvalue())


def test_a_network_that_is_too_large_for_this_server_is_refused() -> None:
    assert "9,550 parameters; this server allows 9,000" in refusal(keras_file(), 9_000)
    huge = of_layers(dense(1_000_000), dense(1_000_000), dense(10, "softmax"))
    assert "1,000,796,000,010 parameters" in refusal(huge)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_changed_in_a_file_ends_in_a_sentence_or_in_the_same_network(seed: int) -> None:
    """Bytes and values of the description at random: never another error, never a network of other layers."""
    pick = random.Random(seed)
    if seed % 2:
        content = bytearray(keras_file())
        for _ in range(pick.randint(1, 20)):
            content[pick.randrange(len(content))] = pick.randrange(256)
        changed = bytes(content)
    else:
        text = json.dumps(sequential())
        words = pick.sample(range(len(text)), 2)
        odd = ["null", "[]", "{}", "-1", "1e999", '"x"', "true", "[[" * 9_000]
        changed = keras_file(text[: min(words)] + pick.choice(odd) + text[max(words) :])
    try:
        network = read_network(changed, MOST).network
    except ModelError:
        return
    assert network.config("mnist").hidden_layers[0].units in range(1, 200)


# --- what is refused: the network --------------------------------------------------------------

OTHER = layer("Dense", units=12, activation="relu")
ANSWERS = dense(10, "softmax")
HALF = layer("Dense", units=8, dtype="float16")
MODELS: dict[str, tuple[bytes, str]] = {
    "no JSON": (keras_file("{"), "no JSON"),
    "too deep": (keras_file("[" * 100_000), "no JSON"),
    "a list": (keras_file([]), "“class_name” is missing"),
    "another model": (keras_file({"class_name": "Model", "config": {}}), "“Model”"),
    "no layers": (keras_file({"class_name": "Sequential", "config": {}}), "no layers"),
    "too many layers": (of_layers(*[dense(2)] * 100, dense(10, "softmax")), "more than 60"),
    "no input": (keras_file(sequential([FLATTEN, *LAYERS[3:]])), "does not say what it reads"),
    "a colour image": (keras_file(sequential([image(32, 32, 3), FLATTEN, *LAYERS[3:]])), "[32, 32, 3]"),
    "no shape": (keras_file(sequential([layer("InputLayer"), FLATTEN, *LAYERS[3:]])), "inputs of None"),
    "a lambda": (of_layers(layer("Lambda", function={"class_name": "__lambda__"}), dense(10)), "“Lambda”"),
    "a convolution": (of_layers(layer("Conv2D", filters=8), dense(10)), "“Conv2D”"),
    "a layer of theirs": (of_layers(OTHER | {"registered_name": "evil>Dense"}, dense(10)), "“Dense”"),
    "a module of theirs": (of_layers(OTHER | {"module": "os"}, dense(10)), "“Dense”"),
    "a model within": (of_layers(sequential(), dense(10)), "“Sequential”"),
    "a function": (
        of_layers(dense(8, {"class_name": "function", "config": "f"}), dense(10)),
        "activation is",
    ),
    "an activation": (of_layers(dense(8, "swish"), dense(10)), "'swish'"),
    "no units": (of_layers(dense(0), dense(10)), "units is 0"),
    "units that are none": (of_layers(dense("12"), dense(10)), "units is '12'"),
    "true units": (of_layers(dense(True), dense(10)), "units is True"),  # type: ignore[arg-type]
    "adapters": (of_layers(dense(8, lora_rank=4), dense(10)), "lora_rank is 4"),
    "half numbers": (of_layers(HALF, dense(10)), "“float16”"),
    "eleven answers": (of_layers(dense(8), dense(11, "softmax")), "ten answers"),
    "sigmoid answers": (of_layers(dense(8), dense(10, "sigmoid")), "“sigmoid”"),
    "no dense layer": (of_layers(layer("Activation", activation="relu")), "has to follow a dense layer"),
    "two activations": (of_layers(dense(8), layer("ReLU"), dense(10)), "has to follow a dense layer"),
    "softmax within": (of_layers(dense(8, "softmax"), dense(10)), "softmax is no activation of a hidden"),
    "an image to dense": (keras_file(sequential([image(28, 28), dense(8), dense(10)])), "laid out as a row"),
    "a late rescaling": (of_layers(dense(8), RESCALING, dense(10)), "before the first dense layer"),
    "no number": (of_layers(layer("Rescaling", scale="1"), dense(10)), "scale is '1'"),
    "not finite": (of_layers(layer("Rescaling", scale=float("nan")), dense(10)), "scale is nan"),
    "columns first": (
        keras_file(sequential([image(28, 28, 1), layer("Flatten", data_format="channels_first"), dense(10)])),
        "data_format",
    ),
    "another shape": (of_layers(layer("Reshape", target_shape=[2, 392]), dense(10)), "[2, 392]"),
    "a clipped ReLU": (
        of_layers(dense(8, None), layer("ReLU", max_value=6.0), dense(10)),
        "max_value is 6.0",
    ),
    "no epsilon": (
        of_layers(dense(8), layer("BatchNormalization", axis=-1, epsilon=0), dense(10)),
        "epsilon",
    ),
    "another axis": (
        of_layers(dense(8), layer("BatchNormalization", axis=0, epsilon=1e-3), dense(10)),
        "each unit",
    ),
    "much dropout": (of_layers(dense(8), layer("Dropout", rate=1.5), dense(10)), "rate is 1.5"),
    "a branch": (keras_file(functional(LAYERS, output=-2)), "no chain"),
    "a layer that is none": (of_layers(7, dense(10)), "“class_name” is missing"),
    "no settings of a layer": (of_layers(OTHER | {"config": 7}, dense(10)), "“config” is missing"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_network_that_cannot_be_read_is_refused_in_a_sentence(name: str) -> None:
    content, told = MODELS[name]
    assert told in refusal(content)


def test_layers_beyond_those_of_this_program_are_refused_when_it_is_to_be_a_run() -> None:
    deep = read_network(of_layers(*[dense(8)] * 7, LAYERS[-1]), MOST).network
    with pytest.raises(ModelError, match="at most 6 long"):
        deep.config("mnist")
    wide = read_network(of_layers(dense(3_000), LAYERS[-1]), 10_000_000).network
    with pytest.raises(ModelError, match="Units of hidden layer 1 is 3000"):
        wide.config("mnist")


# --- settings ----------------------------------------------------------------------------------


def test_settings_that_were_taken_home_come_back() -> None:
    config = TrainingConfig(epochs=7, hidden_layers=())
    assert read_settings(settings_file(config)) == config
    assert read_settings(b"\xef\xbb\xbf" + settings_file(config)) == config


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not readable JSON"),
        (b"\xff\xfe\x00", "no text"),
        (b" " * (MAX_BYTES + 1), "100 kB at most"),
        (b"[1]", "must be"),
        (b'{"epochs": 1000}', "Epochs is 1000; it must be at most 200"),
        (b'{"epochs": "many"}', "Epochs is “many”; it must be a whole number"),
        (b'{"learning_rat": 1}', "There is no setting “learning rat”"),
        (b'{"hidden_layers": [{"units": 0}]}', "Units of hidden layer 1 is 0; it must be at least 1"),
        (b'{"learning_rate": NaN}', "Learning rate is"),
        (b"[" * 50_000, "not readable JSON"),
    ],
)
def test_settings_that_are_none_are_refused_in_a_sentence(content: bytes, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(content)
    assert told in str(caught.value)
