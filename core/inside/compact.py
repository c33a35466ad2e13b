"""What the browser draws of a network, in few bytes: some JSON, then pictures, all of it deflated.

The layout is read by pages/parts/shared/network_diagram/unpack.js.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.inside.diagram import Column, Diagram
from core.inside.pictures import COARSE, FINE, Bytes, halved, packed, symmetric
from core.inside.reading import Histogram, Reading
from core.inside.unit import UnitDetail
from core.sentences import say

_LEVEL = 6
# What is told of each number is exact to within half of this.
_DECIMALS = 4
# Units of the first layer whose weights travel as pictures with every update: 350 bytes each.
MOST_PICTURES = 16


@dataclass
class Parts:
    """The pictures of an update, one after another; `add_…` returns where each begins."""

    content: list[bytes] = field(default_factory=list)
    length: int = 0

    def add(self, content: bytes) -> int:
        """Append bytes; return their place."""
        place = self.length
        self.content.append(content)
        self.length += len(content)
        return place


def pack(header: Mapping[str, Any], parts: Parts) -> bytes:
    """Return an update: length of the JSON as uint32 (little-endian), the JSON, the pictures; deflated."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
    return zlib.compress(b"".join([struct.pack("<I", len(text)), text, *parts.content]), _LEVEL)


def unpack(update: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the pictures of an update, as the browser finds them."""
    content = zlib.decompress(update)
    (length,) = struct.unpack_from("<I", content)
    return json.loads(content[4 : 4 + length]), content[4 + length :]


def layer_titles(config: TrainingConfig) -> list[str]:
    """Return what the layers are called: the hidden ones by number, then the output."""
    hidden = [say("Layer {number}", number=number) for number in range(1, len(config.hidden_layers) + 1)]
    return [*hidden, say("Output")]


def of_diagram(
    config: TrainingConfig, reading: Reading, diagram: Diagram, class_names: tuple[str, ...], parts: Parts
) -> dict[str, Any]:
    """Return the columns, their lines and the first layer's weights as pictures."""
    shown = diagram.columns[0].units[:MOST_PICTURES]
    weights, scale = symmetric(reading.layers[0].kernel[:, shown].T, steps=COARSE)
    titles = layer_titles(config)
    return {
        "image": parts.add(diagram.image.tobytes()),
        "columns": [
            _column(title, layer.activation, column)
            for title, layer, column in zip(titles, reading.layers, diagram.columns, strict=True)
        ],
        "classes": class_names,
        "strip": {"at": parts.add(packed(weights)), "scale": short(scale), "most": MOST_PICTURES},
    }


def of_ten(reading: Reading) -> dict[str, Any]:
    """Return what the network reads in the first test image of each class; images: `ten_images`."""
    probabilities = reading.ten[-1]
    read = probabilities.argmax(axis=1)
    return {
        "true": reading.pictures.ten_labels.tolist(),
        "rows": reading.pictures.ten_rows.tolist(),
        "read": read.tolist(),
        "sure": [_rounded(row[best]) for row, best in zip(probabilities, read, strict=True)],
    }


def ten_images(images: Bytes, parts: Parts) -> int:
    """Add images (n, 28, 28) in 16 steps of grey; return their place."""
    return parts.add(packed(halved(images)))


def of_unit(reading: Reading, detail: UnitDetail, parts: Parts) -> dict[str, Any]:
    """Return what is shown of the chosen unit."""
    weights, scale = symmetric(detail.weights, steps=FINE)
    products = detail.products
    images = reading.pictures.sample[detail.excited_by]
    return {
        "layer": detail.layer,
        "unit": detail.unit,
        "projected": detail.is_projected,
        "at": parts.add(weights.tobytes()),
        "scale": short(scale),
        "inputs": products.inputs.tolist(),
        "weights": [short(value) for value in products.weights],
        "values": [short(value) for value in products.values],
        "terms": [short(value) for value in products.terms],
        "others": short(detail.others),
        "bias": short(detail.bias),
        "sum": short(detail.total),
        "output": short(detail.output),
        "images": ten_images(images, parts),
        "excitement": [short(value) for value in detail.excitement],
        "labels": reading.pictures.sample_labels[detail.excited_by].tolist(),
        "rows": reading.pictures.sample_rows[detail.excited_by].tolist(),
        "of": len(reading.sample[0]),
    }


def of_histograms(reading: Reading) -> dict[str, Any]:
    """Return the histograms of weights and activations, one a layer."""
    return {
        "weights": [_histogram(one) for one in reading.weights],
        "activations": [_histogram(one) for one in reading.activations],
    }


def probabilities(values: NDArray[np.float32]) -> list[float | None]:
    """Return probabilities (n,) as they travel."""
    return [_rounded(value) for value in values]


def short(value: float) -> float | None:
    """Return a number in four digits that count."""
    return float(f"{value:.4g}") if isfinite(value) else None


def _column(title: str, activation: str, column: Column) -> dict[str, Any]:
    states = [
        "d" if dead else "s" if saturated else "."
        for dead, saturated in zip(column.dead, column.saturated, strict=True)
    ]
    return {
        "title": title,
        "activation": activation,
        "all": column.in_all,
        "units": column.units.tolist(),
        "values": [_rounded(value) for value in column.values],
        "states": "".join(states),
        "from": column.edges_from.tolist(),
        "to": column.edges_to.tolist(),
        "weights": [float(f"{value:.3g}") if isfinite(value) else 0 for value in column.edges],
    }


def _rounded(value: float) -> float | int | None:
    if not isfinite(value):
        return None
    rounded = round(float(value), _DECIMALS)
    return int(rounded) if rounded.is_integer() else rounded  # "0" for "0.0": half of all outputs


def _histogram(one: Histogram) -> list[float | int | None]:
    """Return both ends and the shares in thousandths."""
    return [short(one.low), short(one.high), *(round(1000 * share) for share in one.shares)]
