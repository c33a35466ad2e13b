"""A network that comes with Digit Lab, for those who have trained none yet.

It is the recipe `ready-made`, trained on MNIST and kept as the worker wrote it. To make it anew:
`python -m core.training --recipe ready-made --onnx core/prediction/ready_made.onnx`
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.prediction.network import Network
from core.sentences import say

FILE = Path(__file__).with_name("ready_made.onnx")
# By which its probabilities are honest, see `core.prediction.calibration`. Half of MNIST's test images ask
# for 0.92, the other half loses nothing with 1, and drawings are harder than they. It stands here so that it
# is known where there is no dataset; a test tells when another network asks for another.
TEMPERATURE = 1.0
DATASET = "mnist"

# Images that are read at once: a few megabytes of activations.
_AT_ONCE = 1_000


def ready_made_network() -> Network:
    """Return the network that comes with Digit Lab.

    Raises
    ------
    ModelError
        If its file is missing or damaged.
    """
    return Network(ready_made_file())


def ready_made_file() -> bytes:
    """Return the bytes of its ONNX file.

    Raises
    ------
    ModelError
        If it is missing.
    """
    try:
        return FILE.read_bytes()
    except OSError as error:
        raise ModelError(
            say(
                "The ready-made network cannot be read ({reason}). Install Digit Lab anew.",
                reason=error.strerror,
            )
        ) from error


def read_all(network: Network, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities (n, 10), float32, of uint8 images (n, 28, 28), a part of them at a time."""
    parts = [
        network.predict(np.asarray(images[start : start + _AT_ONCE])).probabilities
        for start in range(0, len(images), _AT_ONCE)
    ]
    return np.concatenate(parts)
