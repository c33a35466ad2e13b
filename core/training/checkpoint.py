"""Checkpoints: all that a run needs to go on exactly where it was.

Weights, the states of the dropout seeds, the optimizer's moments, the running sums of the
epoch's metrics, the position, and what early stopping knows with the weights that it keeps, as
one `.npz`: one file, so that no part of it can be older than another. The order of images and
the learning rates need no saving: they are functions of seed, epoch and step. Nor do the points
of the curve: they are in the store up to this very step before a checkpoint is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from core.arrays import as_npz, read_npz
from core.errors import ArrayDamaged, ModelError
from core.sentences import say
from core.training.course import Position
from core.training.engine.dense import transposed
from core.training.engine.model import ChunkedNetwork

Arrays = tuple[NDArray[Any], ...]

_POSITION = "position"
_SECONDS = "seconds"
_STOPPING = "stopping"
_METRIC = "metric_"
_KEPT = "kept_"


class _Frozen(BaseModel):
    # A loss may be infinite: JSON's own words for that are not enough.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class Record(_Frozen):
    """A figure of validation and the epoch that showed it, counted from 1."""

    epoch: int
    value: float


class StoppingState(_Frozen):
    """What is known of a run's end, and on the way of what may end it early.

    Attributes
    ----------
    ended
        Whether the run was at its end here: what trains it further is an extension.
    by, reason
        What ended it before its last epoch, and that in a sentence.
    waited, best
        Epochs in a row without a better validation, and the best since patience began.
    kept
        The best epoch of the run, whose weights are kept.
    is_reached
        Whether the wanted accuracy was reached once: a run that is trained further is not
        stopped for it again.
    note
        A sentence on how the run was trained further.
    """

    ended: bool = False
    by: Literal["patience", "accuracy"] | None = None
    reason: str | None = None
    waited: int = 0
    best: Record | None = None
    kept: Record | None = None
    is_reached: bool = False
    note: str | None = None


@dataclass(frozen=True)
class Checkpoint:
    """What is saved beside the variables of the model.

    Attributes
    ----------
    position
        Where the run goes on.
    seconds
        Of training so far.
    stopping, kept_weights
        What may end the run early, and the weights of `stopping.kept`, in Keras' form.
    metrics
        As loaded: running sums of the current epoch, in the order of `model.metrics_variables`.
        They are not given to the model: Keras resets them as an epoch begins, so the callback
        `Checkpoints` does that afterwards.
    """

    position: Position = field(default_factory=Position)
    seconds: float = 0.0
    stopping: StoppingState = field(default_factory=StoppingState)
    kept_weights: Arrays = ()
    metrics: Arrays = ()


def _variables(model: ChunkedNetwork) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]


def _numbered(prefix: str, arrays: Sequence[Any]) -> dict[str, Any]:
    return {f"{prefix}{number}": array for number, array in enumerate(arrays)}


def save_checkpoint(model: ChunkedNetwork, checkpoint: Checkpoint) -> bytes:
    """Return the state of the model and its metrics, and the rest, as the bytes of an `.npz` file."""
    return as_npz(state_arrays(model, checkpoint))


def state_arrays(model: ChunkedNetwork, checkpoint: Checkpoint) -> dict[str, NDArray[Any]]:
    """Return what a checkpoint holds, by name; nothing that is trained afterwards changes these arrays."""
    position = checkpoint.position
    metrics = model.metrics_variables if position.chunks else []
    return {
        # Matrices in Keras' form, whichever the engine prefers: another version may read them.
        **_numbered("variable_", [transposed(variable.numpy()) for variable in _variables(model)]),
        **_numbered(_METRIC, [variable.numpy() for variable in metrics]),
        **_numbered(_KEPT, checkpoint.kept_weights),
        _POSITION: np.array([position.epochs, position.chunks, position.steps_per_chunk], dtype=np.int64),
        _SECONDS: np.float64(checkpoint.seconds),
        _STOPPING: np.array(checkpoint.stopping.model_dump_json()),
    }


def weight_arrays(model: ChunkedNetwork) -> dict[str, NDArray[Any]]:
    """Return of these the weights alone, as they are now."""
    arrays = ((f"variable_{number}", variable) for number, variable in enumerate(model.variables))
    return {name: transposed(one.numpy()) for name, one in arrays if "float" in str(one.dtype)}


def load_checkpoint(model: ChunkedNetwork, data: bytes) -> Checkpoint:
    """Give a freshly built model the saved state; return the rest.

    That of a fork may leave out the seeds of dropout, or all that the optimizer keeps: these stay fresh.

    Raises
    ------
    ModelError
        If the file is damaged or belongs to another network; the model is unchanged.
    """
    variables = _variables(model)
    names = list(_numbered("variable_", variables))
    try:
        # As long as the file, since nothing in it is compressed.
        others = dict(read_npz(data, most_bytes=len(data)))
        left_out = _left_out(model, others)
        names = [name for number, name in enumerate(names) if number not in left_out]
        variables = [variable for number, variable in enumerate(variables) if number not in left_out]
        values = [transposed(others.pop(name)) for name in names]
    except (ArrayDamaged, KeyError) as error:
        raise ModelError(
            say("The checkpoint cannot be read ({reason}). The run starts anew.", reason=error)
        ) from error
    checkpoint = _read(model, others)
    if checkpoint is None or not _all_fit(variables, values):
        raise ModelError(say("The checkpoint belongs to another network. The run starts anew."))
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return checkpoint


def _left_out(model: ChunkedNetwork, arrays: dict[str, Any]) -> set[int]:
    """Return which variables a fork's checkpoint does without, by number: all of a kind, or none."""
    count = len(model.variables)
    seeds = {number for number, one in enumerate(model.variables) if "int" in str(one.dtype)}
    kinds = seeds, set(range(count, len(_variables(model))))
    return {
        number for kind in kinds if not any(f"variable_{one}" in arrays for one in kind) for number in kind
    }


def _read(model: ChunkedNetwork, others: dict[str, Any]) -> Checkpoint | None:
    """Return what these arrays hold, or None if they are not what we write."""
    place, seconds = others.pop(_POSITION, None), others.pop(_SECONDS, None)
    # Paused runs of earlier versions have none.
    said = others.pop(_STOPPING, np.array(StoppingState().model_dump_json()))
    if place is None or place.shape != (3,) or place.dtype != np.int64 or (place < 0).any():
        return None
    if seconds is None or seconds.shape != () or seconds.dtype != np.float64 or not 0 <= seconds < np.inf:
        return None
    position = Position(*map(int, place))
    if position.chunks and not position.steps_per_chunk:
        return None
    try:
        stopping = StoppingState.model_validate_json(str(said))
    except ValidationError:
        return None
    metrics, kept = _taken(others, _METRIC), _taken(others, _KEPT)
    is_ours = (
        not others
        and _all_fit(model.metrics_variables if position.chunks else [], metrics)
        and _all_fit(model.get_weights() if kept else [], kept)
    )
    return Checkpoint(position, float(seconds), stopping, kept, metrics) if is_ours else None


def _taken(arrays: dict[str, Any], prefix: str) -> Arrays:
    """Take the arrays whose names are this prefix and a number out of the others, in order."""
    count = sum(name.startswith(prefix) for name in arrays)
    return tuple(arrays.pop(name) for name in _numbered(prefix, range(count)) if name in arrays)


def _all_fit(wanted: Sequence[Any], values: Sequence[Any]) -> bool:
    return len(wanted) == len(values) and all(
        value.shape == tuple(one.shape) and value.dtype == one.dtype
        for one, value in zip(wanted, values, strict=True)
    )
