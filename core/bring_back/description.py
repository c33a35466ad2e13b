"""The `config.json` of a `.keras` file, read as data: a chain of layers, each known and as usual.

Keras builds from such a file whatever it names: classes, functions, code. So nothing of it is handed to
Keras. What is understood becomes a `Network`; what is not is refused; and the description that Keras gets
is written anew from that, with numbers and words of ours alone.
"""

import json
from collections.abc import Mapping
from typing import Any

from core.bring_back.steps import PIXELS, Activation, Dense, Dropout, Network, Normalization, Step
from core.config import ACTIVATIONS, IMAGE_SHAPE
from core.errors import ModelError
from core.sentences import say

KNOWN_LAYERS = (
    "InputLayer",
    "Flatten",
    "Reshape",
    "Rescaling",
    "Dense",
    "Dropout",
    "BatchNormalization",
    "Activation",
    "ReLU",
    "Softmax",
)
_INPUT_SHAPES = (IMAGE_SHAPE, (*IMAGE_SHAPE, 1), (PIXELS,))
_MODELS = {"Sequential", "Functional"}
_MOST_LAYERS = 60
# Of one layer, whatever the server allows: far more than any server does.
_MOST_UNITS = 1_000_000

Values = Mapping[str, Any]


def read_description(text: bytes, keras_version: object) -> Network:
    """Return the network that a `config.json` describes.

    Parameters
    ----------
    keras_version
        As the file's metadata name it.

    Raises
    ------
    ModelError
        If it is no dense network that reads 28×28 pixels and gives ten answers.
    """
    if not str(keras_version).startswith("3."):
        raise ModelError(
            say(
                "This file was saved by Keras {version}. Open it there and save it with Keras 3.",
                version=str(keras_version)[:20],
            )
        )
    try:
        model = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(say("The description in this file is damaged: it is no JSON.")) from error
    kind = _word(model, "class_name")
    if kind not in _MODELS:
        raise ModelError(
            say(
                "This model is a “{kind}”. Only chains of layers can be read here: keras.Sequential, or "
                "keras.Model without branches.",
                kind=kind[:40],
            )
        )
    layers = _part(model, "config").get("layers")
    if not isinstance(layers, list) or not 2 <= len(layers) <= _MOST_LAYERS:
        raise ModelError(say("This model has no layers, or more than {most}.", most=_MOST_LAYERS))
    if kind == "Functional":
        _check_chain(layers, _part(model, "config").get("output_layers"))
    return _network(layers)


def cleaned_description(network: Network) -> str:
    """Return a `config.json` with the same weights in the same places, of what we know and nothing else."""
    layers: list[dict[str, Any]] = [
        _layer("InputLayer", batch_shape=[None, *network.input_shape], dtype="float32"),
        _layer("Rescaling", scale=1.0 if network.scale is None else network.scale, offset=network.offset),
        _layer("Flatten"),
    ]
    for step in network.steps:
        match step:
            case Dense(units, activation, has_bias):
                layers.append(_layer("Dense", units=units, activation=activation, use_bias=has_bias))
            case Normalization(epsilon, has_scale, has_offset):
                layers.append(
                    _layer("BatchNormalization", axis=-1, epsilon=epsilon, scale=has_scale, center=has_offset)
                )
            case Activation(activation):
                layers.append(_layer("Activation", activation=activation))
            case Dropout():
                pass  # nothing is learnt any more
    config = {"name": "network", "layers": layers}
    model = {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}
    return json.dumps(model)


def _layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def _network(layers: list[Any]) -> Network:
    shape, *others = layers
    if _word(shape, "class_name") != "InputLayer":
        raise ModelError(
            say(
                "This model does not say what it reads. Begin it with keras.Input((28, 28)) and save it "
                "again."
            )
        )
    input_shape = _input_shape(_part(shape, "config"))
    scale: float | None = None
    offset = 0.0
    is_row = len(input_shape) == 1
    steps: list[Step] = []
    for layer in others:
        kind, config = _kind(layer), _part(layer, "config")
        _check_dtype(config)
        if kind in ("Flatten", "Reshape"):
            is_row = _is_row(kind, config)
        elif kind == "Rescaling":
            if steps:
                raise _refused(kind, say("it has to come before the first dense layer"))
            factor, added = _number(config, "scale", kind), _number(config, "offset", kind)
            scale = factor if scale is None else factor * scale
            offset = factor * offset + added
        elif kind == "Dropout":
            steps.append(Dropout(_share(config, "rate", kind)))
        elif not is_row:
            raise _refused(kind, say("the image has to be laid out as a row of 784 pixels first, by Flatten"))
        else:
            steps.append(_step(kind, config))
    return Network(input_shape, scale, offset, tuple(steps))


def _step(kind: str, config: Values) -> Step:
    if kind == "Dense":
        _check_usual(kind, config, {"lora_rank": None, "quantization_config": None})
        units = config.get("units")
        if not isinstance(units, int) or isinstance(units, bool) or not 1 <= units <= _MOST_UNITS:
            raise _refused(kind, say("its number of units is {units}", units=_quoted(units)))
        return Dense(units, _activation(config, kind), _flag(config, "use_bias", kind))
    if kind == "BatchNormalization":
        _check_usual(kind, config, {"renorm": False})
        if config.get("axis") not in (-1, 1, [-1], [1]):
            raise _refused(kind, say("it has to normalize each unit by itself"))
        epsilon = _number(config, "epsilon", kind)
        if not 0 < epsilon <= 1:
            raise _refused(kind, say("its {name} is {value}", name="epsilon", value=_quoted(epsilon)))
        return Normalization(epsilon, _flag(config, "scale", kind), _flag(config, "center", kind))
    if kind == "ReLU":
        _check_usual(kind, config, {"max_value": None, "negative_slope": 0, "threshold": 0})
        return Activation("relu")
    if kind == "Softmax":
        _check_usual(kind, config, {"axis": -1})
        return Activation("softmax")
    return Activation(_activation(config, kind))


