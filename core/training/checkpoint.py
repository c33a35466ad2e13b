"""Checkpoints: all that a run needs to go on exactly where it was.

Weights, the states of the dropout seeds, the optimizer's moments, the running sums of the
epoch's metrics and the position, as one `.npz`. The order of images needs no saving: it is
a function of seed and epoch. Nor do the points of the curve: they are in the store up to
this very step before a checkpoint is written.
"""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ModelError
from core.training.engine.dense import transposed
from core.training.engine.model import ChunkedNetwork

_POSITION = "position"
_SECONDS = "seconds"
_METRIC = "metric_"


@dataclass(frozen=True)
class Position:
    """How far a run has come.

    Attributes
    ----------
    epochs
        Whole epochs done.
    chunks
        Chunks done of the next epoch; 0 at its beginning.
    steps_per_chunk
        As it was then: another version of this program may cut the epoch elsewhere.
    seconds
        Seconds of training so far.
    metrics
        As loaded: running sums of the current epoch, in the order of `model.metrics_variables`.
    """

    epochs: int = 0
    chunks: int = 0
    steps_per_chunk: int = 0
    seconds: float = 0.0
    metrics: tuple[Any, ...] = ()


def _variables(model: ChunkedNetwork) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]


def save_checkpoint(model: ChunkedNetwork, position: Position) -> bytes:
    """Return the state of the model, its metrics and the position as the bytes of an `.npz` file."""
    # Matrices in Keras' form, whichever the engine prefers: another version may read them.
    arrays: dict[str, Any] = {
        f"variable_{number}": transposed(variable.numpy())
        for number, variable in enumerate(_variables(model))
    }
    for number, variable in enumerate(model.metrics_variables if position.chunks else ()):
        arrays[f"{_METRIC}{number}"] = variable.numpy()
    arrays[_POSITION] = np.array([position.epochs, position.chunks, position.steps_per_chunk], dtype=np.int64)
    arrays[_SECONDS] = np.float64(position.seconds)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def load_checkpoint(model: ChunkedNetwork, data: bytes) -> Position:
    """Give a freshly built model the saved state.

    The metrics are not given to the model: Keras resets them as an epoch begins, so
    the callback `Checkpoints` does that afterwards.

    Raises
    ------
    ModelError
        If the file is damaged or belongs to another network; the model is unchanged.
    """
    variables = _variables(model)
    names = [f"variable_{number}" for number in range(len(variables))]
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as saved:
            values = [transposed(saved[name]) for name in names]
            others = {name: saved[name] for name in saved.files if name not in names}
    except Exception as error:  # zipfile and NumPy have a class of their own for every kind of damage
        raise ModelError(f"The checkpoint cannot be read ({error}). The run starts anew.") from error
    position = _read_position(model, others)
    is_ours = position is not None
    for variable, value in zip(variables, values, strict=True):
        is_ours &= _fits(variable, value)
    if position is None or not is_ours:
        raise ModelError("The checkpoint belongs to another network. The run starts anew.")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return position


def _read_position(model: ChunkedNetwork, others: dict[str, Any]) -> Position | None:
    """Return the position that these arrays hold, or None if they are not what we write."""
    place, seconds = others.pop(_POSITION, None), others.pop(_SECONDS, None)
    if place is None or place.shape != (3,) or place.dtype != np.int64 or (place < 0).any():
        return None
    if seconds is None or seconds.shape != () or seconds.dtype != np.float64 or not 0 <= seconds < np.inf:
        return None
    epochs, chunks, steps_per_chunk = map(int, place)
    metrics = model.metrics_variables if chunks else []
    if set(others) != {f"{_METRIC}{number}" for number in range(len(metrics))}:
        return None
    values = tuple(others[f"{_METRIC}{number}"] for number in range(len(metrics)))
    if not all(_fits(variable, value) for variable, value in zip(metrics, values, strict=True)):
        return None
    if chunks and not steps_per_chunk:
        return None
    return Position(epochs, chunks, steps_per_chunk, float(seconds), values)


def _fits(variable: Any, value: Any) -> bool:
    return bool(value.shape == tuple(variable.shape) and value.dtype == variable.dtype)
