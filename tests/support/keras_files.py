"""Keras files written member by member, without Keras: good ones, and such as nobody should bring."""

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import h5py
import numpy as np

GENERATOR = np.random.default_rng(11)
METADATA = json.dumps({"keras_version": "3.15.1", "date_saved": "2026-11-25@12:00:00"})


def layer(kind: str, **config: Any) -> dict[str, Any]:
    """Return a layer as Keras describes it."""
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def image(*shape: int) -> dict[str, Any]:
    return layer("InputLayer", batch_shape=[None, *shape], dtype="float32")


def dense(units: int, activation: Any = "relu", **config: Any) -> dict[str, Any]:
    return layer("Dense", units=units, activation=activation, use_bias=True, dtype="float32", **config)


RESCALING = layer("Rescaling", scale=1 / 255, offset=0.0)
FLATTEN = layer("Flatten", data_format="channels_last")
# 28×28 pixels of 0 to 255, 12 units, ten answers.
LAYERS = (image(28, 28), RESCALING, FLATTEN, dense(12), dense(10, "softmax"))


def sequential(layers: Sequence[Any] = LAYERS) -> dict[str, Any]:
    """Return the description of a keras.Sequential."""
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}


def functional(layers: Sequence[dict[str, Any]], output: int = -1) -> dict[str, Any]:
    """Return the description of a keras.Model whose layers are a chain, with another output perhaps."""
    named: list[dict[str, Any]] = []
    for number, one in enumerate(layers):
        tensor = {
            "class_name": "__keras_tensor__",
            "config": {"keras_history": [f"layer_{number - 1}", 0, 0]},
        }
        nodes = [{"args": [tensor], "kwargs": {}}] if number else []
        named.append(one | {"name": f"layer_{number}", "inbound_nodes": nodes})
    config = {
        "name": "f",
        "layers": named,
        "input_layers": [["layer_0", 0, 0]],
        "output_layers": [[named[output]["name"], 0, 0]],
    }
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}


def weights_file(*shapes: tuple[int, ...], names: Sequence[str] = ()) -> bytes:
    """Return an HDF5 file of the weights of dense layers, kernel and bias in turn, as Keras lays them out."""
    file = io.BytesIO()
    with h5py.File(file, "w") as h5:
        for number, shape in enumerate(shapes):
            place, rest = divmod(number, 2)
            name = names[number] if names else f"layers/dense{f'_{place}' if place else ''}/vars/{rest}"
            h5[name] = GENERATOR.normal(0, 0.2, shape).astype(np.float32)
    return file.getvalue()


WEIGHTS = weights_file((784, 12), (12,), (12, 10), (10,))


def keras_file(
    model: Any = None,
    weights: bytes = WEIGHTS,
    *,
    metadata: str = METADATA,
    more: dict[str, bytes] | None = None,
    kind: int = zipfile.ZIP_STORED,
) -> bytes:
    """Return a Keras file; `model` is its description, text if it is to be broken."""
    description = model if isinstance(model, str) else json.dumps(sequential() if model is None else model)
    members = {"metadata.json": metadata, "config.json": description, "model.weights.h5": weights}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, content in (members | (more or {})).items():
            archive.writestr(name, content)
    return file.getvalue()
