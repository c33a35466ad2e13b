"""Strokes as people might draw them, and networks of every kind that a page may have to compute."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from core.data.pen_strokes.render import write
from core.handwriting.pen import Stroke

_OPERATORS = {
    "relu": "Relu",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "elu": "Elu",
    "gelu": "Gelu",
    "linear": "Identity",
}


def stroke(*points: tuple[float, ...], width: float = 0.08, is_eraser: bool = False) -> Stroke:
    """Return a stroke through points x, y or x, y, pressure."""
    whole = [(*point, 0.5) if len(point) == 2 else point for point in points]
    return Stroke(np.array(whole, np.float32), width, is_eraser)


def written_digits(count: int, seed: int) -> list[tuple[Stroke, ...]]:
    """Return digits as random hands write them: anywhere, of any size and thickness, every second by a
    pen that tells its pressure; some are partly rubbed out again.
    """
    rng = np.random.default_rng(seed)
    paths, _ = write((np.arange(count) % 10).astype(np.uint8), rng)
    return [_drawing(path[:: rng.integers(3, 8)], number % 2 == 0, rng) for number, path in enumerate(paths)]


def random_strokes(rng: np.random.Generator) -> tuple[Stroke, ...]:
    """Return scribbles that may leave the canvas, with dots and points on top of each other among them."""
    strokes = []
    for _ in range(rng.integers(1, 6)):
        count = int(rng.choice([1, 2, 30]))
        steps = rng.normal(0, rng.choice([0.0, 0.001, 0.1, 0.5]), (count, 2)).cumsum(axis=0)
        places = np.clip(steps + rng.uniform(-0.2, 1.2, 2), -1, 2)
        points = np.column_stack([places, rng.uniform(0, 1, count)]).astype(np.float32)
        strokes.append(Stroke(points, round(float(rng.uniform(0.005, 0.4)), 4), bool(rng.random() < 0.3)))
    return tuple(strokes)


def odd_inks(count: int, seed: int) -> list[NDArray[np.float32]]:
    """Return inks of any size: blocks, whose centre lies half-way between two pixels, and noise."""
    rng = np.random.default_rng(seed)
    inks = []
    for number in range(count):
        height, width = rng.integers(1, 60, 2)
        if number % 2:
            ink = rng.random((height, width)) ** rng.integers(1, 30)
            ink = np.maximum(ink, 0.06 * (ink == ink.max()))
        else:
            ink = np.pad(np.full((height, width), rng.choice([1.0, 0.5, 0.3])), rng.integers(0, 60, (2, 2)))
        inks.append(ink.astype(np.float32))
    return inks


def any_network(activation: str, *, is_normalized: bool, depth: int = 2, seed: int = 3) -> bytes:
    """Return a network file, 784-24-16-10, with this activation, and batch normalization where asked."""
    rng = np.random.default_rng(seed)
    constants = {"scale": np.array(1 / 255, np.float32), "flat": np.array([-1, 784], np.int64)}
    node = helper.make_node
    nodes = [
        node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        node("Mul", ["float", "scale"], ["scaled"]),
        node("Reshape", ["scaled", "flat"], ["row"]),
    ]
    outputs, last, inputs = [("probabilities", 10)], "row", 784
    for number, units in enumerate([24, 16][:depth]):
        kernel = rng.normal(0, 4 / np.sqrt(inputs), (inputs, units))
        constants[f"kernel_{number}"], constants[f"bias_{number}"] = kernel, rng.normal(0, 0.3, units)
        nodes.append(node("Gemm", [last, f"kernel_{number}", f"bias_{number}"], [f"sum_{number}"]))
        last, inputs = f"hidden_{number + 1}", units
        nodes.append(node(_OPERATORS[activation], [f"sum_{number}"], [last]))
        outputs.append((last, units))
        if is_normalized:
            figures = [f"{name}_{number}" for name in ("gamma", "beta", "mean", "variance")]
            constants |= dict(zip(figures, rng.uniform(0.2, 1.5, (4, units)), strict=True))
            nodes.append(node("BatchNormalization", [last, *figures], [f"normal_{number}"], epsilon=1e-3))
            last = f"normal_{number}"
    constants["kernel"], constants["bias"] = (
        rng.normal(0, 8 / np.sqrt(inputs), (inputs, 10)),
        rng.normal(0, 0.3, 10),
    )
    nodes.append(node("Gemm", [last, "kernel", "bias"], ["sum"]))
    nodes.append(node("Softmax", ["sum"], ["probabilities"], axis=-1))
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", 28, 28])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", units]) for name, units in outputs],
        [
            numpy_helper.from_array(array if name == "flat" else array.astype(np.float32), name)
            for name, array in constants.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _drawing(path: NDArray[np.float32], has_pressure: bool, rng: np.random.Generator) -> tuple[Stroke, ...]:
    low, high = path.min(axis=0), path.max(axis=0)
    size = rng.uniform(0.15, 0.9)
    places = (path - low) / (high - low).max() * size + rng.uniform(0.02, 0.98 - size, 2)
    pressure = np.sin(np.linspace(0, 9, len(path))) / 3 + 0.5 if has_pressure else np.full(len(path), 0.5)
    points = np.column_stack([places, pressure]).astype(np.float32)
    strokes = [Stroke(points, round(float(rng.uniform(0.02, 0.14)), 4))]
    if rng.random() < 0.2:
        corner = rng.uniform(0.2, 0.8, 2)
        strokes.append(stroke(tuple(corner), tuple(corner + 0.1), width=0.06, is_eraser=True))
    return tuple(strokes)
