"""Weights, curve and settings of a run as files that other programs read."""

import csv
import io
import json

import numpy as np

from core.arrays import as_npz
from core.config import TrainingConfig
from core.data.dataset import ARRAY_NAMES, Dataset
from core.store import Curve

# As `keras.datasets.mnist` and its file call them.
_KERAS_NAMES = dict(zip(ARRAY_NAMES, ("x_train", "y_train", "x_test", "y_test"), strict=True))
_CURVE_COLUMNS = ("kind", "epoch", "loss", "accuracy")


def weights_file(onnx: bytes, config: TrainingConfig) -> bytes:
    """Return the weights of a `network.onnx` as a `.npz`: `hidden_1_kernel`, `hidden_1_bias` … by name.

    Kernels are (inputs, units). The network computes `activation(pixels / 255 @ kernel + bias)`, layer by
    layer. `normalization_1_gamma` and its like belong behind the activation, with Keras' epsilon of 0.001; at
    the end stands softmax.

    Raises
    ------
    ModelError
        If the file is damaged.
    """
    from core.prediction.onnx_layers import weights_of  # ONNX Runtime, 20 MB, for those who take weights

    return as_npz(dict(zip(weight_names(config), weights_of(onnx), strict=True)))


def weight_names(config: TrainingConfig) -> list[str]:
    """Return what the weights of a network are called, in the order of `core.weights.weight_shapes`."""
    names = []
    for number in range(1, len(config.hidden_layers) + 1):
        names += [f"hidden_{number}_kernel", f"hidden_{number}_bias"]
        if config.batch_normalization:
            names += [
                f"normalization_{number}_{part}"
                for part in ("gamma", "beta", "moving_mean", "moving_variance")
            ]
    return [*names, "probabilities_kernel", "probabilities_bias"]


def curve_file(curve: Curve) -> bytes:
    """Return a curve as CSV, a row a point: `training` or `validation`, epoch, loss, accuracy.

    Numbers have a point, as programs read them; what was no number is empty.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_CURVE_COLUMNS)
    for kind in ("training", "validation"):
        columns = (getattr(curve, f"{kind}_{name}") for name in ("epochs", "loss", "accuracy"))
        rows.writerows([kind, *map(_number, point)] for point in zip(*columns, strict=True))
    return text.getvalue().encode()


def settings_file(config: TrainingConfig) -> bytes:
    """Return settings as JSON, one a line; `core.bring_back.settings` reads them again."""
    return (json.dumps(config.model_dump(mode="json"), indent=2) + "\n").encode()


def images_archive(dataset: Dataset) -> bytes:
    """Return all images and labels as a compressed `.npz` that is made like Keras' `mnist.npz`.

    With pen strokes and handwriting 10 to 30 MB, made in a few seconds.
    """
    return as_npz(
        {theirs: getattr(dataset, ours) for ours, theirs in _KERAS_NAMES.items()}, is_compressed=True
    )


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.8g}"
