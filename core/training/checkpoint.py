"""Checkpoints: all that a run needs to go on exactly where it was.

Weights, the states of the dropout seeds and the optimizer's moments, as one `.npz`.
The order of images needs no saving: it is a function of seed and epoch.
"""

import io
import zipfile
from typing import Any

import numpy as np

from core.errors import ModelError
from core.training.engine import ChunkedNetwork

_EPOCHS = "epochs_done"


def _variables(model: ChunkedNetwork) -> list[Any]:
    # The metrics are not among them: Keras resets those at each epoch.
    return [*model.variables, *model.optimizer.variables]


def save_checkpoint(model: ChunkedNetwork, epochs_done: int) -> bytes:
    """Return the state after `epochs_done` whole epochs as the bytes of an `.npz` file."""
    arrays: dict[str, Any] = {f"variable_{i}": v.numpy() for i, v in enumerate(_variables(model))}
    arrays[_EPOCHS] = np.int64(epochs_done)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def load_checkpoint(model: ChunkedNetwork, data: bytes) -> int:
    """Give a freshly built model the saved state.

    Returns
    -------
    int
        Whole epochs already done.

    Raises
    ------
    ModelError
        If the file is damaged or belongs to another network; the model is unchanged.
    """
    variables = _variables(model)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as saved:
            epochs_done = int(saved[_EPOCHS])
            values = [saved[f"variable_{i}"] for i in range(len(variables))]
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"The checkpoint cannot be read ({error}). The run starts anew.") from error
    if any(value.shape != tuple(variable.shape) for value, variable in zip(values, variables, strict=True)):
        raise ModelError("The checkpoint belongs to another network. The run starts anew.")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return epochs_done
