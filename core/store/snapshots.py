"""Snapshots: the state of a run at the end of its epochs, and its weights as they are now, beside it.

A snapshot is a checkpoint like that from which an interrupted run goes on, in a file of its own for each
epoch; number 0 is the untrained network. What reads weights only takes those out of it.
"""

import io
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from upath import UPath

from core.arrays import pick_from_npz
from core.config import TrainingConfig
from core.errors import ArrayDamaged, ModelError, StoreError
from core.sentences import say
from core.store.database import Database
from core.store.files import LIVE_FILE, check_run_id, delete, explain, snapshot_epoch, snapshot_file
from core.store.queries import read_run
from core.store.remote import is_remote, open_place, read_whole
from core.weights import state_bytes, variables, weight_bytes, weight_shapes

Weights = list[NDArray[np.float32]]

# However small the network: so many steps of a slider are enough.
MOST_SNAPSHOTS = 41
LIVE_STEP, LIVE_WEIGHT = "step", "weight_"
_MAX_STEP = 2**53


@dataclass(frozen=True)
class SnapshotPlan:
    """How many snapshots a run keeps, and whether they are whole.

    Attributes
    ----------
    most
        How many are kept at a time: 0 none, 1 the last one only.
    are_whole
        Whether a run can be trained on from them; else they hold the weights only.
    has_live
        Whether the weights are also written as the run goes on.
    sentence
        What to tell of a network that is too large for whole ones; None where all is as usual.
    """

    most: int
    are_whole: bool
    has_live: bool
    sentence: str | None = None


