"""Checkpoints: all that a run needs to go on exactly where it was.

Weights, the states of the dropout seeds and the optimizer's moments, as one `.npz`.
The order of images needs no saving: it is a function of seed and epoch.
"""

import io
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
    variables = enumerate(_variables(model))
    arrays: dict[str, Any] = {f"variable_{number}": variable.numpy() for number, variable in variables}
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
    names = [f"variable_{number}" for number in range(len(variables))]
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as saved:
            epochs_done = saved[_EPOCHS]
            is_ours = set(saved.files) == {*names, _EPOCHS}
            values = [saved[name] for name in names]
    except Exception as error:  # zipfile and NumPy have a class of their own for every kind of damage
        raise ModelError(f"The checkpoint cannot be read ({error}). The run starts anew.") from error
    is_ours &= epochs_done.shape == () and epochs_done.dtype == np.int64 and epochs_done >= 0
    for variable, value in zip(variables, values, strict=True):
        is_ours &= value.shape == tuple(variable.shape) and value.dtype == variable.dtype
    if not is_ours:
        raise ModelError("The checkpoint belongs to another network. The run starts anew.")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return int(epochs_done)
