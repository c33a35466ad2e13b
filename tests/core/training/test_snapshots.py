"""The networks that a worker keeps of a run, and runs that go on from them."""

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.config import HiddenLayer, TrainingConfig
from core.data.dataset import Dataset
from core.settings import get_settings
from core.store import RunStatus, RunStore
from core.store.files import snapshot_file
from core.training import snapshots as kept_networks
from core.training.callbacks import snapshots
from core.training.checkpoint import Checkpoint, save_checkpoint, weight_arrays
from core.training.job import train_run
from core.training.snapshots import Snapshots
from core.weights import state_bytes, variables, weight_bytes
from tests.core.training.test_trouble import FullDisk
from tests.support.job_samples import CONFIG, SHORT, Train, assert_same_result, assert_usable, saved_model
from tests.support.network_pool import POOL
from tests.support.training_samples import same_bits, small_config


@pytest.fixture(autouse=True)
def _of_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_SHARE", float("inf"))  # however short


@pytest.mark.xla
def test_a_run_that_goes_on_from_an_epoch_of_another_ends_with_its_bits(
    store: RunStore, train: Train, dataset: Dataset
) -> None:
    whole = train(CONFIG)
    assert store.epochs_kept(whole.id) == [0, 1, 2, 3, 4, 5]
    assert same_bits(store.weights_at(whole.id, 0), POOL.take(CONFIG, dataset).get_weights())
    last = saved_model(store, whole).get_weights()
    assert same_bits(store.weights_at(whole.id, 5), last)
    live = store.live_weights(whole.id)
    assert live is not None
    assert live[1] == 5 * whole.steps_per_epoch
    assert same_bits(live[2], last)

    fork = store.fork(whole.id, 2, workspace="red")
    places: list[int] = []
    train_run(fork.id, on_progress=lambda progress, _: places.append(progress.epoch))
    ended = store.get(fork.id)
    assert (ended.status, ended.parent, min(places)) == (RunStatus.FINISHED, whole.id, 3)
    assert_same_result(store, ended, whole)
    assert store.epochs_kept(fork.id) == [2, 3, 4, 5]
    for epoch in (2, 3, 4, 5):
        files = [store.folder(one).joinpath(snapshot_file(epoch)).read_bytes() for one in (whole.id, fork.id)]
        assert same_bits(*(store.weights_at(one, epoch) for one in (whole.id, fork.id)))
        assert len(files[0]) == len(files[1])  # all that it needs to go on again

    other = store.fork(whole.id, 2, workspace="red", config=CONFIG.model_copy(update={"learning_rate": 0.02}))
    train_run(other.id)
    assert store.get(other.id).status is RunStatus.FINISHED
    assert same_bits(store.weights_at(other.id, 2), store.weights_at(whole.id, 2))
    assert not same_bits(store.weights_at(other.id, 3), store.weights_at(whole.id, 3))


@pytest.mark.parametrize(
    "changes",
    [{"optimizer": "rmsprop"}, {"hidden_layers": (HiddenLayer(units=16),)}, {"batch_size": 100, "epochs": 3}],
    ids=["another optimizer", "no dropout", "larger batches"],
)
def test_a_fork_may_be_trained_otherwise(store: RunStore, changes: dict[str, object]) -> None:
    parent = store.create(CONFIG.model_copy(update={"epochs": 2}), workspace="red")
    train_run(parent.id)
    config = TrainingConfig.build(CONFIG.model_dump() | {"epochs": 4} | changes)
    fork = store.fork(parent.id, 2, workspace="red", config=config)  # the end of a run is an epoch too
    train_run(fork.id)
    ended = store.get(fork.id)
    assert (ended.status, ended.message, ended.epochs_done) == (RunStatus.FINISHED, None, config.epochs)
    assert same_bits(store.weights_at(fork.id, 2), store.weights_at(parent.id, 2))
    curve = store.curve(fork.id)
    assert (np.diff(curve.training_epochs) > 0).all()
    assert curve.validation_epochs.tolist() == list(range(1, config.epochs + 1))


def test_what_ended_a_run_early_does_not_end_its_fork(store: RunStore) -> None:
    config = SHORT.model_copy(
        update={"validation_split": 0.1, "stop_at_accuracy": 0.05, "early_stopping": "loss", "epochs": 3}
    )
    parent = store.create(config, workspace="red")
    train_run(parent.id)
    assert "was wanted" in str(store.get(parent.id).message)
    assert store.epochs_kept(parent.id) == [0, 1]
    fork = store.fork(parent.id, 1, workspace="red")
    train_run(fork.id)
    assert store.get(fork.id).epochs_done == 3