def plan_snapshots(config: TrainingConfig, most_bytes: int) -> SnapshotPlan:
    """Return what a run of this configuration keeps within so many bytes."""
    if (whole := most_bytes // state_bytes(config)) >= 2:
        return SnapshotPlan(min(whole, MOST_SNAPSHOTS), are_whole=True, has_live=True)
    size = weight_bytes(config)
    if not (most := most_bytes // size):
        return SnapshotPlan(
            0,
            are_whole=False,
            has_live=False,
            sentence=say(
                "The networks of its epochs are not kept: one has {size} MB, and this server keeps "
                "{most} MB of them a run.",
                size=f"{size / 1e6:,.0f}",
                most=f"{most_bytes / 1e6:,.0f}",
            ),
        )
    return SnapshotPlan(
        min(most, MOST_SNAPSHOTS),
        are_whole=False,
        has_live=True,
        sentence=_of_weights_alone(f"{size / 1e6:,.0f}", most),
    )


def _of_weights_alone(megabytes: str, most: int) -> str:
    if most == 1:
        return say(
            "Of so large a network ({size} MB) only the last epoch's weights can be looked at, without what "
            "the optimizer remembers: it cannot be trained on from an epoch.",
            size=megabytes,
        )
    return say(
        "Of so large a network ({size} MB) only the weights of up to {most} epochs can be looked at, without "
        "what the optimizer remembers: it cannot be trained on from an epoch.",
        size=megabytes,
        most=most,
    )


def thinned(epochs: Iterable[int], most: int) -> list[int]:
    """Return which of these epochs stay so that there are no more than `most`, in order.

    The first and the last stay; of those between the first of each stretch of epochs. Stretches are as long
    as the smallest power of two that makes few enough of them, so that thinning again and again stays even.
    """
    found = sorted(set(epochs))
    if most < 2:
        return found[len(found) - most :]
    first, last = found[0], found[-1]
    length = 1
    while (last - first - 1) // length + 1 >= most:
        length *= 2
    stretches: dict[int, int] = {}
    for epoch in found[:-1]:
        stretches.setdefault((epoch - first) // length, epoch)
    return [*stretches.values(), last]


class RunSnapshots:
    """The part of `RunStore` that reads what a run was like at its epochs, and what it is like now."""

    _database: Database
    _artifacts: str

    def epochs_kept(self, run_id: str) -> list[int]:
        """Return the whole epochs whose network is kept, ascending; 0 is the untrained one.

        Raises
        ------
        RunNotFound
            If `run_id` cannot be the id of a run.
        StoreError
            If the folder cannot be read.
        """
        folder = open_place(self._artifacts, check_run_id(run_id))
        try:
            found = [path.name for path in folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):  # the word of some object stores for no folder
            return []
        except Exception as error:  # each object store has classes of its own
            raise explain(error, folder, is_read=True) from error
        return sorted(epoch for name in found if (epoch := snapshot_epoch(name)) is not None)

    def weights_at(self, run_id: str, epoch: int) -> Weights:
        """Return the weights at the end of an epoch that is kept, in the order of Keras' `get_weights`.

        Returns
        -------
        list of NDArray
            float32, read-only: for each layer the kernel (inputs, units) and the bias (units,); after
            each hidden one gamma, beta, mean and variance (units,) where batch normalization is on.

        Raises
        ------
        ModelError
            If that epoch is not kept, or its file is damaged.
        RunNotFound, RunUnreadable, StoreError
        """
        config = self._config(run_id)
        wanted = [
            (f"variable_{number}", one.shape) for number, one in enumerate(variables(config)) if one.is_weight
        ]
        path = open_place(self._artifacts, run_id, snapshot_file(epoch))
        missing = say(
            "The network of epoch {epoch} of this run is not kept. Choose another epoch.", epoch=epoch
        )
        return _read(path, wanted, missing)

    def live_stamp(self, run_id: str) -> str | None:
        """Return what changes whenever the live weights of a run do, None where there are none."""
        path = open_place(self._artifacts, check_run_id(run_id), LIVE_FILE)
        try:
            info: dict[str, Any] = path.fs.info(path.path)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise explain(error, path, is_read=True) from error
        # What tells two writings of a file apart has another name in each kind of store.
        told = [str(info[name]) for name in _STAMPS if info.get(name) is not None]
        return " ".join(told)

    def live_weights(self, run_id: str, newer_than: str | None = None) -> tuple[str, int, Weights] | None:
        """Return the weights of a run as they were at most a moment ago.

        Parameters
        ----------
        newer_than
            The version that the caller has.

        Returns
        -------
        tuple of str, int and list of NDArray, or None
            Version, global optimizer step, and weights as of `weights_at`; None where there are
            none, or none newer.

        Raises
        ------
        ModelError
            If the file is damaged.
        RunNotFound, RunUnreadable, StoreError
        """
        version = self.live_stamp(run_id)
        if version is None or version == newer_than:
            return None
        shapes = weight_shapes(self._config(run_id))
        wanted = [(f"{LIVE_WEIGHT}{number}", shape) for number, shape in enumerate(shapes)]
        path = open_place(self._artifacts, run_id, LIVE_FILE)
        steps: list[int] = []
        try:
            weights = _read(path, wanted, say("This run's weights are not there."), steps)
        except ModelError:
            if self.live_stamp(run_id) is None:
                return None  # deleted meanwhile
            raise
        return version, steps[0], weights

    def _config(self, run_id: str) -> TrainingConfig:
        check_run_id(run_id)
        with self._database.transaction() as connection:
            return read_run(connection, run_id).config


_STAMPS = ("mtime", "ino", "size", "etag", "ETag", "LastModified", "last_modified", "updated", "created")


def _read(
    path: UPath, wanted: list[tuple[str, tuple[int, ...]]], missing: str, steps: list[int] | None = None
) -> Weights:
    """Return the arrays of a file, which must have these shapes; `steps` gets the step, if asked for."""
    names = [name for name, _ in wanted] + ([LIVE_STEP] if steps is not None else [])
    most_bytes = sum(4 * int(np.prod(shape)) + 1_000 for _, shape in wanted) + 1_000
    try:
        with io.BytesIO(read_whole(path)) if is_remote(path) else path.open("rb") as file:
            arrays = pick_from_npz(file, names, most_bytes=most_bytes)
    except FileNotFoundError as error:
        raise ModelError(missing) from error
    except ArrayDamaged as error:
        raise _damaged(path) from error
    except Exception as error:
        raise explain(error, path, is_read=True) from error
    if steps is not None:
        step = arrays.pop()
        if step.shape != () or step.dtype != np.int64 or not 0 <= step <= _MAX_STEP:
            raise _damaged(path)
        steps.append(int(step))
    fit = [
        array.shape == shape and array.dtype == np.float32
        for array, (_, shape) in zip(arrays, wanted, strict=True)
    ]
    if not all(fit):
        raise _damaged(path)
    return arrays


def _damaged(path: UPath) -> ModelError:
    return ModelError(
        say(
            "The file {file} of this run is damaged: it is not what was written while it was "
            "trained. Choose another epoch or another run.",
            file=path.name,
        )
    )


def remove_snapshots(folder: UPath, epochs: Iterable[int]) -> None:
    """Remove the snapshots of these epochs, as far as that can be done."""
    for epoch in epochs:
        with suppress(StoreError):
            delete(folder / snapshot_file(epoch))
