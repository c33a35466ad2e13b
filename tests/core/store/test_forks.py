"""Runs that go on from an epoch of another one, as rows and files: what they have of it, what is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.arrays import as_npz, read_npz
from core.config import HiddenLayer, TrainingConfig
from core.errors import ConfigError, LimitExceeded, ModelError
from core.settings import Settings
from core.store import LayerVitals, Progress, Request, RunStatus, RunStore
from core.store.files import CHECKPOINT_FILE, snapshot_file
from core.weights import variables
from tests.support.store_samples import (
    empty_artifacts,
    empty_database,
    folders,
    holding,
    training,
    validation,
)

CONFIG = TrainingConfig(hidden_layers=(HiddenLayer(units=3, dropout=0.2),), epochs=5, seed=4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(empty_database(tmp_path), empty_artifacts(tmp_path))
    yield opened
    opened.close()


def snapshot(epoch: int, config: TrainingConfig = CONFIG) -> dict[str, Any]:
    """Return the arrays of a snapshot, as a worker names them: then iteration and one moment."""
    arrays = [np.zeros(one.shape, np.float32 if one.is_weight else np.int64) for one in variables(config)]
    optimizer = [np.array(100 * epoch), np.full(4, 0.5, np.float32)]
    return {
        **{f"variable_{number}": array for number, array in enumerate([*arrays, *optimizer])},
        "kept_0": np.ones(3, np.float32),
        "position": np.array([epoch, 0, 0], np.int64),
        "seconds": np.float64(1.5),
        "stopping": np.array("{}"),
    }


@pytest.fixture
def parent(store: RunStore) -> str:
    """A run that has ended after three of its epochs of 100 steps; of the second the network is kept."""
    run = store.create(CONFIG, workspace="red")
    claim = store.claim(run.id, "anna")
    steps = (0, 50, 100, 150, 200, 201, 300)
    points = [*map(training, steps), validation(100), validation(200), validation(300)]
    vitals = [LayerVitals(step, step / 100, 1, 0.0, None) for step in (100, 200, 300)]
    claim.record(points, Progress(3, 100, 100, None, None), vitals)
    claim.finish(RunStatus.STOPPED, test_accuracy=0.9, train_seconds=3.0)
    for epoch in (0, 2):
        (store.folder(run.id) / snapshot_file(epoch)).write_bytes(as_npz(snapshot(epoch)))
    return run.id


def checkpoint(store: RunStore, run_id: str) -> bytes:
    return (store.folder(run_id) / CHECKPOINT_FILE).read_bytes()


def test_a_fork_stands_where_the_other_run_was_and_needs_it_no_more(store: RunStore, parent: str) -> None:
    fork = store.fork(parent, 2, workspace="red", recipe=None)
    assert (fork.status, fork.number, fork.config) == (RunStatus.QUEUED, 2, CONFIG)
    assert (fork.parent, fork.parent_number, fork.fork_epoch) == (parent, 1, 2)
    assert (fork.epochs_done, fork.whole_epochs, fork.checkpoint_step) == (2.0, 2, 200)
    assert (fork.train_seconds, fork.test_accuracy, fork.started_at) == (None, None, None)
    assert fork.cost_seconds is not None
    assert fork.cost_left == pytest.approx(fork.cost_seconds * 3 / 5)
    assert checkpoint(store, fork.id) == as_npz(snapshot(2))
    store.delete(parent)
    curve = store.curve(fork.id)
    assert curve.training_epochs.tolist() == [0, 0.5, 1, 1.5, 2]
    assert curve.validation_epochs.tolist() == [1, 2]
    assert (fork.best_accuracy, fork.best_epoch) == (curve.validation_accuracy.max(), 1)
    assert [layer.epoch for layer in store.vitals(fork.id)] == [1, 2]
    assert store.orphans(60) == []
    # Stopped before a worker has it, it keeps the network that it began with.
    assert store.ask(fork.id, Request.STOP).status is RunStatus.QUEUED


def test_the_untrained_network_can_be_trained_too(store: RunStore, parent: str) -> None:
    fork = store.fork(parent, 0, workspace="blue")
    assert (fork.workspace, fork.number, fork.epochs_done, fork.fork_epoch) == ("blue", 1, 0.0, 0)
    assert store.curve(fork.id).training_epochs.tolist() == [0]


def test_a_learning_rate_is_that_of_the_epoch(store: RunStore, parent: str) -> None:
    run = store.create(CONFIG, workspace="red")
    claim = store.claim(run.id, "anna")
    claim.record([], Progress(3, 0, 100, None, None))
    claim.finish(RunStatus.PAUSED)
    store.set_learning_rate(run.id, 0.5)
    for epoch in (1, 2):
        (store.folder(run.id) / snapshot_file(epoch)).write_bytes(as_npz(snapshot(epoch)))
    early, late = (store.fork(run.id, epoch, workspace="red") for epoch in (1, 2))
    assert (early.config.learning_rate, early.rate_changes) == (CONFIG.learning_rate, ())
    assert (late.config.learning_rate, len(late.rate_changes)) == (0.5, 1)


def changed(**values: Any) -> TrainingConfig:
    return TrainingConfig.build(CONFIG.model_dump() | values)


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        ({"learning_rate": 0.1, "epochs": 9, "batch_size": 7, "l2": 0.1}, set()),
        ({"optimizer": "rmsprop"}, {"iteration", "moment"}),
        ({"hidden_layers": [{"units": 3}]}, {"seed"}),
        ({"dataset": "fashion-mnist"}, {"kept_0", "stopping"}),
        ({"momentum": 0.0}, set()),  # of no optimizer but SGD
    ],
)
def test_what_means_nothing_with_other_settings_is_left_out(
    store: RunStore, parent: str, values: dict[str, Any], lost: set[str]
) -> None:
    config = changed(**values)
    fork = store.fork(parent, 2, workspace="red", config=config)
    assert fork.config == config
    data = checkpoint(store, fork.id)
    found = read_npz(data, most_bytes=len(data))
    names = [f"variable_{number}" for number in range(len(variables(config)))]
    after = len(names)
    kinds = {
        "seed": any(found[name].dtype == np.int64 for name in names if name in found),
        "iteration": f"variable_{after}" in found and int(found[f"variable_{after}"]) == 200,
        "moment": f"variable_{after + 1}" in found,
        "kept_0": "kept_0" in found,
        "stopping": "stopping" in found,
    }
    assert {kind for kind, is_there in kinds.items() if not is_there} == lost
    weights = [one.shape for one in variables(config) if one.is_weight]
    assert [
        found[name].shape for name in names if name in found and found[name].dtype == np.float32
    ] == weights


def test_other_shapes_and_no_epochs_are_refused_in_a_sentence(store: RunStore, parent: str) -> None:
    with pytest.raises(ConfigError, match="network of another shape"):
        store.fork(parent, 2, workspace="red", config=changed(hidden_layers=[{"units": 4}]))
    with pytest.raises(ConfigError, match="another shape"):
        store.fork(parent, 2, workspace="red", config=changed(batch_normalization=True))
    with pytest.raises(ConfigError, match="nothing left to train of 2 epochs"):
        store.fork(parent, 2, workspace="red", config=changed(epochs=2))
    with pytest.raises(ModelError, match="epoch 1 of this run is not kept"):
        store.fork(parent, 1, workspace="red")
    assert [run.id for run in store.list_runs()] == [parent]


def test_damaged_snapshots_and_those_of_weights_alone_are_refused(store: RunStore, parent: str) -> None:
    whole = snapshot(2)
    place = store.folder(parent) / snapshot_file(2)
    place.write_bytes(as_npz(whole)[:-40])
    with pytest.raises(ModelError, match="cannot be read"):
        store.fork(parent, 2, workspace="red")
    place.write_bytes(as_npz(whole | {"position": np.array([1, 0, 0])}))
    with pytest.raises(ModelError, match="not of this run"):
        store.fork(parent, 2, workspace="red")
    place.write_bytes(as_npz({name: array for name, array in whole.items() if name != "position"}))
    with pytest.raises(ModelError, match="only the weights"):
        store.fork(parent, 2, workspace="red")
    assert len(store.list_runs()) == 1


def test_what_a_server_does_not_take_leaves_no_file(store: RunStore, parent: str) -> None:
    with pytest.raises(LimitExceeded):
        store.fork(parent, 2, workspace="red", limits=Settings(max_epochs=4))
    assert folders(store) == {parent}


def test_what_was_recorded_is_counted_in_the_steps_of_the_fork(store: RunStore, parent: str) -> None:
    fork = store.fork(parent, 2, workspace="red")
    store.claim(fork.id, "bert")
    claim = holding(store, fork.id, "bert")
    _, before = store.watch(fork.id)
    claim.lay_out(100)  # as they are
    assert store.get(fork.id).curve_version == fork.curve_version
    claim.lay_out(1)
    run, recorded = store.watch(fork.id, before)
    assert (run.step, run.steps_per_epoch, run.epochs_done) == (1, 1, 2.0)
    # Of the points that fall upon one step the latest stays, and none is behind the fork.
    assert recorded.curve.training_epochs.tolist() == [0.0, 1.0, 2.0]
    assert recorded.last_steps == (2, 2, 2)
    claim.rewind(2)
    assert store.curve(fork.id).validation_epochs.tolist() == [1, 2]