def _activation(config: Values, kind: str) -> str:
    name = config.get("activation")
    if name is None:
        return "linear"
    if not isinstance(name, str) or name not in (*ACTIVATIONS, "softmax"):
        known = ", ".join(ACTIVATIONS)
        raise _refused(
            kind,
            say(
                "its activation is {name}; these can be read: {known}, softmax",
                name=_quoted(name),
                known=known,
            ),
        )
    return name


def _kind(layer: Any) -> str:
    kind = _word(layer, "class_name")
    module = layer.get("module")
    is_ours = layer.get("registered_name") in (None, kind) and (
        isinstance(module, str) and (module == "keras.layers" or module.startswith("keras.src.layers."))
    )
    if kind not in KNOWN_LAYERS[1:] or not is_ours:
        raise ModelError(
            say(
                "This network has a layer “{kind}”. Only dense networks can be brought here, of these "
                "layers: {known}.",
                kind=kind[:40],
                known=", ".join(KNOWN_LAYERS),
            )
        )
    return kind


def _check_chain(layers: list[Any], outputs: Any) -> None:
    """Refuse a functional model in which a layer does not read the one before it, and that alone."""
    reads: list[list[Any]] = []
    for layer in layers:
        nodes = layer.get("inbound_nodes") if isinstance(layer, dict) else None
        is_chain = isinstance(nodes, list) and [_sources(node) for node in nodes] == reads
        last = [_word(layer, "name"), 0, 0]
        reads = [[last]]
        if not is_chain:
            break
    if not is_chain or outputs not in (last, [last]):
        raise ModelError(
            say("The layers of this model are no chain: each has to read the one before it, and no other.")
        )


def _sources(node: Any) -> list[Any]:
    """Return which tensors a node of a functional model reads, None for what is no tensor."""
    arguments = node.get("args") if isinstance(node, dict) else None
    if not isinstance(arguments, list):
        return [None]
    return [
        _part(one, "config").get("keras_history")
        if isinstance(one, dict) and one.get("class_name") == "__keras_tensor__"
        else None
        for one in arguments
    ]


def _input_shape(config: Values) -> tuple[int, ...]:
    shape = config.get("batch_shape")
    if isinstance(shape, list) and tuple(shape[1:]) in _INPUT_SHAPES:
        return tuple(shape[1:])
    raise ModelError(
        say(
            "This network reads inputs of {shape}. It has to read images of 28×28 pixels: (28, 28), "
            "(28, 28, 1) or (784,).",
            shape=_quoted(shape[1:] if isinstance(shape, list) else shape),
        )
    )


def _is_row(kind: str, config: Values) -> bool:
    if kind == "Flatten":
        if config.get("data_format") not in (None, "channels_last"):
            raise _refused(kind, say("its {name} is {value}", name="data_format", value="channels_first"))
        return True
    target = config.get("target_shape")
    if target in ([PIXELS], [-1]):
        return True
    if target in ([*IMAGE_SHAPE], [*IMAGE_SHAPE, 1]):
        return False
    raise _refused(kind, say("its target shape is {shape}", shape=_quoted(target)))


def _check_dtype(config: Values) -> None:
    dtype = config.get("dtype")
    name = _part(dtype, "config").get("name") if isinstance(dtype, dict) else dtype
    if name not in (None, "float32"):
        raise ModelError(
            say(
                "This network computes with “{kind}”. Only float32, which is what Keras usually does, can be "
                "read.",
                kind=str(name)[:40],
            )
        )


def _check_usual(kind: str, config: Values, usual: Values) -> None:
    for name, value in usual.items():
        if config.get(name, value) != value:
            raise _refused(kind, say("its {name} is {value}", name=name, value=_quoted(config[name])))


def _number(config: Values, name: str, kind: str) -> float:
    value = config.get(name, 0.0 if name == "offset" else None)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e6:
        raise _refused(kind, say("its {name} is {value}", name=name, value=_quoted(value)))
    return float(value)


def _share(config: Values, name: str, kind: str) -> float:
    value = _number(config, name, kind)
    if not 0 <= value < 1:
        raise _refused(kind, say("its {name} is {value}", name=name, value=_quoted(value)))
    return value


def _flag(config: Values, name: str, kind: str) -> bool:
    value = config.get(name, True)
    if not isinstance(value, bool):
        raise _refused(kind, say("its {name} is {value}", name=name, value=_quoted(value)))
    return value


def _part(values: Any, name: str) -> Values:
    part = values.get(name) if isinstance(values, dict) else None
    if not isinstance(part, dict):
        raise _damaged(name)
    return part


def _word(values: Any, name: str) -> str:
    word = values.get(name) if isinstance(values, dict) else None
    if not isinstance(word, str):
        raise _damaged(name)
    return word


def _damaged(name: str) -> ModelError:
    return ModelError(say("The description in this file is damaged: “{name}” is missing.", name=name))


def _refused(kind: str, reason: str) -> ModelError:
    return ModelError(
        say("The layer {kind} of this network cannot be read: {reason}.", kind=kind, reason=reason)
    )


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