def test_what_cannot_be_written_is_told_until_it_can(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, snapshot_file(1), snapshot_file(2))
    said: list[tuple[str | None, str]] = []
    teller = SimpleNamespace(say=lambda sentence, about: said.append((sentence, about)))
    run = store.create(SHORT, workspace="red")
    with Snapshots(store, run, teller, get_settings()) as kept:  # type: ignore[arg-type]
        for epoch in range(4):
            kept.keep(epoch, {"position": np.array([epoch, 0, 0])})
            kept.show({"step": np.array(epoch)})
    assert disk.refused == [snapshot_file(1), snapshot_file(2)]
    assert len({about for _, about in said}) == 1
    first, second, third = (sentence for sentence, _ in said)
    assert str(first).startswith("No space is left to save ")
    assert str(first).endswith("The training goes on; the network of epoch 1 is not kept.")
    assert str(second).endswith("the network of epoch 2 is not kept.")
    assert third is None
    assert store.epochs_kept(run.id) == kept.epochs == [0, 3]


def test_a_full_disk_costs_an_epochs_network_and_nothing_else(
    store: RunStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, snapshot_file(1), snapshot_file(2))
    run = store.create(SHORT.model_copy(update={"epochs": 4}), workspace="red")
    train_run(run.id)
    ended = store.get(run.id)
    assert (ended.status, ended.trouble) == (RunStatus.FINISHED, None)
    assert disk.refused == [snapshot_file(1), snapshot_file(2)]
    assert store.epochs_kept(run.id) == [0, 3, 4]
    assert_usable(store, ended, dataset)


def test_what_is_kept_of_a_run_has_its_bound(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = state_bytes(SHORT)
    kept = []
    for most_bytes in (3 * whole, weight_bytes(SHORT) + 1, 10):
        monkeypatch.setenv("DIGITLAB_MAX_SNAPSHOT_BYTES", str(most_bytes))
        get_settings.cache_clear()
        run = store.create(SHORT.model_copy(update={"epochs": 5}), workspace="red")
        train_run(run.id)
        kept.append(store.epochs_kept(run.id))
        sizes = [path.stat().st_size for path in store.folder(run.id).glob("epoch_*.npz")]
        assert sum(sizes) <= most_bytes
        assert (store.live_weights(run.id) is None) == (most_bytes == 10)
    assert kept == [[0, 4, 5], [5], []]


@pytest.mark.parametrize(
    "config",
    [
        small_config(),
        small_config(optimizer="sgd", momentum=0.0, hidden_layers=()),
        small_config(optimizer="rmsprop", hidden_layers=(HiddenLayer(units=9, dropout=0.5),) * 2),
        small_config(
            optimizer="adamw",
            batch_normalization=True,
            hidden_layers=(HiddenLayer(units=40, dropout=0.5), HiddenLayer(units=30)),
            validation_split=0.2,
            early_stopping="loss",
        ),
    ],
    ids=["Adam", "SGD", "RMSprop", "AdamW"],
)
def test_sizes_and_order_of_the_files_are_known_beforehand(config: TrainingConfig, dataset: Dataset) -> None:
    network = POOL.take(config, dataset)
    kept = (*network.get_weights(),) if config.keeps_the_best else ()
    data = save_checkpoint(network, Checkpoint(kept_weights=kept))
    assert 0.9 * state_bytes(config) <= len(data) <= state_bytes(config)
    assert [tuple(reversed(v.shape)) if len(v.shape) == 2 else tuple(v.shape) for v in network.variables] == [
        one.shape for one in variables(config)
    ]
    assert same_bits(
        [np.ascontiguousarray(array) for array in weight_arrays(network).values()], network.get_weights()
    )


def test_a_place_that_takes_nothing_holds_up_no_training(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(kept_networks, "_PATIENCE", 0.01)
    real = kept_networks.write_atomically

    def write(*arguments: Any, **more: Any) -> None:
        assert answers.wait(60)
        real(*arguments, **more)

    monkeypatch.setattr(kept_networks, "write_atomically", write)
    run = store.create(SHORT, workspace="red")
    nobody: Any = SimpleNamespace(say=lambda *_: None)
    with Snapshots(store, run, nobody, get_settings()) as kept:
        for epoch in range(8):
            kept.keep(epoch, {"position": np.array([epoch, 0, 0])})
        answers.set()
    # One was being written, two waited.
    assert store.epochs_kept(run.id) == kept.epochs == [0, 1, 2]


def test_the_last_network_is_written_once_there_is_room(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, snapshot_file(1), snapshot_file(SHORT.epochs))
    run = store.create(SHORT, workspace="red")
    disk.is_full = lambda: not (store.folder(run.id) / "model.keras").exists()
    train_run(run.id)
    assert disk.refused == [snapshot_file(1), snapshot_file(SHORT.epochs)]
    # What could not be kept of those before is not made up for.
    assert store.epochs_kept(run.id) == [0, SHORT.epochs]
    assert same_bits(
        store.weights_at(run.id, SHORT.epochs), saved_model(store, store.get(run.id)).get_weights()
    )
