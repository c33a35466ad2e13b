"""Forks: a new run that goes on from an epoch of another one, with the same settings or with others."""

import secrets

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, insert, literal, select

from core.arrays import as_npz, read_npz
from core.config import TrainingConfig
from core.errors import ArrayDamaged, ConfigError, ModelError
from core.sentences import say
from core.settings import Settings
from core.store.clock import now
from core.store.files import (
    CHECKPOINT_FILE,
    LESSON_FILE,
    check_run_id,
    read,
    snapshot_file,
)
from core.store.learning import DrawingsToLearn
from core.store.queries import insert_run, rates_as_text, read_run
from core.store.recording import note_best
from core.store.records import Run
from core.store.remote import open_place
from core.store.room import TRAINING_IMAGES, Asker, check_room, checked_cost
from core.store.tables import points, vitals
from core.weights import moments_a_weight, variables, weight_shapes

# Settings with others of which what is known of a run's end means something else.
_OF_STOPPING = (
    "dataset",
    "seed",
    "validation_split",
    "early_stopping",
    "patience",
    "restore_best",
    "stop_at_accuracy",
)


class RunForks(DrawingsToLearn):
    """The part of `RunStore` that makes runs which go on from an epoch of another one."""

    def fork(
        self,
        run_id: str,
        epoch: int,
        *,
        workspace: str,
        config: TrainingConfig | None = None,
        recipe: str | None = None,
        address: str | None = None,
        limits: Settings | None = None,
        training_images: int = TRAINING_IMAGES,
    ) -> Run:
        """Write a new run that goes on from a kept epoch of another one, queued, and return it.

        With the settings of the other one it ends with the same weights, bit for bit; it learns the same
        drawings then. It has all it needs: the other run may be deleted at any time. Its curve begins with
        the other one's.

        Parameters
        ----------
        epoch
            One of `epochs_kept`.
        config
            Other settings for a network of the same shape: another optimizer begins without memory.
            None for those of the other run, with the learning rate that it had at this epoch.
        recipe, address, limits, training_images
            As in `RunStore.create`.

        Raises
        ------
        ConfigError
            If the network would have another shape, or there is no epoch left to train.
        LimitExceeded
            As `RunStore.create`.
        ModelError
            If the epoch is not kept, cannot be trained on, or its file is damaged.
        RunNotFound, RunUnreadable, StoreError
        """
        check_run_id(run_id)
        with self._database.transaction() as connection:
            parent = read_run(connection, run_id)
        config = config or config_at(parent, epoch)
        check_fork(parent, epoch, config)
        data = read(open_place(self._artifacts, run_id, snapshot_file(epoch)))
        if data is None:
            raise ModelError(
                say(
                    "The network of epoch {epoch} of this run is not kept. Choose another epoch.", epoch=epoch
                )
            )
        lesson = self._lesson_file(config, workspace, like=[parent])
        new_id = secrets.token_hex(6)
        checkpoint = {CHECKPOINT_FILE: checkpoint_of_fork(data, epoch, parent.config, config)}
        with self._files_of_new(new_id, {LESSON_FILE: lesson}, checkpoint) as connection:
            cost = checked_cost(connection, config, limits, training_images)
            left = cost * (1 - epoch / config.epochs)
            check_room(connection, left, limits, Asker(workspace, address))
            insert_run(
                connection,
                new_id,
                workspace,
                config,
                cost,
                recipe=recipe,
                address=address,
                epoch=epoch,
                step=parent.steps_per_epoch if epoch else 0,
                steps_per_epoch=parent.steps_per_epoch,
                checkpoint_step=epoch * parent.steps_per_epoch,
                curve_version=1,
                curve_rewritten=1,
                rate_changes=rates_as_text([rate for rate in parent.rate_changes if rate.epoch <= epoch]),
                heartbeat_at=now(),
                parent=parent.id,
                parent_number=parent.number,
                fork_epoch=epoch,
            )
            for table in (points, vitals):
                _copy(connection, table, parent.id, new_id, epoch)
            note_best(connection, new_id)
            return read_run(connection, new_id)


def config_at(run: Run, epoch: int) -> TrainingConfig:
    """Return the settings of a run with the learning rate with which it went on from this epoch."""
    later = [rate for rate in run.rate_changes if rate.epoch > epoch]
    return run.config.model_copy(update={"learning_rate": later[0].before}) if later else run.config


