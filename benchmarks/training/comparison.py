"""Are two runs of the same settings the same? Their final weights by bits, their curves by steps."""

from pathlib import Path
from typing import Any

import numpy as np

from core.data.split import rows_of_run
from core.store import Run, RunStore


def difference(store: RunStore, interrupted: Run, whole: Run, image_count: int) -> str:
    """Say in what an interrupted run differs from the uninterrupted one; empty if in nothing.

    Parameters
    ----------
    image_count
        Training images of the dataset, those kept for validation included.
    """
    problems = (other_bits(store, interrupted, whole), other_points(store, interrupted, whole, image_count))
    return " and ".join(problem for problem in problems if problem)


def other_bits(store: RunStore, interrupted: Run, whole: Run) -> str:
    """Say whether weights, optimizer, dropout states or validation differ in any bit."""
    mine, theirs = (_weights(store, run) for run in (interrupted, whole))
    if mine.keys() != theirs.keys() or any(mine[name].tobytes() != theirs[name].tobytes() for name in mine):
        return "other weights"
    curves = [store.curve(run.id) for run in (interrupted, whole)]
    return (
        ""
        if np.array_equal(curves[0].validation_loss, curves[1].validation_loss)
        else "another validation curve"
    )


def other_points(store: RunStore, interrupted: Run, whole: Run, image_count: int) -> str:
    """Say whether steps are missing from the curve, or are in it twice."""
    if (np.diff(store.curve(interrupted.id).training_epochs) <= 0).any():
        return "doubled points"
    losses = [epoch_losses(store, run, image_count) for run in (interrupted, whole)]
    return "" if np.allclose(losses[0], losses[1], rtol=1e-5) else "steps of the curve are missing or doubled"


def saved_epochs(store: RunStore, run: Run) -> float:
    """Return how many epochs are in the checkpoint of a run, 0 where there is none."""
    path = _checkpoint(store, run)
    if not path.is_file():
        return 0.0
    with np.load(path, allow_pickle=False) as saved:
        epochs, chunks, steps_per_chunk = (int(number) for number in saved["position"])
    # The last chunk of an epoch may be padded beyond its end.
    return epochs + min(1.0, chunks * steps_per_chunk / max(1, run.steps_per_epoch))


def epoch_losses(store: RunStore, run: Run, image_count: int) -> Any:
    """Return each epoch's mean training loss, put together from the points, each the mean since the last.

    Where exactly the points lie is a matter of time; their sums are not.
    """
    curve = store.curve(run.id)
    whole = len(rows_of_run(run.config, image_count)[0])
    epochs = np.ceil(curve.training_epochs - 1e-9).astype(int) - 1
    steps = np.round((curve.training_epochs - epochs) * run.steps_per_epoch)
    seen = epochs * whole + np.minimum(steps * run.config.batch_size, whole)
    losses = np.zeros(run.config.epochs)
    np.add.at(losses, epochs, np.diff(seen, prepend=0) / whole * curve.training_loss)
    return losses


def _checkpoint(store: RunStore, run: Run) -> Path:
    return Path(str(store.folder(run.id))) / "checkpoint.npz"


def _weights(store: RunStore, run: Run) -> dict[str, Any]:
    """Return weights, optimizer and dropout states at the end."""
    with np.load(_checkpoint(store, run), allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files if name.startswith("variable_")}
