"""A trained network as ONNX Runtime runs it: pictures in, probabilities out.

The file is the `network.onnx` that a training worker writes: one input `images`
(uint8, any number of 28×28), the outputs `hidden_1` … `hidden_k` of the dense
layers and `probabilities`, all float32. Rescaling is inside the network.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from core.config import CLASS_COUNT, IMAGE_SHAPE
from core.errors import ModelError
from core.prediction.network_file import RAN_AWAY, TRAIN_AGAIN, check_network_file
from core.sentences import say

INPUT = "images"
OUTPUT = "probabilities"


@dataclass(frozen=True)
class Prediction:
    """What a network says about n pictures.

    Attributes
    ----------
    probabilities
        float32 (n, 10); each row adds up to 1.
    activations
        float32 (n, units) for each hidden layer, from input to output.
    """

    probabilities: NDArray[np.float32]
    activations: tuple[NDArray[np.float32], ...]


class Network:
    """A trained network, ready to predict; several threads may use it at once.

    Parameters
    ----------
    content
        The bytes of the ONNX file.

    Raises
    ------
    ModelError
        If the file is damaged or not a network of Digit Lab.
    """

    def __init__(self, content: bytes) -> None:
        check_network_file(content, INPUT)
        options = onnxruntime.SessionOptions()
        # One picture at a time: more threads only cost waiting for each other.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 4  # problems are raised, and told once
        try:
            self._session: Any = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has a class of its own for every kind of damage
            raise ModelError(
                say("The network's file is damaged and cannot be loaded. {advice}", advice=TRAIN_AGAIN)
            ) from error
        self._outputs = self._checked_outputs()

    def predict(self, images: NDArray[np.uint8]) -> Prediction:
        """Return probabilities and hidden activations for uint8 images (n, 28, 28).

        Raises
        ------
        ModelError
            If the images have another type or shape, or the answers are not numbers.
        """
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != IMAGE_SHAPE:
            raise ModelError(
                say(
                    "The network reads uint8 pictures of shape (n, 28, 28); it was given {kind} of shape "
                    "{shape}.",
                    kind=images.dtype,
                    shape=images.shape,
                )
            )
        try:
            *activations, probabilities = self._session.run(
                self._outputs, {INPUT: np.ascontiguousarray(images)}
            )
        except Exception as error:
            raise ModelError(
                say("The network failed while it was reading a picture. {advice}", advice=TRAIN_AGAIN)
            ) from error
        if not np.isfinite(probabilities).all():
            raise ModelError(RAN_AWAY)
        return Prediction(probabilities, tuple(activations))

    def _checked_outputs(self) -> list[str]:
        """Return the names of the outputs, hidden layers first; raise `ModelError` for a foreign network."""
        inputs = self._session.get_inputs()
        outputs = {output.name: output for output in self._session.get_outputs()}
        hidden = [f"hidden_{number}" for number in range(1, len(outputs))]
        fits = (
            [(one.name, one.type, tuple(one.shape[1:])) for one in inputs]
            == [(INPUT, "tensor(uint8)", IMAGE_SHAPE)]
            and set(outputs) == {*hidden, OUTPUT}
            and all(output.type == "tensor(float)" and len(output.shape) == 2 for output in outputs.values())
            and outputs[OUTPUT].shape[1] == CLASS_COUNT
        )
        if not fits:
            raise ModelError(
                say(
                    "This ONNX file is not a network of Digit Lab: it must read uint8 images of 28×28 "
                    "and give {classes} probabilities. {advice}",
                    classes=CLASS_COUNT,
                    advice=TRAIN_AGAIN,
                )
            )
        return [*hidden, OUTPUT]