def check_fork(parent: Run, epoch: int, config: TrainingConfig) -> None:
    """Raise `ConfigError` if a network of `parent` cannot be trained on with these settings."""
    if weight_shapes(config) != weight_shapes(parent.config):
        raise ConfigError(
            say(
                "These settings describe a network of another shape: units, layers and batch "
                "normalization must stay as they were, since the trained weights are to be used. "
                "Train a new run for another shape."
            )
        )
    if epoch >= config.epochs:
        raise ConfigError(
            say(
                "After epoch {epoch} there is nothing left to train of 1 epoch. Take more epochs, or an "
                "earlier epoch to begin from.",
                epoch=epoch,
            )
            if config.epochs == 1
            else say(
                "After epoch {epoch} there is nothing left to train of {epochs} epochs. Take more epochs, or "
                "an earlier epoch to begin from.",
                epoch=epoch,
                epochs=config.epochs,
            )
        )


def checkpoint_of_fork(data: bytes, epoch: int, before: TrainingConfig, after: TrainingConfig) -> bytes:
    """Return the checkpoint of a fork: a snapshot without what means nothing with its settings.

    What is left out, a worker makes anew: the optimizer's memory where that is another one, the
    seeds of dropout where other layers have it, what is known of a run's end where that is decided otherwise.

    Raises
    ------
    ModelError
        If the snapshot is damaged, or holds the weights only.
    """
    try:
        arrays = read_npz(data, most_bytes=len(data))
    except ArrayDamaged as error:
        raise ModelError(
            say(
                "The kept network of epoch {epoch} cannot be read: {problem}. Choose another.",
                epoch=epoch,
                problem=error,
            )
        ) from error
    earlier, later = variables(before), variables(after)
    if "position" not in arrays:
        raise ModelError(
            say(
                "Of so large a network only the weights of an epoch are kept, without what the "
                "optimizer remembers: it cannot be trained on from there. Train the run for more "
                "epochs instead."
            )
        )
    names = [f"variable_{number}" for number in range(len(earlier))]
    fits = arrays["position"].tolist()[:2] == [epoch, 0] and all(
        name in arrays and arrays[name].shape == one.shape for name, one in zip(names, earlier, strict=True)
    )
    if not fits:
        raise ModelError(
            say("The kept network of epoch {epoch} is not of this run. Choose another epoch.", epoch=epoch)
        )
    keeps_seeds = earlier == later
    memories = [(config.optimizer, moments_a_weight(config)) for config in (before, after)]
    keeps_optimizer = memories[0] == memories[1]
    keeps_stopping = not _differ(before, after, _OF_STOPPING)
    if keeps_seeds and keeps_optimizer and keeps_stopping:
        return data
    weights = iter([arrays[name] for name, one in zip(names, earlier, strict=True) if one.is_weight])
    found: dict[str, NDArray[np.generic]] = {}
    for number, one in enumerate(later):
        if one.is_weight:
            found[f"variable_{number}"] = next(weights)
        elif keeps_seeds:
            found[f"variable_{number}"] = arrays[f"variable_{number}"]
    for name, array in arrays.items():
        kind, _, number_text = name.rpartition("_")
        if kind == "variable":
            place = int(number_text) - len(earlier)
            if keeps_optimizer and place >= 0:
                found[f"variable_{len(later) + place}"] = array
        elif keeps_stopping or not (name == "stopping" or kind == "kept"):
            found[name] = array
    return as_npz(found)


def _differ(one: TrainingConfig, other: TrainingConfig, names: tuple[str, ...]) -> bool:
    counted = one.as_it_counts(), other.as_it_counts()
    return any(getattr(counted[0], name) != getattr(counted[1], name) for name in names)


def _copy(connection: Connection, table: Table, source: str, target: str, epoch: int) -> None:
    """Copy what one run has recorded up to an epoch as another one's."""
    others = [column for column in table.c if column.name != "run_id"]
    query = select(literal(target), *others).where(table.c.run_id == source, table.c.epoch <= epoch)
    connection.execute(insert(table).from_select(["run_id", *(column.name for column in others)], query))
